"""From a request to the person who asks. Every page starts here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url

from classbook.accounts.adapter import must_choose
from classbook.common import clock
from classbook.people.sessions import SHARED, SIGNED
from classbook.schools.access import Actor, actor_for
from classbook.schools.reader import Reader, reader_behind, reader_of_person

View = Callable[..., HttpResponseBase]
_ASKED = "_classbook_reader"


def reader_of(request: HttpRequest) -> Reader | None:
    """The signed-in person, asked for once per request; None: a visitor, or somebody who has yet to choose a password."""
    if not hasattr(request, _ASKED):
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        setattr(request, _ASKED, _asked(request, key) if key else None)
    reader: Reader | None = getattr(request, _ASKED)
    return reader


def remember_reader(request: HttpRequest, reader: Reader) -> None:
    """Whoever has asked before tells it here (web.hot)."""
    setattr(request, _ASKED, reader)


def _asked(request: HttpRequest, key: str) -> Reader | None:
    today = clock.today(settings.TIME_ZONE)
    if key.startswith(SIGNED):
        user: Any = getattr(request, "user", None)
        if user is None or not user.is_authenticated or must_choose(user):
            return None
        return reader_of_person(user.person_id, today=today, shared=bool(request.session.get(SHARED)))
    found = reader_behind(key, now=clock.now(), today=today)
    if found is not None and found.is_due and hasattr(request, "session"):
        # Django's session notes the use with the answer.
        request.session.get(SHARED)
    return found


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in person as an Actor. For views behind `signed_in`, and for those that have just signed somebody in."""
    reader = reader_of(request)
    if reader is not None:
        return reader.actor
    user: Any = request.user
    return actor_for(user.person_id, clock.today(settings.TIME_ZONE))


def has_to_choose(request: HttpRequest) -> bool:
    """Has somebody signed in with a temporary password? To be asked where `reader_of` knows nobody: it costs two queries."""
    user: Any = getattr(request, "user", None)
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    return has_session and user is not None and user.is_authenticated and must_choose(user)


def to_the_door(request: HttpRequest) -> HttpResponseRedirect:
    """To the sign-in page, or to the only one that a temporary password opens; the page asked for comes afterwards."""
    if not has_to_choose(request):
        return redirect_to_login(request.get_full_path(), resolve_url("account_login"))
    change = resolve_url("account_change_password")
    # What was to be sent is not sent again by itself; its address shows nothing.
    return redirect_to_login(request.get_full_path(), change) if request.method in {"GET", "HEAD"} else redirect(change)


def signed_in(view: View) -> View:
    """Send a visitor to the sign-in page first, and afterwards to the page he asked for."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if reader_of(request) is None:
            return to_the_door(request)
        return view(request, *args, **kwargs)

    return guarded
