"""What happened in the lessons up to now: topics, homework, marks with their history, absences, remarks."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import connection

from classbook.attendance.models import AttendanceChange, AttendanceCode, AttendanceRecord
from classbook.common.clock import zone
from classbook.demo.curriculum import Course
from classbook.demo.people import uid
from classbook.demo.school import Built
from classbook.grading.models import Assessment, Mark, MarkChange, ScaleLevel, WorkKind
from classbook.homework.models import Homework
from classbook.lessons.models import Lesson, LessonChange

BATCH = 3000


class Filling:
    """Fills the lessons of one school that ended before `until`; those of `skip` stay as the teacher left them.

    Pupils `told` have a story of their own: chance does not keep them away in the week of `until`.
    """

    def __init__(self, built: Built, until: datetime, random: Random, told: frozenset[int] = frozenset()) -> None:
        self.built, self.until, self.random = built, until, random
        self.zone = zone(built.school.time_zone)
        self.kinds = {kind.code: kind for kind in WorkKind.objects.filter(school=built.school).order_by("order")}
        levels = ScaleLevel.objects.filter(scale=built.scale, score__isnull=False)
        self.levels = {int(level.score or 0): level for level in levels}
        self.codes = list(AttendanceCode.objects.filter(school=built.school).order_by("order"))
        self.ability: dict[int, float] = {}
        self.told, self.monday = told, until.date() - timedelta(days=until.weekday())
        self.rows: dict[str, list[Any]] = defaultdict(list)

    def run(self, skip: set[int]) -> None:
        """Fill and store."""
        by_group: dict[int, list[Lesson]] = defaultdict(list)
        for lesson in Lesson.objects.filter(school=self.built.school).order_by("date", "period", "pk"):
            by_group[lesson.group_id].append(lesson)
        for lessons in by_group.values():
            for number, lesson in enumerate(lessons):
                ended = datetime.combine(lesson.date, lesson.ends_at, self.zone)
                if ended > self.until or lesson.pk in skip or self.random.random() < 0.004:
                    continue
                following = lessons[number + 1] if number + 1 < len(lessons) else None
                self._lesson(lesson, number, following, ended)
        self._store()

    def _lesson(self, lesson: Lesson, number: int, following: Lesson | None, at: datetime) -> None:
        course, teacher = self.built.course_of[lesson.group_id], lesson.teacher_id
        lesson.topic = course.topics[number % len(course.topics)]
        lesson.status, lesson.version = Lesson.Status.HELD, 1
        lesson.register_taken_at, lesson.register_taken_by_id = at, teacher
        task = self._task(course, number) if self.random.random() < 0.75 else ""
        lesson.no_homework = not task
        self.rows["lessons"].append(lesson)
        self.rows["lesson_changes"].append(
            LessonChange(lesson=lesson, version=1, at=at, by_id=teacher, topic=lesson.topic, homework=task, register_taken=True)
        )
        if task:
            self.rows["homework"].append(
                Homework(
                    uid=uid(self.random),
                    school=self.built.school,
                    group_id=lesson.group_id,
                    lesson=lesson,
                    text=task,
                    due_lesson=following,
                    due_on=following.date if following else None,
                    given_by_id=teacher,
                    given_at=at,
                    minutes=self.random.choice((None, 15, 20, 30)),
                )
            )
        away = self._absences(lesson, at)
        if lesson.group_id in self.marked:
            there = self.built.members_on(lesson.group_id, lesson.date)
            self._marks(lesson, number, at, [pk for pk in there if pk not in away])

    @property
    def marked(self) -> set[int]:
        if not hasattr(self, "_marked"):
            unmarked = {row.pk for row in self.built.classes if row.grade_level in self.built.shape.unmarked}
            self._marked = {group.pk for group in self.built.groups if group.school_class_id not in unmarked}
        return self._marked

    def _task(self, course: Course, number: int) -> str:
        form = self.random.choice(course.homework)
        n, m = 3 + number, 12 + (number * 7 + self.random.randrange(6)) % 170
        return form.format(n=n, n2=n + 1, m=m, m2=m + 2)

    def _absences(self, lesson: Lesson, at: datetime) -> set[int]:
        away = set()
        for student in self.built.members_on(lesson.group_id, lesson.date):
            chance = self._day_chance(student, lesson)
            if self.random.random() >= chance or (student in self.told and lesson.date >= self.monday):
                continue
            late = chance < 0.5 and self.random.random() < 0.35
            code = self._code(student, lesson, late)
            if code.kind == AttendanceCode.Kind.ABSENT:
                away.add(student)
            minutes = self.random.choice((3, 5, 7, 10)) if late else None
            self.rows["records"].append(
                AttendanceRecord(
                    school=self.built.school,
                    lesson=lesson,
                    student_id=student,
                    date=lesson.date,
                    code=code,
                    minutes=minutes,
                    excused=code.excused,
                )
            )
            self.rows["record_changes"].append((at, lesson.teacher_id, code.code, minutes, code.excused))
        return away

    def _day_chance(self, student: int, lesson: Lesson) -> float:
        """Whole days of illness and a few single lessons: about 6 % together."""
        ill = (student * 2654435761 + lesson.date.toordinal() // 4 * 40503) % 1000
        return 0.97 if ill < 45 else 0.012

    def _code(self, student: int, lesson: Lesson, late: bool) -> AttendanceCode:
        kind = AttendanceCode.Kind.LATE if late else AttendanceCode.Kind.ABSENT
        fitting = [code for code in self.codes if code.kind == kind]
        return fitting[(student + lesson.date.toordinal() // 4) % len(fitting)]

    def _marks(self, lesson: Lesson, number: int, at: datetime, present: list[int]) -> None:
        kinds = list(self.kinds.values())
        if number % 9 == 8:
            self._column(lesson, kinds[-2], at, present)
        elif number % 5 == 4:
            self._column(lesson, kinds[2], at, [pk for pk in present if self.random.random() < 0.9])
        elif self.random.random() < 0.75:
            count = min(len(present), self.random.randrange(2, 7))
            self._column(lesson, kinds[0], at, self.random.sample(present, count))

    def _column(self, lesson: Lesson, kind: WorkKind, at: datetime, students: list[int]) -> None:
        column = Assessment(
            uid=uid(self.random),
            school=self.built.school,
            group_id=lesson.group_id,
            lesson=lesson,
            work_kind=kind,
            scale=self.built.scale,
            title=lesson.topic if kind.weight > 1 else "",
            date=lesson.date,
            weight=kind.weight,
            counts=kind.counts,
        )
        self.rows["columns"].append(column)
        for student in students:
            level = self._level(student)
            comment = self.random.choice(COMMENTS[self.built.school.locale]) if self.random.random() < 0.04 else ""
            self.rows["marks"].append(
                Mark(
                    school=self.built.school,
                    assessment=column,
                    student_id=student,
                    code=level.code,
                    score=level.score,
                    band=level.band,
                    comment=comment,
                )
            )
            self.rows["mark_times"].append((at + timedelta(minutes=3), lesson.teacher_id))

    def _level(self, student: int) -> ScaleLevel:
        ability = self.ability.setdefault(student, self.random.gauss(4.05, 0.45))
        score = round(min(5.0, max(2.0, self.random.gauss(ability, 0.65))))
        return self.levels[score]

    def _store(self) -> None:
        rows = self.rows
        _update_lessons(rows["lessons"])
        LessonChange.objects.bulk_create(rows["lesson_changes"], batch_size=BATCH)
        Homework.objects.bulk_create(rows["homework"], batch_size=BATCH)
        Assessment.objects.bulk_create(rows["columns"], batch_size=BATCH)
        Mark.objects.bulk_create(rows["marks"], batch_size=BATCH)
        MarkChange.objects.bulk_create(
            (
                MarkChange(mark=m, version=1, at=at, by_id=by, status=m.status, code=m.code, score=m.score, comment=m.comment)
                for m, (at, by) in zip(rows["marks"], rows["mark_times"], strict=True)
            ),
            batch_size=BATCH,
        )
        AttendanceRecord.objects.bulk_create(rows["records"], batch_size=BATCH)
        AttendanceChange.objects.bulk_create(
            (
                AttendanceChange(record=r, version=1, at=at, by_id=by, code=code, minutes=minutes, excused=excused)
                for r, (at, by, code, minutes, excused) in zip(rows["records"], rows["record_changes"], strict=True)
            ),
            batch_size=BATCH,
        )


def _update_lessons(lessons: list[Lesson]) -> None:
    """Thousands of rows with values of their own: executemany, which the ORM's bulk_update is far from."""
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE lessons_lesson SET topic = %s, status = %s, version = %s, no_homework = %s, register_taken_at = %s, "
            "register_taken_by_id = %s WHERE id = %s",
            [
                (x.topic, str(x.status), x.version, x.no_homework, adapt(x.register_taken_at), x.register_taken_by_id, x.pk)
                for x in lessons
            ],
        )


COMMENTS = {
    "ru": ("Молодец, чёткое решение.", "Верный ход, одна описка в знаке. Посмотри ещё раз № 4.", "Даты пока нетвёрдо, причины объяснены хорошо.",
           "Аккуратная работа.", "Приходи на консультацию в среду."),
    "ja": ("よくできました。", "もう一度見直しましょう。", "ていねいな字です。"),
}  # fmt: skip
