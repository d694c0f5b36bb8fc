"""The school office: find people, add, move and leave a pupil, replace a teacher."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.reading import note_read
from classbook.lessons.actions.changes import hand_over_lessons
from classbook.people.queries import person_by_uid
from classbook.people.rules import list_name
from classbook.reports import directory
from classbook.schools import actions
from classbook.schools.access import open_group_to_manage, open_school
from classbook.schools.models import School, SchoolClass
from classbook.schools.roles import Permission
from classbook.web.office.forms import LeaveForm, MoveForm, PupilForm, TeacherForm
from classbook.web.request import actor_of, signed_in

with_form = require_http_methods(["GET", "HEAD", "POST"])


def _open(request: HttpRequest, school: UUID) -> School:
    return open_school(actor_of(request), school, Permission.MANAGE_PEOPLE)


@require_safe
@signed_in
def people(request: HttpRequest, school: UUID) -> HttpResponse:
    """Search the school's pupils; the groups and teachers of the chosen class."""
    opened = _open(request, school)
    text, name = request.GET.get("q", "")[:80], request.GET.get("class", "")[:40]
    classes = directory.classes_of(opened)
    found = directory.search_pupils(opened, text, name) if text or name else ()
    if found:
        actor = actor_of(request)
        note_read(actor.person_id, "office", school_id=opened.pk, subject=("school", opened.pk))
    context = {
        "school": opened.uid,
        "name": opened.name,
        "q": text,
        "chosen": name,
        "classes": [row.name for row in classes],
        "found": found,
        "groups": directory.groups_of(opened, name) if name else [],
    }
    return render(request, "office/people.html", context)


def _answer(
    request: HttpRequest, form: forms.Form, *, title: str, what: str, verb: str, back: str, write: Callable[[], str]
) -> HttpResponse:
    """One shape for all forms of the office: what will happen, the fields, and what was wrong beside the field."""
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, write())
            return redirect(back)
        except Refusal as error:
            form.add_error(error.field if error.field in form.fields else None, error.sentence)
    context = {"form": form, "title": title, "what": what, "verb": verb, "back": back}
    return render(request, "office/form.html", context, status=422 if form.errors else 200)


def _class_choices(school: School) -> tuple[list[SchoolClass], list[tuple[str, str]]]:
    classes = directory.classes_of(school)
    return classes, [(str(row.uid), row.name) for row in classes]


def _chosen(classes: list[SchoolClass], uid: str) -> SchoolClass:
    return next(row for row in classes if str(row.uid) == uid)


def _back(school: School) -> str:
    return reverse("office", args=[school.uid])


@with_form
@signed_in
def add_pupil(request: HttpRequest, school: UUID) -> HttpResponse:
    """A new pupil."""
    opened = _open(request, school)
    classes, choices = _class_choices(opened)
    start: dict[str, Any] = {"starts_on": clock.today(opened.time_zone)}
    form = PupilForm(request.POST or None, classes=choices, initial=start)

    def write() -> str:
        data = form.cleaned_data
        person = actions.add_pupil(
            actor_of(request), _chosen(classes, data["target"]), family=data["family"], given=data["given"],
            middle=data["middle"], born=data["born"], starts_on=data["starts_on"], allow_twin=data["another"],
        )  # fmt: skip
        return _("%(name)s is added.") % {"name": list_name(person.family_name, person.given_name)}

    what = _("The pupil gets a place in the class and in every group that the whole class belongs to.")
    return _answer(request, form, title=_("Add a pupil"), what=what, verb=_("Add the pupil"), back=_back(opened), write=write)


@with_form
@signed_in
def move_pupil(request: HttpRequest, school: UUID, pupil: UUID) -> HttpResponse:
    """Another class from a day on."""
    opened = _open(request, school)
    student = actions.pupil_of_school(actor_of(request), opened, pupil)
    classes, choices = _class_choices(opened)
    form = MoveForm(request.POST or None, classes=choices, initial={"starts_on": clock.today(opened.time_zone)})
    name = list_name(student.family_name, student.given_name)

    def write() -> str:
        target = _chosen(classes, form.cleaned_data["target"])
        actions.move_pupil(actor_of(request), student, target, starts_on=form.cleaned_data["starts_on"])
        return _("%(name)s is in class %(to)s now.") % {"name": name, "to": target.name}

    what = _("Marks and absences stay in the journals where they were given; the new class's lessons follow from that day.")
    return _answer(
        request, form, title=_("Move %(name)s to another class") % {"name": name}, what=what, verb=_("Move the pupil"),
        back=_back(opened), write=write,
    )  # fmt: skip


@with_form
@signed_in
def leave_pupil(request: HttpRequest, school: UUID, pupil: UUID) -> HttpResponse:
    """The pupil leaves."""
    opened = _open(request, school)
    student = actions.pupil_of_school(actor_of(request), opened, pupil)
    form = LeaveForm(request.POST or None, initial={"last_day": clock.today(opened.time_zone)})
    name = list_name(student.family_name, student.given_name)

    def write() -> str:
        data = form.cleaned_data
        actions.leave_school(actor_of(request), student, opened, last_day=data["last_day"], reason=data["reason"])
        return _("%(name)s has left. Everything recorded stays.") % {"name": name}

    what = _("The places in the class and in all groups end on that day. Nothing that was recorded is deleted.")
    return _answer(
        request, form, title=_("%(name)s leaves the school") % {"name": name}, what=what, verb=_("Confirm the leaving"),
        back=_back(opened), write=write,
    )  # fmt: skip


@with_form
@signed_in
def replace_teacher(request: HttpRequest, school: UUID, group: UUID) -> HttpResponse:
    """Another teacher for a group from a day on."""
    opened = _open(request, school)
    row = open_group_to_manage(actor_of(request), opened, group)
    teachers = [(str(uid), name) for uid, name in directory.teachers_of(opened)]
    form = TeacherForm(request.POST or None, teachers=teachers, initial={"starts_on": clock.today(opened.time_zone)})

    def write() -> str:
        teacher = person_by_uid(UUID(form.cleaned_data["teacher"]))
        if teacher is None:
            raise NotFound
        day = form.cleaned_data["starts_on"]
        actions.replace_teacher(actor_of(request), row, teacher, starts_on=day)
        hand_over_lessons(row.pk, teacher.pk, day)
        return _("%(group)s has a new teacher.") % {"group": row.name}

    what = _("Lessons from that day on get the new teacher. What the earlier teacher recorded keeps the earlier name.")
    return _answer(
        request, form, title=_("New teacher for %(group)s") % {"group": row.name}, what=what, verb=_("Replace the teacher"),
        back=_back(opened), write=write,
    )  # fmt: skip
