"""The school office: find people, add, move and leave a pupil, correct mistakes, replace a teacher."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from classbook.accounts.queries.asking import number_waiting
from classbook.accounts.queries.board import open_corrections
from classbook.accounts.queries.trust import trusted_of
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.reading import note_read
from classbook.office import actions as office
from classbook.office import queries
from classbook.office.rehearsal import Divided, divided_subjects, rehearse, try_out
from classbook.office.rules import ONE_DAY
from classbook.people.models import Person
from classbook.people.queries import person_by_uid
from classbook.people.rules import list_name
from classbook.reports import directory
from classbook.schools.access import open_group_to_manage, open_pupil_to_manage, open_school
from classbook.schools.actions import pupils
from classbook.schools.models import School, SchoolClass, TeachingGroup
from classbook.schools.queries import class_on
from classbook.schools.roles import Permission
from classbook.web import dates
from classbook.web.office import saying
from classbook.web.office.forms import DayForm, LeaveForm, MoveForm, NoFields, PartForm, PupilForm, TeacherForm
from classbook.web.request import actor_of, signed_in
from classbook.web.steps import Outlook, Step, said, two_steps, with_form


def opened_school(request: HttpRequest, school: UUID) -> School:
    """The school for its office."""
    return open_school(actor_of(request), school, Permission.MANAGE_PEOPLE)


def opened_pupil(request: HttpRequest, school: UUID, pupil: UUID) -> tuple[School, Person, str]:
    """The school, a pupil of it and the pupil's name; the reading is noted."""
    actor, opened = actor_of(request), opened_school(request, school)
    student = open_pupil_to_manage(actor, opened, pupil)
    note_read(actor.person_id, "office", school_id=opened.pk, subject=("person", student.pk))
    return opened, student, list_name(student.family_name, student.given_name)


@require_safe
@signed_in
def people(request: HttpRequest, school: UUID) -> HttpResponse:
    """Search the school's pupils; the groups and teachers of the chosen class; else what waits for the office."""
    opened = opened_school(request, school)
    text, name = request.GET.get("q", "")[:80].strip(), request.GET.get("class", "")[:40]
    found = directory.search_pupils(opened, text, name) if text or name else None
    if found and found.rows:
        note_read(actor_of(request).person_id, "office", school_id=opened.pk, subject=("school", opened.pk))
    context = {
        "school": opened.uid,
        "name": opened.name,
        "q": text,
        "chosen": name,
        "classes": [row.name for row in directory.classes_of(opened)],
        "found": found,
        "groups": directory.groups_of(opened, name) if name else [],
        "overview": None if found else directory.overview(opened),
        "asked": 0 if found else number_waiting(opened),
        "corrections": 0 if found else len(open_corrections(opened)),
    }
    return render(request, "office/people.html", context)


@require_safe
@signed_in
def pupil_page(request: HttpRequest, school: UUID, pupil: UUID) -> HttpResponse:
    """One pupil: places, groups, guardians, and what can be done."""
    opened, student, _name = opened_pupil(request, school, pupil)
    page = queries.pupil_page(opened, student)
    here = class_on(student.pk, opened, clock.today(opened.time_zone))
    context = {
        "class_uid": here.uid if here else None,
        "school": opened.uid,
        "school_name": opened.name,
        "page": page,
        "change": saying.change_in_words(page.change) if page.change else "",
        "trusted": trusted_of(student.pk, clock.today(opened.time_zone)),
    }
    return render(request, "office/pupil.html", context)


def _class_choices(school: School) -> tuple[list[SchoolClass], list[tuple[str, str]]]:
    classes = directory.classes_of(school)
    return classes, [(str(row.uid), row.name) for row in classes]


def _chosen(classes: list[SchoolClass], form: forms.Form) -> SchoolClass:
    return next(row for row in classes if str(row.uid) == form.cleaned_data["target"])


def _parts(request: HttpRequest, divided: tuple[Divided, ...]) -> list[TeachingGroup]:
    """The groups of divided subjects that were chosen on the second page."""
    chosen = set(request.POST.getlist("choice"))
    return [part.group for subject in divided for part in subject.parts if str(part.group.uid) in chosen]


def _page_of(school: School, student: Person) -> str:
    return reverse("pupil", args=[school.uid, student.uid])


@with_form
@signed_in
def add_pupil(request: HttpRequest, school: UUID) -> HttpResponse:
    """A new pupil."""
    opened = opened_school(request, school)
    classes, choices = _class_choices(opened)
    start = {"starts_on": clock.today(opened.time_zone), "target": _uid_of(classes, request.GET.get("class", ""))}
    form = PupilForm(request.POST or None, classes=choices, initial=start)
    made: list[Person] = []

    def add(parts: list[TeachingGroup]) -> Person:
        data = form.cleaned_data
        return pupils.add_pupil(
            actor_of(request), _chosen(classes, form), family=data["family"], given=data["given"], middle=data["middle"],
            born=data["born"], starts_on=data["starts_on"], allow_twin=data["another"], subgroups=parts,
        )  # fmt: skip

    def outlook() -> Outlook:
        target, day = _chosen(classes, form), form.cleaned_data["starts_on"]
        return saying.outlook_of(rehearse(opened, day, [target], lambda: add([]), None), divided_subjects(target, day))

    def write() -> str:
        target, day = _chosen(classes, form), form.cleaned_data["starts_on"]
        made.append(add(_parts(request, divided_subjects(target, day))))
        name = list_name(made[0].family_name, made[0].given_name)
        return _("%(name)s is added to class %(class)s, first day %(day)s.") % _words(name, target, day)

    step = Step(_("Add a pupil"), _("The pupil gets a place in the class and in every group that the whole class belongs to."),
                _("Add the pupil"), reverse("office", args=[opened.uid]))  # fmt: skip
    return two_steps(request, form, step, outlook=outlook, write=write, done=lambda: _page_of(opened, made[0]))


def _uid_of(classes: list[SchoolClass], name: str) -> str:
    return next((str(row.uid) for row in classes if row.name == name), "")


def _words(name: str, target: SchoolClass, day: date) -> dict[str, str]:
    return {"name": name, "class": target.name, "day": dates.day_month(day)}


Placing = Callable[..., None]


def _place_again(
    request: HttpRequest, opened: School, student: Person, step: Step, place: Placing, done: Callable[[dict[str, str]], str]
) -> HttpResponse:
    """Into a class from a day on: moving and coming back differ only in the action and the words."""
    classes, choices = _class_choices(opened)
    form = MoveForm(request.POST or None, classes=choices, initial={"starts_on": clock.today(opened.time_zone)})
    here = {one.class_id for one in queries.places_of(student.pk, opened.pk) if one.ends_on is None}

    def act(parts: list[TeachingGroup]) -> Person:
        day = form.cleaned_data["starts_on"]
        place(actor_of(request), student, _chosen(classes, form), starts_on=day, subgroups=parts)
        return student

    def outlook() -> Outlook:
        target, day = _chosen(classes, form), form.cleaned_data["starts_on"]
        watched = [row for row in classes if row.pk in here or row.pk == target.pk]
        return saying.outlook_of(rehearse(opened, day, watched, lambda: act([]), student), divided_subjects(target, day))

    def write() -> str:
        target, day = _chosen(classes, form), form.cleaned_data["starts_on"]
        act(_parts(request, divided_subjects(target, day)))
        return done(_words(list_name(student.family_name, student.given_name), target, day))

    return two_steps(request, form, step, outlook=outlook, write=write)


@with_form
@signed_in
def move_pupil(request: HttpRequest, school: UUID, pupil: UUID) -> HttpResponse:
    """Another class from a day on."""
    opened, student, name = opened_pupil(request, school, pupil)
    step = Step(
        _("Move %(name)s to another class") % {"name": name},
        _("Marks and absences stay in the journals where they were given; the new class's lessons follow from that day."),
        _("Move the pupil"), _page_of(opened, student),
    )  # fmt: skip
    return _place_again(
        request, opened, student, step, pupils.move_pupil,
        lambda words: _("%(name)s is in class %(class)s, first day %(day)s.") % words,
    )  # fmt: skip


@with_form
@signed_in
def readmit_pupil(request: HttpRequest, school: UUID, pupil: UUID) -> HttpResponse:
    """A pupil who left comes back."""
    opened, student, name = opened_pupil(request, school, pupil)
    step = Step(
        _("%(name)s comes back") % {"name": name},
        _("Everything recorded before stays with the pupil; a new place in a class begins."),
        _("Take the pupil in again"), _page_of(opened, student),
    )  # fmt: skip
    return _place_again(
        request, opened, student, step, pupils.readmit_pupil,
        lambda words: _("%(name)s is back in class %(class)s, first day %(day)s.") % words,
    )  # fmt: skip


@with_form
@signed_in
def leave_pupil(request: HttpRequest, school: UUID, pupil: UUID) -> HttpResponse:
    """The pupil leaves."""
    opened, student, name = opened_pupil(request, school, pupil)
    classes, _choices = _class_choices(opened)
    here = {one.class_id for one in queries.places_of(student.pk, opened.pk) if one.ends_on is None}
    form = LeaveForm(request.POST or None, initial={"last_day": clock.today(opened.time_zone)})

    def act() -> Person:
        data = form.cleaned_data
        pupils.leave_school(actor_of(request), student, opened, last_day=data["last_day"], reason=data["reason"])
        return student

    def outlook() -> Outlook:
        watched = [row for row in classes if row.pk in here]
        return saying.outlook_of(rehearse(opened, form.cleaned_data["last_day"] + ONE_DAY, watched, act, student))

    def write() -> str:
        act()
        words = {"name": name, "day": dates.day_month(form.cleaned_data["last_day"])}
        return _("%(name)s leaves, last day %(day)s. Everything recorded stays.") % words

    step = Step(
        _("%(name)s leaves the school") % {"name": name},
        _("The places in the class and in all groups end on that day. Nothing that was recorded is deleted."),
        _("Confirm the leaving"), _page_of(opened, student),
    )  # fmt: skip
    return two_steps(request, form, step, outlook=outlook, write=write)


@with_form
@signed_in
def correct_day(request: HttpRequest, school: UUID, pupil: UUID) -> HttpResponse:
    """The last change gets the right day."""
    opened, student, name = opened_pupil(request, school, pupil)
    change = queries.pupil_page(opened, student).change
    form = DayForm(request.POST or None, initial={"day": change.day if change else None})

    def act() -> int:
        office.correct_day(actor_of(request), student, opened, day=form.cleaned_data["day"])
        return 0

    def outlook() -> Outlook:
        try_out(act)
        if change is None:
            raise NotFound
        return saying.correction(change, name, form.cleaned_data["day"])

    def write() -> str:
        act()
        return _("%(name)s: the day is corrected.") % {"name": name}

    lead = saying.change_in_words(change) if change else ""
    step = Step(_("Correct the day: %(name)s") % {"name": name}, lead, _("Correct the day"), _page_of(opened, student))
    return two_steps(request, form, step, outlook=outlook, write=write)


@with_form
@signed_in
def take_back(request: HttpRequest, school: UUID, pupil: UUID) -> HttpResponse:
    """The last change is undone."""
    opened, student, name = opened_pupil(request, school, pupil)
    change = queries.pupil_page(opened, student).change
    stays = change is not None and (change.kind != "joined" or change.before is not None)

    def act() -> int:
        office.take_back(actor_of(request), student, opened)
        return 0

    def outlook() -> Outlook:
        try_out(act)
        if change is None:
            raise NotFound
        return Outlook(
            (_("Taken back: %(change)s.") % {"change": saying.change_in_words(change)}, saying.afterwards(change, name))
        )

    def write() -> str:
        act()
        return _("%(name)s: the last change is taken back.") % {"name": name}

    page = _page_of(opened, student)
    step = Step(_("Take back the last change: %(name)s") % {"name": name}, "", _("Take it back"), page)
    done = page if stays else reverse("office", args=[opened.uid])
    return two_steps(request, NoFields(request.POST or None), step, outlook=outlook, write=write, done=lambda: done)


@with_form
@signed_in
def change_part(request: HttpRequest, school: UUID, pupil: UUID, group: UUID) -> HttpResponse:
    """Another part of a divided subject; `group` is any of its parts."""
    opened, student, name = opened_pupil(request, school, pupil)
    asked = open_group_to_manage(actor_of(request), opened, group)
    parts = pupils.groups_by_subject(asked.school_class).get(asked.subject_id, []) if asked.school_class else []
    if len(parts) < 2:
        raise NotFound
    choices = [(str(part.uid), part.name) for part in parts]
    form = PartForm(request.POST or None, groups=choices, initial={"starts_on": clock.today(opened.time_zone)})

    def act() -> Person:
        chosen = next(part for part in parts if str(part.uid) == form.cleaned_data["target"])
        office.change_part(actor_of(request), student, opened, chosen, starts_on=form.cleaned_data["starts_on"])
        return student

    def outlook() -> Outlook:
        effect = rehearse(opened, form.cleaned_data["starts_on"], [], act, student)
        return saying.new_part(effect, asked.school_class.name if asked.school_class else "")

    def write() -> str:
        act()
        words = {"name": name, "group": dict(choices)[form.cleaned_data["target"]], "day": said(form.cleaned_data["starts_on"])}
        return _("%(name)s is in %(group)s from %(day)s on.") % words

    words = {"name": name, "subject": asked.subject.name}
    lead = _("The pupil stays in the class. A mistake is put right in the same way: choose the earlier group with the same day.")
    step = Step(_("%(subject)s: another group for %(name)s") % words, lead, _("Change the group"), _page_of(opened, student))
    return two_steps(request, form, step, outlook=outlook, write=write)


@with_form
@signed_in
def replace_teacher(request: HttpRequest, school: UUID, group: UUID) -> HttpResponse:
    """Another teacher for a group from a day on."""
    opened = opened_school(request, school)
    row = open_group_to_manage(actor_of(request), opened, group)
    teachers = [(str(uid), name) for uid, name in directory.teachers_of(opened)]
    form = TeacherForm(request.POST or None, teachers=teachers, initial={"starts_on": clock.today(opened.time_zone)})
    before = directory.teacher_of(row, clock.today(opened.time_zone))

    def act() -> int:
        teacher = person_by_uid(UUID(form.cleaned_data["teacher"]))
        if teacher is None:
            raise Refusal(_("This person is not a teacher of the school on that day."), field="teacher")
        return office.replace_teacher(actor_of(request), row, teacher, starts_on=form.cleaned_data["starts_on"])

    def words(moved: int) -> dict[str, str]:
        lessons = ngettext("%(num)s lesson", "%(num)s lessons", moved) % {"num": moved}
        name = dict(teachers)[form.cleaned_data["teacher"]]
        return {"group": row.name, "name": name, "lessons": lessons, "day": said(form.cleaned_data["starts_on"])}

    def outlook() -> Outlook:
        return saying.new_teacher(words(try_out(act)), before)

    def write() -> str:
        return _("%(name)s teaches %(group)s from %(day)s on: %(lessons)s.") % words(act())

    lead = _("Now: %(name)s.") % {"name": before} if before else _("The group had no teacher.")
    back = f"{reverse('office', args=[opened.uid])}?class={row.school_class.name if row.school_class else ''}"
    step = Step(_("New teacher for %(group)s") % {"group": row.name}, lead, _("Replace the teacher"), back)
    return two_steps(request, form, step, outlook=outlook, write=write)
