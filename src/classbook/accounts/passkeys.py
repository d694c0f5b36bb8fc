"""The exchange with a passkey: a challenge that the session keeps, and the answer that must fit it (WebAuthn).

Every passkey here can sign in by itself: it lies in the device and asks for finger, face or PIN.
"""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.utils.translation import gettext as _

from classbook.common.errors import UNAVAILABLE, Refusal
from classbook.people.models import Account

# What the challenge was made for: an answer counts for nothing else.
_FOR = "passkey-for"
ADD, SIGN_IN, SECOND, PROOF = "add", "sign-in", "second", "proof"
# Answers of devices are some kilobytes.
LONGEST = 20_000


def begin_adding(session: MutableMapping[str, Any], account: Account) -> dict[str, Any]:
    """What a browser needs to make a passkey for the account."""
    session[_FOR] = ADD
    return auth.begin_registration(account, passwordless=True)


def begin_asking(session: MutableMapping[str, Any], account: Account | None, purpose: str) -> dict[str, Any]:
    """What a browser needs to ask for a passkey of the account, or of whoever sits there."""
    session[_FOR] = purpose
    return auth.begin_authentication(account)


def finish_adding(session: MutableMapping[str, Any], answer: str) -> dict[str, Any]:
    """The credential of a passkey that was just made. Raises Refusal."""
    credential = _read(session, answer, ADD)
    try:
        auth.parse_registration_response(credential)
        made = auth.complete_registration(credential)
    except UNAVAILABLE:
        raise
    except Exception as error:
        # Whatever a stranger's bytes do in the library, they are no passkey.
        raise Refusal(_unfit()) from error
    if not made.is_user_verified():
        raise Refusal(_unfit())
    return credential


def finish_asking(session: MutableMapping[str, Any], answer: str, account: Account | None, purpose: str) -> Authenticator:
    """The passkey that answered: of the account, or with None of the account that it names itself. Raises Refusal."""
    credential = _read(session, answer, purpose)
    try:
        auth.parse_authentication_response(credential)
        owner = account or auth.extract_user_from_response(credential)
        found: Authenticator = auth.complete_authentication(owner, credential)
    except UNAVAILABLE:
        raise
    except Exception as error:
        raise Refusal(_unfit()) from error
    return found


def _read(session: MutableMapping[str, Any], answer: str, purpose: str) -> dict[str, Any]:
    """The answer as it was sent; its challenge is asked once."""
    try:
        found = json.loads(answer) if len(answer) <= LONGEST else None
    except ValueError:
        found = None
    if session.pop(_FOR, "") != purpose or not isinstance(found, dict):
        auth.clear_state()
        raise Refusal(_unfit())
    return found


def _unfit() -> str:
    return _("This passkey does not fit. Try again, or take another way.")
