"""The journal's two pages: pupils by lesson dates, and dates with topics and homework."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from classbook.common import clock
from classbook.common.compact import loads
from classbook.common.days import within
from classbook.common.prepared import Row, dashed
from classbook.grading.queries import Kind
from classbook.grading.rules import Scale, average_of_numbers, is_late_correction, is_open, level_for, shown, weight_text
from classbook.journal.head import JournalHead, TermSpan
from classbook.journal.lesson import Keys, keys_of, new_column_uid
from classbook.journal.statements import ENTRIES
from classbook.lessons.models import Lesson
from classbook.people.rules import list_name

# How far ahead the left page shows the dates of lessons to come.
AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column of the left page. `version` 0: it is made with the first mark. `locked`: its term is closed."""

    uid: str
    lesson: str
    on: date
    version: int
    kind: str
    weight: str
    label: str
    title: str
    comment: str
    locked: bool
    late: bool  # a correction asks for a reason
    future: bool
    is_today: bool
    counts: bool
    main: bool  # the lesson's first column: absences stand here


@dataclass(frozen=True, slots=True)
class GridCell:
    """What stands in a cell: a mark, an absence, or both ("н" and a mark given later)."""

    code: str = ""
    version: int = 0
    low: bool = False
    corrected: bool = False
    comment: str = ""
    counts: bool = True
    free: bool = False  # the mark itself does not count, whatever its column does
    attendance: str = ""
    attendance_version: int = 0
    score: str = ""  # what the mark is averaged with, where the scale of today says something else
    outside: bool = False  # the pupil was not in the group that day


EMPTY, OUTSIDE = GridCell(), GridCell(outside=True)


@dataclass(frozen=True, slots=True)
class GridName:
    """Whose line it is. `left`: no longer in the group."""

    uid: str
    number: int
    name: str
    left: bool


@dataclass(frozen=True, slots=True)
class GridRow:
    """A pupil's line. `average` is empty when nothing counts yet.

    `beyond` has sum(score x weight) and sum(weight) of what counts and stands in no cell, as text; empty without any.
    """

    who: GridName
    cells: list[GridCell]
    average: str
    beyond: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A line of the right page."""

    uid: str
    version: int
    on: date
    period: int
    topic: str
    homework: str
    no_homework: bool
    cancelled: bool
    locked: bool
    begun: bool


@dataclass(frozen=True, slots=True)
class TermChoice:
    number: int
    kind: str
    name: str
    here: bool


@dataclass(frozen=True, slots=True)
class About:
    """What changes seldom: the journal's name, terms, keys. `months`: first day of each with the number of its columns."""

    uid: UUID
    title: str
    can_write: bool
    closed: bool
    terms: tuple[TermChoice, ...]
    keys: Keys
    kinds: tuple[Kind, ...]
    scale: Scale | None
    months: tuple[tuple[date, int], ...]
    pupils: int
    lessons: int

    @property
    def marked(self) -> bool:
        return self.scale is not None


@dataclass(frozen=True, slots=True)
class Grid:
    about: About
    columns: tuple[GridColumn, ...]
    rows: tuple[GridRow, ...]
    topics: tuple[Topic, ...]


def grid_of(head: JournalHead, number: int | None) -> Grid:
    """The journal of one term: the one asked for, else the current. One statement, however large the class."""
    today = clock.today(head.zone)
    term = _chosen(head.terms, number, today)
    first, last = (term.starts_on, term.ends_on) if term else head.year
    locked = term is not None and not is_open(term.closes_at, term.reopened_until, clock.now())
    row = ENTRIES.row(head.pk, first, last)
    assert row is not None  # a row of lists, empty ones when nothing was entered
    entries = _Entries(row, head, first, last, today=today, locked=locked)
    scale = head.customs.scale
    columns, rows, topics = tuple(c for _, _, c in entries.columns), tuple(entries.rows()), tuple(entries.topics())
    about = About(
        uid=head.uid,
        title=head.name,
        can_write=head.can_write and not locked,
        closed=locked,
        terms=tuple(TermChoice(t.number, t.kind, t.name, t is term) for t in head.terms),
        keys=keys_of(scale.levels if scale else (), bool(scale and scale.kind == "points"), list(head.customs.codes)),
        kinds=head.customs.kinds,
        scale=scale,
        months=_months(columns),
        pupils=len(rows),
        lessons=len(topics),
    )
    return Grid(about, columns, rows, topics)


def _sums(entries: Iterable[tuple[float, float]]) -> str:
    total = weights = 0.0
    for score, weight in entries:
        total += score * weight
        weights += weight
    return f"{total:.5f} {weights:.2f}" if weights else ""


def _months(columns: tuple[GridColumn, ...]) -> tuple[tuple[date, int], ...]:
    return tuple(Counter(column.on.replace(day=1) for column in columns).items())


def _chosen(terms: tuple[TermSpan, ...], number: int | None, today: date) -> TermSpan | None:
    begun = [term for term in terms if term.starts_on <= today]
    usual = begun[-1] if begun else terms[0] if terms else None
    return next((term for term in terms if term.number == number), usual)


class _Entries:
    """A statement's row, turned into columns, lines and topics."""

    def __init__(self, row: Row, head: JournalHead, first: date, last: date, *, today: date, locked: bool) -> None:
        self.lessons, works, self.marks, self.absences, self.pupils = (loads(cell or "[]") for cell in row)
        self.first, self.last, self.today, self.locked = first, last, today, locked
        self.correction_days = head.correction_days
        self.dates = {lesson[0]: date.fromisoformat(lesson[2]) for lesson in self.lessons}
        self.works: dict[int, list[list[Any]]] = defaultdict(list)
        for work in works:
            self.works[work[0]].append(work)
        self.usual = head.customs.kinds[0] if head.customs.kinds else None
        self.scale = head.customs.scale
        self.scores: dict[str, float | None] = {}
        # (lesson's id, column's id or 0, column) in the order of the page.
        self.columns = list(self._columns())

    def _columns(self) -> Iterator[tuple[int, int, GridColumn]]:
        for pk, uid, _on, _period, status, *_ in self.lessons:
            if status == Lesson.Status.CANCELLED or self.dates[pk] > self.today + AHEAD:
                continue
            lesson = dashed(uid)
            works = self.works.get(pk)
            if works is None:
                yield pk, 0, self._column(pk, lesson, self._promised(uid), main=True)
                continue
            for place, (_, work_pk, work_uid, *rest) in enumerate(works):
                yield pk, work_pk, self._column(pk, lesson, (dashed(work_uid), *rest), main=place == 0)

    def _promised(self, lesson_uid: str) -> tuple[Any, ...]:
        """The column that the lesson's first mark will make: of the usual kind of work."""
        kind = self.usual
        weight, counts = (float(kind.weight), kind.counts) if kind else (1, True)
        return str(new_column_uid(UUID(lesson_uid), 0)), 0, kind.code if kind else "", "", "", weight, counts, ""

    def _column(self, pk: int, lesson: str, work: tuple[Any, ...], *, main: bool) -> GridColumn:
        uid, version, kind, kind_name, title, weight, counts, comment = work
        on = self.dates[pk]
        return GridColumn(
            uid=uid,
            lesson=lesson,
            on=on,
            version=version,
            kind=kind or (self.usual.code if self.usual else ""),
            weight=weight_text(weight),
            label=title or kind_name or "",
            title=title,
            comment=comment,
            locked=self.locked,
            late=is_late_correction(on, self.today, self.correction_days),
            future=on > self.today,
            is_today=on == self.today,
            counts=bool(counts),
            main=main,
        )

    def rows(self) -> Iterator[GridRow]:
        """The lines of the left page, in the order of the register."""
        place_of_work = {work: place for place, (_, work, _) in enumerate(self.columns) if work}
        place_of_lesson = {lesson: place for place, (lesson, _, column) in enumerate(self.columns) if column.main}
        cells: dict[int, dict[int, list[Any]]] = defaultdict(dict)
        counted: dict[int, list[tuple[str, float, float, bool]]] = defaultdict(list)
        for student, work, code, version, band, comment, counts, score, weight, on in self.marks:
            place = place_of_work.get(work)
            if code and counts and score is not None and weight:
                counted[student].append((on, score, weight, place is None))
            if place is not None:
                column = self.columns[place][2]
                stands = bool(counts) and column.counts
                values = [code, version, band == 1, version > 1, comment, stands, not counts, "", 0, self._own(code, score)]
                cells[student][place] = values
        for student, lesson, code, version, _minutes in self.absences:
            if (place := place_of_lesson.get(lesson)) is not None:
                found = cells[student].setdefault(place, ["", 0, False, False, "", True, False, "", 0, ""])
                found[7:9] = code or "", version
        for number, (pk, uid, name, spans) in enumerate(self._people(), 1):
            line = self._line(spans)
            for place, values in cells[pk].items():
                line[place] = GridCell(*[*values, line[place].outside])
            gone = all(ends is not None and ends < self.last for _, ends in spans)
            entries = [entry for entry in counted[pk] if within(spans, date.fromisoformat(entry[0]))]
            average = average_of_numbers((score, weight) for _, score, weight, _ in entries)
            beyond = _sums((score, weight) for _, score, weight, away in entries if away)
            yield GridRow(GridName(dashed(uid), number, name, gone), line, shown(average), beyond)

    def _own(self, code: str, score: float | None) -> str:
        """A mark's score as text where the scale of today has another one for its code; most have the scale's."""
        if not code or not self.scale:
            return ""
        if code not in self.scores:
            level = level_for(self.scale, code)
            self.scores[code] = None if level is None or level.score is None else float(level.score)
        return "" if self.scores[code] == score else "-" if score is None else f"{score:.3f}"

    def _people(self) -> Iterator[tuple[int, str, str, list[tuple[date, date | None]]]]:
        spans: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
        names: dict[int, tuple[str, str]] = {}
        for pk, uid, family, given, starts, ends in self.pupils:
            names[pk] = (uid, list_name(family, given))
            spans[pk].append((date.fromisoformat(starts), date.fromisoformat(ends) if ends else None))
        for pk, (uid, name) in names.items():
            yield pk, uid, name, spans[pk]

    def _line(self, spans: list[tuple[date, date | None]]) -> list[GridCell]:
        if any(first <= self.first and last is None for first, last in spans):
            return [EMPTY] * len(self.columns)
        return [EMPTY if within(spans, column.on) else OUTSIDE for _, _, column in self.columns]

    def topics(self) -> Iterator[Topic]:
        """Newest first: the lessons up to today, above them the next one, for which a topic may be written beforehand."""
        following = next((on for on in self.dates.values() if on > self.today), self.today)
        for pk, uid, _on, period, status, topic, no_homework, homework, version in reversed(self.lessons):
            on = self.dates[pk]
            if on <= following:
                yield Topic(
                    uid=dashed(uid),
                    version=version,
                    on=on,
                    period=period,
                    topic=topic,
                    homework=homework or "",
                    no_homework=bool(no_homework),
                    cancelled=status == Lesson.Status.CANCELLED,
                    locked=self.locked,
                    begun=on <= self.today,
                )
