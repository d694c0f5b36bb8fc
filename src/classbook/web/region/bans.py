"""Access bans: the head's screen is the only one that writes them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from classbook.common import clock
from classbook.common.errors import NotFound
from classbook.events.reading import note_read
from classbook.office.rehearsal import try_out
from classbook.people.models import Person
from classbook.people.queries import person_by_uid
from classbook.people.rules import full_name, list_name
from classbook.reports import directory, limits
from classbook.schools.access import open_pupil_to_limit, open_school
from classbook.schools.actions import bans as actions
from classbook.schools.models import School
from classbook.schools.roles import Permission
from classbook.web import dates
from classbook.web.account.proving import require_proof
from classbook.web.office.forms import NoFields
from classbook.web.region.forms import SCOPE_WORDS, BanForm, Scope
from classbook.web.request import actor_of, signed_in
from classbook.web.steps import Outlook, Step, said, two_steps, with_form


@require_safe
@signed_in
def bans(request: HttpRequest, school: UUID) -> HttpResponse:
    """The bans of the school, and a search for the pupil of a new one."""
    actor = actor_of(request)
    opened = open_school(actor, school, Permission.SET_BANS)
    note_read(actor.person_id, "bans", school_id=opened.pk, subject=("school", opened.pk))
    text = request.GET.get("q", "")[:80].strip()
    context = {
        "school": opened.uid,
        "name": opened.name,
        "rows": limits.bans_of(opened, actor.today),
        "q": text,
        "found": directory.search_pupils(opened, text) if text else None,
        "scopes": SCOPE_WORDS,
    }
    return render(request, "region/bans.html", context)


@with_form
@signed_in
def set_ban(request: HttpRequest, school: UUID, pupil: UUID) -> HttpResponse:
    """A new ban about one pupil."""
    actor = actor_of(request)
    opened = open_school(actor, school, Permission.SET_BANS)
    student = open_pupil_to_limit(actor, opened, pupil)
    note_read(actor.person_id, "bans", school_id=opened.pk, subject=("person", student.pk))
    people = limits.people_to_limit(student)
    name = list_name(student.family_name, student.given_name)
    back = reverse("bans", args=[opened.uid])
    if not people:
        return render(request, "region/nobody.html", {"name": name, "back": back})
    require_proof(request)
    return _ban_form(request, opened, student, people, back)


def _ban_form(
    request: HttpRequest, opened: School, student: Person, people: list[tuple[UUID, str, str]], back: str
) -> HttpResponse:
    actor, name = actor_of(request), list_name(student.family_name, student.given_name)
    choices = [(str(uid), f"{who} – {_relation(relation)}") for uid, who, relation in people]
    form = BanForm(request.POST or None, people=choices, initial={"starts_on": clock.today(opened.time_zone), "scope": Scope.ALL})

    def act() -> int:
        data = form.cleaned_data
        person = person_by_uid(UUID(data["person"]))
        if person is None:
            raise NotFound
        actions.set_ban(
            actor, opened, student, person, scope=data["scope"], reason=data["reason"], starts_on=data["starts_on"],
            ends_on=data["ends_on"],
        )  # fmt: skip
        return 0

    def words() -> dict[str, str]:
        who = next(one for uid, one, _relation in people if str(uid) == form.cleaned_data["person"])
        return {"person": who, "pupil": name}

    def outlook() -> Outlook:
        try_out(act)
        return _outlook(form.cleaned_data, words(), clock.today(opened.time_zone))

    def write() -> str:
        act()
        return _("The limit for %(person)s about %(pupil)s is set.") % words()

    lead = _(
        "Only people who are or were linked with the pupil can be limited: guardians, confirmed or not, and trusted persons."
    )
    step = Step(_("Set an access ban: %(name)s") % {"name": name}, lead, _("Set the ban"), back)
    return two_steps(request, form, step, outlook=outlook, write=write)


def _outlook(data: dict[str, Any], words: dict[str, str], today: date) -> Outlook:
    begin, end = _("It holds at once."), _("It ends when you end it.")
    if data["starts_on"] > today:
        begin = _("It holds from %(day)s.") % {"day": said(data["starts_on"])}
    if data["ends_on"]:
        end = _("It ends after %(day)s.") % {"day": dates.with_year(data["ends_on"])}
    stays = _("No import and no other screen can lift it. Nobody is told; it is noted in the audit with your name.")
    return Outlook((_scope_sentence(data["scope"]) % words, begin, end, stays))


def _scope_sentence(scope: str) -> str:
    if scope == Scope.ALL:
        return _("%(person)s sees nothing of %(pupil)s any more: no page, no message, not even that the diary exists.")
    if scope == Scope.CONTACTS:
        return _("%(person)s no longer sees the contacts of the other guardians of %(pupil)s.")
    return _("%(person)s no longer sees the confidential reasons of absences of %(pupil)s, only that there was one.")


def _relation(code: str) -> str:
    return {
        "mother": _("mother"),
        "father": _("father"),
        "parent": _("parent"),
        "grandparent": _("grandparent"),
        "guardian": _("guardian"),
        "other": _("relative"),
    }.get(code, _("trusted person"))


@with_form
@signed_in
def end_ban(request: HttpRequest, school: UUID, pupil: UUID, person: UUID, scope: str) -> HttpResponse:
    """A ban ends."""
    actor = actor_of(request)
    opened = open_school(actor, school, Permission.SET_BANS)
    student = open_pupil_to_limit(actor, opened, pupil)
    limited = person_by_uid(person)
    if limited is None:
        raise NotFound
    words = _names(limited, student)
    require_proof(request)

    def act() -> int:
        actions.end_ban(actor, opened, student, limited, scope)
        return 0

    def outlook() -> Outlook:
        try_out(act)
        what = {"scope": str(SCOPE_WORDS[Scope(scope)]), **words}
        return Outlook(
            (_("The limit (%(scope)s) for %(person)s about %(pupil)s ends at once.") % what,
             _("What the person may see then follows from the link with the pupil, if there is one."))
        )  # fmt: skip

    def write() -> str:
        act()
        return _("The limit for %(person)s about %(pupil)s has ended.") % words

    step = Step(_("End an access ban: %(pupil)s") % words, "", _("End the ban"), reverse("bans", args=[opened.uid]))
    return two_steps(request, NoFields(request.POST or None), step, outlook=outlook, write=write)


def _names(person: Person, student: Person) -> dict[str, str]:
    return {
        "person": full_name(person.family_name, person.given_name, person.middle_name),
        "pupil": list_name(student.family_name, student.given_name),
    }
