"""Who may open a page: a citizen; staff of the service centre or the support with a second factor. Others see nothing there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, resolve_url

from classbook.portal.models import Citizen

View = Callable[..., HttpResponseBase]


def citizen_of(request: HttpRequest) -> Citizen:
    """The signed-in citizen. For views behind a guard."""
    user: Any = request.user
    assert isinstance(user, Citizen)
    return user


def client_ip(request: HttpRequest) -> str:
    """The address that counts for limits."""
    from allauth.account.adapter import get_adapter  # noqa: PLC0415 - needs the request's own adapter

    return str(get_adapter(request).get_client_ip(request) or "")


def signed_in(view: View) -> View:
    """Send a visitor to the sign-in page first, and afterwards to the page he asked for."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), resolve_url("account_login"))
        return view(request, *args, **kwargs)

    return guarded


def on_duty(duty: str) -> Callable[[View], View]:
    """Staff of one kind who have shown a second factor in this session; who has none yet is led to set one up."""

    def guard(view: View) -> View:
        @signed_in
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            citizen = citizen_of(request)
            if citizen.duty != duty:
                raise Http404
            if not is_mfa_enabled(citizen):
                return redirect("mfa_activate_totp")
            if not any(record.get("method") == "mfa" for record in get_authentication_records(request, citizen)):
                return redirect("mfa_reauthenticate")
            return view(request, *args, **kwargs)

        return guarded

    return guard
