"""The lesson page's reads: the whole class on one screen."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from uuid import UUID

from classbook.attendance.models import AttendanceRecord
from classbook.attendance.queries import Code, codes_of
from classbook.common import clock
from classbook.grading.models import Assessment, Mark
from classbook.grading.queries import Kind, scale_of_group, work_kinds_of
from classbook.grading.rules import AttendanceKey, Level, attendance_keys, is_late_correction
from classbook.homework.actions import due_of
from classbook.homework.models import Homework
from classbook.journal.book import closed_on
from classbook.lessons.access import OpenLesson
from classbook.lessons.models import Lesson
from classbook.lessons.queries import RemarkLine, remarks_of_lesson
from classbook.people.rules import list_name
from classbook.schools.access import Actor, in_force
from classbook.schools.models import Enrollment

RECENT = 5


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """A column of marks of the lesson. `version` 0: it is made with the first mark."""

    uid: UUID
    version: int
    kind: str
    kind_name: str
    weight: str
    counts: bool
    title: str
    comment: str


@dataclass(frozen=True, slots=True)
class Cell:
    column: UUID
    code: str = ""
    version: int = 0
    comment: str = ""
    counts: bool = True


@dataclass(frozen=True, slots=True)
class RollRow:
    """A pupil of the lesson. `attendance` is a code, "" when present; `minutes` how late."""

    uid: UUID
    number: int
    name: str
    recent: str
    attendance: str
    minutes: int | None
    attendance_version: int
    cells: tuple[Cell, ...]
    remarks: tuple[RemarkLine, ...]

    @property
    def said(self) -> bool:
        """Is there anything in the row besides the mark itself?"""
        return bool(self.remarks or self.minutes) or any(cell.comment or not cell.counts for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Keys:
    """How marks and absences are typed in this group."""

    marks: tuple[Level, ...]
    free_points: bool
    attendance: tuple[AttendanceKey, ...]


@dataclass(frozen=True, slots=True)
class LessonPage:
    """`closed` is the last day of the closed term that holds the lesson; `late`: a correction asks for a reason."""

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
    closed: dt.date | None
    late: bool
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

    @property
    def remarked(self) -> bool:
        return any(row.remarks for row in self.rows)

    @property
    def locked(self) -> bool:
        return self.cancelled or self.closed is not None or not self.can_write

    @property
    def times_late(self) -> bool:
        """Has the school's register a code that takes minutes?"""
        return any(code.kind in {"late", "left_early"} for code in self.codes)


def lesson_page(actor: Actor, opened: OpenLesson) -> LessonPage:
    """Everything the lesson page shows. The number of queries does not depend on the number of pupils."""
    lesson, school = opened.lesson, opened.lesson.group.school
    task = Homework.objects.filter(lesson=lesson).first()
    codes = codes_of(school.pk)
    kinds = work_kinds_of(school.pk)
    scale = scale_of_group(lesson.group_id)
    columns = _columns(lesson, kinds) if scale else ()
    now = clock.local_now(school.time_zone)
    term = closed_on(lesson.group, lesson.date, now)
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
        due_on=due_of(lesson).on,
        version=lesson.version,
        taken=lesson.register_taken_at is not None,
        cancelled=lesson.status == Lesson.Status.CANCELLED,
        closed=term.ends_on if term else None,
        late=is_late_correction(lesson.date, now.date(), school.correction_days),
        begun=lesson.date <= now.date(),
        can_write=opened.can_write,
        cover=opened.can_write and lesson.teacher_id == actor.person_id and hasattr(lesson, "substitution"),
        columns=columns,
        rows=_rows(lesson, columns, remarks_of_lesson(lesson.pk, actor.person_id)),
        keys=keys_of(scale.levels if scale else (), scale.kind == "points" if scale else False, codes),
        kinds=tuple(kinds),
        codes=tuple(codes),
    )


def keys_of(levels: tuple[Level, ...], free_points: bool, codes: list[Code]) -> Keys:
    """The keys of a group from its scale and the school's codes."""
    return Keys(levels, free_points, attendance_keys(levels, [(c.code, c.kind, c.label) for c in codes]))


@lru_cache(maxsize=4096)
def new_column_uid(lesson_uid: UUID, place: int) -> UUID:
    """The id under which the lesson's next column will be made: two tabs that make it make the same one."""
    return uuid.uuid5(lesson_uid, f"column-{place}")


def _columns(lesson: Lesson, kinds: list[Kind]) -> tuple[ColumnHead, ...]:
    rows = Assessment.objects.filter(lesson=lesson).select_related("work_kind").order_by("position", "pk")
    found = tuple(_head(row) for row in rows)
    if found or not kinds:
        return found
    usual = kinds[0]
    weight = format(usual.weight.normalize(), "f")
    return (ColumnHead(new_column_uid(lesson.uid, 0), 0, usual.code, usual.name, weight, usual.counts, "", ""),)


def _head(row: Assessment) -> ColumnHead:
    kind, weight = row.work_kind, format(row.weight.normalize(), "f")
    code, name = (kind.code, kind.name) if kind else ("", "")
    return ColumnHead(row.uid, row.version, code, name, weight, row.counts, row.title, row.comment)


def _rows(lesson: Lesson, columns: tuple[ColumnHead, ...], remarks: Mapping[int, tuple[RemarkLine, ...]]) -> tuple[RollRow, ...]:
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
        row_cells = tuple(cells.get((pk, column.uid)) or Cell(column.uid) for column in columns)
        last = " ".join(recent.get(pk, [])[:RECENT][::-1])
        name = list_name(family, given)
        found.append(RollRow(uid, number, name, last, code or "", minutes, version, row_cells, remarks.get(pk, ())))
    return tuple(found)


def _marks(lesson: Lesson) -> tuple[dict[int, list[str]], dict[tuple[int, UUID], Cell]]:
    """Each pupil's latest marks before the lesson, newest first, and the lesson's own cells."""
    rows = Mark.objects.filter(
        assessment__group_id=lesson.group_id,
        assessment__date__range=(lesson.date - timedelta(days=45), lesson.date),
        assessment__kind=Assessment.Kind.WORK,
    ).order_by("-assessment__date", "-assessment_id")
    recent: dict[int, list[str]] = defaultdict(list)
    cells: dict[tuple[int, UUID], Cell] = {}
    values = rows.values_list("student_id", "assessment__lesson_id", "assessment__uid", "code", "version", "comment", "counts")
    for student, of_lesson, column, code, version, comment, counts in values:
        if of_lesson == lesson.pk:
            cells[student, column] = Cell(column, code, version, comment, counts)
        elif code:
            recent[student].append(code)
    return recent, cells
