"""Figures of a region's schools: lessons recorded and absence, never a child."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Q

from classbook.attendance.models import AttendanceRecord
from classbook.common import clock
from classbook.lessons.models import Lesson
from classbook.schools.access import in_force
from classbook.schools.models import ClassPlacement, Region, School

# Fewer children than this are not shown as a figure of a group.
SMALL_GROUP = 5
# Per cent of lessons recorded that a school should reach.
GOAL = 95


@dataclass(frozen=True, slots=True)
class SchoolFigures:
    """Figures of one school. None where too few children stand behind a figure, or nothing was taught.

    `weeks`: per cent recorded of each week that begins on a Monday, the oldest first.
    """

    name: str
    pupils: int | None
    lessons: int
    recorded: int | None
    absent: float | None
    weeks: tuple[int | None, ...]
    open: int

    @property
    def is_low(self) -> bool:
        """Below the goal?"""
        return self.recorded is not None and self.recorded < GOAL

    @property
    def falls(self) -> bool:
        """Lower in each of the last three weeks than in the one before?"""
        last = [share for share in self.weeks if share is not None][-3:]
        return len(last) == 3 and last[0] > last[1] > last[2]


@dataclass(frozen=True, slots=True)
class RegionPage:
    name: str
    days: int
    mondays: tuple[date, ...]
    schools: tuple[SchoolFigures, ...]
    pupils: int
    recorded: int | None
    absent: float | None

    @property
    def to_call(self) -> tuple[SchoolFigures, ...]:
        """Schools below the goal or falling, the lowest first."""
        found = [row for row in self.schools if row.is_low or row.falls]
        return tuple(sorted(found, key=lambda row: row.recorded or 0))


@dataclass(slots=True)
class _Sums:
    pupils: int = 0
    lessons: int = 0
    recorded: int = 0
    away: int = 0
    pupil_days: int = 0


def region_page(region: Region, *, days: int = 7, weeks: int = 6) -> RegionPage:
    """The schools of the region and of the areas within it. Four queries and one a level of areas."""
    schools = list(School.objects.filter(region__in=_areas(region)).order_by("name"))
    today = clock.today(schools[0].time_zone) if schools else clock.today("UTC")
    monday = today - timedelta(days=today.weekday())
    mondays = tuple(monday - timedelta(weeks=back) for back in reversed(range(weeks)))
    counted = _count(schools, min(mondays[0], today - timedelta(days=days + 1)), today)
    total = _Sums()
    rows = tuple(_figures(school, counted[school.pk], days, mondays, total) for school in schools)
    return RegionPage(
        name=region.name,
        days=days,
        mondays=mondays,
        schools=rows,
        pupils=total.pupils,
        recorded=_share(total.recorded, total.lessons),
        absent=_absence(total.away, total.pupil_days),
    )


@dataclass(slots=True)
class _Counted:
    """Of one school: pupils, (lessons, recorded) by day, pupils who missed a lesson by day."""

    pupils: int = 0
    lessons: dict[date, tuple[int, int]] = field(default_factory=dict)
    away: dict[date, int] = field(default_factory=dict)


def _count(schools: list[School], since: date, today: date) -> dict[int, _Counted]:
    found = {school.pk: _Counted() for school in schools}
    placed = ClassPlacement.objects.filter(in_force(today), school__in=schools).values("school_id")
    for row in placed.annotate(n=Count("student_id", distinct=True)):
        found[row["school_id"]].pupils = row["n"]
    lessons = Lesson.objects.filter(school__in=schools, date__gte=since, date__lte=today).exclude(status=Lesson.Status.CANCELLED)
    done = Count("pk", filter=Q(register_taken_at__isnull=False))
    for taught in lessons.values("school_id", "date").annotate(all=Count("pk"), done=done):
        found[taught["school_id"]].lessons[taught["date"]] = (taught["all"], taught["done"])
    missed = AttendanceRecord.objects.filter(school__in=schools, date__gte=since, date__lte=today, code__kind="absent")
    for gone in missed.values("school_id", "date").annotate(n=Count("student_id", distinct=True)):
        found[gone["school_id"]].away[gone["date"]] = gone["n"]
    return found


def _areas(region: Region) -> set[int]:
    found, newest = {region.pk}, {region.pk}
    while newest := set(Region.objects.filter(parent__in=newest).values_list("pk", flat=True)) - found:
        found |= newest
    return found


def _share(part: int, whole: int) -> int | None:
    """Whole per cent, rounded down at the top: 100 is said only when nothing is missing."""
    return None if not whole else min(round(100 * part / whole), 100 if part == whole else 99)


def _absence(away: int, pupil_days: int) -> float | None:
    return round(100 * away / pupil_days, 1) if pupil_days and away >= SMALL_GROUP else None


def _figures(school: School, counted: _Counted, days: int, mondays: tuple[date, ...], total: _Sums) -> SchoolFigures:
    # Whole days only, by the school's own calendar: today is still being taught.
    today = clock.today(school.time_zone)
    since = today - timedelta(days=days)
    by_day = {day: counts for day, counts in counted.lessons.items() if day < today}
    recent = {day: counts for day, counts in by_day.items() if day >= since}
    held, recorded = _sum(recent.values())
    away = sum(number for day, number in counted.away.items() if since <= day < today)
    shown = counted.pupils >= SMALL_GROUP
    if shown:
        total.pupils += counted.pupils
        total.away += away
        total.pupil_days += counted.pupils * len(recent)
    total.lessons += held
    total.recorded += recorded
    return SchoolFigures(
        name=school.name,
        pupils=counted.pupils if shown else None,
        lessons=held,
        recorded=_share(recorded, held),
        absent=_absence(away, counted.pupils * len(recent)) if shown else None,
        weeks=_weeks(by_day, mondays),
        open=held - recorded,
    )


def _sum(counts: Iterable[tuple[int, int]]) -> tuple[int, int]:
    held = recorded = 0
    for all_of_day, done in counts:
        held, recorded = held + all_of_day, recorded + done
    return held, recorded


def _weeks(by_day: dict[date, tuple[int, int]], mondays: tuple[date, ...]) -> tuple[int | None, ...]:
    found: dict[date, list[tuple[int, int]]] = defaultdict(list)
    for day, counts in by_day.items():
        found[day - timedelta(days=day.weekday())].append(counts)
    sums = (_sum(found[monday]) for monday in mondays)
    return tuple(_share(recorded, held) for held, recorded in sums)
