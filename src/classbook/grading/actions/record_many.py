"""Marks are written as a set: one statement for the rows, their history with it (performance.md rule 5).

The caller has authorised and validated; here stands only the write, with its compare-and-set on versions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from classbook.common.errors import Conflict
from classbook.grading.models import Mark


@dataclass(frozen=True, slots=True)
class MarkWrite:
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


@dataclass(frozen=True, slots=True)
class Stored:
    """A mark as it stands."""

    pk: int
    code: str
    counts: bool
    comment: str
    version: int


@dataclass(frozen=True, slots=True)
class Written:
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
    rows = json.dumps([_row(write) for write in writes])
    write = _write_postgresql if connection.vendor == "postgresql" else _write_sqlite
    written = write(rows, school_id, by_id, at)
    if len(written) != len(writes):
        raise Conflict
    return written


def _row(write: MarkWrite) -> list[Any]:
    status = Mark.Status.RECORDED if write.code else Mark.Status.WITHDRAWN
    score = None if write.score is None else str(write.score)
    return [
        write.assessment_id, write.student_id, str(status), write.code, score, write.band if write.code else 0,
        write.counts, write.comment, write.seen + 1, write.reason,
    ]  # fmt: skip


_UPSERT = """
INSERT INTO grading_mark (school_id, assessment_id, student_id, status, code, score, band, counts, comment, version)
{rows}
ON CONFLICT (assessment_id, student_id) DO UPDATE SET
  status = excluded.status, code = excluded.code, score = excluded.score, band = excluded.band,
  counts = excluded.counts, comment = excluded.comment, version = excluded.version
WHERE grading_mark.version = excluded.version - 1
RETURNING id, assessment_id, student_id, version"""

_POSTGRESQL = """
WITH given AS (
  SELECT (v->>0)::bigint AS assessment_id, (v->>1)::bigint AS student_id, v->>2 AS status, v->>3 AS code,
         (v->>4)::numeric AS score, (v->>5)::smallint AS band, (v->>6)::boolean AS counts, v->>7 AS comment,
         (v->>8)::integer AS version, v->>9 AS reason
  FROM jsonb_array_elements(%s::jsonb) AS v
), written AS ({upsert}
), told AS (
  INSERT INTO grading_markchange (mark_id, version, at, by_id, status, code, score, counts, comment, reason,
                                  chain_previous, commitment, salt)
  SELECT w.id, w.version, %s, %s, g.status, g.code, g.score, g.counts, g.comment, g.reason, '', '', ''
  FROM written w JOIN given g USING (assessment_id, student_id)
)
SELECT id, assessment_id, student_id, version FROM written""".format(
    upsert=_UPSERT.format(
        rows="SELECT %s, assessment_id, student_id, status, code, score, band, counts, comment, version FROM given "
        "ORDER BY assessment_id, student_id"
    )
)


def _write_postgresql(rows: str, school_id: int, by_id: int | None, at: datetime) -> list[Written]:
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRESQL, [rows, school_id, at, by_id])
        return [Written(*row) for row in cursor.fetchall()]


_CELL = "json_extract(value, '$[{}]')"
_SQLITE_MARKS = _UPSERT.format(
    rows="SELECT %s, " + ", ".join(_CELL.format(place) for place in range(9)) + " FROM json_each(%s) WHERE true"
)
_SQLITE_CHANGES = (
    "INSERT INTO grading_markchange (mark_id, version, at, by_id, status, code, score, counts, comment, reason, "
    "chain_previous, commitment, salt) SELECT m.id, m.version, %s, %s, m.status, m.code, m.score, m.counts, m.comment, "
    + _CELL.format(9)
    + ", '', '', '' FROM json_each(%s) JOIN grading_mark m ON m.assessment_id = "
    + _CELL.format(0)
    + " AND m.student_id = "
    + _CELL.format(1)
)


def _write_sqlite(rows: str, school_id: int, by_id: int | None, at: datetime) -> list[Written]:
    with connection.cursor() as cursor:
        cursor.execute(_SQLITE_MARKS, [school_id, rows])
        written = [Written(*row) for row in cursor.fetchall()]
        cursor.execute(_SQLITE_CHANGES, [connection.ops.adapt_datetimefield_value(at), by_id, rows])
    return written
