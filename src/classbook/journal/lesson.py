"""The lesson page's reads: the whole class on one screen, and the actor's day."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from classbook.attendance.models import AttendanceRecord
from classbook.attendance.queries import Code, codes_of
from classbook.common import clock
from classbook.grading.models import Assessment, Mark
from classbook.grading.queries import Kind, scale_of_group, work_kinds_of
from classbook.grading.rules import AttendanceKey, Level, attendance_keys
from classbook.homework.actions import due_of
from classbook.homework.models import Homework
from classbook.lessons.access import OpenLesson
from classbook.lessons.models import Lesson, LessonTeacher
from classbook.lessons.rules import missing_parts
from classbook.people.rules import list_name
from classbook.schools.access import Actor, in_force
from classbook.schools.models import Enrollment
from classbook.schools.roles import Permission

RECENT = 5


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """A column of marks of the lesson. `version` 0: it is made with the first mark."""

    uid: UUID
    version: int
    kind: str
    weight: str
    title: str


@dataclass(frozen=True, slots=True)
class Cell:
    column: UUID
    code: str
    version: int
    comment: str


@dataclass(frozen=True, slots=True)
class RollRow:
    """A pupil of the lesson. `attendance` is a code, "" when present."""

    uid: UUID
    number: int
    name: str
    recent: str
    attendance: str
    minutes: int | None
    attendance_version: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Keys:
    """How marks and absences are typed in this group."""

    marks: tuple[Level, ...]
    free_points: bool
    attendance: tuple[AttendanceKey, ...]


@dataclass(frozen=True, slots=True)
class LessonPage:
    uid: UUID
    group_uid: UUID
    title: str
    date: date
    period: int
    starts_at: time
    ends_at: time
    room: str
    topic: str
    homework: str
    minutes: int | None
    no_homework: bool
    due_on: dt.date | None
    version: int
    taken: bool
    cancelled: bool
    begun: bool
    can_write: bool
    cover: bool
    columns: tuple[ColumnHead, ...]
    rows: tuple[RollRow, ...]
    keys: Keys
    kinds: tuple[Kind, ...]
    codes: tuple[Code, ...]

    @property
    def marked(self) -> bool:
        return bool(self.columns)


def lesson_page(actor: Actor, opened: OpenLesson) -> LessonPage:
    """Everything the lesson page shows. The number of queries does not depend on the number of pupils."""
    lesson, school = opened.lesson, opened.lesson.group.school
    task = Homework.objects.filter(lesson=lesson).first()
    codes = codes_of(school.pk)
    kinds = work_kinds_of(school.pk)
    scale = scale_of_group(lesson.group_id)
    columns = _columns(lesson, kinds) if scale else ()
    due = due_of(lesson)
    now = clock.local_now(school.time_zone)
    return LessonPage(
        uid=lesson.uid,
        group_uid=lesson.group.uid,
        title=lesson.group.name,
        date=lesson.date,
        period=lesson.period,
        starts_at=lesson.starts_at,
        ends_at=lesson.ends_at,
        room=lesson.room.name if lesson.room else "",
        topic=lesson.topic,
        homework=task.text if task else "",
        minutes=task.minutes if task else None,
        no_homework=lesson.no_homework,
        due_on=due.on,
        version=lesson.version,
        taken=lesson.register_taken_at is not None,
        cancelled=lesson.status == Lesson.Status.CANCELLED,
        begun=lesson.date <= now.date(),
        can_write=opened.can_write,
        cover=opened.can_write and lesson.teacher_id == actor.person_id and hasattr(lesson, "substitution"),
        columns=columns,
        rows=_rows(lesson, columns),
        keys=keys_of(scale.levels if scale else (), scale.kind == "points" if scale else False, codes),
        kinds=tuple(kinds),
        codes=tuple(codes),
    )


def keys_of(levels: tuple[Level, ...], free_points: bool, codes: list[Code]) -> Keys:
    """The keys of a group from its scale and the school's codes."""
    return Keys(levels, free_points, attendance_keys(levels, [(c.code, c.kind, c.label) for c in codes]))


def new_column_uid(lesson_uid: UUID, place: int) -> UUID:
    """The id under which the lesson's next column will be made: two tabs that make it make the same one."""
    return uuid.uuid5(lesson_uid, f"column-{place}")


def _columns(lesson: Lesson, kinds: list[Kind]) -> tuple[ColumnHead, ...]:
    rows = Assessment.objects.filter(lesson=lesson).select_related("work_kind").order_by("position", "pk")
    found = tuple(
        ColumnHead(r.uid, r.version, r.work_kind.code if r.work_kind else "", format(r.weight.normalize(), "f"), r.title)
        for r in rows
    )
    if found or not kinds:
        return found
    usual = kinds[0]
    return (ColumnHead(new_column_uid(lesson.uid, 0), 0, usual.code, format(usual.weight.normalize(), "f"), ""),)


def _rows(lesson: Lesson, columns: tuple[ColumnHead, ...]) -> tuple[RollRow, ...]:
    pupils = list(
        Enrollment.objects.filter(in_force(lesson.date), group_id=lesson.group_id)
        .order_by("student__sort_key", "student_id")
        .values_list("student_id", "student__uid", "student__family_name", "student__given_name")
    )
    recent, cells = _marks(lesson)
    records = {
        row[0]: row[1:]
        for row in AttendanceRecord.objects.filter(lesson=lesson).values_list("student_id", "code__code", "minutes", "version")
    }
    found = []
    for number, (pk, uid, family, given) in enumerate(pupils, 1):
        code, minutes, version = records.get(pk, (None, None, 0))
        row_cells = tuple(Cell(c.uid, *cells.get((pk, c.uid), ("", 0, ""))) for c in columns)
        last = " ".join(recent.get(pk, [])[:RECENT][::-1])
        found.append(RollRow(uid, number, list_name(family, given), last, code or "", minutes, version, row_cells))
    return tuple(found)


def _marks(lesson: Lesson) -> tuple[dict[int, list[str]], dict[tuple[int, UUID], tuple[str, int, str]]]:
    """Each pupil's latest marks before the lesson, newest first, and the lesson's own cells."""
    rows = Mark.objects.filter(
        assessment__group_id=lesson.group_id,
        assessment__date__range=(lesson.date - timedelta(days=45), lesson.date),
        assessment__kind=Assessment.Kind.WORK,
    ).order_by("-assessment__date", "-assessment_id")
    recent: dict[int, list[str]] = defaultdict(list)
    cells: dict[tuple[int, UUID], tuple[str, int, str]] = {}
    values = rows.values_list("student_id", "assessment__lesson_id", "assessment__uid", "code", "version", "comment")
    for student, of_lesson, column, code, version, comment in values:
        if of_lesson == lesson.pk:
            cells[student, column] = (code, version, comment)
        elif code:
            recent[student].append(code)
    return recent, cells


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
