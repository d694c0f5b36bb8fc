"""Signing in and out, the way home, devices, language; and what machines ask about the service."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView, PasswordChangeView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from classbook.accounts import actions, queries
from classbook.accounts.actions.old_logins import old_logins_until
from classbook.accounts.carrying import remember_asking
from classbook.accounts.queries.linking import notice_for
from classbook.common import health as state
from classbook.web import demo
from classbook.web.context import doors_of
from classbook.web.language import KNOWN
from classbook.web.linking.names import portal_name
from classbook.web.linking.policy import notices, until_when
from classbook.web.request import actor_of, has_to_choose, reader_of, signed_in, to_the_door


class SignIn(LoginView):
    """The school's login and password."""

    template_name = "account/login.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if has_to_choose(request):
            change, wanted = reverse("account_change_password"), request.GET.get("next", "")
            return redirect_to_login(wanted, change) if wanted else redirect(change)
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        if settings.DEMO and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            # A visitor of the demo reads on in the language of this page, not in that of the school.
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, get_language() or "en", samesite="Lax")
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # Somebody who has just got it back need not type it.
        known, portal = self.request.GET.get("login", "")[:254], portal_name()
        shown = {
            "demo_sign_ins": demo.sign_ins(),
            "demo_letters": demo.letters_to_try(),
            "known_login": known,
            "portal": portal,
            "required": notices(portal),
            "old_logins_until": old_logins_until(),
        }
        return super().get_context_data(**kwargs) | shown

    def form_valid(self, form: Any) -> HttpResponse:
        """While a region's grace period runs, whoever is not linked is told at each sign-in."""
        answer: HttpResponse = super().form_valid(form)
        portal = portal_name() if self.request.user.is_authenticated else ""
        policy = notice_for(form.user.person_id) if portal else None
        if policy and policy.closes_on:
            messages.warning(self.request, until_when(policy.closes_on, portal))
        return answer


class ChangePassword(PasswordChangeView):
    """A new password ends every other device and lifts the duty to choose one."""

    template_name = "account/password_change.html"
    success_url = reverse_lazy("home")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"has_to_choose": has_to_choose(self.request)}

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        actions.note_password_changed(actor_of(self.request), self.request.session.session_key)
        return answer


sign_in = SignIn.as_view()
_change_password = ChangePassword.as_view()


def change_password(request: HttpRequest) -> HttpResponseBase:
    """The only page, beside signing out, that a temporary password opens."""
    if reader_of(request) is None and not has_to_choose(request):
        return to_the_door(request)
    return _change_password(request)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this device's session."""
    logout(request)
    answer = redirect("account_login")
    remember_asking(request, answer, None)
    return answer


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """To the page one came for: a teacher's day, a child's week, the school's state."""
    reader = reader_of(request)
    doors = doors_of(reader, "") if reader else []
    return redirect(doors[0].address) if doors else render(request, "account/nothing.html")


@signed_in
def devices(request: HttpRequest) -> HttpResponse:
    """Where one is signed in."""
    found = queries.devices_of(actor_of(request), request.session.session_key)
    return render(request, "account/devices.html", {"found": found, "portal": portal_name()})


@require_POST
@signed_in
def end_device(request: HttpRequest) -> HttpResponse:
    """Sign one device out."""
    actions.end_session(actor_of(request), request.POST.get("device", ""))
    messages.success(request, _("The device is signed out."))
    return redirect("devices")


@require_POST
@signed_in
def end_all(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere, here too."""
    actions.sign_out_everywhere(actor_of(request))
    logout(request)
    return redirect("account_login")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language: kept with the person, or on this device before signing in."""
    chosen = request.POST.get("language", "")
    response = HttpResponseRedirect(_safe_next(request))
    if chosen in KNOWN:
        if reader_of(request) and not settings.READ_ONLY:
            actions.choose_language(actor_of(request), chosen)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 24 * 3600, secure=settings.HTTPS, samesite="Lax")
    return response


def _safe_next(request: HttpRequest) -> str:
    address = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return address
    return reverse("home")


def health(request: HttpRequest) -> JsonResponse:
    """Is the process alive?"""
    return JsonResponse({"status": "alive"})


def ready(request: HttpRequest) -> JsonResponse:
    """Can it serve, and can it write? 503 when pages cannot be read."""
    found = state.of_database()
    return JsonResponse({"status": found}, status=503 if found in {"down", "not migrated"} else 200)
