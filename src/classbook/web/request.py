"""From a request to the Actor. Every page starts here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url

from classbook.common import clock
from classbook.schools.access import Actor, actor_for

View = Callable[..., HttpResponseBase]


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in person as an Actor, made once per request. Only for views behind `signed_in`."""
    actor: Actor | None = getattr(request, "_classbook_actor", None)
    if actor is None:
        user: Any = request.user
        actor = actor_for(user.person_id, clock.today(settings.TIME_ZONE))
        request._classbook_actor = actor  # type: ignore[attr-defined]
    return actor


def signed_in(view: View) -> View:
    """Send a visitor to the sign-in page first, and afterwards to the page he asked for."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), resolve_url("account_login"))
        return view(request, *args, **kwargs)

    return guarded
