"""My day: the actor's lessons of a date, and the earlier ones in which something is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from classbook.common import clock
from classbook.homework.models import Homework
from classbook.lessons.models import Lesson, LessonTeacher
from classbook.lessons.rules import missing_parts
from classbook.schools.access import Actor
from classbook.schools.roles import Permission


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """A lesson of somebody's day. `missing` names what is still to fill in; empty before the lesson began."""

    uid: UUID
    date: date
    period: int
    starts_at: time
    ends_at: time
    title: str
    room: str
    topic: str
    cancelled: bool
    cover: bool
    now_on: bool
    begun: bool
    missing: tuple[str, ...]


def my_lessons(actor: Actor) -> Any:
    """Lessons that the actor holds, or holds together with a colleague."""
    together = LessonTeacher.objects.filter(lesson=OuterRef("pk"), teacher_id=actor.person_id)
    return Q(teacher_id=actor.person_id) | Exists(together)


def day_of(actor: Actor, day: date) -> list[AgendaRow]:
    """The actor's lessons of a day, in all schools."""
    schools = actor.schools_with(Permission.TEACH)
    return _agenda(actor, Q(date=day, school_id__in=schools))


def unfilled_before(actor: Actor, day: date, *, days: int = 14, most: int = 12) -> list[AgendaRow]:
    """Earlier lessons of the last days in which something is missing, newest first."""
    schools = actor.schools_with(Permission.TEACH)
    span = Q(date__gte=day - timedelta(days=days), date__lt=day, school_id__in=schools)
    rows = [row for row in _agenda(actor, span & ~Q(status=Lesson.Status.CANCELLED)) if row.missing]
    return sorted(rows, key=lambda row: (row.date, row.period), reverse=True)[:most]


def _agenda(actor: Actor, which: Q) -> list[AgendaRow]:
    has_task = Homework.objects.filter(lesson=OuterRef("pk")).exclude(text="")
    lessons = (
        Lesson.objects.filter(which & my_lessons(actor))
        .select_related("group__school", "room", "substitution")
        .annotate(has_task=Exists(has_task), group_name=F("group__name"))
        .order_by("date", "period", "pk")
    )
    return [_agenda_row(lesson, lesson.has_task) for lesson in lessons]


def _agenda_row(lesson: Any, has_task: bool) -> AgendaRow:
    now = clock.local_now(lesson.group.school.time_zone)
    begun = (lesson.date, lesson.starts_at) <= (now.date(), now.time())
    cancelled = lesson.status == Lesson.Status.CANCELLED
    plan = getattr(lesson, "substitution", None)
    return AgendaRow(
        uid=lesson.uid,
        date=lesson.date,
        period=lesson.period,
        starts_at=lesson.starts_at,
        ends_at=lesson.ends_at,
        title=lesson.group_name,
        room=lesson.room.name if lesson.room else "",
        topic=lesson.topic,
        cancelled=cancelled,
        cover=plan is not None and plan.planned_teacher_id != lesson.teacher_id,
        now_on=lesson.date == now.date() and lesson.starts_at <= now.time() < lesson.ends_at,
        begun=begun,
        missing=()
        if cancelled or not begun
        else missing_parts(
            topic=lesson.topic,
            has_homework=has_task,
            no_homework=lesson.no_homework,
            register_taken=lesson.register_taken_at is not None,
        ),
    )
