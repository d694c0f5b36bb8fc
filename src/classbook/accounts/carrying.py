"""What a browser carries: a letter from step to step, signed; and from which day its user is asked for an address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
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


# A hint, so that no page asks the database for it: whoever changes it is asked, or not, for an address of his own.
ASK_COOKIE = "classbook-ask"
_ASK_SECONDS = 400 * 24 * 3600


def remember_asking(request: HttpRequest, response: HttpResponseBase, day: date | None) -> None:
    """From which day the pages of this browser ask for an address; None: they do not."""
    if day:
        response.set_cookie(
            ASK_COOKIE, day.isoformat(), max_age=_ASK_SECONDS, secure=settings.HTTPS, httponly=True, samesite="Lax"
        )
    elif ASK_COOKIE in request.COOKIES:
        response.delete_cookie(ASK_COOKIE, samesite="Lax")


def asks_on(request: HttpRequest, today: date) -> bool:
    """Is the user of this browser to be asked?"""
    day = request.COOKIES.get(ASK_COOKIE, "")
    return bool(day) and day <= today.isoformat()
