"""Save what a teacher entered: lesson, columns, marks and attendance in one transaction, all or nothing.

May I, is it valid, is it open, write, tell: in this order. A retry of the same operation gets the stored answer.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from django.utils.translation import gettext as _

from classbook.attendance.actions import record_attendance
from classbook.common.compact import dumps_sorted
from classbook.common.errors import Conflict, NotFound, Refusal
from classbook.events.operations import finish
from classbook.grading.actions import record_marks
from classbook.homework.actions import give_homework
from classbook.journal.actions.check import CellsConflict, CellsRefused, Plan, plan_of
from classbook.journal.actions.columns import write_columns
from classbook.journal.book import Book, Door, open_book, open_book_of_session
from classbook.journal.rules import LessonPart, Save, not_understood
from classbook.lessons.actions.recording import LessonWrite, record_lesson, take_registers
from classbook.lessons.models import Lesson
from classbook.schools.access import Actor
from classbook.schools.models import ClassPlacement

__all__ = ["CellsConflict", "CellsRefused", "save"]

TRIES = 4


def save(actor: Actor, door: Door, request: Save) -> dict[str, Any]:
    """Write the operation and answer what the browser needs to go on (see docs/saving.md).

    Raises NotFound (not the actor's to write), CellsRefused (bad cells, all of them named), CellsConflict (somebody
    wrote in between, both values named), OperationReused. Nothing is written when it raises.
    """
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                answer, _ = _written(actor, open_book(actor, door, request), request)
                return answer
        except CellsConflict:
            raise
        except (Conflict, IntegrityError, OperationalError) as error:
            # Lost a race between reading and writing, or PostgreSQL chose us to end a deadlock: the next try sees more.
            if left == 0 and isinstance(error, IntegrityError):
                # No race is lost so often: an id of the body is taken, such as a column's by another group.
                raise not_understood() from error
            if left == 0 or (isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", "") != "40P01"):
                raise
    raise AssertionError("unreachable")


def save_of_session(key: str, door: Door, request: Save, *, today: date) -> str | None:
    """The same for the person behind a session's cookie, when nothing is the matter with it: one statement less.

    The answer is JSON already. None: nothing was written, and `save` has the word.
    """
    try:
        with transaction.atomic():
            found = open_book_of_session(key, today, door, request)
            return _written(*found, request)[1] if found else None
    except (NotFound, Refusal, Conflict, DatabaseError):
        return None


def as_json(answer: dict[str, Any]) -> str:
    """Sorted, so that a retry's stored answer is the same to the byte on every database."""
    return dumps_sorted(answer)


def _written(actor: Actor, book: Book, request: Save) -> tuple[dict[str, Any], str]:
    """The answer, and the same as JSON: it is sent and kept, and dozens of cells are not spelled twice."""
    if book.answer is not None:
        return book.answer, as_json(book.answer)
    columns = write_columns(book, request, by_id=actor.person_id)
    plan = plan_of(book, request)
    answer, told = _write(actor, book, request, plan)
    text = as_json(answer | {"columns": columns})
    finish(
        request.op, actor_id=actor.person_id, digest=request.digest, answer=text,
        subjects=_subjects(book, request, plan), kind="journal.saved", data=told,
    )  # fmt: skip
    return answer | {"columns": columns}, text


def _write(actor: Actor, book: Book, request: Save, plan: Plan) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answer, and the word for those who want to know."""
    by, at, school_id = actor.person_id, book.now, book.school_id
    lessons = _write_lessons(actor, book, request)
    marks = record_marks(plan.marks, school_id=school_id, by_id=by, at=at)
    records = record_attendance(plan.attendance, school_id=school_id, by_id=by, at=at)
    if plan.attendance:
        take_registers(sorted({w.lesson_id for w in plan.attendance}), by_id=by, at=at)
    answer = {
        "op": str(request.op),
        "saved_at": at.isoformat(),
        # Pages loaded before an update read the one.
        "lesson": lessons[0] if lessons else None,
        "lessons": lessons,
        "marks": plan.mark_answers(marks),
        "attendance": plan.attendance_answers(records),
    }
    told = {
        "school": school_id,
        "group": book.group_id,
        "marks": [w.mark_id for w in marks],
        "attendance": [w.record_id for w in records],
        "lessons": [book.lessons[part.uid].pk for part in request.lessons],
        "homework": [book.lessons[part.uid].pk for part in request.lessons if part.homework],
    }
    return answer, told


def _write_lessons(actor: Actor, book: Book, request: Save) -> list[dict[str, Any]]:
    """Each lesson with its new version and what was written of it."""
    answers = []
    # In one order, so that two saves of the same lessons do not wait for each other.
    for part in sorted(request.lessons, key=lambda part: book.lessons[part.uid].pk):
        written = {"topic": part.topic, "homework": part.homework, "no_homework": part.no_homework}
        told = {name: value for name, value in written.items() if value is not None}
        answers.append({"uid": part.uid, "version": _write_lesson(actor, book, part)} | told)
    return answers


def _write_lesson(actor: Actor, book: Book, part: LessonPart) -> int:
    lesson = Lesson.objects.get(pk=book.lessons[part.uid].pk)
    write = LessonWrite(
        lesson_id=lesson.pk,
        seen=part.seen,
        topic=part.topic,
        no_homework=part.no_homework,
        register_taken=part.register_taken,
        homework=part.homework or "",
        reason=part.reason,
    )
    version = record_lesson(lesson, write, by_id=actor.person_id, at=book.now)
    if part.homework is not None or part.sets_minutes:
        keep = not part.sets_minutes
        give_homework(lesson, part.homework, part.minutes, by_id=actor.person_id, at=book.now, keep_minutes=keep)
    return version


def _subjects(book: Book, request: Save, plan: Plan) -> list[tuple[str, int]]:
    """Whose versions rise: what the pages of the group, its pupils and its classes hang on."""
    pupils = {write.student_id for write in plan.marks} | {write.student_id for write in plan.attendance}
    subjects = [("group", book.group_id), *(("pupil", pk) for pk in pupils)]
    if request.lessons or request.columns:
        subjects += [("class", pk) for pk in _classes(book)]
    return subjects


def _classes(book: Book) -> list[int]:
    if book.class_id:
        return [book.class_id]
    placed = ClassPlacement.objects.filter(student__enrollments__group_id=book.group_id, ends_on=None)
    return sorted(set(placed.values_list("school_class_id", flat=True)))


def conflict_sentence() -> str:
    """Above the two values of a conflict."""
    return _("Somebody else changed this in the meantime. Nothing was overwritten: choose which value stays.")
