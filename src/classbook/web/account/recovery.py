"""Forgotten login or password: one address, one answer, a code or a link, a new password."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from classbook.accounts.actions import recovery as actions
from classbook.accounts.queries.contacts import kinds
from classbook.accounts.queries.recovery import asked
from classbook.common.errors import NotFound, Refusal
from classbook.web.account.forms import AddressForm, CodeForm, NewPasswordForm
from classbook.web.steps import refuse


def recover(request: HttpRequest) -> HttpResponse:
    """Ask for an address. The answer is the same whether or not it belongs to anybody."""
    form = AddressForm(request.POST if request.method == "POST" else None, kinds=kinds())
    if request.method == "POST" and form.is_valid():
        try:
            uid = actions.ask(form.cleaned_data["address"], get_language() or "en", source_of(request))
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            return redirect("recover-code", uid=uid)
    context = {"form": form, "kinds": kinds()}
    return render(request, "account/recover.html", context, status=422 if form.errors else 200)


def recover_code(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say where to look, and take the code that came."""
    found = asked(uid)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            token = actions.redeem_code(uid, form.cleaned_data["code"], source_of(request))
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            return redirect("recover-new", token=token)
    context = {"form": form, "asked": found, "demo": settings.DEMO}
    return render(request, "account/recover_code.html", context, status=422 if form.errors else 200)


def recover_new(request: HttpRequest, token: str) -> HttpResponse:
    """Choose a new password by a link that holds. To look at the page uses nothing up: mail programs do that too."""
    try:
        link = actions.open_link(token)
        form = NewPasswordForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                login = actions.set_new_password(token, form.cleaned_data["password"])
            except Refusal as refusal:
                refuse(form, refusal)
            else:
                messages.success(request, _("Your new password holds. Sign in with it now; all other devices are signed out."))
                return redirect(f"{reverse('account_login')}?{urlencode({'login': login})}")
    except NotFound:
        return render(request, "account/recover_over.html", status=404)
    return render(request, "account/recover_new.html", {"form": form, "login": link.login}, status=422 if form.errors else 200)


def source_of(request: HttpRequest) -> str:
    """The network address one comes from; of IPv6 the part that a household shares."""
    address = ip_address(get_adapter(request).get_client_ip(request))
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
