"""Every write of homework."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from classbook.common.clock import now
from classbook.common.errors import NotFound
from classbook.events.actions import raise_versions
from classbook.homework.models import Homework, HomeworkDone
from classbook.lessons.models import Lesson
from classbook.schools.access import Actor, OpenPupil


@dataclass(frozen=True, slots=True)
class Due:
    """When a task is due: at a lesson, or on a date."""

    lesson_id: int | None
    on: date | None


def due_of(lesson: Lesson) -> Due:
    """The next lesson of the group that takes place; without one, no date."""
    following = (
        Lesson.objects.filter(group_id=lesson.group_id, date__gt=lesson.date)
        .exclude(status=Lesson.Status.CANCELLED)
        .order_by("date", "period")
        .values_list("pk", "date")
        .first()
    )
    return Due(*following) if following else Due(None, None)


def give_homework(
    lesson: Lesson, text: str | None, minutes: int | None, *, by_id: int, at: datetime, keep_minutes: bool = False
) -> None:
    """Set the task given in a lesson; an empty text takes it back, None leaves it and sets the minutes alone."""
    if text is None:
        Homework.objects.filter(lesson=lesson).exclude(text="").update(minutes=minutes)
        return
    if not text:
        Homework.objects.filter(lesson=lesson).update(text="", minutes=None, due_on=None, due_lesson=None)
        return
    due = due_of(lesson)
    values = {"text": text, "due_lesson_id": due.lesson_id, "due_on": due.on, "given_by_id": by_id}
    if not keep_minutes:
        values["minutes"] = minutes
    if not Homework.objects.filter(lesson=lesson).update(**values):
        Homework.objects.create(lesson=lesson, school_id=lesson.school_id, group_id=lesson.group_id, given_at=at, **values)


@transaction.atomic
def tick_done(actor: Actor, student: OpenPupil, homework_uid: UUID, *, done: bool) -> None:
    """The pupil's own tick. Raises NotFound for a task of another group and for anybody but the pupil."""
    if student.rights.relation != "self" or student.pk != actor.person_id:
        raise NotFound
    homework = Homework.objects.filter(uid=homework_uid, group__enrollments__student_id=student.pk).first()
    if homework is None:
        raise NotFound
    if done:
        HomeworkDone.objects.get_or_create(homework=homework, student_id=student.pk, defaults={"done_at": now()})
    else:
        HomeworkDone.objects.filter(homework=homework, student_id=student.pk).delete()
    raise_versions([("pupil", student.pk)])
