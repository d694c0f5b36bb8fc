"""The school today: lessons not yet recorded, who is away in numbers, what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from classbook.attendance.models import AttendanceRecord
from classbook.common import clock
from classbook.lessons.models import ClassNotice, Lesson, Substitution
from classbook.people.rules import full_name, list_name
from classbook.schools.access import in_force
from classbook.schools.models import ClassPlacement, School, SchoolClass

# Lessons of one teacher that are named on the page; the rest is a number with a link.
MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class OpenLesson:
    uid: UUID
    date: date
    period: int
    starts_at: time
    title: str


@dataclass(frozen=True, slots=True)
class TeacherLine:
    """A teacher with lessons that are not recorded yet; the newest are named, `more` are not."""

    uid: UUID | None
    name: str
    number: int
    oldest: date
    lessons: tuple[OpenLesson, ...]
    more: int


@dataclass(frozen=True, slots=True)
class DaySum:
    """Lessons of a day that have ended, and how many of them nobody has recorded."""

    day: date
    ended: int
    open: int


@dataclass(frozen=True, slots=True)
class ClassLine:
    """A class in numbers: pupils, those who missed a lesson today. `notice`: quarantine, remote, or empty."""

    uid: UUID
    name: str
    pupils: int
    away: int
    notice: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Change:
    """A lesson of today that is not as planned. `planned`: who was to teach it, where that differs."""

    title: str
    teacher: str
    planned: str
    note: str
    cancelled: bool


@dataclass(frozen=True, slots=True)
class SchoolDay:
    uid: UUID
    name: str
    today: date
    held: int
    recorded: int
    pupils: int
    away: int
    late: int
    days: tuple[DaySum, ...]
    open_total: int
    teachers: tuple[TeacherLine, ...]
    changes: tuple[Change, ...]
    classes: tuple[ClassLine, ...]

    @property
    def share(self) -> int | None:
        """Per cent of today's ended lessons that are recorded."""
        return round(100 * self.recorded / self.held) if self.held else None

    @property
    def at_home(self) -> tuple[ClassLine, ...]:
        """Classes in quarantine or taught from home."""
        return tuple(row for row in self.classes if row.notice)


def school_day(school: School, *, day: date | None = None, teacher: UUID | None = None, days: int = 7) -> SchoolDay:
    """Today's truth on one page; the open lessons of the last days, or of one day and one teacher. Nine queries."""
    now = clock.local_now(school.time_zone)
    today = now.date()
    ended = Q(date__lt=today) | Q(date=today, ends_at__lte=now.time())
    lessons = Lesson.objects.filter(ended, school=school, date__gt=today - timedelta(days=days), date__lte=today)
    lessons = lessons.exclude(status=Lesson.Status.CANCELLED)
    waiting = Q(register_taken_at=None)
    sums = lessons.values("date").annotate(ended=Count("pk"), open=Count("pk", filter=waiting)).order_by("-date")
    by_day = tuple(DaySum(row["date"], row["ended"], row["open"]) for row in sums)
    here = next((one for one in by_day if one.day == today), DaySum(today, 0, 0))
    return SchoolDay(
        uid=school.uid,
        name=school.name,
        today=today,
        held=here.ended,
        recorded=here.ended - here.open,
        pupils=ClassPlacement.objects.filter(in_force(today), school=school).values("student_id").distinct().count(),
        away=_pupils_with(school, today, "absent"),
        late=_pupils_with(school, today, "late"),
        days=by_day,
        open_total=sum(one.open for one in by_day),
        teachers=_open_lessons(lessons.filter(waiting), day, teacher),
        changes=_changes(school, today),
        classes=_classes(school, today),
    )


def _pupils_with(school: School, day: date, kind: str) -> int:
    rows = AttendanceRecord.objects.filter(school=school, date=day, code__kind=kind)
    return rows.values("student_id").distinct().count()


def _open_lessons(rows: QuerySet[Lesson], day: date | None, teacher: UUID | None) -> tuple[TeacherLine, ...]:
    if day is not None:
        rows = rows.filter(date=day)
    if teacher is not None:
        rows = rows.filter(teacher__uid=teacher)
    found: dict[UUID | None, tuple[str, list[OpenLesson]]] = {}
    values = rows.order_by("teacher__sort_key", "-date", "-period").values_list(
        "teacher__uid", "teacher__family_name", "teacher__given_name", "teacher__middle_name", "uid", "date", "period",
        "starts_at", "group__name",
    )  # fmt: skip
    for uid, family, given, middle, lesson, on, period, starts_at, title in values:
        name = full_name(family or "", given or "", middle or "")
        found.setdefault(uid, (name, []))[1].append(OpenLesson(lesson, on, period, starts_at, title))
    named = None if teacher is not None else MOST_NAMED
    return tuple(
        TeacherLine(uid, name, len(lessons), lessons[-1].date, tuple(lessons[:named]), len(lessons[named:]) if named else 0)
        for uid, (name, lessons) in found.items()
    )


def _changes(school: School, day: date) -> tuple[Change, ...]:
    rows = (
        Substitution.objects.filter(lesson__school=school, lesson__date=day)
        .select_related("lesson__group", "lesson__teacher", "planned_teacher")
        .order_by("lesson__period", "lesson__group__name")
    )
    found = []
    for row in rows:
        teacher, planned = row.lesson.teacher, row.planned_teacher
        differs = planned is not None and planned != teacher
        found.append(
            Change(
                title=f"{row.lesson.period}. {row.lesson.group.name}",
                teacher=list_name(teacher.family_name, teacher.given_name) if teacher else "",
                planned=list_name(planned.family_name, planned.given_name) if planned and differs else "",
                note=row.note,
                cancelled=row.lesson.status == Lesson.Status.CANCELLED,
            )
        )
    return tuple(found)


def _classes(school: School, today: date) -> tuple[ClassLine, ...]:
    year = in_force(today, starts="year__starts_on", ends="year__ends_on")
    rows = SchoolClass.objects.filter(year, school=school).order_by("grade_level", "name")
    placed = ClassPlacement.objects.filter(in_force(today), school=school)
    sizes = dict(placed.values("school_class_id").annotate(n=Count("pk")).values_list("school_class_id", "n"))
    missing = AttendanceRecord.objects.filter(school=school, date=today, code__kind="absent").values("student_id")
    away = placed.filter(student_id__in=missing).values("school_class_id").annotate(n=Count("pk"))
    gone = dict(away.values_list("school_class_id", "n"))
    notices = {
        pk: (kind, last)
        for pk, kind, last in ClassNotice.objects.filter(in_force(today), school=school)
        .exclude(kind=ClassNotice.Kind.EVENT)
        .order_by("ends_on")
        .values_list("school_class_id", "kind", "ends_on")
    }
    return tuple(
        ClassLine(row.uid, row.name, sizes.get(row.pk, 0), gone.get(row.pk, 0), *notices.get(row.pk, ("", None))) for row in rows
    )
