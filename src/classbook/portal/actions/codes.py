"""Six digits by SMS or e-mail: ten minutes, five tries, once."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from classbook.common.clock import now
from classbook.common.errors import NotFound, Refusal
from classbook.portal.models import Citizen, Pending

MINUTES = 10
MOST_TRIES = 5


def new_code() -> str:
    return f"{secrets.randbelow(1_000_000):06}"


def code_hash(code: str, salt: str) -> str:
    """With the server's key: a stolen table does not give the codes away."""
    return salted_hmac("portal.code", f"{salt}|{code}", algorithm="sha256").hexdigest()


def key_hash(key: str) -> str:
    return salted_hmac("portal.pending", key, algorithm="sha256").hexdigest()


def open_pending(
    kind: str, address: str, *, citizen: Citizen | None = None, data: dict[str, Any] | None = None, real: bool
) -> tuple[str, str]:
    """Start to wait for a code. Answers the key for the session and the code; when not `real`, no code will ever fit."""
    key, code = secrets.token_urlsafe(32), new_code()
    Pending.objects.create(
        key_hash=key_hash(key), kind=kind, citizen=citizen, data=data or {}, address=address,
        channel="email" if "@" in address else "sms", expires_at=now() + timedelta(minutes=MINUTES),
        code_hash=code_hash(code, key) if real else "",
    )  # fmt: skip
    return key, code


def pending_behind(key: str, kind: str) -> Pending:
    """What waits under the key of this session. Raises NotFound when there is nothing or it is over."""
    found = Pending.objects.filter(key_hash=key_hash(key), kind=kind, expires_at__gt=now()).first() if key else None
    if found is None:
        raise NotFound
    return found


def check_code(key: str, kind: str, code: str) -> Pending:
    """Count one try and compare. Raises Refusal beside the field; the row of a right code is the caller's to remove.

    The count is stored before the comparison and stays when the caller's own work fails.
    """
    found = pending_behind(key, kind)
    with transaction.atomic():
        counted = Pending.objects.filter(pk=found.pk, tries__lt=MOST_TRIES).update(tries=F("tries") + 1)
    if not counted:
        raise Refusal(_("Five wrong codes: this one is not valid any more. Ask for a new one."), field="code")
    digits = "".join(sign for sign in code if sign.isdigit())
    if not found.code_hash or not hmac.compare_digest(found.code_hash, code_hash(digits, key)):
        raise Refusal(_("This code is not right. Compare it with the message; it is valid for 10 minutes."), field="code")
    return found


def take(pending: Pending) -> None:
    """Use it up. Raises Refusal when somebody else has just done so: of a hundred at once, one gets through."""
    deleted, _rows = Pending.objects.filter(pk=pending.pk).delete()
    if not deleted:
        raise Refusal(_("This code has been used already."), field="code")
