"""Pages of the school's nurse, psychologist and IT: each sees what is the own task's, and nothing more."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count

from classbook.attendance.models import AttendanceRecord
from classbook.common import clock
from classbook.lessons.models import Remark
from classbook.people.models import Account, Guardianship, Session
from classbook.people.rules import list_name
from classbook.reports.directory import by_grade
from classbook.reports.today import ClassLine, school_day
from classbook.schools.access import in_force
from classbook.schools.models import ClassPlacement, Position, School

# From this share of absent pupils on, a class is worth a look: the usual measure for closing one is about a fifth.
MANY_AWAY = 20


@dataclass(frozen=True, slots=True)
class AwayLine:
    """A pupil who is away today, with every reason that was entered."""

    name: str
    class_name: str
    lessons: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Absences:
    """Who is away today, by class; how often each reason; classes of which many are away, with the share."""

    name: str
    today: date
    pupils: int
    lines: tuple[AwayLine, ...]
    reasons: tuple[tuple[str, int], ...]
    many: tuple[tuple[ClassLine, int], ...]
    at_home: tuple[ClassLine, ...]


def away_today(school: School) -> Absences:
    """The nurse's page."""
    today = clock.today(school.time_zone)
    rows = (
        AttendanceRecord.objects.filter(school=school, date=today, code__kind="absent")
        .values("student_id", "student__family_name", "student__given_name", "code__label", "student__sort_key")
        .annotate(n=Count("pk"))
        .order_by("student__sort_key", "-n")
    )
    classes = dict(ClassPlacement.objects.filter(in_force(today), school=school).values_list("student_id", "school_class__name"))
    found: dict[int, AwayLine] = {}
    for row in rows:
        before = found.get(row["student_id"])
        found[row["student_id"]] = AwayLine(
            list_name(row["student__family_name"], row["student__given_name"]),
            classes.get(row["student_id"], ""),
            row["n"] + (before.lessons if before else 0),
            (*(before.reasons if before else ()), row["code__label"]),
        )
    lines = sorted(found.values(), key=lambda line: by_grade(line.class_name))
    reasons = Counter(line.reasons[0] for line in lines).most_common()
    day = school_day(school)
    shares = [(row, round(100 * row.away / row.pupils)) for row in day.classes if row.pupils]
    many = sorted((pair for pair in shares if pair[1] >= MANY_AWAY), key=lambda pair: -pair[1])
    return Absences(school.name, today, day.pupils, tuple(lines), tuple(reasons), tuple(many), day.at_home)


@dataclass(frozen=True, slots=True)
class ConcernLine:
    name: str
    class_name: str
    missed: int
    remarks: int


@dataclass(frozen=True, slots=True)
class Concerns:
    """`pupils`: how many of the school stand behind the list; `more`: how many do not fit on it."""

    name: str
    pupils: int
    lines: tuple[ConcernLine, ...]
    more: int


# Fewer missed lessons in a month than this, and no remark, is nothing to look at.
FEW_MISSED = 10


def pupils_to_look_at(school: School, *, days: int = 30, most: int = 40) -> Concerns:
    """Pupils with many missed lessons or with remarks in the last days, counts only."""
    today = clock.today(school.time_zone)
    since = today - timedelta(days=days)
    records = AttendanceRecord.objects.filter(school=school, date__gte=since, code__counts_as_missed=True)
    missed = dict(records.values("student_id").annotate(n=Count("pk")).values_list("student_id", "n"))
    said = Remark.objects.filter(school=school, date__gte=since, kind=Remark.Kind.REMARK, withdrawn_at=None)
    remarks = dict(said.values("student_id").annotate(n=Count("pk")).values_list("student_id", "n"))
    placed = ClassPlacement.objects.filter(in_force(today), school=school)
    values = placed.values_list("student_id", "student__family_name", "student__given_name", "school_class__name")
    lines = [
        ConcernLine(list_name(family, given), name, missed.get(pk, 0), remarks.get(pk, 0))
        for pk, family, given, name in values
        if pk in remarks or missed.get(pk, 0) >= FEW_MISSED
    ]
    lines.sort(key=lambda line: (-line.remarks, -line.missed, line.name))
    return Concerns(school.name, placed.count(), tuple(lines[:most]), max(0, len(lines) - most))


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A class in numbers: pupils and guardians, and how many of them have a sign-in."""

    class_name: str
    pupils: int
    pupils_ready: int
    guardians: int
    guardians_ready: int


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """(people, with a sign-in) of staff, pupils and guardians."""

    name: str
    staff: tuple[int, int]
    pupils: tuple[int, int]
    guardians: tuple[int, int]
    devices: int
    must_change: int
    classes: tuple[AccountLine, ...]


def account_figures(school: School) -> AccountFigures:
    """Who has a sign-in, as counts; no marks, no names of children."""
    today = clock.today(school.time_zone)
    staff = set(Position.objects.filter(in_force(today), school=school).values_list("person_id", flat=True))
    placed = ClassPlacement.objects.filter(in_force(today), school=school).order_by(
        "school_class__grade_level", "school_class__name"
    )
    class_of = dict(placed.values_list("student_id", "school_class__name"))
    links = Guardianship.objects.filter(in_force(today), student_id__in=placed.order_by().values("student_id"))
    ward_of = set(links.values_list("guardian_id", "student_id"))
    guardians = {guardian for guardian, _ in ward_of}
    everybody = staff | set(class_of) | guardians
    accounts = dict(Account.objects.filter(is_active=True).values_list("person_id", "must_change_password"))
    alive = Session.objects.filter(expires_at__gt=clock.now(), person__isnull=False).values_list("person_id", flat=True)
    return AccountFigures(
        name=school.name,
        staff=(len(staff), len(staff & accounts.keys())),
        pupils=(len(class_of), len(class_of.keys() & accounts.keys())),
        guardians=(len(guardians), len(guardians & accounts.keys())),
        devices=sum(1 for person in alive if person in everybody),
        must_change=sum(1 for person in everybody if accounts.get(person)),
        classes=_accounts_by_class(class_of, ward_of, set(accounts)),
    )


def _accounts_by_class(class_of: dict[int, str], ward_of: set[tuple[int, int]], ready: set[int]) -> tuple[AccountLine, ...]:
    pupils: dict[str, set[int]] = defaultdict(set)
    guardians: dict[str, set[int]] = defaultdict(set)
    for student, name in class_of.items():
        pupils[name].add(student)
    for guardian, student in ward_of:
        guardians[class_of[student]].add(guardian)
    return tuple(
        AccountLine(name, len(members), len(members & ready), len(guardians[name]), len(guardians[name] & ready))
        for name, members in pupils.items()
    )
