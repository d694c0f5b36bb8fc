"""Marks are written as a set, their history with them (common.sets).

The caller has authorised and validated; here stands only the write, with its compare-and-set on versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from classbook.common.sets import HistoryWrite
from classbook.grading.models import Mark


class MarkWrite(NamedTuple):
    """The next state of one cell. `seen` is the version that the writer saw, 0 for an empty cell; code "" withdraws."""

    assessment_id: int
    student_id: int
    code: str
    score: Decimal | None
    band: int
    counts: bool
    comment: str
    seen: int
    reason: str = ""


class Stored(NamedTuple):
    """A mark as it stands."""

    pk: int
    code: str
    counts: bool
    comment: str
    version: int


class Written(NamedTuple):
    mark_id: int
    assessment_id: int
    student_id: int
    version: int


def marks_in(columns: Iterable[int], students: Iterable[int]) -> dict[tuple[int, int], Stored]:
    """The stored marks of some cells by (assessment id, student id), locked in the order of their ids."""
    rows = Mark.objects.filter(assessment_id__in=sorted(set(columns)), student_id__in=sorted(set(students)))
    if connection.vendor == "postgresql":
        rows = rows.select_for_update().order_by("pk")
    values = rows.values_list("assessment_id", "student_id", "pk", "code", "counts", "comment", "version")
    return {(row[0], row[1]): Stored(*row[2:]) for row in values}


def record_marks(writes: Sequence[MarkWrite], *, school_id: int, by_id: int | None, at: datetime) -> list[Written]:
    """Write the cells and a history row for each, all or none.

    Raises Conflict when a cell has moved on since it was read: the transaction must be given up.
    """
    if not writes:
        return []
    rows = _MARKS.write([_row(write) for write in writes], school_id=school_id, by_id=by_id, at=at)
    return [Written(*row) for row in rows]


def _row(write: MarkWrite) -> list[Any]:
    score = None if write.score is None else str(write.score)
    status, band = (_RECORDED, write.band) if write.code else (_WITHDRAWN, 0)
    return [
        write.assessment_id, write.student_id, status, write.code, score, band,
        write.counts, write.comment, write.seen + 1, write.reason,
    ]  # fmt: skip


_RECORDED, _WITHDRAWN = Mark.Status.RECORDED.value, Mark.Status.WITHDRAWN.value
_MARKS = HistoryWrite(
    "grading_mark",
    key="assessment_id, student_id",
    returns="id, assessment_id, student_id, version",
    given={
        "assessment_id": "whole", "student_id": "whole", "status": "text", "code": "text", "score": "number", "band": "whole",
        "counts": "flag", "comment": "text", "version": "whole", "reason": "text",
    },
    upsert="""
    INSERT INTO grading_mark (school_id, assessment_id, student_id, status, code, score, band, counts, comment, version)
    SELECT :school, assessment_id, student_id, status, code, score, band, counts, comment, version
    FROM {given} WHERE true {order}
    ON CONFLICT (assessment_id, student_id) DO UPDATE SET
      status = excluded.status, code = excluded.code, score = excluded.score, band = excluded.band,
      counts = excluded.counts, comment = excluded.comment, version = excluded.version
    WHERE grading_mark.version = excluded.version - 1""",
    change="""
    INSERT INTO grading_markchange (mark_id, version, at, by_id, status, code, score, counts, comment, reason,
                                    chain_previous, commitment, salt)
    SELECT m.id, m.version, :at, :by, m.status, m.code, m.score, m.counts, m.comment, g.reason, '', '', ''
    FROM {given} g CROSS JOIN {written} m WHERE m.assessment_id = g.assessment_id AND m.student_id = g.student_id""",
)  # fmt: skip
