"""Registration and recovery: a form, then a code."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from classbook.common.errors import NotFound, Refusal
from classbook.portal.actions import account, registration
from classbook.portal.actions.codes import pending_behind
from classbook.portal.forms import AddressForm, CodeForm, RecoveryForm, RegistrationForm
from classbook.portal.models import Pending
from classbook.portal.register import SimulatedRegister, is_simulated
from classbook.portal.views.guards import client_ip

KEY = "pending-{}"
BACKEND = "classbook.portal.backends.ByAnyName"


def register(request: HttpRequest) -> HttpResponse:
    """The whole form on one page."""
    form = RegistrationForm(request.POST or None, initial={"by": "sms"})
    if request.method == "POST" and form.is_valid():
        try:
            key = registration.apply(_application(request, form.cleaned_data))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            request.session[KEY.format(Pending.Kind.REGISTER)] = key
            return redirect("register-code")
    spare = SimulatedRegister.spare() if is_simulated() else ()
    return render(request, "register.html", {"form": form, "spare": spare}, status=422 if form.errors else 200)


def _application(request: HttpRequest, data: dict[str, Any]) -> registration.Application:
    child = None
    if data["child_family_name"]:
        child = registration.ChildData(*(data[f"child_{name}"] for name in RegistrationForm.CHILD))
    own = (
        "family_name",
        "given_name",
        "middle_name",
        "birth_date",
        "snils",
        "passport",
        "other_document",
        "email",
        "phone",
        "password",
        "by",
    )
    return registration.Application(
        **{name: data[name] for name in own}, locale=get_language() or "en", child=child, origin=client_ip(request)
    )


def register_code(request: HttpRequest) -> HttpResponse:
    """The code from the message; then one is in."""
    slot = KEY.format(Pending.Kind.REGISTER)
    key = request.session.get(slot, "")
    try:
        pending = pending_behind(key, Pending.Kind.REGISTER)
    except NotFound:
        return _over(request, "register")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            citizen = registration.finish(key, form.cleaned_data["code"])
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            del request.session[slot]
            login(request, citizen, backend=BACKEND)
            messages.success(request, _("Your account is open."))
            return redirect("account")
    context = {"form": form, "address": pending.address, "again": "register-again", "title": _("The code we sent")}
    return render(request, "code.html", context, status=422 if form.errors else 200)


@require_POST
def register_again(request: HttpRequest) -> HttpResponse:
    """A new code for the same form."""
    slot = KEY.format(Pending.Kind.REGISTER)
    try:
        request.session[slot] = registration.send_again(request.session.get(slot, ""))
    except NotFound:
        return _over(request, "register")
    messages.success(request, _("A new code is on its way; the old one is not valid any more."))
    return redirect("register-code")


def recover(request: HttpRequest) -> HttpResponse:
    """Forgotten password or name: a telephone or e-mail is enough."""
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            key = account.start_recovery(form.cleaned_data["address"], client_ip(request))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            request.session[KEY.format(Pending.Kind.RECOVER)] = key
            return redirect("recover-code")
    return render(request, "recover.html", {"form": form}, status=422 if form.errors else 200)


def recover_code(request: HttpRequest) -> HttpResponse:
    """The code and a new password; then the ordinary sign-in, with a second factor where there is one."""
    slot = KEY.format(Pending.Kind.RECOVER)
    key = request.session.get(slot, "")
    try:
        pending = pending_behind(key, Pending.Kind.RECOVER)
    except NotFound:
        return _over(request, "recover")
    form = RecoveryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            account.finish_recovery(key, form.cleaned_data["code"], form.cleaned_data["password"])
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            del request.session[slot]
            messages.success(
                request, _("Your new password is set. Sign in with it; your telephone, e-mail or SNILS is your name.")
            )
            return redirect("account_login")
    context = {"form": form, "address": pending.address, "again": "", "title": _("A new password")}
    return render(request, "code.html", context, status=422 if form.errors else 200)


def _over(request: HttpRequest, name: str) -> HttpResponse:
    messages.warning(request, _("The ten minutes of the code are over, or it has been used. Begin once more."))
    return redirect(name)
