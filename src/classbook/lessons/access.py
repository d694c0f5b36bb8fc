"""The one lesson as an anchor: for its teacher of that day, co-teachers and the group's teachers; head and deputy read."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from classbook.common.errors import NotFound
from classbook.lessons.models import Lesson, LessonTeacher
from classbook.schools.access import Actor, teaches
from classbook.schools.roles import Permission


@dataclass(frozen=True, slots=True)
class OpenLesson:
    pk: int
    uid: UUID
    lesson: Lesson
    can_write: bool


def open_lesson(actor: Actor, uid: UUID) -> OpenLesson:
    """The lesson, or NotFound. A substitute may write this lesson and nothing else of the group."""
    lesson = (
        Lesson.objects.select_related("group__school", "group__subject", "group__school_class", "room", "teacher")
        .filter(uid=uid)
        .first()
    )
    if lesson is None:
        raise NotFound
    if actor.may(Permission.TEACH, lesson.school_id) and _is_teacher_of(actor, lesson):
        return OpenLesson(lesson.pk, lesson.uid, lesson, can_write=True)
    if actor.may(Permission.SEE_JOURNALS, lesson.school_id):
        return OpenLesson(lesson.pk, lesson.uid, lesson, can_write=False)
    raise NotFound


def _is_teacher_of(actor: Actor, lesson: Lesson) -> bool:
    if lesson.teacher_id == actor.person_id or teaches(actor, lesson.group_id):
        return True
    return LessonTeacher.objects.filter(lesson_id=lesson.pk, teacher_id=actor.person_id).exists()
