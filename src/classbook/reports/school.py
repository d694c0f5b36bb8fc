"""The school today: lessons not yet recorded, who is away, what changed; and the figures of a region."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, F, Q

from classbook.attendance.models import AttendanceRecord
from classbook.common import clock
from classbook.lessons.models import ClassNotice, Lesson, Remark, Substitution
from classbook.people.models import Account, Person, Session
from classbook.people.rules import full_name, list_name
from classbook.schools.access import in_force
from classbook.schools.models import ClassPlacement, Position, Region, School

# Fewer children than this are not shown as a figure of a group.
SMALL_GROUP = 5


@dataclass(frozen=True, slots=True)
class OpenLessonLine:
    uid: UUID
    date: date
    period: int
    starts_at: time
    title: str


@dataclass(frozen=True, slots=True)
class TeacherLine:
    """A teacher with the lessons that are not recorded yet."""

    name: str
    lessons: tuple[OpenLessonLine, ...]


@dataclass(frozen=True, slots=True)
class SchoolDay:
    uid: UUID
    name: str
    today: date
    held: int
    recorded: int
    away: int
    late: int
    open_by_teacher: tuple[TeacherLine, ...]
    changes: tuple[tuple[str, str, str, bool], ...]
    notices: tuple[tuple[str, str, date], ...]


def school_day(school: School, *, days: int = 7) -> SchoolDay:
    """Today's truth on one page, with the lessons of the last days that nobody has recorded."""
    now = clock.local_now(school.time_zone)
    today = now.date()
    ended = Q(date__lt=today) | Q(date=today, ends_at__lte=now.time())
    lessons = Lesson.objects.filter(school=school).exclude(status=Lesson.Status.CANCELLED)
    counts = lessons.filter(ended, date=today).aggregate(
        held=Count("pk"), recorded=Count("pk", filter=Q(register_taken_at__isnull=False))
    )
    return SchoolDay(
        uid=school.uid,
        name=school.name,
        today=today,
        held=counts["held"],
        recorded=counts["recorded"],
        away=_pupils_with(school, today, "absent"),
        late=_pupils_with(school, today, "late"),
        open_by_teacher=_open_lessons(lessons, ended, today - timedelta(days=days)),
        changes=_changes(school, today),
        notices=tuple(
            ClassNotice.objects.filter(in_force(today), school=school).values_list("school_class__name", "kind", "ends_on")
        ),
    )


def _pupils_with(school: School, day: date, kind: str) -> int:
    rows = AttendanceRecord.objects.filter(school=school, date=day, code__kind=kind)
    return rows.values("student_id").distinct().count()


def _open_lessons(lessons: object, ended: Q, since: date) -> tuple[TeacherLine, ...]:
    rows = (
        lessons.filter(ended, date__gte=since, register_taken_at=None)  # type: ignore[attr-defined]
        .order_by("teacher__sort_key", "-date", "period")
        .values_list(
            "teacher__family_name", "teacher__given_name", "teacher__middle_name", "uid", "date", "period", "starts_at",
            "group__name",
        )
    )  # fmt: skip
    found: dict[str, list[OpenLessonLine]] = defaultdict(list)
    for family, given, middle, *rest in rows:
        found[full_name(family or "", given or "", middle or "")].append(OpenLessonLine(*rest))
    return tuple(TeacherLine(name, tuple(lines)) for name, lines in found.items())


def _changes(school: School, day: date) -> tuple[tuple[str, str, str, bool], ...]:
    rows = (
        Substitution.objects.filter(lesson__school=school, lesson__date=day)
        .select_related("lesson__group", "lesson__teacher", "planned_teacher")
        .order_by("lesson__period")
    )
    found = []
    for row in rows:
        teacher = row.lesson.teacher
        name = list_name(teacher.family_name, teacher.given_name) if teacher else ""
        title = f"{row.lesson.period}. {row.lesson.group.name}"
        found.append((title, name, row.note, row.lesson.status == Lesson.Status.CANCELLED))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class AwayLine:
    """A pupil who is away today. `reason` is "" for readers who may not see it."""

    name: str
    class_name: str
    lessons: int
    reason: str


def away_today(school: School, *, with_reasons: bool) -> tuple[AwayLine, ...]:
    """Pupils who missed lessons today, by class."""
    today = clock.today(school.time_zone)
    rows = (
        AttendanceRecord.objects.filter(school=school, date=today, code__kind="absent")
        .values("student_id", "student__family_name", "student__given_name", "code__label", "student__sort_key")
        .annotate(n=Count("pk"))
        .order_by("student__sort_key")
    )
    classes = dict(ClassPlacement.objects.filter(in_force(today), school=school).values_list("student_id", "school_class__name"))
    lines = [
        AwayLine(
            list_name(row["student__family_name"], row["student__given_name"]),
            classes.get(row["student_id"], ""),
            row["n"],
            row["code__label"] if with_reasons else "",
        )
        for row in rows
    ]
    return tuple(sorted(lines, key=lambda line: (line.class_name, line.name)))


@dataclass(frozen=True, slots=True)
class ConcernLine:
    name: str
    class_name: str
    missed: int
    remarks: int


def pupils_to_look_at(school: School, *, days: int = 30, most: int = 30) -> tuple[ConcernLine, ...]:
    """Pupils with the most missed lessons and remarks of the last days, counts only."""
    today = clock.today(school.time_zone)
    since = today - timedelta(days=days)
    missed = dict(
        AttendanceRecord.objects.filter(school=school, date__gte=since, code__counts_as_missed=True)
        .values("student_id")
        .annotate(n=Count("pk"))
        .order_by("-n")
        .values_list("student_id", "n")[:most]
    )
    remarks = dict(
        Remark.objects.filter(school=school, date__gte=since, kind=Remark.Kind.REMARK, withdrawn_at=None)
        .values("student_id")
        .annotate(n=Count("pk"))
        .values_list("student_id", "n")
    )
    placed = ClassPlacement.objects.filter(in_force(today), school=school, student_id__in={*missed, *remarks})
    lines = [
        ConcernLine(list_name(family, given), name, missed.get(pk, 0), remarks.get(pk, 0))
        for pk, family, given, name in placed.values_list(
            "student_id", "student__family_name", "student__given_name", "school_class__name"
        )
    ]
    return tuple(sorted(lines, key=lambda line: (-line.remarks * 10 - line.missed, line.name)))


@dataclass(frozen=True, slots=True)
class AccountLine:
    class_name: str
    people: int
    with_account: int


@dataclass(frozen=True, slots=True)
class AccountFigures:
    staff: tuple[int, int]
    classes: tuple[AccountLine, ...]
    devices: int


def account_figures(school: School) -> AccountFigures:
    """Who has a sign-in, as counts; no marks, no names of children."""
    today = clock.today(school.time_zone)
    staff = Position.objects.filter(in_force(today), school=school)
    pupils = ClassPlacement.objects.filter(in_force(today), school=school)
    rows = (
        pupils.values(name=F("school_class__name"), grade=F("school_class__grade_level"))
        .annotate(people=Count("student_id"), ready=Count("student__account"))
        .order_by("grade", "name")
    )
    people = Person.objects.filter(Q(positions__in=staff) | Q(placements__in=pupils))
    return AccountFigures(
        staff=(staff.count(), Account.objects.filter(person__positions__in=staff).distinct().count()),
        classes=tuple(AccountLine(row["name"], row["people"], row["ready"]) for row in rows),
        devices=Session.objects.filter(person__in=people, expires_at__gt=clock.now()).count(),
    )


@dataclass(frozen=True, slots=True)
class SchoolFigures:
    """Figures of one school. None where too few children stand behind a figure."""

    name: str
    pupils: int | None
    recorded: int | None
    absent: float | None


def figures_of_region(region: Region, *, days: int = 7) -> tuple[SchoolFigures, ...]:
    """Lessons recorded and absence in percent, by school; never a child."""
    return tuple(_figures(school, days) for school in School.objects.filter(region=region).order_by("name"))


def _figures(school: School, days: int) -> SchoolFigures:
    now: datetime = clock.local_now(school.time_zone)
    today = now.date()
    since = today - timedelta(days=days)
    pupils = ClassPlacement.objects.filter(in_force(today), school=school).count()
    lessons = Lesson.objects.filter(school=school, date__gte=since, date__lt=today).exclude(status=Lesson.Status.CANCELLED)
    counts = lessons.aggregate(all=Count("pk"), recorded=Count("pk", filter=Q(register_taken_at__isnull=False)))
    days_taught = lessons.values("date").distinct().count()
    away = (
        AttendanceRecord.objects.filter(school=school, date__gte=since, date__lt=today, code__kind="absent")
        .values("student_id", "date")
        .distinct()
        .count()
    )
    shown = pupils >= SMALL_GROUP
    return SchoolFigures(
        name=school.name,
        pupils=pupils if shown else None,
        recorded=round(100 * counts["recorded"] / counts["all"]) if counts["all"] else None,
        absent=round(100 * away / (pupils * days_taught), 1) if shown and days_taught and away >= SMALL_GROUP else None,
    )
