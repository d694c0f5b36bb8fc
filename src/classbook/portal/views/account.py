"""Signing in and out, the own account, its data, contacts, password, children, history."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from classbook.common import health as state
from classbook.common.clock import today
from classbook.common.errors import NotFound, Refusal
from classbook.portal import queries
from classbook.portal.actions import account as actions
from classbook.portal.actions import levels
from classbook.portal.actions.codes import pending_behind
from classbook.portal.actions.registration import ChildData
from classbook.portal.context import deed_names, level_names
from classbook.portal.demo import sign_ins
from classbook.portal.forms import AddressForm, ChildAccountForm, ChildForm, CodeForm, IdentityForm, NewPasswordForm, PasswordForm
from classbook.portal.middleware import KNOWN
from classbook.portal.models import Citizen, Pending
from classbook.portal.register import Answer, is_simulated
from classbook.portal.rules import is_small, snils_shown
from classbook.portal.views.guards import citizen_of, client_ip, signed_in
from classbook.portal.views.registration import KEY

IDENTITY = ("family_name", "given_name", "middle_name", "snils", "passport", "other_document")


class SignIn(LoginView):
    """Telephone, e-mail or SNILS, and a password."""

    template_name = "account/login.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"demo_sign_ins": sign_ins()}


sign_in = SignIn.as_view()


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    logout(request)
    return redirect("catalogue")


@signed_in
def account(request: HttpRequest) -> HttpResponse:
    """The level, what is checked, and the one next step."""
    citizen = citizen_of(request)
    context = {
        "citizen": citizen,
        "levels": level_names(),
        "small": is_small(citizen.birth_date, today(settings.TIME_ZONE)),
        "children": queries.children_of(citizen),
        "second_factor": is_mfa_enabled(citizen),
        "simulated": is_simulated(),
    }
    return render(request, "account.html", context)


@signed_in
def identity(request: HttpRequest) -> HttpResponse:
    """Name and documents; a change is checked again."""
    citizen = citizen_of(request)
    shown = {name: getattr(citizen, name) for name in IDENTITY} | {"snils": snils_shown(citizen.snils)}
    form = IdentityForm(request.POST or None, initial=shown)
    if request.method == "POST" and form.is_valid():
        try:
            answer = levels.change_identity(citizen, **{name: form.cleaned_data[name] for name in IDENTITY})
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            _tell(request, answer)
            return redirect("account")
    return render(request, "identity.html", {"form": form, "citizen": citizen}, status=422 if form.errors else 200)


def _tell(request: HttpRequest, answer: Answer | None) -> None:
    if answer is Answer.MATCHES:
        messages.success(request, _("The register has confirmed your data."))
    elif answer is Answer.DIFFERS:
        messages.warning(request, differs())
    elif answer is Answer.SILENT:
        messages.success(request, _("Saved. The register was not asked or did not answer; you can ask it again on this page."))
    else:
        messages.success(request, _("Nothing was different."))


def differs() -> str:
    """The one sentence for every way in which the register says no."""
    return _(
        "The register does not confirm these data. Compare surname, first name, patronymic, date of birth, SNILS and passport "
        "with the documents, letter by letter. If all is right, a service centre helps."
    )


@require_POST
@signed_in
def check(request: HttpRequest) -> HttpResponse:
    """Ask the register once more."""
    _tell(request, levels.ask_register(citizen_of(request)))
    return redirect("account")


@signed_in
def proof(request: HttpRequest) -> HttpResponse:
    """The code for the service centre: shown once, on this page only."""
    citizen, code = citizen_of(request), ""
    if request.method == "POST":
        try:
            code = levels.ask_for_proof(citizen)
        except Refusal as refusal:
            messages.warning(request, refusal.sentence)
            return redirect("account")
    return render(request, "proof.html", {"code": code, "waiting": queries.open_proof(citizen), "minutes": levels.PROOF_MINUTES})


@signed_in
def contact(request: HttpRequest) -> HttpResponse:
    """A new e-mail or telephone."""
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            key = actions.start_contact(citizen_of(request), form.cleaned_data["address"], client_ip(request))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            request.session[KEY.format(Pending.Kind.CONTACT)] = key
            return redirect("contact-code")
    return render(request, "contact.html", {"form": form}, status=422 if form.errors else 200)


@signed_in
def contact_code(request: HttpRequest) -> HttpResponse:
    """The code that came to it."""
    slot = KEY.format(Pending.Kind.CONTACT)
    key = request.session.get(slot, "")
    try:
        pending = pending_behind(key, Pending.Kind.CONTACT)
    except NotFound:
        return redirect("contact")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.finish_contact(citizen_of(request), key, form.cleaned_data["code"])
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            del request.session[slot]
            messages.success(request, _("The new address is confirmed."))
            return redirect("account")
    context = {"form": form, "address": pending.address, "again": "", "title": _("The code we sent")}
    return render(request, "code.html", context, status=422 if form.errors else 200)


@signed_in
def password(request: HttpRequest) -> HttpResponse:
    """A new password; other sessions end."""
    citizen = citizen_of(request)
    form = PasswordForm(request.POST or None, citizen=citizen)
    if request.method == "POST" and form.is_valid():
        actions.change_password(citizen, form.cleaned_data["password"])
        update_session_auth_hash(request, citizen)
        messages.success(request, _("Your new password is set; other sessions are ended."))
        return redirect("account")
    return render(
        request,
        "form.html",
        {
            "form": form,
            "title": _("A new password"),
            "button": _("Save the password"),
            "lede": _(
                "Ten signs or more. Three or four words that only you would put together are easy to remember and hard to guess."
            ),
        },
        status=422 if form.errors else 200,
    )


@signed_in
def history(request: HttpRequest) -> HttpResponse:
    """Sign-ins and changes."""
    found = queries.deeds_of(citizen_of(request))
    return render(request, "history.html", {"found": found, "names": deed_names()})


@require_POST
@signed_in
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out on every other device."""
    citizen = citizen_of(request)
    actions.end_other_sessions(citizen)
    update_session_auth_hash(request, citizen)
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("history")


@signed_in
def child_new(request: HttpRequest) -> HttpResponse:
    """Tell about a child."""
    form = ChildForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_child(citizen_of(request), ChildData(**form.cleaned_data))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect("account")
    lede = _(
        "Schools compare these data with theirs when you open the diary. They are no proof of "
        "kinship: the school decides who sees a child."
    )
    context = {"form": form, "title": _("My child"), "button": _("Add the child"), "lede": lede}
    return render(request, "form.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def child_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a child off the own list."""
    actions.remove_child(citizen_of(request), pk)
    return redirect("account")


@signed_in
def child_account(request: HttpRequest, pk: int) -> HttpResponse:
    """An account for a child under 14, or a new password for it."""
    parent = citizen_of(request)
    child = queries.child_of(parent, pk)
    made = child.account is not None
    person = Citizen(family_name=child.family_name, given_name=child.given_name)
    form = (NewPasswordForm if made else ChildAccountForm)(request.POST or None, citizen=person)
    if request.method == "POST" and form.is_valid():
        try:
            if made:
                actions.set_child_password(parent, pk, form.cleaned_data["password"])
            else:
                actions.make_child_account(parent, pk, form.cleaned_data["login"], form.cleaned_data["password"])
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(
                request, _("Done. Tell the login and the password to your child; here nobody can see the password again.")
            )
            return redirect("account")
    context = {
        "form": form,
        "title": _("A new password for %(name)s") % {"name": child.given_name}
        if made
        else _("An account for %(name)s") % {"name": child.given_name},
        "button": _("Save the password") if made else _("Open the account"),
        "lede": _(
            "For a child under 14 without an own telephone and e-mail. The account is a simplified one; "
            "at 14 your child registers alone."
        ),
    }
    return render(request, "form.html", context, status=422 if form.errors else 200)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language: kept with the account, or on this device before signing in."""
    chosen, address = request.POST.get("language", ""), request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    response = HttpResponseRedirect(address if safe else reverse("catalogue"))
    if chosen in KNOWN:
        if request.user.is_authenticated:
            actions.choose_language(citizen_of(request), chosen)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 24 * 3600, secure=settings.HTTPS, samesite="Lax")
    return response


def health(request: HttpRequest) -> JsonResponse:
    """Is the process alive?"""
    return JsonResponse({"status": "alive"})


def ready(request: HttpRequest) -> JsonResponse:
    """Can it serve, and can it write?"""
    found = state.of_database()
    return JsonResponse({"status": found}, status=503 if found in {"down", "not migrated"} else 200)
