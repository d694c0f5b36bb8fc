"""The children in one's account, and asking a school to be linked with one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from classbook.accounts.actions import asking as actions
from classbook.accounts.queries import asking as queries
from classbook.accounts.queries.trust import shared_by
from classbook.common.errors import NotFound, Refusal
from classbook.web.account.forms import AskForm
from classbook.web.request import actor_of, reader_of, signed_in
from classbook.web.steps import with_form


@require_safe
@signed_in
def children(request: HttpRequest) -> HttpResponse:
    """Whose diary opens here, and what was asked for."""
    reader, actor = reader_of(request), actor_of(request)
    context = {
        "wards": reader.wards if reader else (),
        "requests": queries.own_requests(actor),
        "may_ask": actions.may_ask(actor),
        "shared": shared_by(actor, [ward.uid for ward in reader.wards] if reader else []),
        "own": actor.uid,
    }
    return render(request, "account/children.html", context)


@with_form
@signed_in
def ask(request: HttpRequest) -> HttpResponse:
    """Ask to be linked. The answer is the same whether there is such a child."""
    actor = actor_of(request)
    if not actions.may_ask(actor):
        raise NotFound
    form = AskForm(request.POST or None, schools=queries.schools_to_ask())
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        try:
            actions.ask(actor, UUID(data.pop("school")), actions.Asked(**data))
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(
                request, _("Your request is with the school's office. It compares it with its papers and answers here.")
            )
            return redirect("children")
    return render(request, "account/ask.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@signed_in
def reply(request: HttpRequest, asked: UUID) -> HttpResponse:
    """Answer the office's question."""
    try:
        actions.reply(actor_of(request), asked, request.POST.get("reply", ""))
    except Refusal as refusal:
        messages.warning(request, refusal.sentence)
    else:
        messages.success(request, _("Your answer is with the school's office."))
    return redirect("children")


@require_POST
@signed_in
def withdraw(request: HttpRequest, asked: UUID) -> HttpResponse:
    """Take the request back."""
    actions.withdraw(actor_of(request), asked)
    messages.success(request, _("The request is withdrawn."))
    return redirect("children")
