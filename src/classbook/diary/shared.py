"""The shared part of a diary week, through the ORM: lessons, homework, days off and notices of a set of groups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from classbook.common import clock
from classbook.common.days import within
from classbook.diary.week import Banner, Day, Heading, LessonRow, Task, Week
from classbook.diary.year import months_of
from classbook.homework.models import Homework
from classbook.lessons.models import ClassNotice, Lesson
from classbook.people.models import Person
from classbook.people.rules import full_name, list_name, short_name
from classbook.schools.models import CalendarDay, School, SchoolClass, Term

Spans = dict[int, list[tuple[date, date | None]]]


@dataclass(frozen=True, slots=True)
class Seat:
    """The pupil's class and the groups he was in, each with its stretches of time."""

    class_id: int
    spans: Spans


def shared_week(seat: Seat, day: date) -> Week:
    """What all pupils with the same place and groups share of the week that holds `day`. Made once for them all."""
    school_class = SchoolClass.objects.select_related("school", "year").get(pk=seat.class_id)
    school = school_class.school
    now = clock.local_now(school.time_zone)
    monday = day - timedelta(days=day.weekday())
    last = monday + timedelta(days=school.week_days - 1)
    days = _days(school, now.date(), monday, last)
    rows = _lessons(seat.spans, now, monday, last)
    _add_homework({pk: row for pk, (_, row) in rows.items()})
    for on, row in rows.values():
        days[on].lessons.append(row)
    since, until = _holds(now, days.get(now.date()))
    year = school_class.year
    return Week(
        heading=_heading(school_class, monday, last, _terms(seat.spans, year.pk)),
        monday=monday,
        last=last,
        days=tuple(days.values()),
        banners=_banners(seat.class_id, monday, last),
        months=months_of(year.starts_on, year.ends_on, monday, school.week_days),
        year=(year.starts_on, year.ends_on),
        since=since,
        until=until,
    )


def _holds(now: datetime, today: Day | None) -> tuple[datetime, datetime]:
    """From when until when "today" and "now" on the page are true."""
    times = {time.min} | {at for row in (today.lessons if today else ()) for at in (row.starts_at, row.ends_at)}
    moments = sorted(datetime.combine(now.date(), at, now.tzinfo) for at in times)
    midnight = datetime.combine(now.date() + timedelta(days=1), time.min, now.tzinfo)
    return max(at for at in moments if at <= now), min((at for at in moments if at > now), default=midnight)


def _days(school: School, today: date, monday: date, last: date) -> dict[date, Day]:
    off = dict(
        CalendarDay.objects.filter(school=school, kind=CalendarDay.Kind.OFF, date__range=(monday, last)).values_list(
            "date", "name"
        )
    )
    span = (last - monday).days + 1
    dates = [monday + timedelta(days=n) for n in range(span)]
    return {on: Day(on, on == today, off.get(on, "")) for on in dates}


def _lessons(spans: Spans, now: datetime, monday: date, last: date) -> dict[int, tuple[date, LessonRow]]:
    lessons = (
        Lesson.objects.filter(group_id__in=list(spans), date__range=(monday, last))
        .select_related("group__subject", "teacher", "room", "substitution__planned_teacher", "substitution__planned_room")
        .order_by("date", "period", "pk")
    )
    return {lesson.pk: (lesson.date, _row(lesson, now)) for lesson in lessons if within(spans[lesson.group_id], lesson.date)}


def _row(lesson: Lesson, now: datetime) -> LessonRow:
    plan = getattr(lesson, "substitution", None)
    teacher, room = lesson.teacher, lesson.room
    planned_teacher = plan.planned_teacher if plan and plan.planned_teacher_id != lesson.teacher_id else None
    planned_room = plan.planned_room if plan and plan.planned_room_id != lesson.room_id else None
    return LessonRow(
        pk=lesson.pk,
        period=lesson.period,
        starts_at=lesson.starts_at,
        ends_at=lesson.ends_at,
        subject=lesson.group.subject.name,
        teacher=full_name(teacher.family_name, teacher.given_name, teacher.middle_name) if teacher else "",
        room=room.name if room else "",
        topic=lesson.topic,
        cancelled=lesson.status == Lesson.Status.CANCELLED,
        remote=lesson.is_remote,
        note=plan.note if plan else "",
        planned_teacher=list_name(planned_teacher.family_name, planned_teacher.given_name) if planned_teacher else "",
        planned_room=planned_room.name if planned_room else "",
        cover=(_short(planned_teacher), _short(teacher)),
        now_on=lesson.date == now.date() and lesson.starts_at <= now.time() < lesson.ends_at,
    )


def _short(person: Person | None) -> str:
    return short_name(person.family_name, person.given_name, person.middle_name) if person else ""


def _add_homework(rows: dict[int, LessonRow]) -> None:
    for task in Homework.objects.filter(due_lesson_id__in=list(rows)).exclude(text="").order_by("pk"):
        rows[task.due_lesson_id or 0].tasks.append(Task(task.pk, task.uid, task.text, task.minutes))


def _banners(class_id: int, monday: date, last: date) -> tuple[Banner, ...]:
    rows = ClassNotice.objects.filter(school_class_id=class_id, starts_on__lte=last, ends_on__gte=monday).order_by("starts_on")
    return tuple(Banner(row.kind, row.title, row.text, row.starts_on, row.ends_on) for row in rows)


def _terms(spans: Spans, year_id: int) -> list[Term]:
    rows = Term.objects.filter(scheme__groups__in=list(spans), scheme__year_id=year_id).distinct()
    return list(rows.order_by("scheme_id", "number"))


def term_on(terms: list[Term], first: date, last: date) -> Term | None:
    """The term that holds some of the days."""
    return next((term for term in terms if term.starts_on <= last and first <= term.ends_on), None)


def _heading(row: SchoolClass, monday: date, last: date, terms: list[Term]) -> Heading:
    year = row.year
    first_monday = year.starts_on - timedelta(days=year.starts_on.weekday())
    within = first_monday <= monday <= year.ends_on
    term = term_on(terms, monday, last)
    return Heading(
        class_name=row.name,
        school=row.school.short_name or row.school.name,
        number=(monday - first_monday).days // 7 + 1 if within else None,
        term=(term.kind, term.number) if term else None,
        term_name=term.name if term else "",
    )
