"""The journal's two pages: pupils by lesson dates, and dates with topics and homework."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from classbook.attendance.models import AttendanceRecord
from classbook.attendance.queries import codes_of
from classbook.common import clock
from classbook.grading.models import Assessment, Mark
from classbook.grading.queries import Kind, reopened_until, scale_of_group, work_kinds_of
from classbook.grading.rules import is_open, shown, weighted_average
from classbook.homework.models import Homework
from classbook.journal.lesson import Keys, keys_of, new_column_uid
from classbook.lessons.models import Lesson
from classbook.people.rules import list_name
from classbook.schools.access import OpenGroup
from classbook.schools.models import Enrollment
from classbook.schools.queries import terms_of


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column of the left page. `version` 0: it is made with the first mark. `locked`: its term is closed."""

    uid: UUID
    lesson: UUID
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

    code: str
    version: int
    low: bool
    corrected: bool
    comment: str
    counts: bool
    free: bool  # the mark itself does not count, whatever its column does
    attendance: str
    attendance_version: int
    outside: bool  # the pupil was not in the group that day


@dataclass(frozen=True, slots=True)
class GridRow:
    uid: UUID
    number: int
    name: str
    cells: tuple[GridCell, ...]
    average: str
    left: bool


@dataclass(frozen=True, slots=True)
class Topic:
    """A line of the right page."""

    uid: UUID
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
class Grid:
    uid: UUID
    title: str
    can_write: bool
    closed: bool
    terms: tuple[TermChoice, ...]
    columns: tuple[GridColumn, ...]
    rows: tuple[GridRow, ...]
    topics: tuple[Topic, ...]
    keys: Keys
    kinds: tuple[Kind, ...]
    marked: bool

    @property
    def months(self) -> list[tuple[date, int]]:
        """First day of each month with the number of its columns."""
        found: list[tuple[date, int]] = []
        for column in self.columns:
            month = column.on.replace(day=1)
            if found and found[-1][0] == month:
                found[-1] = (month, found[-1][1] + 1)
            else:
                found.append((month, 1))
        return found


def grid_of(opened: OpenGroup, number: int | None) -> Grid:
    """The journal of one term: the one asked for, else the current. Nine queries, however large the class."""
    group, school = opened.group, opened.group.school
    today = clock.today(school.time_zone)
    terms = terms_of(group.term_scheme_id) if group.term_scheme_id else []
    begun = [term for term in terms if term.starts_on <= today]
    term = next((t for t in terms if t.number == number), begun[-1] if begun else terms[0] if terms else None)
    first, last = (term.starts_on, term.ends_on) if term else (group.year.starts_on, group.year.ends_on)
    locked = term is not None and not is_open(term.closes_at, reopened_until(group.pk, [term.pk]).get(term.pk), clock.now())
    scale = scale_of_group(group.pk)
    kinds = work_kinds_of(school.pk)
    lessons = list(Lesson.objects.filter(group_id=group.pk, date__range=(first, last)).order_by("date", "period"))
    late_before = today - timedelta(days=school.correction_days)
    columns = _columns(group.pk, lessons, kinds, today=today, late_before=late_before, locked=locked)
    codes = codes_of(school.pk)
    return Grid(
        uid=group.uid,
        title=group.name,
        can_write=opened.can_write and not locked,
        closed=locked,
        terms=tuple(TermChoice(t.number, t.kind, t.name, t == term) for t in terms),
        columns=tuple(columns),
        rows=_rows(group.pk, lessons, columns, first, last),
        topics=_topics(lessons, locked, today),
        keys=keys_of(scale.levels if scale else (), bool(scale and scale.kind == "points"), codes),
        kinds=tuple(kinds),
        marked=scale is not None,
    )


def _columns(
    group_id: int, lessons: list[Lesson], kinds: list[Kind], *, today: date, late_before: date, locked: bool
) -> list[GridColumn]:
    works: dict[int, list[Assessment]] = defaultdict(list)
    rows = Assessment.objects.filter(group_id=group_id, lesson_id__in=[x.pk for x in lessons]).select_related("work_kind")
    for work in rows.order_by("position", "pk"):
        works[work.lesson_id or 0].append(work)
    soon = today + timedelta(days=7)
    found = []
    for lesson in lessons:
        if lesson.status == Lesson.Status.CANCELLED or lesson.date > soon:
            continue
        columns: list[Assessment | None] = [*works[lesson.pk]] or [None]
        late = lesson.date < late_before
        found += [_column(lesson, work, kinds, place, today, locked, late) for place, work in enumerate(columns)]
    return found


def _column(
    lesson: Lesson, work: Assessment | None, kinds: list[Kind], place: int, today: date, locked: bool, late: bool
) -> GridColumn:
    kind = work.work_kind if work else None
    usual = kinds[0] if kinds else None
    weight = format(work.weight.normalize(), "f") if work else "1"
    return GridColumn(
        uid=work.uid if work else new_column_uid(lesson.uid, 0),
        lesson=lesson.uid,
        on=lesson.date,
        version=work.version if work else 0,
        kind=kind.code if kind else usual.code if usual else "",
        weight="" if weight == "1" else weight,
        label=(work.title or (kind.name if kind else "")) if work else "",
        title=work.title if work else "",
        comment=work.comment if work else "",
        locked=locked,
        late=late,
        future=lesson.date > today,
        is_today=lesson.date == today,
        counts=work.counts if work else True,
        main=place == 0,
    )


def _rows(group_id: int, lessons: list[Lesson], columns: list[GridColumn], first: date, last: date) -> tuple[GridRow, ...]:
    marks, averages = _marks(group_id, first, last)
    absences = {
        (student, lesson): (code or "", version)
        for student, lesson, code, version in AttendanceRecord.objects.filter(
            lesson_id__in=[lesson.pk for lesson in lessons]
        ).values_list("student_id", "lesson__uid", "code__code", "version")
    }
    spans: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    people: dict[int, tuple[UUID, str]] = {}
    enrolled = Enrollment.objects.filter(group_id=group_id).order_by("student__sort_key", "student_id")
    for pk, uid, family, given, starts, ends in enrolled.values_list(
        "student_id", "student__uid", "student__family_name", "student__given_name", "starts_on", "ends_on"
    ):
        if starts <= last and (ends is None or ends >= first):
            people[pk] = (uid, list_name(family, given))
            spans[pk].append((starts, ends))
    rows = []
    for number, (pk, (uid, name)) in enumerate(people.items(), 1):
        cells = tuple(_cell(pk, column, marks, absences, spans[pk]) for column in columns)
        gone = all(ends is not None and ends < last for _, ends in spans[pk])
        rows.append(GridRow(uid, number, name, cells, shown(averages.get(pk)), gone))
    return tuple(rows)


def _cell(
    pk: int,
    column: GridColumn,
    marks: dict[tuple[int, UUID], tuple[str, int, int, str, bool]],
    absences: dict[tuple[int, UUID], tuple[str, int]],
    spans: list[tuple[date, date | None]],
) -> GridCell:
    code, version, band, comment, counts = marks.get((pk, column.uid), ("", 0, 0, "", True))
    away, away_version = absences.get((pk, column.lesson), ("", 0)) if column.main else ("", 0)
    inside = any(first <= column.on and (last is None or column.on <= last) for first, last in spans)
    stands = counts and column.counts
    return GridCell(code, version, band == 1, version > 1, comment, stands, not counts, away, away_version, not inside)


def _marks(
    group_id: int, first: date, last: date
) -> tuple[dict[tuple[int, UUID], tuple[str, int, int, str, bool]], dict[int, Decimal | None]]:
    """The term's cells, and from the same rows each pupil's average."""
    rows = Mark.objects.filter(
        assessment__group_id=group_id,
        assessment__date__range=(first, last),
        assessment__kind=Assessment.Kind.WORK,
    ).values_list(
        "student_id", "assessment__uid", "code", "version", "band", "comment", "counts", "score", "assessment__weight",
        "assessment__counts",
    )  # fmt: skip
    cells = {}
    entries: dict[int, list[tuple[Decimal | None, Decimal]]] = defaultdict(list)
    for student, column, code, version, band, comment, counts, score, weight, column_counts in rows:
        cells[student, column] = (code, version, band, comment, counts)
        if counts and column_counts and code:
            entries[student].append((score, weight))
    return cells, {student: weighted_average(of_pupil) for student, of_pupil in entries.items()}


def _topics(lessons: list[Lesson], locked: bool, today: date) -> tuple[Topic, ...]:
    """Newest first: the lessons up to today, above them the next one, for which a topic may be written beforehand."""
    following = next((lesson.date for lesson in lessons if lesson.date > today), today)
    tasks = dict(Homework.objects.filter(lesson_id__in=[x.pk for x in lessons]).values_list("lesson_id", "text"))
    return tuple(
        Topic(
            uid=lesson.uid,
            on=lesson.date,
            period=lesson.period,
            topic=lesson.topic,
            homework=tasks.get(lesson.pk, ""),
            no_homework=lesson.no_homework,
            cancelled=lesson.status == Lesson.Status.CANCELLED,
            locked=locked,
            begun=lesson.date <= today,
        )
        for lesson in reversed(lessons)
        if lesson.date <= following
    )
