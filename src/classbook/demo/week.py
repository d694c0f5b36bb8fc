"""The pupil's own week: what a diary page should be able to show, in one week that everybody opens first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle

from classbook.attendance.models import AttendanceChange, AttendanceCode, AttendanceRecord
from classbook.common.clock import zone
from classbook.demo.school import Built
from classbook.grading.models import Assessment, Mark, MarkChange, ScaleLevel
from classbook.lessons.models import Lesson
from classbook.people.models import Person

# By course what the pupil gets in turn, with what the teacher says to it.
GIVEN = {
    "math": (("5", "Чистое и полное решение. Молодец!"), ("4", "Верный ход, одна описка в знаке. Посмотри ещё раз № 4.")),
    "rus": (("4", ""), ("2", "Словарный диктант: пять ошибок. Можно переписать в среду."), ("5", "")),
    "hist": (("3", "Даты пока нетвёрдо, причины объяснены хорошо."),),
    "lit": (("5", "Читаешь выразительно, и герой разобран подробно."),),
    "eng": (("4", ""), ("5", "")),
}
OTHERWISE = (("5", ""), ("4", ""))


def tell_week(pupil: Person, built: Built, now: datetime) -> None:
    """Late on Monday, two lessons missed on the day before, and a mark in every piece of work."""
    monday = now.date() - timedelta(days=now.weekday())
    lessons = list(
        Lesson.objects.filter(
            group__enrollments__student=pupil,
            group__enrollments__ends_on=None,
            date__range=(monday, now.date()),
            status=Lesson.Status.HELD,
        ).order_by("date", "period")
    )
    marked = set(
        Mark.objects.filter(student=pupil, assessment__lesson__in=lessons).values_list("assessment__lesson_id", flat=True)
    )
    before = max((lesson.date for lesson in lessons if lesson.date < now.date()), default=None)
    missed = [lesson for lesson in lessons if lesson.date == before and lesson.pk not in marked][:2]
    for lesson in missed:
        _note(lesson, pupil, built, "б", None)
    away = {lesson.pk for lesson in missed}
    late = [lesson for lesson in lessons if lesson.date == monday and lesson.pk not in away][-2:-1]
    for lesson in late:
        _note(lesson, pupil, built, "о", 7)
    _mark(pupil, built, [lesson for lesson in lessons if lesson.pk not in away | marked])


def _note(lesson: Lesson, pupil: Person, built: Built, code: str, minutes: int | None) -> None:
    found = AttendanceCode.objects.get(school=built.school, code=code)
    record = AttendanceRecord.objects.create(
        school=built.school, lesson=lesson, student=pupil, date=lesson.date, code=found, minutes=minutes, excused=found.excused
    )
    AttendanceChange.objects.create(
        record=record,
        version=1,
        at=_ended(lesson, built),
        by_id=lesson.teacher_id,
        code=code,
        minutes=minutes,
        excused=found.excused,
    )


def _mark(pupil: Person, built: Built, lessons: list[Lesson]) -> None:
    levels = {level.code: level for level in ScaleLevel.objects.filter(scale=built.scale)}
    columns = {column.lesson_id: column for column in Assessment.objects.filter(lesson__in=lessons)}
    turns: dict[str, Iterator[tuple[str, str]]] = {}
    for lesson in lessons:
        column = columns.get(lesson.pk)
        if column is None:
            continue
        course = built.course_of[lesson.group_id].code
        code, comment = next(turns.setdefault(course, cycle(GIVEN.get(course, OTHERWISE))))
        level = levels[code]
        mark = Mark.objects.create(
            school=built.school, assessment=column, student=pupil, code=code, score=level.score, band=level.band, comment=comment
        )
        MarkChange.objects.create(
            mark=mark, version=1, at=_ended(lesson, built), by_id=lesson.teacher_id, status=mark.status, code=code, score=level.score,
            comment=comment,
        )  # fmt: skip


def _ended(lesson: Lesson, built: Built) -> datetime:
    return datetime.combine(lesson.date, lesson.ends_at, zone(built.school.time_zone))
