"""The family's pages: week, marks, the homework tick."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from classbook.common import clock
from classbook.common.errors import NotFound
from classbook.diary import queries
from classbook.diary.marks import staff_marks
from classbook.diary.own import staff_week
from classbook.diary.week import Child
from classbook.events.reading import note_read
from classbook.homework.actions import tick_done
from classbook.people.rules import full_name
from classbook.schools.access import Actor, OpenPupil, open_student
from classbook.schools.queries import placement_on
from classbook.schools.reader import Reader, Ward
from classbook.web.diary.marks import marks_page
from classbook.web.diary.week import week_page
from classbook.web.frames import frame_of_reader
from classbook.web.request import actor_of, reader_of, signed_in


def open_diary(actor: Actor, pupil: UUID, page: str) -> OpenPupil:
    """The pupil's diary; reading by those who are not the family is noted. Raises NotFound."""
    student = open_student(actor, pupil)
    if student.rights.relation in {"staff", "trusted"}:
        placement = placement_on(student.pk, actor.today)
        school_id = placement.school_id if placement else None
        note_read(actor.person_id, page, school_id=school_id, subject=("person", student.pk))
    return student


def reader_here(request: HttpRequest) -> Reader:
    """Who asks, on a page of signed-in people."""
    reader = reader_of(request)
    assert reader is not None  # signed_in saw to it
    return reader


def children_for(request: HttpRequest, here: OpenPupil) -> tuple[Child, ...]:
    """The child switcher: all children of all schools, and oneself when one is a pupil too; () when there is no choice."""
    reader = reader_of(request)
    wards = [ward for ward in reader.wards if ward.class_name] if reader else []
    if reader and reader.is_pupil and here.pk == reader.actor.person_id and (own := placement_on(here.pk, reader.actor.today)):
        school = own.school.short_name or own.school.name
        wards.insert(0, Ward(here.pk, here.uid, here.person.given_name, own.school_class.name, school))
    if len(wards) < 2:
        return ()
    return tuple(
        Child(w.uid, full_name("", w.given_name), f"{w.class_name} · {w.school}", w.given_name[:1], w.pk == here.pk, w.sees_marks)
        for w in wards
    )


@require_safe
@signed_in
def diary(request: HttpRequest, pupil: UUID) -> HttpResponse:
    """To the week that is on at the pupil's school."""
    student = open_student(actor_of(request), pupil)
    return redirect("week", pupil, queries.place_of(student, date.max).today)


@require_safe
@signed_in
def go(request: HttpRequest, pupil: UUID) -> HttpResponse:
    """To the week of the date typed into the calendar; nonsense leads to the current one."""
    open_student(actor_of(request), pupil)
    try:
        return redirect("week", pupil, date.fromisoformat(request.GET.get("date", "")))
    except ValueError:
        return redirect("diary", pupil)


@require_safe
@signed_in
def week(request: HttpRequest, pupil: UUID, day: date) -> HttpResponse:
    """The diary spread of a week; families come through web.hot, all others through here."""
    actor = actor_of(request)
    student = open_diary(actor, pupil, "week")
    row = staff_week(pupil, day, now=clock.now())
    if row is None:
        raise NotFound
    frame = frame_of_reader(request, reader_here(request), children_for(request, student))
    return week_page(request, row, day, student.rights, frame)


@require_safe
@signed_in
def marks(request: HttpRequest, pupil: UUID) -> HttpResponse:
    """All marks of a term by subject; families come through web.hot, all others through here."""
    actor = actor_of(request)
    student = open_diary(actor, pupil, "marks")
    if not student.rights.can_see_marks:
        raise NotFound
    row = staff_marks(pupil, now=clock.now(), today=actor.today)
    if row is None:
        raise NotFound
    return marks_page(request, row, pupil, frame_of_reader(request, reader_here(request), children_for(request, student)))


@require_POST
@signed_in
def done(request: HttpRequest, pupil: UUID, homework: UUID) -> HttpResponse:
    """The pupil's tick; a plain form comes back to its week or its subject, script gets a word."""
    actor = actor_of(request)
    is_done = request.POST.get("done") == "1"
    tick_done(actor, open_student(actor, pupil), homework, done=is_done)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"done": is_done})
    try:
        if group := request.POST.get("group"):
            return redirect("subject", pupil, UUID(group))
        return redirect("week", pupil, date.fromisoformat(request.POST.get("day", "")))
    except ValueError:
        return redirect("diary", pupil)
