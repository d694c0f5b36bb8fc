"""The second step of signing in, after a password, a letter or the portal; and signing in by a passkey alone."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.stages import LoginStageController
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from classbook.accounts import passkeys
from classbook.accounts.actions import factors as actions
from classbook.accounts.actions.limits import Limit, take
from classbook.accounts.adapter import CHANGE, SecondStep, must_choose
from classbook.accounts.queries.factors import CODES, PASSKEY, factors_of
from classbook.accounts.queries.letters import account_of
from classbook.common.errors import Refusal
from classbook.people.models import Account
from classbook.people.sessions import SHARED
from classbook.web.account.forms import CodeForm
from classbook.web.account.proving import require_proof
from classbook.web.account.recovery import source_of
from classbook.web.entry.views import never_kept
from classbook.web.linking.visit import local
from classbook.web.request import actor_of, reader_of
from classbook.web.steps import refuse, with_form

# A school is one address; a challenge guesses nothing, but each one is a row.
OF_SOURCE = Limit("passkey-challenge", 1500, timedelta(minutes=10))
# From so few codes on one is reminded of a new list.
FEW = 3


@never_kept
@with_form
@login_stage_required(stage=SecondStep.key, redirect_urlname="account_login")
def second(request: HttpRequest) -> HttpResponse:
    """A code of the app or of the list, or a passkey; then one is in."""
    stage = request._login_stage  # type: ignore[attr-defined]
    account: Account = stage.login.user
    form = CodeForm(request.POST if "code" in request.POST else None)
    if request.method == "POST":
        try:
            kind = _shown(request, account, form)
        except Refusal as refusal:
            if form.is_bound:
                refuse(form, refusal)
            else:
                messages.warning(request, refusal.sentence)
        else:
            if kind:
                record_authentication(request, account, "mfa", type=kind)
                answer: HttpResponse = stage.exit()
                _remind(request, account, kind)
                return answer
    context = {"form": form, "found": factors_of(account.person_id), "login": account.login, "options": passkeys.SECOND}
    return render(request, "account/second.html", context, status=422 if form.errors else 200)


def _shown(request: HttpRequest, account: Account, form: CodeForm) -> str:
    """Which factor was shown; empty when the form says what is missing. Raises Refusal."""
    if request.POST.get("passkey"):
        found = passkeys.finish_asking(request.session, request.POST["passkey"], account, passkeys.SECOND)
        actions.note_passkey_used(found.pk)
        return PASSKEY
    return actions.use_code(account, form.cleaned_data["code"]) if form.is_valid() else ""


def _remind(request: HttpRequest, account: Account, kind: str) -> None:
    left = factors_of(account.person_id).codes_left if kind == CODES else None
    if left is not None and left <= FEW:
        words = ngettext(
            "%(num)s single code is left. Make a new list under “Sign-in and security” before it is used up.",
            "%(num)s single codes are left. Make a new list under “Sign-in and security” before they are used up.",
            left,
        )
        messages.warning(request, words % {"num": left})


@require_POST
@never_kept
def options(request: HttpRequest) -> JsonResponse:
    """The challenge for a passkey: `for` says what for. The session keeps it."""
    purpose = request.POST.get("for", "")
    if not settings.READ_ONLY and not take(OF_SOURCE, source_of(request)):
        return JsonResponse({"sentence": _("Too many tries. Wait a quarter of an hour.")}, status=429)
    if purpose == passkeys.SIGN_IN:
        return JsonResponse(passkeys.begin_asking(request.session, None, purpose))
    account = _who(request, purpose)
    if account is None:
        raise Http404
    if purpose == passkeys.ADD:
        require_proof(request)
        return JsonResponse(passkeys.begin_adding(request.session, account))
    return JsonResponse(passkeys.begin_asking(request.session, account, purpose))


def _who(request: HttpRequest, purpose: str) -> Account | None:
    """Whose passkey is asked for: of whoever is half in, or in."""
    if purpose == passkeys.SECOND:
        stage = LoginStageController.enter(request, SecondStep.key)
        found: Account | None = stage.login.user if stage else None
        return found
    if purpose in {passkeys.ADD, passkeys.PROOF} and reader_of(request) is not None:
        return account_of(actor_of(request).person_id)
    return None


@require_POST
@never_kept
def passkey_in(request: HttpRequest) -> HttpResponse:
    """In by a passkey alone: it names its account, and it was shown with finger, face or PIN."""
    to = local(request.POST.get("next", ""))
    try:
        found = passkeys.finish_asking(request.session, request.POST.get("passkey", ""), None, passkeys.SIGN_IN)
    except Refusal as refusal:
        messages.warning(request, refusal.sentence)
        return redirect("account_login")
    account: Account = found.user
    if not account.is_active:
        messages.warning(request, _("This account has ended. Ask the school office if you think that is wrong."))
        return redirect("account_login")
    if request.user.is_authenticated and request.user.pk != account.pk:
        # Nothing of another person's session comes along.
        request.session.flush()
    actions.note_passkey_used(found.pk)
    request.session[SHARED] = "shared" in request.POST
    record_authentication(request, account, "mfa", id=found.pk, type=PASSKEY, passwordless=True)
    where = CHANGE if must_choose(account) else to or reverse("home")
    answer: HttpResponse = perform_login(request, Login(user=account, redirect_url=where))
    return answer
