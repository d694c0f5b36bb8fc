"""What a save is checked against, read in one statement: permission, lessons, columns, pupils, customs, open terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from classbook.attendance.actions import StoredRecord
from classbook.attendance.queries import Code
from classbook.common import clock
from classbook.common.compact import loads
from classbook.common.days import within
from classbook.common.errors import NotFound
from classbook.common.prepared import Row, dashed
from classbook.events.operations import stored_answer
from classbook.grading.actions.record_many import Stored
from classbook.grading.queries import Kind, reopened_until
from classbook.grading.rules import Level, Scale, is_late_correction, is_open, level_for
from classbook.journal.head import TermSpan, customs_from, terms_from
from classbook.journal.rules import Save
from classbook.journal.statements import BOOK, BOOK_OF_SESSION
from classbook.people.sessions import hash_of
from classbook.schools.access import Actor, may_need_factor
from classbook.schools.models import TeachingGroup, Term
from classbook.schools.reader import actor_from
from classbook.schools.roles import Permission

AnyTerm = TypeVar("AnyTerm", Term, TermSpan)


@dataclass(frozen=True, slots=True)
class Door:
    """Through which a save comes in: one lesson (also for its substitute), or the journal of a group."""

    lesson: UUID | None = None
    group: UUID | None = None


class Pupil(NamedTuple):
    """A pupil's places in the group. `spans` are (first day, last day or None)."""

    pk: int
    spans: tuple[tuple[date, date | None], ...]

    def belongs_on(self, day: date) -> bool:
        """Is the pupil in the group on that day?"""
        return within(self.spans, day)


@dataclass(frozen=True, slots=True)
class LessonHere:
    """A lesson that the save touches."""

    pk: int
    uid: str
    date: date
    status: str
    version: int


@dataclass(frozen=True, slots=True)
class Column:
    pk: int
    uid: str
    lesson_uid: str | None
    on: date
    version: int


@dataclass(slots=True)
class Book:
    """Everything a save needs to know. Lessons, columns and pupils are found by their public ids."""

    group_id: int
    school_id: int
    class_id: int | None
    correction_days: int
    now: datetime
    today: date
    scale: Scale | None
    codes: dict[str, Code]
    kinds: dict[str, Kind]
    lessons: dict[str, LessonHere]
    columns: dict[str, Column]
    pupils: dict[str, Pupil]
    # By (column, pupil) and by (lesson, pupil), all by their keys in the tables.
    marks: dict[tuple[int, int], Stored]
    records: dict[tuple[int, int], StoredRecord]
    terms: tuple[TermSpan, ...]
    # What this operation answered when it was done before.
    answer: dict[str, Any] | None
    # Dozens of cells of a save ask the same. Refusals by day and lesson: journal.actions.check.
    day_refusals: dict[tuple[date, str | None], str] = field(default_factory=dict)
    _closed_terms: dict[date, TermSpan | None] = field(default_factory=dict)
    _levels: dict[str, Level | None] = field(default_factory=dict)

    def closed_term(self, day: date) -> TermSpan | None:
        """The term that holds the day and is closed for this group; None: it is open."""
        if day not in self._closed_terms:
            reopened = {term.pk: term.reopened_until for term in self.terms}
            self._closed_terms[day] = _closed(self.terms, reopened, day, self.now)
        return self._closed_terms[day]

    def level(self, code: str) -> Level | None:
        """What was typed, in the group's scale; None: no such mark, or a group without marks."""
        if code not in self._levels:
            self._levels[code] = level_for(self.scale, code) if code and self.scale else None
        return self._levels[code]

    def asks_for_reason(self, day: date) -> bool:
        """Is an existing entry of this day changed only with a reason?"""
        return is_late_correction(day, self.today, self.correction_days)


def open_book(actor: Actor, door: Door, save: Save) -> Book:
    """The book as far as the save touches it, for somebody who may write there.

    Raises NotFound for anybody else, and when a save through a lesson's door leaves that lesson; OperationReused.
    """
    row = BOOK.row(actor.person_id, actor.today, *_asked(door, save))
    if row is None:
        raise NotFound
    return _book(actor, row, door, save)


def open_book_of_session(key: str, today: date, door: Door, save: Save) -> tuple[Actor, Book] | None:
    """The same with the person behind a session's cookie. None: somebody else's entries, or the session is for the
    ordinary way (ended, its use is to be noted, or a second factor may be missing)."""
    row = BOOK_OF_SESSION.row(hash_of(key), clock.now(), today, *_asked(door, save))
    if row is None or row[0] is None:
        return None
    actor, is_due = actor_from(row[0], row[1], today=today, now=clock.now())
    if is_due or actor.uid != save.person or may_need_factor(actor):
        return None
    return actor, _book(actor, row[2:], door, save)


def _asked(door: Door, save: Save) -> tuple[Any, ...]:
    lessons = {part.lesson for part in save.attendance} | {part.lesson for part in save.columns}
    lessons |= {part.uid for part in save.lessons}
    columns = {part.column for part in save.marks} | {part.uid for part in save.columns}
    students = {part.student for part in save.marks} | {part.student for part in save.attendance}
    # Without dashes, as SQLite keeps them; PostgreSQL reads both spellings.
    lists = ([uid.replace("-", "") for uid in sorted(uids)] for uids in (lessons, columns, students))
    return (door.lesson, door.group, save.op, *lists, bool(save.columns), bool(save.attendance))


def _book(actor: Actor, row: Row, door: Door, save: Save) -> Book:
    group_id, school_id, class_id, zone, correction_days, teaches, holds = loads(row[0])
    if not actor.may(Permission.TEACH, school_id) or not (teaches or holds):
        raise NotFound
    customs, now = customs_from(row[3:7]), clock.now()
    lessons, columns, pupils, marks, records = (loads(cell or "[]") for cell in row[7:12])
    if door.lesson and ({dashed(uid) for _, uid, *_ in lessons} - {str(door.lesson)} or _without_lesson(columns)):
        raise NotFound
    return Book(
        group_id=group_id,
        school_id=school_id,
        class_id=class_id,
        correction_days=correction_days,
        now=now,
        today=now.astimezone(clock.zone(zone)).date(),
        scale=customs.scale,
        codes={code.code.casefold(): code for code in customs.codes},
        kinds={kind.code: kind for kind in customs.kinds},
        lessons={dashed(uid): LessonHere(pk, dashed(uid), _day(on), *rest) for pk, uid, on, *rest in lessons},
        columns={
            dashed(uid): Column(pk, dashed(uid), dashed(lesson) if lesson else None, _day(on), version)
            for pk, uid, lesson, on, version in columns
        },
        pupils=_pupils(pupils),
        marks={(column, pupil): Stored(pk, code, bool(counts), say, n) for column, pupil, pk, code, counts, say, n in marks},
        records={(lesson, pupil): StoredRecord(pk, code or "", minutes, n) for lesson, pupil, pk, code, minutes, n in records},
        terms=terms_from(row[2]),
        answer=stored_answer(loads(row[1]), actor_id=actor.person_id, digest=save.digest) if row[1] else None,
    )


def _without_lesson(columns: Iterable[list[Any]]) -> bool:
    """Is one of the columns of no lesson, such as that of a term or an exam?"""
    return any(lesson is None for _pk, _uid, lesson, *_ in columns)


# The days of a school's pupils and lessons are few.
_day = lru_cache(maxsize=4096)(date.fromisoformat)


def _pupils(rows: list[list[Any]]) -> dict[str, Pupil]:
    found: dict[str, Pupil] = {}
    for pk, uid, first, last in rows:
        key, span = dashed(uid), (_day(first), _day(last) if last else None)
        found[key] = Pupil(pk, (*found[key].spans, span) if key in found else (span,))
    return found


def closed_on(group: TeachingGroup, day: date, now: datetime) -> Term | None:
    """The closed term of the group that holds the day; None: the day is open. At most two queries."""
    terms = list(Term.objects.filter(scheme_id=group.term_scheme_id)) if group.term_scheme_id else []
    shut = [term.pk for term in terms if not is_open(term.closes_at, None, now)]
    return _closed(terms, dict(reopened_until(group.pk, shut)) if shut else {}, day, now)


def _closed(terms: Iterable[AnyTerm], reopened: Mapping[int, datetime | None], day: date, now: datetime) -> AnyTerm | None:
    for term in terms:
        if term.starts_on <= day <= term.ends_on:
            return None if is_open(term.closes_at, reopened.get(term.pk), now) else term
    return None
