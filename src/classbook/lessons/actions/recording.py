"""What a teacher writes about a lesson itself: the topic, that the register is taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from classbook.common.errors import Conflict
from classbook.lessons.models import Lesson, LessonChange


@dataclass(frozen=True, slots=True)
class LessonWrite:
    """The next state of a lesson's own fields; None leaves a field as it is. `homework` is told to the history only."""

    lesson_id: int
    seen: int
    topic: str | None = None
    no_homework: bool | None = None
    register_taken: bool = False
    homework: str = ""
    reason: str = ""


def record_lesson(lesson: Lesson, write: LessonWrite, *, by_id: int, at: datetime) -> int:
    """Write the fields and a history row; answers the new version. Raises Conflict when the lesson moved on."""
    changes: dict[str, object] = {"version": write.seen + 1}
    if write.topic is not None:
        changes["topic"] = write.topic
    if write.no_homework is not None:
        changes["no_homework"] = write.no_homework
    if write.register_taken and lesson.register_taken_at is None:
        changes |= {"register_taken_at": at, "register_taken_by_id": by_id, "status": Lesson.Status.HELD}
    if not Lesson.objects.filter(pk=write.lesson_id, version=write.seen).update(**changes):
        raise Conflict
    LessonChange.objects.create(
        lesson_id=write.lesson_id,
        version=write.seen + 1,
        at=at,
        by_id=by_id,
        topic=lesson.topic if write.topic is None else write.topic,
        homework=write.homework,
        register_taken=write.register_taken or lesson.register_taken_at is not None,
        reason=write.reason,
    )
    return write.seen + 1


def take_registers(lesson_ids: list[int], *, by_id: int, at: datetime) -> None:
    """Whoever writes an absence has taken the register; lessons already taken stay as they are."""
    Lesson.objects.filter(pk__in=lesson_ids, register_taken_at=None, status=Lesson.Status.PLANNED).update(
        register_taken_at=at, register_taken_by_id=by_id, status=Lesson.Status.HELD
    )
