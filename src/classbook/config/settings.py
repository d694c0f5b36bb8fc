"""All settings, in one file. What may be set from outside is read through `env` and stands in docs/settings.md."""

from __future__ import annotations

import os
from pathlib import Path

from classbook.common.databases import database_from
from classbook.common.env import Environment
from classbook.common.mailing import anymail_from, email_backend, issuer_address, site_address, sms_address, smtp_from

env = Environment()
PACKAGE = Path(__file__).resolve().parent.parent

# Where the database, the audit file and the generated key live.
DATA_DIR = Path(env.text("CLASSBOOK_DATA", default="data")).resolve()
# The believable school world: passwords on the sign-in page, a clock that stands on a school day.
DEMO = env.flag("CLASSBOOK_DEMO", default=False)
DEMO_DATE = env.day("CLASSBOOK_DEMO_DATE")
# The real second (Unix time) at which the demo's clock showed its beginning, so that all its processes show the same time.
DEMO_SINCE = env.number("CLASSBOOK_DEMO_SINCE", default=0)
DEBUG = env.flag("CLASSBOOK_DEBUG", default=False)
# Pages can be read, nothing can be written (works, moving house).
READ_ONLY = env.flag("CLASSBOOK_READ_ONLY", default=False)
# Host names under which people reach the site.
ALLOWED_HOSTS = list(env.names("CLASSBOOK_HOSTS", default=("localhost", "127.0.0.1", "[::1]")))
# Behind a proxy that ends TLS: cookies only over https, HSTS.
HTTPS = env.flag("CLASSBOOK_HTTPS", default=False)
# How many proxies stand before the site; their addresses are believed.
PROXIES = env.number("CLASSBOOK_PROXIES", default=0)
TIME_ZONE = env.time_zone("CLASSBOOK_TIME_ZONE", default="UTC")
LANGUAGE_CODE = env.choice("CLASSBOOK_LANGUAGE", ("en", "ru", "ja"), default="en")

SECRET_KEY = env.secret(
    "CLASSBOOK_SECRET_KEY", DATA_DIR / "secret-key", otherwise="Choose another with CLASSBOOK_DATA, or DATA for the demo."
)
# The public address, for links in messages and letters: never taken from a request.
ADDRESS = site_address(env.text("CLASSBOOK_ADDRESS"), hosts=ALLOWED_HOSTS, https=HTTPS)
# Signing in through a portal of the region (OpenID Connect); off without an issuer.
PORTAL_ISSUER = issuer_address(env.text("CLASSBOOK_PORTAL_ISSUER"))
PORTAL_CLIENT = env.text("CLASSBOOK_PORTAL_CLIENT", default="classbook")
PORTAL_SECRET = env.text("CLASSBOOK_PORTAL_SECRET")
PORTAL_NAME = env.text("CLASSBOOK_PORTAL_NAME")
# How mail leaves; the demo shows its messages on a page of its own.
_EMAIL = env.text("CLASSBOOK_EMAIL", default="file" if DEMO else "off")
EMAIL_BACKEND = email_backend(_EMAIL)
_SMTP = smtp_from(env.text("CLASSBOOK_SMTP_URL", default="smtp://localhost:25"))
ANYMAIL = anymail_from(env.names("CLASSBOOK_ANYMAIL"))
DEFAULT_FROM_EMAIL = env.text("CLASSBOOK_EMAIL_FROM", default="Classbook <classbook@localhost>")
# How text messages leave.
SMS = env.choice("CLASSBOOK_SMS", ("off", "console", "file", "http"), default="file" if DEMO else "off")
SMS_URL = sms_address(env.text("CLASSBOOK_SMS_URL"), needed=SMS == "http")
SMS_BODY = env.text("CLASSBOOK_SMS_BODY")
SMS_HEADER = env.text("CLASSBOOK_SMS_HEADER")
# The ways in which this site can reach people.
CHANNELS = frozenset(channel for channel, way in (("email", _EMAIL), ("sms", SMS)) if way != "off")
MESSAGES_FILE = DATA_DIR / "messages.jsonl"
# From when on people with rights beyond their own journals need a second factor; a new sign-in has 14 days besides.
REQUIRE_SECOND_FACTOR = env.choice_or_day("CLASSBOOK_REQUIRE_SECOND_FACTOR", ("off", "on"), default="off" if DEMO else "on")
_DATABASE_URL = os.environ.get("DATABASE_URL", "") or f"sqlite:///{DATA_DIR / 'classbook.sqlite3'}"
DATABASES = {"default": database_from(_DATABASE_URL, read_only=READ_ONLY)}
env.refuse_unknown()

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "classbook.events",
    "classbook.people",
    "classbook.schools",
    "classbook.notifications",
    "classbook.lessons",
    "classbook.homework",
    "classbook.grading",
    "classbook.attendance",
    "classbook.accounts",
    "classbook.web",
]
MIDDLEWARE = [
    "classbook.web.headers.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "classbook.web.hot.HotPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "classbook.web.language.PersonLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "classbook.web.middleware.Refusals",
]
ROOT_URLCONF = "classbook.config.urls"
WSGI_APPLICATION = "classbook.config.wsgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        # First: a Jinja2 page of ours wins over allauth's of the same name.
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [PACKAGE / "web" / "templates"],
        "OPTIONS": {
            "environment": "classbook.web.jinja.environment",
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "classbook.web.context.shell",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    },
]

# One session row per device; sign-in by the school's login.
AUTH_USER_MODEL = "people.Account"
SESSION_ENGINE = "classbook.people.sessions"
SESSION_COOKIE_NAME = "__Host-classbook" if HTTPS else "classbook"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 30 * 24 * 3600
CSRF_COOKIE_NAME = "__Host-classbook-csrf" if HTTPS else "classbook-csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "classbook.web.errors.csrf_failure"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and PROXIES else None
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    # Login and temporary password of a printed slip: opens the letter, never a session.
    "classbook.accounts.backends.Slip",
    # Logins that a school brought from another system, for a time (docs/adr/0023).
    "classbook.accounts.backends.OldLogin",
]
# 19 MiB, 2 passes, 1 lane: 53 checks a second on 2 cores; Django's own choice allows 10 (quality.md 3).
PASSWORD_HASHERS = ["classbook.common.hashers.Argon2id"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("login",)},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "classbook.accounts.validators.NotObvious"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "classbook.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "classbook.accounts.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# Per account; by address only wrong passwords count, for a whole school stands behind one (accounts.actions.guessing).
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/key", "login": None, "change_password": "5/m/user"}
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ADAPTER = "classbook.accounts.adapter.FactorAdapter"
# Every passkey can sign in by itself, so each asks for finger, face or PIN.
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"

# Shared by all processes, so that limits count once. While nothing can be written each process counts for itself.
# Room for a city's limits: Django's 300 entries are reached by one evening of letters, and then counts are thrown away.
_ROOM = {"MAX_ENTRIES": 100_000}
_CACHE = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache", "OPTIONS": _ROOM}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"} if READ_ONLY else _CACHE}
USE_TZ = True
USE_I18N = True
LANGUAGES = [("en", "English"), ("ru", "Русский"), ("ja", "日本語")]
LOCALE_PATHS = [PACKAGE / "locale"]
LANGUAGE_COOKIE_NAME = "classbook-language"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATICFILES_DIRS: list[Path] = []
# Files are served from the package; a hash in their address lets browsers keep them (web/jinja.py).
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 31_536_000

# A lesson with every mark, absence and a long homework stays far below.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
EMAIL_TIMEOUT = 10
EMAIL_HOST, EMAIL_PORT = _SMTP["EMAIL_HOST"], _SMTP["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _SMTP["EMAIL_HOST_USER"], _SMTP["EMAIL_HOST_PASSWORD"]
EMAIL_USE_SSL, EMAIL_USE_TLS = _SMTP["EMAIL_USE_SSL"], _SMTP["EMAIL_USE_TLS"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
# The public address is always one of ours; Django's list of checks names what a deployment lacks.
SILENCED_SYSTEM_CHECKS: list[str] = []
