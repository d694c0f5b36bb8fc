"""Is it valid, is it open? Every bad cell of a save is found and named, not only the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from classbook.attendance.actions import AttendanceWrite, StoredRecord, WrittenRecord
from classbook.attendance.models import AttendanceChange
from classbook.common.errors import Conflict, NotFound, Refusal
from classbook.grading.actions import MarkWrite, Written
from classbook.grading.actions.record_many import Stored
from classbook.grading.models import MarkChange
from classbook.homework.models import Homework
from classbook.journal.book import Book, Column, LessonHere, Pupil
from classbook.journal.rules import AttendancePart, LessonPart, MarkPart, Save
from classbook.lessons.models import Lesson, LessonChange
from classbook.people.models import Person
from classbook.people.rules import full_name


class CellsRefused(Refusal):
    """Some cells cannot be written; `cells` says of each why."""

    def __init__(self, cells: list[dict[str, Any]]) -> None:
        super().__init__(cells[0]["sentence"])
        self.cells = cells


class CellsConflict(Conflict):
    """Some cells moved on; `conflicts` has both values of each."""

    def __init__(self, conflicts: list[dict[str, Any]]) -> None:
        super().__init__()
        self.conflicts = conflicts


@dataclass(slots=True)
class Plan:
    """The checked writes, and the cells whose value already stands (they are answered, not written)."""

    marks: list[MarkWrite] = field(default_factory=list)
    attendance: list[AttendanceWrite] = field(default_factory=list)
    same: list[dict[str, Any]] = field(default_factory=list)
    same_attendance: list[dict[str, Any]] = field(default_factory=list)
    uids: dict[tuple[str, int, int], tuple[str, str]] = field(default_factory=dict)

    def mark_answers(self, written: Sequence[Written]) -> list[dict[str, Any]]:
        """Each mark cell with its new version."""
        codes = {(w.assessment_id, w.student_id): w.code for w in self.marks}
        answers = list(self.same)
        for w in written:
            student, column = self.uids["mark", w.assessment_id, w.student_id]
            code = codes[w.assessment_id, w.student_id]
            answers.append({"student": student, "column": column, "code": code, "version": w.version})
        return answers

    def attendance_answers(self, written: Sequence[WrittenRecord]) -> list[dict[str, Any]]:
        """Each attendance cell with its new version."""
        codes = {(w.lesson_id, w.student_id): w.code for w in self.attendance}
        answers = list(self.same_attendance)
        for w in written:
            student, lesson = self.uids["attendance", w.lesson_id, w.student_id]
            code = codes[w.lesson_id, w.student_id]
            answers.append({"student": str(student), "lesson": str(lesson), "code": code, "version": w.version})
        return answers


@dataclass(slots=True)
class _Findings:
    cells: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)


def plan_of(book: Book, save: Save) -> Plan:
    """Check every part. Raises CellsRefused with all bad cells, else CellsConflict with all stale ones."""
    plan, found = Plan(), _Findings()
    for part in save.lessons:
        _check_lesson(book, part, found)
    _check_marks(book, save.marks, plan, found)
    _check_attendance(book, save.attendance, plan, found)
    if found.cells:
        raise CellsRefused(found.cells)
    if found.conflicts:
        raise CellsConflict(found.conflicts)
    return plan


def _check_lesson(book: Book, part: LessonPart, found: _Findings) -> None:
    lesson = book.lessons.get(part.uid)
    if lesson is None:
        raise NotFound
    cell = {"what": "lesson", "lesson": str(part.uid)}
    if lesson.status == Lesson.Status.CANCELLED:
        found.cells.append(cell | {"sentence": _("This lesson was cancelled, so it is not recorded.")})
    elif part.register_taken and lesson.date > book.today:
        found.cells.append(cell | {"sentence": _future(lesson.date)})
    elif sentence := closed_sentence(book, lesson.date):
        found.cells.append(cell | {"sentence": sentence})
    elif lesson.version != part.seen:
        found.conflicts.append(cell | _lesson_conflict(part, lesson))


def _lesson_conflict(part: LessonPart, lesson: LessonHere) -> dict[str, Any]:
    """Both sides in words, of the fields that the part writes; and what stands now, for the page to show."""
    last = LessonChange.objects.filter(lesson_id=lesson.pk).order_by("-version").first()
    topic, none = Lesson.objects.values_list("topic", "no_homework").get(pk=lesson.pk)
    task = Homework.objects.filter(lesson_id=lesson.pk).first()
    stands: dict[str, Any] = {"topic": topic, "homework": task.text if task else "", "no_homework": none}
    written = [name for name in ("topic", "homework") if getattr(part, name) is not None] or ["topic", "homework"]
    theirs = " · ".join(filter(None, (stands[name] for name in written)))
    yours = " · ".join(filter(None, (part.topic, part.homework)))
    return {"yours": yours, "theirs": theirs, "version": lesson.version, "stands": stands} | _who(last)


def _future(day: date) -> str:
    return _("The lesson of %(day)s has not begun yet. Topic and homework can be entered now, marks and absences then.") % {
        "day": date_format(day, "j E")
    }


def closed_sentence(book: Book, day: date) -> str:
    """Why nothing of this day is written; empty when its term is open."""
    term = book.closed_term(day)
    return closed_words(term.ends_on) if term else ""


def closed_words(ended_on: date) -> str:
    """That a term is closed, and who can open it."""
    return _("The term that ended on %(day)s is closed. Nothing was changed; the head can open it again for this group.") % {
        "day": date_format(ended_on, "j E")
    }


def _check_marks(book: Book, parts: Sequence[MarkPart], plan: Plan, found: _Findings) -> None:
    for part in parts:
        column, pupil = book.columns.get(part.column), book.pupils.get(part.student)
        if column is None or pupil is None:
            raise NotFound
        before = book.marks.get((column.pk, pupil.pk))
        refusal = _mark_refusal(book, part, column, pupil, before)
        if refusal:
            found.cells.append(_mark_cell(part) | refusal)
        elif (before.version if before else 0) != part.seen:
            if before and _is_same(before, part):
                plan.same.append(_answer(part, before))
                continue
            found.conflicts.append(_mark_cell(part) | _mark_conflict(part, before))
        elif (before and _is_same(before, part)) or (not before and not part.code):
            plan.same.append(_answer(part, before))
        else:
            plan.uids["mark", column.pk, pupil.pk] = (part.student, part.column)
            plan.marks.append(_mark_write(book, part, column, pupil, before))


def _mark_cell(part: MarkPart) -> dict[str, Any]:
    return {"what": "mark", "student": part.student, "column": part.column}


def _mark_refusal(book: Book, part: MarkPart, column: Column, pupil: Pupil, before: Stored | None) -> dict[str, Any] | None:
    lesson = book.lessons.get(column.lesson_uid) if column.lesson_uid else None
    if book.scale is None:
        return {"sentence": _("This group is taught without marks.")}
    if part.code and book.level(part.code) is None:
        return {"sentence": _("“%(code)s” is not a mark of this group's scale.") % {"code": part.code}}
    return _cell_refusal(book, column.on, lesson, pupil.belongs_on(column.on), bool(before and before.code), part.reason)


def _cell_refusal(
    book: Book, day: date, lesson: LessonHere | None, belongs: bool, is_correction: bool, reason: str
) -> dict[str, Any] | None:
    held = lesson.uid if lesson else None
    # Of a column's dozens of cells the first one asks.
    if (day, held) not in book.day_refusals:
        book.day_refusals[day, held] = _day_refusal(book, day, lesson)
    if sentence := book.day_refusals[day, held]:
        return {"sentence": sentence}
    if not belongs:
        return {"sentence": _("The pupil was not in this group on that day.")}
    if is_correction and not reason and book.asks_for_reason(day):
        sentence = _("This entry is older than %(days)d days. Say in a few words why it changes.")
        return {"sentence": sentence % {"days": book.correction_days}, "needs": "reason"}
    return None


def _day_refusal(book: Book, day: date, lesson: LessonHere | None) -> str:
    """Why nobody's mark or absence is written into a lesson or on a day; empty: it may be."""
    if lesson is not None and lesson.status == Lesson.Status.CANCELLED:
        return _("This lesson was cancelled.")
    return _future(day) if day > book.today else closed_sentence(book, day)


def _is_same(before: Stored, part: MarkPart) -> bool:
    return (
        before.code.casefold() == part.code.casefold()
        and part.comment in (None, before.comment)
        and part.counts in (None, before.counts)
    )


def _answer(part: MarkPart, before: Stored | None) -> dict[str, Any]:
    code, version = (before.code, before.version) if before else ("", 0)
    return {"student": part.student, "column": part.column, "code": code, "version": version}


def _mark_write(book: Book, part: MarkPart, column: Column, pupil: Pupil, before: Stored | None) -> MarkWrite:
    level = book.level(part.code)
    comment = part.comment if part.comment is not None else before.comment if before else ""
    counts = part.counts if part.counts is not None else before.counts if before else True
    if not part.code:
        # What was said about a mark goes with it; its history keeps both.
        comment, counts = "", True
    return MarkWrite(
        assessment_id=column.pk,
        student_id=pupil.pk,
        code=level.code if level else "",
        score=level.score if level else None,
        band=level.band if level else 0,
        counts=counts,
        comment=comment,
        seen=part.seen,
        reason=part.reason,
    )


def _mark_conflict(part: MarkPart, before: Stored | None) -> dict[str, Any]:
    last = MarkChange.objects.filter(mark_id=before.pk).order_by("-version").first() if before else None
    theirs, version = (before.code, before.version) if before else ("", 0)
    return {"yours": part.code, "theirs": theirs, "version": version} | _who(last)


def _who(last: MarkChange | AttendanceChange | LessonChange | None) -> dict[str, Any]:
    if last is None:
        return {"by": "", "at": None}
    person = Person.objects.filter(pk=last.by_id or 0).first()
    name = full_name(person.family_name, person.given_name, person.middle_name) if person else ""
    return {"by": name, "at": last.at.isoformat()}


def _check_attendance(book: Book, parts: Sequence[AttendancePart], plan: Plan, found: _Findings) -> None:
    for part in parts:
        lesson, pupil = book.lessons.get(part.lesson), book.pupils.get(part.student)
        if lesson is None or pupil is None:
            raise NotFound
        before = book.records.get((lesson.pk, pupil.pk))
        cell = {"what": "attendance", "student": str(part.student), "lesson": str(part.lesson)}
        same = _is_same_absence(before, part)
        refusal = _attendance_refusal(book, part, lesson, before)
        if refusal:
            found.cells.append(cell | refusal)
        elif same:
            version = before.version if before else 0
            plan.same_attendance.append(
                {"student": str(part.student), "lesson": str(part.lesson), "code": part.code, "version": version}
            )
        elif (before.version if before else 0) != part.seen:
            found.conflicts.append(cell | _attendance_conflict(part, before))
        else:
            plan.uids["attendance", lesson.pk, pupil.pk] = (part.student, part.lesson)
            plan.attendance.append(_attendance_write(book, part, lesson))


def _is_same_absence(before: StoredRecord | None, part: AttendancePart) -> bool:
    if before is None or not part.code:
        return part.code == (before.code if before else "")
    return before.code == part.code and (not part.sets_minutes or part.minutes == before.minutes)


def _attendance_refusal(
    book: Book, part: AttendancePart, lesson: LessonHere, before: StoredRecord | None
) -> dict[str, Any] | None:
    if part.code and part.code.casefold() not in book.codes:
        return {"sentence": _("“%(code)s” is not a code of the school's register.") % {"code": part.code}}
    pupil = book.pupils[part.student]
    was_set = bool(before and before.code and before.code != part.code)
    return _cell_refusal(book, lesson.date, lesson, pupil.belongs_on(lesson.date), was_set, part.reason)


def _attendance_write(book: Book, part: AttendancePart, lesson: LessonHere) -> AttendanceWrite:
    code = book.codes.get(part.code.casefold()) if part.code else None
    return AttendanceWrite(
        lesson_id=lesson.pk,
        student_id=book.pupils[part.student].pk,
        date=lesson.date,
        code_id=code.pk if code else None,
        code=code.code if code else "",
        minutes=part.minutes if code else None,
        excused=code.excused if code else False,
        seen=part.seen,
        reason=part.reason,
    )


def _attendance_conflict(part: AttendancePart, before: StoredRecord | None) -> dict[str, Any]:
    last = AttendanceChange.objects.filter(record_id=before.pk).order_by("-version").first() if before else None
    theirs, version = (before.code, before.version) if before else ("", 0)
    return {"yours": part.code, "theirs": theirs, "version": version} | _who(last)
