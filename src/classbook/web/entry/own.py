"""The other first sign-in: registering oneself with the full name and one's own e-mail address as login."""

from __future__ import annotations

from uuid import UUID

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from classbook.accounts.actions import registering
from classbook.accounts.actions.entering import Holder
from classbook.accounts.actions.registering import Said
from classbook.accounts.carrying import put_down
from classbook.accounts.queries.contacts import can_register
from classbook.accounts.queries.registering import address_of
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.web.entry.forms import OwnForm, PasswordForm
from classbook.web.entry.views import facts_of, holder_here, is_dead, never_kept, start_again
from classbook.web.steps import refuse, with_form


@never_kept
@with_form
def own(request: HttpRequest) -> HttpResponse:
    """Who one is, the own address, the own password."""
    holder = holder_here(request)
    if holder is None:
        return start_again(request)
    if holder.way != "new" or not can_register():
        return redirect("letter-you")
    data = request.POST if request.method == "POST" else None
    form = OwnForm(data, asked=holder.born is not None, today=clock.today("UTC"))
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("letter-own-sent", _ask(holder, form))
        except Refusal as refused:
            if refused.needs == "letter":
                return is_dead(request, refused)
            refuse(form, refused)
    context = {"form": form, "holder": holder, "facts": facts_of(request, holder)}
    return render(request, "entry/own.html", context, status=422 if form.errors else 200)


def _ask(holder: Holder, form: OwnForm) -> UUID:
    data = form.cleaned_data
    registering.prove(holder.letter.uid, Said(data["family"], data["given"], data["middle"], data.get("born")))
    return registering.ask(holder.letter.uid, data["email"], data["password"], get_language() or "en")


@never_kept
@require_safe
def sent(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Look into the mailbox. The same page whoever owns the address."""
    return render(request, "entry/own_sent.html", {"address": address_of(uid), "demo": settings.DEMO})


@never_kept
@with_form
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail, on any device: check the data, type the password, in. To look at it uses nothing up."""
    form = PasswordForm(request.POST if request.method == "POST" else None)
    try:
        made, letter = registering.open_link(token)
        if request.method == "POST" and form.is_valid():
            try:
                account = registering.finish(token, form.cleaned_data["password"])
            except Refusal as refused:
                refuse(form, refused)
            else:
                answer: HttpResponse = perform_login(request, Login(user=account, redirect_url=reverse("home")))
                put_down(answer)
                return answer
    except NotFound:
        return render(request, "entry/own_over.html", status=404)
    context = {"form": form, "login": made.email, "facts": facts_of(request, Holder(letter, "new", None))}
    return render(request, "entry/own_link.html", context, status=422 if form.errors else 200)
