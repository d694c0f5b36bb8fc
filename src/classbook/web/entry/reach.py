"""The third step: an address by which one gets in again, proved by a code. It can wait; then it is asked again later."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language

from classbook.accounts.actions import contacts as actions
from classbook.accounts.carrying import remember_asking
from classbook.accounts.queries import contacts as queries
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.people.contacts import readable
from classbook.web.account.forms import AddressForm, CodeForm
from classbook.web.request import actor_of, signed_in
from classbook.web.steps import refuse, with_form

# In the session: when the own password was chosen. So long nobody else can sit there, and it is not asked again.
ENTERED = "entered-at"
FRESH = timedelta(minutes=20)


def note_entered(request: HttpRequest) -> None:
    """The person has chosen a password just now."""
    request.session[ENTERED] = clock.now().isoformat()


def _is_fresh(request: HttpRequest) -> bool:
    at = request.session.get(ENTERED, "")
    return bool(at) and clock.now() - datetime.fromisoformat(str(at)) < FRESH


@with_form
@signed_in
def reach(request: HttpRequest) -> HttpResponse:
    """An e-mail address or a telephone number; or later."""
    kinds = queries.kinds()
    if not kinds:
        return redirect("letter-done")
    if request.POST.get("later"):
        answer = redirect("letter-done")
        remember_asking(request, answer, actions.put_off(actor_of(request)))
        return answer
    if not _is_fresh(request):
        return redirect("contacts")
    form = AddressForm(request.POST if request.method == "POST" else None, kinds=kinds)
    if request.method == "POST" and form.is_valid():
        value = form.cleaned_data["address"]
        kind = "email" if "@" in value or kinds == ["email"] else "phone"
        try:
            actions.ask_code(queries.myself(actor_of(request)), kind, value, get_language() or "en")
        except Refusal as refusal:
            form.add_error("address", refusal.sentence)
        else:
            return redirect("letter-reach-code", kind)
    return render(request, "entry/reach.html", {"form": form, "kinds": kinds}, status=422 if form.errors else 200)


@with_form
@signed_in
def reach_code(request: HttpRequest, kind: str) -> HttpResponse:
    """The code that came there."""
    if kind not in queries.kinds():
        raise NotFound
    actor = actor_of(request)
    value = queries.address_in_proof(actor, kind)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.confirm_code(queries.myself(actor), kind, value, form.cleaned_data["code"])
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            return redirect("letter-done")
    context = {"form": form, "value": readable(kind, value), "demo": settings.DEMO}
    return render(request, "entry/reach_code.html", context, status=422 if form.errors else 200)
