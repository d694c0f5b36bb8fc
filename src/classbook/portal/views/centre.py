"""The service centre confirms persons; the support sees the state of an account.

Both look up by all of somebody's data, never by a part, and every look is noted.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from classbook.common.errors import Refusal
from classbook.portal import queries
from classbook.portal.actions import levels
from classbook.portal.actions.staff import find, look_at
from classbook.portal.context import level_names
from classbook.portal.forms import CodeForm, FindForm
from classbook.portal.models import Citizen
from classbook.portal.views.guards import citizen_of, on_duty


def _search(request: HttpRequest, name: str, title: str, lede: str) -> HttpResponse:
    # By POST: a SNILS or a name in an address would stay in the logs of proxies.
    form, found = FindForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            found = find(citizen_of(request), snils=data["snils"], family=data["family_name"], born=data["birth_date"])
        except Refusal as refusal:
            form.refuse(refusal)
    context = {"form": form, "found": found, "levels": level_names(), "title": title, "lede": lede, "target": name}
    return render(request, "centre/find.html", context, status=422 if form.errors else 200)


@on_duty(Citizen.Duty.CLERK)
def centre(request: HttpRequest) -> HttpResponse:
    """Find the person who stands before the desk."""
    lede = _(
        "Ask for the document and for the code in the person's account. Compare face, name and date of birth with the document."
    )
    return _search(request, "centre-person", _("Service centre"), lede)


@on_duty(Citizen.Duty.CLERK)
def centre_person(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What the document has to show, and the field for the code."""
    clerk = citizen_of(request)
    person = queries.person_by_uid(uid)
    form = CodeForm(request.POST or None)
    form.fields["code"].label = _("Code from the person's account")
    form.fields["code"].widget.attrs["inputmode"] = "text"
    if request.method == "POST" and form.is_valid():
        try:
            levels.confirm(clerk, person, form.cleaned_data["code"])
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Confirmed. It is noted in the person's account and with your name."))
            return redirect("centre")
    elif request.method == "GET":
        look_at(clerk, person)
    return render(request, "centre/person.html", _person(person) | {"form": form}, status=422 if form.errors else 200)


@on_duty(Citizen.Duty.SUPPORT)
def support(request: HttpRequest) -> HttpResponse:
    """Find the account of who writes or phones."""
    return _search(request, "support-person", _("Support"), _("You see the state of an account, never its documents."))


@on_duty(Citizen.Duty.SUPPORT)
def support_person(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Level, confirmed contacts in short, and what the person can do next."""
    person = queries.person_by_uid(uid)
    look_at(citizen_of(request), person)
    return render(request, "centre/state.html", _person(person))


def _person(person: Citizen) -> dict[str, Any]:
    return {"person": person, "levels": level_names()}
