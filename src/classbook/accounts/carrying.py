"""What a browser carries of a letter from step to step: its uid, signed, and whether the birth date was right."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

_SALT = "classbook.letter"
MINUTES = 60


@dataclass(frozen=True, slots=True)
class Carried:
    uid: UUID
    proven: bool
    # The page that was asked for before the sign-in.
    to: str = ""


def _name() -> str:
    return "__Host-classbook-letter" if settings.HTTPS else "classbook-letter"


def carry(response: HttpResponseBase, uid: UUID, *, proven: bool = False, to: str = "") -> None:
    """Put the letter into a cookie of this hour that no script reads. The code itself is in none."""
    value = signing.dumps([str(uid), proven, to[:300]], salt=_SALT)
    response.set_cookie(_name(), value, secure=settings.HTTPS, httponly=True, samesite="Lax")


def carried(request: HttpRequest) -> Carried | None:
    """The letter that the browser has shown the code of."""
    try:
        # One from before an update carries no address.
        uid, proven, *to = signing.loads(request.COOKIES.get(_name(), ""), salt=_SALT, max_age=MINUTES * 60)
        return Carried(UUID(uid), bool(proven), to[0] if to else "")
    except (signing.BadSignature, ValueError):
        return None


def put_down(response: HttpResponseBase) -> None:
    """The letter is used or laid aside."""
    response.delete_cookie(_name(), samesite="Lax")
