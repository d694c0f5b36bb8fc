"""Columns of the journal: made by the browser with an id of its own, so that a retry finds the same one."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from classbook.grading.models import Assessment
from classbook.journal.actions.check import CellsConflict, CellsRefused, closed_sentence
from classbook.journal.book import Book, Column
from classbook.journal.rules import ColumnPart

MOST_WEIGHT = Decimal(100)


def write_columns(book: Book, parts: tuple[ColumnPart, ...]) -> list[dict[str, Any]]:
    """Make or change columns; the book knows them afterwards. Raises CellsRefused and CellsConflict."""
    answers = []
    for part in parts:
        known = book.columns.get(part.uid)
        known = book.columns.get(part.uid)
        # A new column that is already there was made by another tab or an earlier try: the same id, the same column.
        column = _make(book, part) if known is None else known if part.seen == 0 else _change(book, part, known)
        book.columns[part.uid] = column
        answers.append({"uid": str(part.uid), "version": column.version})
    return answers


def _refused(part: ColumnPart, sentence: str) -> CellsRefused:
    return CellsRefused([{"what": "column", "column": str(part.uid), "sentence": sentence}])


def _weight(part: ColumnPart, usual: Decimal) -> Decimal:
    if part.weight is None:
        return usual
    try:
        weight = Decimal(part.weight.replace(",", "."))
    except InvalidOperation:
        weight = Decimal(-1)
    if not weight.is_finite() or not 0 <= weight <= MOST_WEIGHT:
        raise _refused(part, _("A weight is a number from 0 to 100. The column was not changed."))
    return weight


def _make(book: Book, part: ColumnPart) -> Column:
    lesson, kind = book.lessons.get(part.lesson), book.kinds.get(part.work_kind)
    if lesson is None or kind is None:
        raise _refused(part, _("This column belongs to no lesson of the group. Load the page again."))
    if book.scale is None:
        raise _refused(part, _("This group is taught without marks, so there is no column for them."))
    if sentence := closed_sentence(book, lesson.date):
        raise _refused(part, sentence)
    place = Assessment.objects.filter(lesson=lesson).aggregate(most=Max("position"))["most"]
    row = Assessment.objects.create(
        uid=part.uid,
        school_id=book.school.pk,
        group_id=book.group.pk,
        lesson=lesson,
        work_kind_id=kind.pk,
        scale_id=book.scale.pk,
        title=part.title,
        comment=part.comment,
        date=lesson.date,
        position=0 if place is None else place + 1,
        weight=_weight(part, kind.weight),
        counts=kind.counts if part.counts is None else part.counts,
    )
    return Column(row.pk, row.uid, lesson.uid, row.date, row.version)


def _change(book: Book, part: ColumnPart, known: Column) -> Column:
    kind = book.kinds.get(part.work_kind)
    if kind is None:
        raise _refused(part, _("The school does not have this kind of work. Choose another."))
    if sentence := closed_sentence(book, known.on):
        raise _refused(part, sentence)
    changed = Assessment.objects.filter(pk=known.pk, version=part.seen).update(
        version=part.seen + 1,
        work_kind_id=kind.pk,
        title=part.title,
        comment=part.comment,
        weight=_weight(part, kind.weight),
        counts=kind.counts if part.counts is None else part.counts,
    )
    if not changed:
        conflict = {"what": "column", "column": str(part.uid), "yours": part.title, "theirs": "", "version": known.version}
        raise CellsConflict([conflict])
    return Column(known.pk, known.uid, known.lesson_uid, known.on, part.seen + 1)
