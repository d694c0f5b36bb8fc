"""One's own e-mail address and telephone: see, add, confirm by a code, replace, remove."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from classbook.accounts.actions import contacts as actions
from classbook.accounts.carrying import remember_asking
from classbook.accounts.queries import contacts as queries
from classbook.common.errors import Refusal
from classbook.people.contacts import readable
from classbook.web.account.forms import CodeForm, ContactForm, SureForm
from classbook.web.request import actor_of, signed_in
from classbook.web.steps import refuse


@signed_in
def contacts(request: HttpRequest) -> HttpResponse:
    """What one has given and what the school has written down."""
    found = queries.own_contacts(actor_of(request))
    answer = render(request, "account/contacts.html", {"found": found})
    if any(one.confirmed for one in found):
        remember_asking(request, answer, None)
    return answer


@require_POST
@signed_in
def later(request: HttpRequest) -> HttpResponse:
    """The question for an address is put off."""
    answer = redirect("home")
    remember_asking(request, answer, actions.put_off(actor_of(request)))
    return answer


@signed_in
def contact(request: HttpRequest, kind: str) -> HttpResponse:
    """Give an address; a code is sent there."""
    actor = actor_of(request)
    mine = _mine(request, kind)
    options: dict[str, Any] = {"kind": kind, "asks_password": queries.needs_password(actor)}
    form = ContactForm(
        request.POST if request.method == "POST" else None, initial={"value": request.GET.get("value", "")}, **options
    )
    if request.method == "POST" and form.is_valid():
        person = queries.myself(actor)
        try:
            actions.require_own_password(person, form.cleaned_data.get("password", ""))
            actions.ask_code(person, kind, form.cleaned_data["value"], get_language() or "en")
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            return redirect("contact-code", kind=kind)
    return render(request, "account/contact.html", {"form": form, "mine": mine}, status=422 if form.errors else 200)


@signed_in
def contact_code(request: HttpRequest, kind: str) -> HttpResponse:
    """Type the code that came, or have another one sent."""
    actor = actor_of(request)
    _mine(request, kind)
    value, person = queries.address_in_proof(actor, kind), queries.myself(actor)
    if request.method == "POST" and "again" in request.POST:
        return _again(request, person, kind, value)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.confirm_code(person, kind, value, form.cleaned_data["code"])
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Confirmed. By this address you can get in again if you forget something."))
            return redirect("contacts")
    context = {"form": form, "kind": kind, "value": readable(kind, value), "demo": settings.DEMO}
    return render(request, "account/contact_code.html", context, status=422 if form.errors else 200)


def _again(request: HttpRequest, person: Any, kind: str, value: str) -> HttpResponse:
    try:
        actions.ask_code(person, kind, value, get_language() or "en")
    except Refusal as refusal:
        messages.warning(request, refusal.sentence)
    else:
        messages.success(request, _("A new code is on its way. Older ones no longer hold."))
    return redirect("contact-code", kind=kind)


@signed_in
def contact_remove(request: HttpRequest, kind: str) -> HttpResponse:
    """Take the own address away, after a question."""
    actor = actor_of(request)
    mine = _mine(request, kind)
    if not mine.confirmed:
        raise Http404
    form = SureForm(request.POST if request.method == "POST" else None, asks_password=queries.needs_password(actor))
    if request.method == "POST" and form.is_valid():
        person = queries.myself(actor)
        try:
            actions.require_own_password(person, form.cleaned_data.get("password", ""))
            actions.remove_contact(person, kind)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The address is removed."))
            return redirect("contacts")
    return render(request, "account/contact_remove.html", {"form": form, "mine": mine}, status=422 if form.errors else 200)


def _mine(request: HttpRequest, kind: str) -> queries.OwnContact:
    found = next((one for one in queries.own_contacts(actor_of(request)) if one.kind == kind), None)
    if found is None:
        raise Http404
    return found
