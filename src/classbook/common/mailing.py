"""How mail and text messages leave: what stands in the settings, turned into what Django and the gateways want."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from classbook.common.env import SettingRefused

# Our words for Django's backends; anything with a dot is a backend by its own name, such as anymail's.
BACKENDS = {
    "off": "django.core.mail.backends.dummy.EmailBackend",
    "console": "django.core.mail.backends.console.EmailBackend",
    "file": "classbook.common.messages_file.EmailBackend",
    "smtp": "django.core.mail.backends.smtp.EmailBackend",
}
PORTS = {"smtp": 587, "smtps": 465}
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def email_backend(value: str) -> str:
    """The backend's name in Python. Raises SettingRefused for a word that is none of ours."""
    if "." in value:
        return value
    if value not in BACKENDS:
        raise SettingRefused(
            f'CLASSBOOK_EMAIL="{value}" is not known. Write one of: {", ".join(BACKENDS)}, or a backend such as '
            "anymail.backends.mailgun.EmailBackend."
        )
    return BACKENDS[value]


def smtp_from(url: str) -> dict[str, Any]:
    """Django's settings for `smtp://user:password@host:587` (STARTTLS) or `smtps://user:password@host:465`.

    Without encryption only on this machine, or where `?tls=no` says so: codes and links travel in these messages.
    """
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise SettingRefused(
            "CLASSBOOK_SMTP_URL is no mail server. Write smtp://user:password@host:587 or smtps://user:password@host."
        )
    options = dict(parse_qsl(parts.query))
    plain = options.pop("tls", "no" if parts.hostname in LOCAL and parts.scheme == "smtp" else "yes") == "no"
    if options:
        raise SettingRefused(f"CLASSBOOK_SMTP_URL brings the unknown option {sorted(options)[0]}. Only tls=no is known.")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and not plain,
    }


def anymail_from(pairs: Iterable[str]) -> dict[str, str]:
    """The provider's settings as `NAME=value, NAME=value`."""
    found = [pair.partition("=") for pair in pairs]
    if any(not sign for _, sign, _ in found):
        raise SettingRefused("CLASSBOOK_ANYMAIL is not a list of NAME=value, separated by commas.")
    return {name.strip(): value.strip() for name, _, value in found}


def sms_address(url: str, *, needed: bool) -> str:
    """The gateway's address with its places {to} and {text}; encrypted, unless it is on this machine."""
    if not url and not needed:
        return ""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOCAL):
        raise SettingRefused("CLASSBOOK_SMS_URL does not begin with https://. Telephone numbers and codes travel by it.")
    return url


def site_address(value: str, *, hosts: list[str], https: bool) -> str:
    """The public address for links in messages and letters: as given, else made of the first host."""
    if not value:
        host = next((host for host in hosts if host != "*"), "localhost").removeprefix(".")
        return f"{'https' if https else 'http'}://{host}"
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise SettingRefused(f'CLASSBOOK_ADDRESS="{value}" is no address of a site. Write it as https://school.example.')
    return value.rstrip("/")


def issuer_address(value: str) -> str:
    """The portal's issuer, kept to the letter; encrypted, unless it is on this machine."""
    parts = urlsplit(value)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)
    if value and (not is_safe or not parts.hostname or parts.query or parts.fragment):
        raise SettingRefused(f'CLASSBOOK_PORTAL_ISSUER="{value}" is no issuer. Write it as https://portal.example.')
    return value
