"""Publishing a timetable makes the lesson rows of its time. Publishing again replaces only what is future and empty."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from classbook.common import clock
from classbook.events.actions import add_to_outbox, raise_versions, record_audit
from classbook.lessons.models import (
    BellPeriod,
    Lesson,
    LessonChange,
    LessonTeacher,
    Timetable,
    TimetableEntry,
    TimetableEntryTeacher,
)
from classbook.lessons.rules import cycle_days
from classbook.schools.models import CalendarDay, SchoolClass

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Published:
    """How many lessons were made, taken away, and kept: as before, or because something is written in them."""

    made: int
    removed: int
    kept: int


@transaction.atomic
def publish_timetable(
    timetable: Timetable, *, by_id: int | None, from_date: date | None = None, make_uid: Callable[[], UUID] = uuid4
) -> Published:
    """Make the lessons of the timetable from `from_date` on (default: its first day; past empty slots are made too).

    Days off of the school's calendar have none; a day that the calendar names as a cycle day follows that day. Future
    lessons that nobody has written in and that the timetable has otherwise are made anew; all others stay as they are.
    `make_uid` makes the lessons' public ids (the demo's follow its seed).
    """
    first = max(timetable.starts_on, from_date or timetable.starts_on)
    days = days_of(timetable, first)
    slots = _slots(timetable)
    removed, kept = _clear(timetable, first, days, slots)
    taken = set(
        Lesson.objects.filter(group__year_id=timetable.year_id, date__gte=first).values_list("group_id", "date", "period")
    )
    lessons = [
        Lesson(
            uid=make_uid(),
            school_id=timetable.school_id,
            group_id=slot.group_id,
            teacher_id=slot.teacher_id,
            room_id=slot.room_id,
            date=day,
            period=slot.period,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
        )
        for day, name in days.items()
        for slot in slots.get(name, ())
        if (slot.group_id, day, slot.period) not in taken
    ]
    made = Lesson.objects.bulk_create(lessons, batch_size=BATCH)
    _add_co_teachers(made, days, slots)
    timetable.published_at = clock.now()
    timetable.save(update_fields=["published_at"])
    _tell(timetable, by_id, len(made))
    return Published(len(made), removed, kept)


def days_of(timetable: Timetable, first: date) -> dict[date, str]:
    """The cycle day of each school day of the timetable."""
    calendar = list(CalendarDay.objects.filter(school_id=timetable.school_id).values_list("date", "kind", "as_cycle_day"))
    return cycle_days(
        first,
        timetable.ends_on,
        timetable.cycle,
        frozenset(day for day, kind, _ in calendar if kind == CalendarDay.Kind.OFF),
        {
            day: name
            for day, kind, name in calendar
            if name and kind != CalendarDay.Kind.OFF and first <= day <= timetable.ends_on
        },
        timetable.school.week_days,
    )


@dataclass(frozen=True, slots=True)
class _Slot:
    group_id: int
    teacher_id: int | None
    room_id: int | None
    period: int
    starts_at: time
    ends_at: time
    co_teachers: tuple[int, ...]


def _slots(timetable: Timetable) -> dict[str, list[_Slot]]:
    bells = {
        period.number: (period.starts_at, period.ends_at)
        for period in BellPeriod.objects.filter(schedule__school_id=timetable.school_id, schedule__is_default=True)
    }
    others: dict[int, list[int]] = defaultdict(list)
    pairs = TimetableEntryTeacher.objects.filter(entry__timetable=timetable).values_list("entry_id", "teacher_id")
    for entry_id, teacher_id in pairs:
        others[entry_id].append(teacher_id)
    found: dict[str, list[_Slot]] = defaultdict(list)
    for entry in TimetableEntry.objects.filter(timetable=timetable).order_by("pk"):
        starts, ends = bells.get(entry.period, (time(0), time(0)))
        found[entry.cycle_day].append(
            _Slot(
                entry.group_id,
                entry.teacher_id,
                entry.room_id,
                entry.period,
                entry.starts_at or starts,
                entry.ends_at or ends,
                tuple(others[entry.pk]),
            )
        )
    return found


def _clear(timetable: Timetable, first: date, days: dict[date, str], slots: dict[str, list[_Slot]]) -> tuple[int, int]:
    """Remove the year's future lessons that are not in the timetable and hold nothing; answers (removed, kept)."""
    future = Lesson.objects.filter(
        school_id=timetable.school_id,
        group__year_id=timetable.year_id,
        date__gte=max(first, clock.today(timetable.school.time_zone)),
        date__lte=timetable.ends_on,
    )
    written = (
        ~Q(topic="")
        | Q(no_homework=True)
        | Q(register_taken_at__isnull=False)
        | ~Q(status=Lesson.Status.PLANNED)
        | Q(substitution__isnull=False)
        | Q(homework__isnull=False)
        | Q(homework_due__isnull=False)
        | Q(assessments__isnull=False)
        | Q(attendance__isnull=False)
        | Q(remarks__isnull=False)
        | Exists(LessonChange.objects.filter(lesson=OuterRef("pk")))
    )
    kept = set(future.filter(written).values_list("pk", flat=True))
    kept |= _as_wanted(future, days, slots)
    empty = [pk for pk in future.values_list("pk", flat=True) if pk not in kept]
    for start in range(0, len(empty), 500):
        LessonTeacher.objects.filter(lesson_id__in=empty[start : start + 500]).delete()
        Lesson.objects.filter(pk__in=empty[start : start + 500]).delete()
    return len(empty), len(kept)


def _as_wanted(lessons: QuerySet[Lesson], days: dict[date, str], slots: dict[str, list[_Slot]]) -> set[int]:
    """The lessons that are just as the timetable has them: their addresses go on holding."""
    wanted = {
        (
            day,
            slot.group_id,
            slot.period,
            slot.teacher_id,
            slot.room_id,
            slot.starts_at,
            slot.ends_at,
            frozenset(slot.co_teachers),
        )
        for day, name in days.items()
        for slot in slots.get(name, ())
    }
    others: dict[int, set[int]] = defaultdict(set)
    for lesson_id, teacher_id in LessonTeacher.objects.filter(lesson__in=lessons).values_list("lesson_id", "teacher_id"):
        others[lesson_id].add(teacher_id)
    fields = ("date", "group_id", "period", "teacher_id", "room_id", "starts_at", "ends_at")
    rows = lessons.values_list("pk", *fields)
    return {row[0] for row in rows if (*row[1:], frozenset(others[row[0]])) in wanted}


def _add_co_teachers(lessons: Iterable[Lesson], days: dict[date, str], slots: dict[str, list[_Slot]]) -> None:
    further = {
        (name, slot.group_id, slot.period): slot.co_teachers
        for name, day_slots in slots.items()
        for slot in day_slots
        if slot.co_teachers
    }
    LessonTeacher.objects.bulk_create(
        (
            LessonTeacher(lesson=lesson, teacher_id=teacher_id)
            for lesson in lessons
            for teacher_id in further.get((days[lesson.date], lesson.group_id, lesson.period), ())
        ),
        batch_size=BATCH,
    )


def _tell(timetable: Timetable, by_id: int | None, made: int) -> None:
    classes = SchoolClass.objects.filter(year_id=timetable.year_id).values_list("pk", flat=True)
    raise_versions([("class", pk) for pk in classes])
    record_audit(
        "timetable.published",
        actor_id=by_id,
        school_id=timetable.school_id,
        subject=("timetable", timetable.pk),
        lessons=made,
    )
    add_to_outbox("timetable.published", school=timetable.school_id, timetable=timetable.pk)
