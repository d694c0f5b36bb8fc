"""Reads of the family's side. The pupil is open already (schools.access.open_student); here everything goes by the pupil."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from classbook.attendance.models import AttendanceRecord
from classbook.common import clock
from classbook.common.errors import NotFound
from classbook.diary.week import Absence, Average, Banner, Day, Heading, LessonRow, MarkChip, RemarkRow, Task, Week
from classbook.diary.year import months_of
from classbook.grading.models import Assessment, Mark
from classbook.grading.rules import weighted_average
from classbook.homework.models import Homework, HomeworkDone
from classbook.lessons.models import ClassNotice, Lesson, Remark
from classbook.people.rules import full_name, list_name
from classbook.schools.access import OpenPupil
from classbook.schools.models import CalendarDay, ClassPlacement, Enrollment, School, Term
from classbook.schools.queries import placement_on


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pupil was at school on the days in question."""

    placement: ClassPlacement
    school: School
    now: datetime
    today: date


def place_of(student: OpenPupil, day: date) -> Place:
    """The school and class of the pupil on a day, and what time it is there. Raises NotFound without a placement."""
    placement = placement_on(student.pk, day)
    if placement is None:
        raise NotFound
    now = clock.local_now(placement.school.time_zone)
    return Place(placement, placement.school, now, now.date())


def week_of(student: OpenPupil, day: date) -> Week:
    """The week that holds `day`. The number of queries does not depend on what happened in it."""
    place = place_of(student, day)
    monday = day - timedelta(days=day.weekday())
    last = monday + timedelta(days=place.school.week_days - 1)
    spans = _groups_of(student.pk)
    days = _days(place, monday, last)
    rows = _lessons(place, spans, monday, last)
    by_pk = {pk: row for pk, (_, row) in rows.items()}
    _add_homework(student, by_pk)
    _add_marks(student, by_pk, place.now)
    _add_absences(student, by_pk, monday, last)
    for on, row in rows.values():
        days[on].lessons.append(row)
    _add_remarks(student, days, monday, last)
    terms = _terms(spans, place)
    year = place.placement.school_class.year
    return Week(
        heading=_heading(student, place, monday, last, terms),
        monday=monday,
        last=last,
        days=tuple(days.values()),
        banners=_banners(place, monday, last),
        averages=_averages(student, spans, terms, monday, last, place),
        months=months_of(year.starts_on, year.ends_on, monday, place.school.week_days),
        year=(year.starts_on, year.ends_on),
        is_pupil=student.rights.relation == "self",
        can_sign=student.rights.can_sign,
    )


Spans = dict[int, list[tuple[date, date | None]]]


def _groups_of(student_id: int) -> Spans:
    spans: Spans = defaultdict(list)
    rows = Enrollment.objects.filter(student_id=student_id).values_list("group_id", "starts_on", "ends_on")
    for group_id, first, last in rows:
        spans[group_id].append((first, last))
    return spans


def _belongs(spans: list[tuple[date, date | None]], day: date) -> bool:
    return any(first <= day and (last is None or day <= last) for first, last in spans)


def _days(place: Place, monday: date, last: date) -> dict[date, Day]:
    off = dict(
        CalendarDay.objects.filter(school=place.school, kind=CalendarDay.Kind.OFF, date__range=(monday, last)).values_list(
            "date", "name"
        )
    )
    span = (last - monday).days + 1
    dates = [monday + timedelta(days=n) for n in range(span)]
    return {on: Day(on, on == place.today, off.get(on, "")) for on in dates}


def _lessons(place: Place, spans: Spans, monday: date, last: date) -> dict[int, tuple[date, LessonRow]]:
    lessons = (
        Lesson.objects.filter(group_id__in=list(spans), date__range=(monday, last))
        .select_related("group__subject", "teacher", "room", "substitution__planned_teacher", "substitution__planned_room")
        .order_by("date", "period", "pk")
    )
    return {lesson.pk: (lesson.date, _row(lesson, place)) for lesson in lessons if _belongs(spans[lesson.group_id], lesson.date)}


def _row(lesson: Lesson, place: Place) -> LessonRow:
    plan = getattr(lesson, "substitution", None)
    teacher, room = lesson.teacher, lesson.room
    planned_teacher = plan.planned_teacher if plan and plan.planned_teacher_id != lesson.teacher_id else None
    planned_room = plan.planned_room if plan and plan.planned_room_id != lesson.room_id else None
    now = place.now.time()
    return LessonRow(
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
        now_on=lesson.date == place.today and lesson.starts_at <= now < lesson.ends_at,
    )


def _add_homework(student: OpenPupil, rows: dict[int, LessonRow]) -> None:
    due = Homework.objects.filter(due_lesson_id__in=list(rows)).exclude(text="").order_by("pk")
    done = set(
        HomeworkDone.objects.filter(student_id=student.pk, homework__due_lesson_id__in=list(rows)).values_list(
            "homework_id", flat=True
        )
    )
    for task in due:
        rows[task.due_lesson_id or 0].tasks.append(Task(task.uid, task.text, task.minutes, task.pk in done))


def _add_marks(student: OpenPupil, rows: dict[int, LessonRow], now: datetime) -> None:
    visible = Q(assessment__visible_from=None) | Q(assessment__visible_from__lte=now)
    marks = (
        Mark.objects.filter(visible, assessment__lesson_id__in=list(rows), student_id=student.pk)
        .exclude(status=Mark.Status.WITHDRAWN)
        .select_related("assessment__work_kind")
        .order_by("assessment__position", "pk")
    )
    for mark in marks:
        rows[mark.assessment.lesson_id or 0].marks.append(chip_of(mark))


def chip_of(mark: Mark) -> MarkChip:
    """A mark with its column's words."""
    column = mark.assessment
    kind = column.work_kind
    return MarkChip(
        code=mark.code,
        band=mark.band,
        weight="" if column.weight == 1 else format(column.weight.normalize(), "f"),
        kind=(kind.short_name or kind.name) if kind else "",
        counts=mark.counts and column.counts,
        comment=mark.comment,
        title=column.title,
    )


def _add_absences(student: OpenPupil, rows: dict[int, LessonRow], monday: date, last: date) -> None:
    records = AttendanceRecord.objects.filter(
        student_id=student.pk, date__range=(monday, last), code__isnull=False
    ).select_related("code")
    for record in records:
        code = record.code
        if record.lesson_id in rows and code is not None:
            hidden = code.confidential and not student.rights.can_see_reasons
            rows[record.lesson_id].absence = Absence(code.kind, "" if hidden else code.label, record.minutes)


def _add_remarks(student: OpenPupil, days: dict[date, Day], monday: date, last: date) -> None:
    rows = Remark.objects.filter(student_id=student.pk, date__range=(monday, last), withdrawn_at=None)
    for remark in rows.select_related("author").order_by("pk"):
        if remark.date in days:
            author = full_name(remark.author.family_name, remark.author.given_name, remark.author.middle_name)
            days[remark.date].remarks.append(RemarkRow(remark.kind, remark.text, author))


def _banners(place: Place, monday: date, last: date) -> tuple[Banner, ...]:
    rows = ClassNotice.objects.filter(
        school_class_id=place.placement.school_class_id, starts_on__lte=last, ends_on__gte=monday
    ).order_by("starts_on")
    return tuple(Banner(row.kind, row.title, row.text, row.starts_on, row.ends_on) for row in rows)


def _terms(spans: Spans, place: Place) -> list[Term]:
    year_id = place.placement.school_class.year_id
    rows = Term.objects.filter(scheme__groups__in=list(spans), scheme__year_id=year_id).distinct()
    return list(rows.order_by("scheme_id", "number"))


def term_on(terms: list[Term], first: date, last: date) -> Term | None:
    """The term that holds some of the days."""
    return next((term for term in terms if term.starts_on <= last and first <= term.ends_on), None)


def _heading(student: OpenPupil, place: Place, monday: date, last: date, terms: list[Term]) -> Heading:
    person, row = student.person, place.placement.school_class
    year = row.year
    first_monday = year.starts_on - timedelta(days=year.starts_on.weekday())
    within = first_monday <= monday <= year.ends_on
    term = term_on(terms, monday, last)
    return Heading(
        uid=student.uid,
        name=full_name(person.family_name, person.given_name),
        class_name=row.name,
        school=place.school.short_name or place.school.name,
        number=(monday - first_monday).days // 7 + 1 if within else None,
        term=(term.kind, term.number) if term else None,
        term_name=term.name if term else "",
    )


def _averages(student: OpenPupil, spans: Spans, terms: list[Term], monday: date, last: date, place: Place) -> tuple[Average, ...]:
    term = term_on(terms, monday, last)
    if term is None:
        return ()
    found = averages_between(student.pk, list(spans), term.starts_on, term.ends_on, place.now)
    return tuple(Average(subject, value) for subject, value in found)


def averages_between(student_id: int, groups: list[int], first: date, last: date, now: datetime) -> list[tuple[str, Decimal]]:
    """Weighted averages by subject of the pupil's visible marks, subjects in their order. One query."""
    rows = (
        Mark.objects.filter(
            Q(assessment__visible_from=None) | Q(assessment__visible_from__lte=now),
            assessment__group_id__in=groups,
            assessment__date__range=(first, last),
            assessment__kind=Assessment.Kind.WORK,
            assessment__counts=True,
            student_id=student_id,
            status=Mark.Status.RECORDED,
            counts=True,
        )
        .order_by("assessment__group__subject__name")
        .values_list("assessment__group__subject__name", "score", "assessment__weight")
    )
    entries: dict[str, list[tuple[Decimal | None, Decimal]]] = defaultdict(list)
    for subject, score, weight in rows:
        entries[subject].append((score, weight))
    averages = ((subject, weighted_average(of_subject)) for subject, of_subject in entries.items())
    return [(subject, average) for subject, average in averages if average is not None]
