"""All settings of the Public Services portal. What may be set from outside is read through `env`; see docs/portal.md."""

from __future__ import annotations

from pathlib import Path

from classbook.common.databases import database_from
from classbook.common.env import Environment

env = Environment(prefix="PORTAL_", page="docs/portal.md")
PACKAGE = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent

# Where the database, the generated secret and the signing keys live.
DATA_DIR = Path(env.text("PORTAL_DATA", default="data")).resolve()
# Made-up citizens, their passwords on the sign-in page, every message on a page of its own.
DEMO = env.flag("PORTAL_DEMO", default=False)
DEBUG = env.flag("PORTAL_DEBUG", default=False)
ALLOWED_HOSTS = list(env.names("PORTAL_HOSTS", default=("localhost", "127.0.0.1", "[::1]")))
# The address by which clients know the portal (the issuer). Empty: as each request names it.
ADDRESS = env.text("PORTAL_ADDRESS").rstrip("/")
HTTPS = env.flag("PORTAL_HTTPS", default=False)
PROXIES = env.number("PORTAL_PROXIES", default=0)
TIME_ZONE = env.time_zone("PORTAL_TIME_ZONE", default="UTC")
LANGUAGE_CODE = env.choice("PORTAL_LANGUAGE", ("en", "ru", "ja"), default="en")
# The class that answers whether passport and SNILS belong to a person. Empty: no register is connected.
REGISTER = env.text("PORTAL_REGISTER")
# How messages leave: "console" prints them, "outbox" keeps them for the demo's page, "gateway" sends them.
MESSAGES = env.choice("PORTAL_MESSAGES", ("console", "outbox", "gateway"), default="console")
# The address that sends an SMS by POST of "to" and "text"; empty: no SMS are sent, e-mail only.
SMS_GATEWAY = env.text("PORTAL_SMS_GATEWAY")
SMS_TOKEN = env.text("PORTAL_SMS_TOKEN")
# The catalogue of services: a TOML file of the region; empty: the one that comes with the portal.
CATALOGUE = Path(env.text("PORTAL_CATALOGUE", default=str(HERE / "data" / "catalogue.toml")))
# The region's Classbook, to which the services of the section Education lead; empty: none yet.
CLASSBOOK = env.text("PORTAL_CLASSBOOK").rstrip("/")
_MAIL_SERVER = env.text("PORTAL_MAIL_SERVER", default="localhost:25")
DEFAULT_FROM_EMAIL = env.text("PORTAL_MAIL_FROM", default="portal@localhost")

SECRET_KEY = env.secret("PORTAL_SECRET_KEY", DATA_DIR / "portal-secret-key", otherwise="Choose another with PORTAL_DATA.")
DATABASES = {"default": database_from(env.text("PORTAL_DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'portal.sqlite3'}"))}
env.refuse_unknown()

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.idp.oidc",
    "classbook.portal",
]
MIDDLEWARE = [
    "classbook.portal.middleware.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "classbook.portal.middleware.CitizenLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "classbook.portal.middleware.Refusals",
]
ROOT_URLCONF = "classbook.portal.urls"
WSGI_APPLICATION = "classbook.portal.wsgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        # The portal's own pages first; the shared parts (fields of forms, notes) are those of Classbook's design system.
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [HERE / "templates", PACKAGE / "web" / "templates"],
        "OPTIONS": {
            "environment": "classbook.portal.jinja.environment",
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "classbook.portal.context.shell",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    },
]

AUTH_USER_MODEL = "portal.Citizen"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
# Names that Classbook on the same host and another port never uses: browsers do not tell ports apart.
SESSION_COOKIE_NAME = "__Host-portal" if HTTPS else "portal"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
# A citizen's account holds identity documents: half a day, and gone with the browser.
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-portal-csrf" if HTTPS else "portal-csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "classbook.portal.views.errors.csrf_failure"
LANGUAGE_COOKIE_NAME = "portal-language"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and PROXIES else None
# In the session: the cookie of the other storage has a fixed name, which Classbook uses.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

AUTHENTICATION_BACKENDS = ["classbook.portal.backends.ByAnyName"]
PASSWORD_HASHERS = ["classbook.common.hashers.Argon2id"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("login", "email", "family_name", "given_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account"
ACCOUNT_ADAPTER = "classbook.portal.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "classbook.portal.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "catalogue"
# Per account, not per address: a whole school stands behind one address.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/key", "login": "1200/m/ip", "reauthenticate": "10/m/user"}
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
MFA_ADAPTER = "classbook.portal.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp"]
MFA_TOTP_ISSUER = "Public Services"
# A telephone's clock may be half a minute off, and a code may change while it is typed.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {"authenticate": "classbook.portal.forms.AppCodeForm", "reauthenticate": "classbook.portal.forms.AppCodeAgainForm"}

# The OpenID Connect provider. Keys come from a folder, so that they can be changed without a restart (keys.py).
IDP_OIDC_ADAPTER = "classbook.portal.identity.IdentityAdapter"
IDP_OIDC_AUTHORIZATION_CODE_EXPIRES_IN = 60
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 600
IDP_OIDC_ID_TOKEN_EXPIRES_IN = 300
IDP_OIDC_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]
IDP_OIDC_DCR_ENABLED = False
IDP_OIDC_CIMD_ENABLED = False

# The portal has no read-only mode; what both sites share asks for it.
READ_ONLY = False
# Shared by all processes, so that limits and one-time codes count once; with room for a city's, for Django throws counts away
# beyond 300 entries.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
USE_TZ = True
USE_I18N = True
LANGUAGES = [("en", "English"), ("ru", "Русский"), ("ja", "日本語")]
LOCALE_PATHS = [PACKAGE / "locale"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
# The look of both sites is one; only its files are shared, no code.
STATICFILES_DIRS = [PACKAGE / "web" / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 31_536_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, _, _PORT = _MAIL_SERVER.partition(":")
EMAIL_PORT = int(_PORT or 25)
EMAIL_TIMEOUT = 10
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
