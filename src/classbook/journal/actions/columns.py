"""Columns of the journal: made by the browser with an id of its own, so that a retry finds the same one."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from classbook.events.actions import record_audit
from classbook.grading.actions.columns import NewColumn, add_column
from classbook.grading.models import Assessment
from classbook.grading.queries import Kind
from classbook.journal.actions.check import CellsConflict, CellsRefused, closed_sentence
from classbook.journal.book import Book, Column
from classbook.journal.rules import ColumnPart, Save
from classbook.lessons.models import Lesson

MOST_WEIGHT = Decimal(100)


def write_columns(book: Book, request: Save, *, by_id: int) -> list[dict[str, Any]]:
    """Make or change columns; the book knows them afterwards. Raises CellsRefused and CellsConflict."""
    stored = {str(row.uid): row for row in _stored(book, request)}
    answers = []
    for part in request.columns:
        row = stored.get(part.uid)
        kind = _kind(book, request, part)
        wanted = _wanted(request, part, kind)
        if row is None:
            column = _make(book, request, part, wanted)
        elif _values(row) == wanted:
            # Made by another tab or an earlier try: the same id, the same column.
            column = book.columns[part.uid]
        else:
            column = _change(book, request, part, row, wanted, by_id)
        book.columns[part.uid] = column
        answers.append({"uid": str(part.uid), "version": column.version})
    return answers


def _stored(book: Book, request: Save) -> list[Assessment]:
    known = [part.uid for part in request.columns if part.uid in book.columns]
    return list(Assessment.objects.filter(group_id=book.group_id, uid__in=known).select_related("work_kind")) if known else []


def _refused(request: Save, part: ColumnPart, sentence: str) -> CellsRefused:
    """The column and the marks meant for it: without their column they would have no place."""
    cells = [{"what": "column", "column": str(part.uid), "sentence": sentence}]
    cells += [
        {"what": "mark", "student": str(mark.student), "column": str(part.uid), "sentence": sentence}
        for mark in request.marks
        if mark.column == part.uid
    ]
    return CellsRefused(cells)


def _kind(book: Book, request: Save, part: ColumnPart) -> Kind:
    kind = book.kinds.get(part.work_kind)
    if kind is None:
        raise _refused(request, part, _("The school does not have this kind of work. Choose another."))
    return kind


def _wanted(request: Save, part: ColumnPart, kind: Kind) -> dict[str, Any]:
    return {
        "work_kind_id": kind.pk,
        "title": part.title,
        "comment": part.comment,
        "weight": _weight(request, part, kind.weight),
        "counts": kind.counts if part.counts is None else part.counts,
    }


def _values(row: Assessment) -> dict[str, Any]:
    return {
        "work_kind_id": row.work_kind_id,
        "title": row.title,
        "comment": row.comment,
        "weight": row.weight,
        "counts": row.counts,
    }


def _weight(request: Save, part: ColumnPart, usual: Decimal) -> Decimal:
    if part.weight is None:
        return usual
    try:
        weight = Decimal(part.weight.strip().replace(",", "."))
    except InvalidOperation:
        weight = Decimal(-1)
    if not weight.is_finite() or not 0 <= weight <= MOST_WEIGHT:
        raise _refused(request, part, _("A weight is a number from 0 to 100. The column was not changed."))
    return weight.quantize(Decimal("0.01"))


def _make(book: Book, request: Save, part: ColumnPart, wanted: dict[str, Any]) -> Column:
    lesson = book.lessons.get(part.lesson)
    if lesson is None or part.seen:
        raise _refused(request, part, _("This column belongs to no lesson of the group. Load the page again."))
    if book.scale is None:
        raise _refused(request, part, _("This group is taught without marks, so there is no column for them."))
    if lesson.status == Lesson.Status.CANCELLED:
        raise _refused(request, part, _("This lesson was cancelled."))
    if sentence := closed_sentence(book, lesson.date):
        raise _refused(request, part, sentence)
    column = add_column(NewColumn(UUID(part.uid), book.school_id, book.group_id, lesson.pk, lesson.date, book.scale.pk, **wanted))
    return Column(column, part.uid, lesson.uid, lesson.date, 1)


def _change(book: Book, request: Save, part: ColumnPart, row: Assessment, wanted: dict[str, Any], by_id: int) -> Column:
    if row.lesson_id is None:
        raise _refused(request, part, _("This column belongs to no lesson of the group. Load the page again."))
    if sentence := closed_sentence(book, row.date):
        raise _refused(request, part, sentence)
    rows = Assessment.objects.filter(pk=row.pk, version=part.seen)
    if not rows.update(version=part.seen + 1, **wanted):
        kind = book.kinds[part.work_kind]
        conflict = {"yours": _in_words(kind.name, part.title, wanted["weight"]), "theirs": _row_in_words(row)}
        raise CellsConflict(
            [{"what": "column", "column": str(part.uid), "version": row.version, "by": "", "at": None} | conflict]
        )
    record_audit(
        "column.changed",
        actor_id=by_id,
        school_id=book.school_id,
        subject=("assessment", row.pk),
        weight=[str(row.weight), str(wanted["weight"])],
        counts=[row.counts, wanted["counts"]],
        work_kind=[row.work_kind_id, wanted["work_kind_id"]],
    )
    known = book.columns[part.uid]
    return Column(known.pk, known.uid, known.lesson_uid, known.on, part.seen + 1)


def _row_in_words(row: Assessment) -> str:
    return _in_words(row.work_kind.name if row.work_kind else "", row.title, row.weight)


def _in_words(kind: str, title: str, weight: Decimal) -> str:
    """As the two sides of a conflict name a column: "Test, Equations, ×3"."""
    return ", ".join([*filter(None, (kind, title)), f"×{format(weight.normalize(), 'f')}"])
