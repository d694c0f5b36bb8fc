"""Which accounts were used on a device before."""

from __future__ import annotations

from django.core import signing
from django.utils.crypto import salted_hmac

from classbook.people.models import Account

# The cookie in which a device remembers the accounts it knows, as keyed hashes: it names nobody and opens nothing.
KNOWN_COOKIE = "classbook-known"
KNOWN_SECONDS = 400 * 24 * 3600
MOST_KNOWN = 20
_SALT = "classbook.known-device"


def is_known(cookie: str, account_id: int) -> bool:
    """Was the account used on the device that sends this cookie?"""
    return _sign_of(account_id) in _known(cookie)


def is_own(cookie: str, login: str) -> bool:
    """The same by the login. One question, whether or not there is such a login."""
    found = Account.objects.filter(login__iexact=login).values_list("pk", flat=True).first()
    return is_known(cookie, found or 0)


def remembering(cookie: str, account_id: int) -> str:
    """The device's new cookie, with the account on it."""
    others = [sign for sign in _known(cookie) if sign != _sign_of(account_id)]
    return signing.dumps([_sign_of(account_id), *others][:MOST_KNOWN], salt=_SALT)


def _known(cookie: str) -> list[str]:
    try:
        return list(signing.loads(cookie, salt=_SALT)) if cookie else []
    except signing.BadSignature:
        return []


def _sign_of(account_id: int) -> str:
    return salted_hmac(_SALT, str(account_id), algorithm="sha256").hexdigest()[:16]
