"""What a save is checked against: the group's pupils, lessons, columns, scale, codes and open terms, read as sets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from classbook.attendance.queries import Code, codes_of
from classbook.common import clock
from classbook.grading.models import Assessment
from classbook.grading.queries import Kind, reopened_until, scale_of_group, work_kinds_of
from classbook.grading.rules import Scale, is_late_correction, is_open
from classbook.journal.rules import Save
from classbook.lessons.models import Lesson
from classbook.schools.models import Enrollment, School, TeachingGroup, Term


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil's places in the group. `spans` are (first day, last day or None)."""

    pk: int
    spans: tuple[tuple[date, date | None], ...]

    def belongs_on(self, day: date) -> bool:
        """Is the pupil in the group on that day?"""
        return any(first <= day and (last is None or day <= last) for first, last in self.spans)


@dataclass(frozen=True, slots=True)
class Column:
    pk: int
    uid: UUID
    lesson_uid: UUID | None
    on: date
    version: int


@dataclass(slots=True)
class Book:
    """Everything a save needs to know. Lessons, columns and pupils are found by their public ids."""

    group: TeachingGroup
    school: School
    now: datetime
    today: date
    scale: Scale | None
    codes: dict[str, Code]
    kinds: dict[str, Kind]
    lessons: dict[UUID, Lesson]
    columns: dict[UUID, Column]
    pupils: dict[UUID, Pupil]
    terms: list[Term]
    reopened: dict[int, datetime]

    def closed_term(self, day: date) -> Term | None:
        """The term that holds the day and is closed for this group; None: it is open."""
        return _closed(self.terms, self.reopened, day, self.now)

    def asks_for_reason(self, day: date) -> bool:
        """Is an existing entry of this day changed only with a reason?"""
        return is_late_correction(day, self.today, self.school.correction_days)


def open_book(group: TeachingGroup, save: Save) -> Book:
    """Read the book as far as the save touches it. The number of queries does not depend on the number of cells."""
    lesson_uids = {part.lesson for part in save.attendance} | {part.lesson for part in save.columns}
    if save.lesson:
        lesson_uids.add(save.lesson.uid)
    columns = _columns(group.pk, {part.column for part in save.marks} | {part.uid for part in save.columns})
    lesson_uids |= {column.lesson_uid for column in columns.values() if column.lesson_uid}
    school, now = group.school, clock.now()
    terms, reopened = _terms(group, now)
    marked = bool(save.marks or save.columns)
    return Book(
        group=group,
        school=school,
        now=now,
        today=now.astimezone(clock.zone(school.time_zone)).date(),
        scale=scale_of_group(group.pk) if marked else None,
        codes={code.code.casefold(): code for code in codes_of(school.pk)} if save.attendance else {},
        kinds={kind.code: kind for kind in work_kinds_of(school.pk)} if save.columns else {},
        lessons=_lessons(group.pk, lesson_uids),
        columns=columns,
        pupils=_pupils(group.pk) if save.marks or save.attendance else {},
        terms=terms,
        reopened=reopened,
    )


def closed_on(group: TeachingGroup, day: date, now: datetime) -> Term | None:
    """The closed term of the group that holds the day; None: the day is open. At most two queries."""
    return _closed(*_terms(group, now), day, now)


def _terms(group: TeachingGroup, now: datetime) -> tuple[list[Term], dict[int, datetime]]:
    """The group's terms, and until when the closed ones are open again."""
    terms = list(Term.objects.filter(scheme_id=group.term_scheme_id)) if group.term_scheme_id else []
    shut = [term.pk for term in terms if not is_open(term.closes_at, None, now)]
    return terms, reopened_until(group.pk, shut) if shut else {}


def _closed(terms: list[Term], reopened: dict[int, datetime], day: date, now: datetime) -> Term | None:
    for term in terms:
        if term.starts_on <= day <= term.ends_on:
            return None if is_open(term.closes_at, reopened.get(term.pk), now) else term
    return None


def _lessons(group_id: int, uids: set[Any]) -> dict[UUID, Lesson]:
    return {row.uid: row for row in Lesson.objects.filter(group_id=group_id, uid__in=uids)} if uids else {}


def _columns(group_id: int, uids: set[UUID]) -> dict[UUID, Column]:
    if not uids:
        return {}
    rows = Assessment.objects.filter(group_id=group_id, uid__in=uids).values_list("pk", "uid", "lesson__uid", "date", "version")
    return {row[1]: Column(*row) for row in rows}


def _pupils(group_id: int) -> dict[UUID, Pupil]:
    rows = Enrollment.objects.filter(group_id=group_id).values_list("student_id", "student__uid", "starts_on", "ends_on")
    found: dict[UUID, Pupil] = {}
    for pk, uid, first, last in rows:
        before = found[uid].spans if uid in found else ()
        found[uid] = Pupil(pk, (*before, (first, last)))
    return found
