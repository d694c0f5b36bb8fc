"""Guardians of a pupil for the office: imported links are confirmed, a link ends, a mistake is taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from classbook.common import clock
from classbook.events.reading import note_read
from classbook.office.rehearsal import try_out
from classbook.people.models import Guardianship
from classbook.people.rules import full_name
from classbook.reports import directory
from classbook.schools.access import Actor
from classbook.schools.actions import guardians as actions
from classbook.schools.models import School
from classbook.web.office import saying
from classbook.web.office.forms import LinkEndForm, NoFields
from classbook.web.office.views import opened_pupil, opened_school
from classbook.web.request import actor_of, signed_in
from classbook.web.steps import Outlook, Step, said, two_steps, with_form


@require_safe
@signed_in
def waiting(request: HttpRequest, school: UUID) -> HttpResponse:
    """Links that wait for the school: how many by class, and the names of one class."""
    opened = opened_school(request, school)
    name = request.GET.get("class", "")[:40]
    rows = directory.waiting_links(opened, name) if name else ()
    if rows:
        note_read(actor_of(request).person_id, "guardians", school_id=opened.pk, subject=("school", opened.pk))
    context = {
        "school": opened.uid,
        "name": opened.name,
        "chosen": name,
        "classes": directory.waiting_by_class(opened),
        "total": actions.sleeping_links(opened.pk).count(),
        "joint": actions.joint_links(opened.pk).count(),
        "rows": rows,
    }
    return render(request, "office/guardians.html", context)


@with_form
@signed_in
def confirm_all(request: HttpRequest, school: UUID) -> HttpResponse:
    """Confirm the waiting links of a class, or of the whole school."""
    opened = opened_school(request, school)
    name = request.GET.get("class", "")[:40]

    def outlook() -> Outlook:
        return saying.confirmation(actions.tally_of(actions.joint_links(opened.pk, name)))

    def write() -> str:
        shown = request.POST.get("seen", "")
        expected = int(shown) if shown.isdecimal() and len(shown) < 9 else -1
        done = actions.confirm_guardians(actor_of(request), opened, class_name=name, expected=expected)
        return ngettext("%(num)s link is confirmed.", "%(num)s links are confirmed.", done.links) % {"num": done.links}

    whole = _("Confirm the guardians of the whole school")
    title = _("Confirm the guardians of class %(name)s") % {"name": name} if name else whole
    step = Step(title, "", _("Confirm the links"), reverse("guardians", args=[opened.uid]))
    return two_steps(request, NoFields(request.POST or None), step, outlook=outlook, write=write)


@dataclass(frozen=True, slots=True)
class _Link:
    """A link that the office has opened, with the names of both."""

    actor: Actor
    school: School
    row: Guardianship
    words: dict[str, str]
    back: str


def _open(request: HttpRequest, school: UUID, pupil: UUID, guardian: UUID) -> _Link:
    opened, student, name = opened_pupil(request, school, pupil)
    actor = actor_of(request)
    row = actions.link_of(actor, opened, student, guardian)
    who = full_name(row.guardian.family_name, row.guardian.given_name, row.guardian.middle_name)
    return _Link(actor, opened, row, {"guardian": who, "name": name}, reverse("pupil", args=[opened.uid, pupil]))


def _change(
    request: HttpRequest, form: forms.Form, step: Step, *, act: Callable[[], None], says: Callable[[], tuple[str, ...]], done: str
) -> HttpResponse:
    """Rehearse, say, do: the shape of all three changes of one link."""

    def tried() -> int:
        act()
        return 0

    def outlook() -> Outlook:
        try_out(tried)
        return Outlook(says())

    def write() -> str:
        act()
        return done

    return two_steps(request, form, step, outlook=outlook, write=write)


@with_form
@signed_in
def confirm(request: HttpRequest, school: UUID, pupil: UUID, guardian: UUID) -> HttpResponse:
    """One link is confirmed."""
    link = _open(request, school, pupil, guardian)
    step = Step(_("Confirm %(guardian)s for %(name)s") % link.words, "", _("Confirm the link"), link.back)
    says = (
        _("%(guardian)s may read the diary of %(name)s: week, marks, attendance, homework.") % link.words,
        _("A limit that the head has set goes on."),
    )
    return _change(
        request, NoFields(request.POST or None), step, act=lambda: actions.confirm_link(link.actor, link.school, link.row),
        says=lambda: says, done=_("%(guardian)s is confirmed for %(name)s.") % link.words,
    )  # fmt: skip


@with_form
@signed_in
def end(request: HttpRequest, school: UUID, pupil: UUID, guardian: UUID) -> HttpResponse:
    """One link gets an end."""
    link = _open(request, school, pupil, guardian)
    yesterday = clock.today(link.school.time_zone) - timedelta(days=1)
    form = LinkEndForm(request.POST or None, initial={"last_day": yesterday})

    def says() -> tuple[str, ...]:
        day = form.cleaned_data["last_day"]
        when = _("at once") if day <= yesterday else _("after %(day)s") % {"day": said(day)}
        return (
            _("%(guardian)s no longer sees anything of %(name)s: %(when)s.") % {**link.words, "when": when},
            _("Other children and other guardians are not touched. You can take this back afterwards."),
        )

    lead = _("For a limit by a court or by the head, ask the head: an access ban holds against every later import.")
    step = Step(_("End the link of %(guardian)s with %(name)s") % link.words, lead, _("End the link"), link.back)
    return _change(
        request, form, step,
        act=lambda: actions.end_link(link.actor, link.school, link.row, last_day=form.cleaned_data["last_day"]),
        says=says, done=_("The link of %(guardian)s with %(name)s has an end now.") % link.words,
    )  # fmt: skip


@with_form
@signed_in
def restore(request: HttpRequest, school: UUID, pupil: UUID, guardian: UUID) -> HttpResponse:
    """The end of a link is taken back."""
    link = _open(request, school, pupil, guardian)
    step = Step(_("Take back the end of a link: %(guardian)s") % link.words, "", _("Take it back"), link.back)
    waits = link.row.confirmed_at is None
    says = (
        _("The end of the link of %(guardian)s with %(name)s is taken back.") % link.words,
        _("It still waits for a confirmation.") if waits else _("The diary can be read again at once."),
        _("A limit that the head has set goes on."),
    )
    return _change(
        request, NoFields(request.POST or None), step, act=lambda: actions.restore_link(link.actor, link.school, link.row),
        says=lambda: says, done=says[0],
    )  # fmt: skip
