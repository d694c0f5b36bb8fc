"""Schools that apply to be connected: what waits, one of them, ask back, refuse, approve, the administrator's letter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from classbook.accounts.actions import applying as actions
from classbook.accounts.actions.letters import print_for_administrator
from classbook.accounts.models import SchoolApplication
from classbook.accounts.queries import applying as queries
from classbook.common import clock
from classbook.common.errors import Refusal
from classbook.imports.connecting import Connection, approve
from classbook.office.rehearsal import try_out
from classbook.people.rules import full_name
from classbook.profiles import profile
from classbook.schools.access import open_region
from classbook.schools.models import Region
from classbook.schools.queries import guessed_customs, same_named, schools_to_connect
from classbook.schools.roles import Permission
from classbook.web.account.proving import require_proof
from classbook.web.letters.boards import as_file, maker
from classbook.web.region.forms import ConnectForm
from classbook.web.request import actor_of, signed_in
from classbook.web.steps import Outlook, Step, one_sentence, two_steps, with_form


def _region(request: HttpRequest, region: UUID) -> Region:
    return open_region(actor_of(request), region, Permission.CONNECT_SCHOOLS)


def _open(request: HttpRequest, region: UUID, asked: UUID) -> tuple[Region, SchoolApplication]:
    opened = _region(request, region)
    return opened, actions.open_application(actor_of(request), opened, asked)


@require_safe
@signed_in
def waiting(request: HttpRequest, region: UUID) -> HttpResponse:
    """What the region has been asked, with its state."""
    opened = _region(request, region)
    zone = clock.zone(settings.TIME_ZONE)
    context = {"region": opened, "rows": queries.applications_of(opened), "zone": zone, "spaced": actions.spaced}
    return render(request, "region/applications.html", context)


@require_safe
@signed_in
def one(request: HttpRequest, region: UUID, asked: UUID) -> HttpResponse:
    """The application, and what can be done with it."""
    opened, row = _open(request, region, asked)
    context = {
        "region": opened,
        "row": row,
        "number": actions.spaced(row.number),
        "admin": full_name(row.family_name, row.given_name, row.middle_name),
        "waits": row.state in actions.WAITING,
        "same": same_named(row.school_name, row.region_id) if row.school is None else [],
        "letter": queries.letter_state(row),
        "zone": clock.zone(settings.TIME_ZONE),
    }
    return render(request, "region/application.html", context)


def _here(opened: Region, row: SchoolApplication) -> str:
    return reverse("region-application", args=[opened.uid, row.uid])


@with_form
@signed_in
def connect(request: HttpRequest, region: UUID, asked: UUID) -> HttpResponse:
    """The school is connected."""
    opened, row = _open(request, region, asked)
    if request.method != "POST" and row.state not in actions.WAITING:
        return redirect(_here(opened, row))
    # Its own school stays a choice after the approval, so that a second click is understood as one.
    schools = {one.pk: one for one in (*schools_to_connect(opened), *([row.school] if row.school else []))}
    listed = [(str(one.uid), ", ".join(filter(None, (one.name, one.town)))) for one in schools.values()]
    form = ConnectForm(request.POST or None, listed=listed, initial=_start(row))
    if "sure" in request.POST:
        require_proof(request)

    def act() -> int:
        approve(actor_of(request), opened, asked, _chosen(form.cleaned_data))
        return 0

    def outlook() -> Outlook:
        try_out(act)
        return _outlook(form.cleaned_data, row)

    def write() -> str:
        act()
        return _("%(school)s is connected. Print the letter for its administrator now.") % {"school": form.cleaned_data["name"]}

    lead = _("Call the school on a number that you know yourself before you approve. Customs and clock stay as chosen.")
    step = Step(_("Connect: %(school)s") % {"school": row.school_name}, lead, _("Connect the school"), _here(opened, row))
    return two_steps(request, form, step, outlook=outlook, write=write)


def _start(row: SchoolApplication) -> dict[str, Any]:
    """What the application says, with the customs of the region's other schools."""
    customs, zone = guessed_customs(row.region_id)
    return {
        "school": str(row.school.uid) if row.school else "", "name": row.school_name, "town": row.town, "profile": customs,
        "time_zone": zone, "family": row.family_name, "given": row.given_name, "middle": row.middle_name, "born": row.born,
    }  # fmt: skip


def _chosen(data: dict[str, Any]) -> Connection:
    return Connection(**{**data, "school": UUID(data["school"]) if data["school"] else None})


def _outlook(data: dict[str, Any], row: SchoolApplication) -> Outlook:
    words = {
        "school": data["name"], "profile": profile(data["profile"]).name, "zone": data["time_zone"],
        "admin": full_name(data["family"], data["given"], data["middle"]), "email": row.email,
    }  # fmt: skip
    first = _("%(school)s is made, and the directory shows it as connected.")
    if data["school"]:
        first = _("%(school)s, which the directory lists already, is shown there as connected.")
    says = (
        first, _("Its scale, codes of absence, terms and days off are those of “%(profile)s”; its clock is that of %(zone)s."),
        _("%(admin)s becomes its office: adds pupils and teachers, links guardians, prints letters. No mark is opened by that."),
        _("You print the letter for %(admin)s on the next page. The code is on the paper alone."),
        _("A mail to %(email)s says that the school is connected."),
    )  # fmt: skip
    there = same_named(data["name"], row.region_id) if not data["school"] else []
    warnings = (_("There is a school of this name already: %(names)s.") % {"names": ", ".join(there)},) if there else ()
    return Outlook(tuple(one % words for one in says), warnings)


@with_form
@signed_in
def question(request: HttpRequest, region: UUID, asked: UUID) -> HttpResponse:
    """Ask the school something first."""
    return _sentence(
        request, region, asked, actions.ask_back, title=_("Ask back: %(school)s"), label=_("What do you need to know?"),
        verb=_("Send the question"), done=_("Your question is on its way to %(school)s."),
    )  # fmt: skip


@with_form
@signed_in
def refuse(request: HttpRequest, region: UUID, asked: UUID) -> HttpResponse:
    """The school is not connected, with a reason in plain words."""
    return _sentence(
        request, region, asked, actions.refuse, title=_("Refuse: %(school)s"), label=_("Reason, in plain words"),
        verb=_("Refuse the application"), done=_("The application of %(school)s is refused."),
    )  # fmt: skip


def _sentence(
    request: HttpRequest, region: UUID, asked: UUID, action: Callable[..., None], *, title: str, label: str, verb: str, done: str
) -> HttpResponse:
    opened, row = _open(request, region, asked)
    words = {"school": row.school_name}
    lead = _("It goes by mail to the address of the application.")
    return one_sentence(
        request, Step(title % words, lead, verb, _here(opened, row)), label=label, done=done % words,
        told=lambda text: _("A mail to %(email)s says: “%(text)s”") % {"email": row.email, "text": text},
        send=lambda text: action(actor_of(request), opened, asked, text),
    )  # fmt: skip


@require_POST
@signed_in
def letter(request: HttpRequest, region: UUID, asked: UUID) -> HttpResponse:
    """The administrator's letter, new each time."""
    opened, row = _open(request, region, asked)
    require_proof(request, download=True)
    try:
        pdf = print_for_administrator(actor_of(request), row, maker(row.school_name))
    except Refusal as refused:
        messages.warning(request, refused.sentence)
        return redirect(_here(opened, row))
    return as_file(pdf, "letter.pdf", "application/pdf")
