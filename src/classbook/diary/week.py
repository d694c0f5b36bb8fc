"""A week of the diary as finished values: what pupils of the same groups share (Week), and what is one pupil's own (OwnWeek).

The shared part is worked out once for all who share it; the own part is read anew for every page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class MarkChip:
    """A mark with what explains it. `band` 4 best to 1 not enough, 0 neither; weight "" when it is 1.

    `kind` is the short name of the work, `work` the whole one; `author` wrote the mark as it stands.
    """

    code: str
    band: int
    weight: str
    kind: str
    counts: bool
    comment: str
    title: str
    work: str = ""
    on: date | None = None
    author: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """Homework due in a lesson."""

    pk: int
    uid: UUID
    text: str
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Absence:
    """`kind` absent, late, left_early, remote, off_site; `label` is "" where the reason is not for this reader."""

    kind: str
    label: str
    minutes: int | None
    excused: bool = False


@dataclass(slots=True)
class LessonRow:
    """One line of the day. `planned_teacher` and `planned_room` are struck out; "" when nothing changed.

    `cover` is who was to teach and who does, in short.
    """

    pk: int
    period: int
    starts_at: time
    ends_at: time
    subject: str
    teacher: str
    room: str
    topic: str
    cancelled: bool
    remote: bool
    note: str
    planned_teacher: str
    planned_room: str
    cover: tuple[str, str]
    now_on: bool
    tasks: list[Task] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return bool(self.planned_teacher or self.planned_room)


@dataclass(frozen=True, slots=True)
class RemarkRow:
    kind: str
    text: str
    author: str


@dataclass(slots=True)
class Day:
    """`off` names why there is no school; "" on a school day."""

    date: date
    is_today: bool
    off: str
    lessons: list[LessonRow] = field(default_factory=list)

    @property
    def is_remote(self) -> bool:
        """Does everything that takes place take place from home?"""
        held = [row.remote for row in self.lessons if not row.cancelled]
        return bool(held) and all(held)


@dataclass(frozen=True, slots=True)
class Banner:
    kind: str
    title: str
    text: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Average:
    """The weighted average of a subject in the term, of `marks` marks."""

    subject: str
    value: Decimal
    marks: int


@dataclass(frozen=True, slots=True)
class Child:
    """An entry of the child switcher."""

    uid: UUID
    name: str
    place: str
    initial: str
    here: bool
    # Not by every trusted person.
    sees_marks: bool = True


@dataclass(frozen=True, slots=True)
class WeekLink:
    monday: date
    last: date
    here: bool


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    weeks: tuple[WeekLink, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """Where in school and year the week lies. `term` None: between terms."""

    class_name: str
    school: str
    number: int | None
    term: tuple[str, int] | None
    term_name: str


@dataclass(frozen=True, slots=True)
class Week:
    """The shared part. It holds from `since` until before `until`: then another lesson is on, or another day has come."""

    heading: Heading
    monday: date
    last: date
    days: tuple[Day, ...]
    banners: tuple[Banner, ...]
    months: tuple[Month, ...]
    year: tuple[date, date]
    since: datetime
    until: datetime

    @property
    def is_in_year(self) -> bool:
        """Does the school year hold some of the days?"""
        first, last = self.year
        return self.monday <= last and first <= self.last

    @property
    def is_current(self) -> bool:
        """Is today one of the days?"""
        return any(day.is_today for day in self.days)

    @property
    def leaves(self) -> tuple[tuple[Day, ...], tuple[Day, ...]]:
        """Left and right page of the spread."""
        middle = (len(self.days) + 1) // 2
        return self.days[:middle], self.days[middle:]


@dataclass(frozen=True, slots=True)
class OwnWeek:
    """The pupil's own part, by lesson, by homework and by date."""

    marks: dict[int, list[MarkChip]]
    absences: dict[int, Absence]
    done: frozenset[int]
    remarks: dict[str, list[RemarkRow]]
    averages: tuple[Average, ...]
