"""All marks of a term or of the year by subject: the first, plain list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from classbook.common import clock
from classbook.common.compact import loads
from classbook.common.days import within
from classbook.common.prepared import Row, dashed
from classbook.diary.own import FamilyReader, family_reader
from classbook.diary.statements import MARKS_FOR_FAMILY, MARKS_FOR_STAFF
from classbook.diary.week import MarkChip
from classbook.grading.rules import average_of_numbers, weight_text
from classbook.people.rules import adult_if_born_by, full_name
from classbook.people.sessions import hash_of

# What stands for a term's number when the whole year is meant.
YEAR = 0


@dataclass(frozen=True, slots=True)
class DatedMark:
    on: date
    chip: MarkChip
    author: str


@dataclass(frozen=True, slots=True)
class SubjectMarks:
    """`group`: one of the pupil's groups of the subject, by which its own page is found."""

    subject: str
    group: str
    marks: tuple[DatedMark, ...]
    average: Decimal | None


@dataclass(frozen=True, slots=True)
class TermLink:
    """A choice of time. `number` 0: the whole year."""

    number: int
    kind: str
    name: str
    here: bool


@dataclass(frozen=True, slots=True)
class MarksPage:
    """`marked` False: the pupil is in a grade without marks."""

    name: str
    class_name: str
    terms: tuple[TermLink, ...]
    subjects: tuple[SubjectMarks, ...]
    marked: bool


def family_marks(session_key: str, pupil: UUID, *, now: datetime, today: date) -> tuple[FamilyReader, Row] | None:
    """The reader behind a session cookie and the pupil's row; None for everybody whom the ordinary page must answer."""
    row = MARKS_FOR_FAMILY.row(hash_of(session_key), adult_if_born_by(today), today, pupil, now)
    if row is None or row[0] is None:
        return None
    reader = family_reader(row, now)
    return (reader, row[2:]) if reader and reader.rights.can_see_marks else None


def staff_marks(pupil: UUID, *, now: datetime, today: date) -> Row | None:
    """The pupil's row for a reader who was let in before; None: never in a class."""
    return MARKS_FOR_STAFF.row(today, pupil, now)


def marks_of(row: Row, asked: int | None) -> MarksPage:
    """Marks of the term with that number (0: of the year), else of the term that is on or was last."""
    seat, terms, groups, spans, kinds, marks = (loads(cell or "[]") for cell in row)
    _pk, _uid, family, given, _class, class_name, _short, _school, zone, starts_on, ends_on, marked = seat
    today = clock.today(zone).isoformat()
    chosen = _chosen(terms, asked, today)
    first, last = (terms[chosen][3], terms[chosen][4]) if chosen is not None else (starts_on, ends_on)
    links = [TermLink(number, kind, name, place == chosen) for place, (number, kind, name, *_) in enumerate(terms)]
    return MarksPage(
        name=full_name(family, given),
        class_name=class_name,
        terms=(*links, TermLink(YEAR, "year", "", chosen is None)) if links else (),
        # Dates as the database writes them sort and compare as text.
        subjects=_subjects(groups, kinds, [mark for mark in _within(spans, marks) if first <= mark[1] <= last]),
        marked=bool(marked),
    )


def _within(spans: Iterable[list[Any]], marks: Iterable[list[Any]]) -> Iterator[list[Any]]:
    """Marks of days on which the pupil was in the group; a back-dated move may leave others behind."""
    days: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    for group, starts, ends in spans:
        days[group].append((date.fromisoformat(starts), date.fromisoformat(ends) if ends else None))
    for mark in marks:
        if within(days[mark[0]], date.fromisoformat(mark[1])):
            yield mark


def _chosen(terms: list[list[Any]], asked: int | None, today: str) -> int | None:
    """Place of the term in the list; None: the year."""
    if asked == YEAR or not terms:
        return None
    begun = [place for place, term in enumerate(terms) if term[3] <= today]
    usual = begun[-1] if begun else 0
    return next((place for place, term in enumerate(terms) if term[0] == asked), usual)


def _subjects(groups: list[list[Any]], kinds: list[list[Any]], marks: Iterable[list[Any]]) -> tuple[SubjectMarks, ...]:
    subject_of: dict[int, str] = {group: subject for group, subject, _ in groups}
    uid_of = {subject: dashed(uid) for _, subject, uid in groups}
    kind_of = {pk: short or name for pk, short, name in kinds}
    found: dict[str, list[DatedMark]] = {subject: [] for _, subject, _ in groups}
    counted: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for group, on, code, band, weight, kind, counts, comment, title, score, family, given, middle in marks:
        subject = subject_of[group]
        chip = MarkChip(code, band, weight_text(weight), kind_of.get(kind, ""), bool(counts), comment, title)
        author = full_name(family, given, middle) if family else ""
        found[subject].append(DatedMark(date.fromisoformat(on), chip, author))
        if counts and score is not None and weight > 0:
            counted[subject].append((score, weight))
    return tuple(
        SubjectMarks(subject, uid_of[subject], tuple(of_subject), average_of_numbers(counted[subject]))
        for subject, of_subject in found.items()
        if of_subject
    )
