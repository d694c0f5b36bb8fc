"""To the portal and back. It takes a click: a page of somebody else cannot sign anybody in."""

from __future__ import annotations

import logging
from urllib.parse import urlencode

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from classbook.accounts import portal_client
from classbook.accounts.actions import linking
from classbook.accounts.portal_client import PortalFailed, PortalRefused
from classbook.common.errors import Refusal
from classbook.people.models import Account
from classbook.people.sessions import SHARED
from classbook.web.doctor import proofs
from classbook.web.entry.views import never_kept
from classbook.web.linking import visit
from classbook.web.linking.names import portal_name

_log = logging.getLogger(__name__)


@require_POST
@never_kept
@visit.where_portal_is
def start(request: HttpRequest) -> HttpResponse:
    """A page that leads on by itself: a form's own answer may not lead to another site (form-action)."""
    to, shared = visit.local(request.POST.get("next", "")), "shared" in request.POST
    try:
        address, begun = portal_client.begin()
    except PortalFailed as failed:
        return _down(request, failed, to)
    visit.remember_begun(request, begun, to=to, shared=shared)
    return render(request, "linking/begin.html", {"address": address, "portal": portal_name()})


@require_safe
@never_kept
@visit.where_portal_is
def callback(request: HttpRequest) -> HttpResponse:
    """Back from the portal: in, or to the wizard."""
    begun, to, shared = visit.take_begun(request)
    try:
        citizen = portal_client.finish(begun, {name: request.GET.getlist(name) for name in request.GET})
    except PortalRefused:
        return _back(request, _("Nothing was passed on, so you are not signed in. You can sign in another way."), to)
    except PortalFailed as failed:
        if begun is None:
            return visit.start_again(request)
        return _down(request, failed, to)
    asks = to == reverse("help-found")
    try:
        account = linking.sign_in_linked(citizen)
    except Refusal as refused:
        if asks:
            visit.remember_visit(request, citizen, to="", shared=shared)
            return redirect(to)
        return _back(request, refused.sentence, to)
    if account is not None:
        return let_in(request, account, to=to, shared=shared)
    # Whoever asks the sign-in doctor gets an answer first, and the diary in the end.
    visit.remember_visit(request, citizen, to="" if asks else to, shared=shared)
    shown = proofs.shown_letter(request)
    if shown and not asks:
        # The letter that was shown here just now: it need not be typed twice.
        visit.remember_proof(request, linking.Proof(letter=shown), _("School diary"))
        return redirect("portal-check")
    return redirect(to if asks else "portal-link")


def let_in(request: HttpRequest, account: Account, *, to: str, shared: bool) -> HttpResponse:
    """Signed in, to the page that was asked for."""
    if request.user.is_authenticated and request.user.pk != account.pk:
        # Nothing of another person's session comes along.
        request.session.flush()
    request.session[SHARED] = shared
    response: HttpResponse = perform_login(request, Login(user=account, redirect_url=to or reverse("home")))
    return response


def _down(request: HttpRequest, failed: PortalFailed, to: str) -> HttpResponse:
    _log.warning("The portal failed: %s", failed)
    if to == reverse("help-found"):
        proofs.remember_outage(request)
        return redirect(to)
    sentence = _("%(portal)s does not answer as it should at the moment. The other ways to sign in work; or try again later.")
    return _back(request, sentence % {"portal": portal_name()}, to)


def _back(request: HttpRequest, sentence: str, to: str) -> HttpResponse:
    messages.warning(request, sentence)
    return redirect(reverse("account_login") + (f"?{urlencode({'next': to})}" if to else ""))
