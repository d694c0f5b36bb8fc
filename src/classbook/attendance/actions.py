"""Every write of attendance, as a set like the marks (grading.actions.record_many)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from classbook.attendance.models import AttendanceRecord
from classbook.common.errors import Conflict


@dataclass(frozen=True, slots=True)
class AttendanceWrite:
    """The next state of one pupil in one lesson. No code: present after all. `seen` 0: nothing was stored."""

    lesson_id: int
    student_id: int
    date: date
    code_id: int | None
    code: str
    minutes: int | None
    excused: bool
    seen: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StoredRecord:
    pk: int
    code: str
    minutes: int | None
    version: int


@dataclass(frozen=True, slots=True)
class WrittenRecord:
    record_id: int
    lesson_id: int
    student_id: int
    version: int


def records_in(lessons: Iterable[int], students: Iterable[int]) -> dict[tuple[int, int], StoredRecord]:
    """The stored exceptions of some cells by (lesson id, student id), locked in the order of their ids."""
    rows = AttendanceRecord.objects.filter(lesson_id__in=sorted(set(lessons)), student_id__in=sorted(set(students)))
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(of=("self",)).order_by("pk")
    values = rows.values_list("lesson_id", "student_id", "pk", "code__code", "minutes", "version")
    return {(row[0], row[1]): StoredRecord(row[2], row[3] or "", row[4], row[5]) for row in values}


def record_attendance(writes: Sequence[AttendanceWrite], *, school_id: int, by_id: int, at: datetime) -> list[WrittenRecord]:
    """Write the cells and a history row for each, all or none. Raises Conflict as `record_marks` does."""
    if not writes:
        return []
    rows = json.dumps(
        [
            [w.lesson_id, w.student_id, w.date.isoformat(), w.code_id, w.minutes, w.excused, w.seen + 1, w.code, w.reason]
            for w in writes
        ]
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL, [rows, school_id, at, by_id])
            written = [WrittenRecord(*row) for row in cursor.fetchall()]
        else:
            cursor.execute(_SQLITE_RECORDS, [school_id, rows])
            written = [WrittenRecord(*row) for row in cursor.fetchall()]
            cursor.execute(_SQLITE_CHANGES, [connection.ops.adapt_datetimefield_value(at), by_id, rows])
    if len(written) != len(writes):
        raise Conflict
    return written


_UPSERT = """
INSERT INTO attendance_attendancerecord (school_id, lesson_id, student_id, date, code_id, minutes, excused, version)
{rows}
ON CONFLICT (lesson_id, student_id) DO UPDATE SET
  code_id = excluded.code_id, minutes = excluded.minutes, excused = excluded.excused, version = excluded.version
WHERE attendance_attendancerecord.version = excluded.version - 1
RETURNING id, lesson_id, student_id, version"""

_POSTGRESQL = """
WITH given AS (
  SELECT (v->>0)::bigint AS lesson_id, (v->>1)::bigint AS student_id, (v->>2)::date AS date, (v->>3)::bigint AS code_id,
         (v->>4)::smallint AS minutes, (v->>5)::boolean AS excused, (v->>6)::integer AS version, v->>7 AS code,
         v->>8 AS reason
  FROM jsonb_array_elements(%s::jsonb) AS v
), written AS ({upsert}
), told AS (
  INSERT INTO attendance_attendancechange (record_id, version, at, by_id, code, minutes, excused, reason,
                                           chain_previous, commitment, salt)
  SELECT w.id, w.version, %s, %s, g.code, g.minutes, g.excused, g.reason, '', '', ''
  FROM written w JOIN given g USING (lesson_id, student_id)
)
SELECT id, lesson_id, student_id, version FROM written""".format(
    upsert=_UPSERT.format(
        rows="SELECT %s, lesson_id, student_id, date, code_id, minutes, excused, version FROM given "
        "ORDER BY lesson_id, student_id"
    )
)
_CELL = "json_extract(value, '$[{}]')"
_SQLITE_RECORDS = _UPSERT.format(
    rows="SELECT %s, " + ", ".join(_CELL.format(place) for place in range(7)) + " FROM json_each(%s) WHERE true"
)
_SQLITE_CHANGES = (
    "INSERT INTO attendance_attendancechange (record_id, version, at, by_id, code, minutes, excused, reason, "
    "chain_previous, commitment, salt) SELECT r.id, r.version, %s, %s, "
    + _CELL.format(7)
    + ", r.minutes, r.excused, "
    + _CELL.format(8)
    + ", '', '', '' FROM json_each(%s) JOIN attendance_attendancerecord r ON r.lesson_id = "
    + _CELL.format(0)
    + " AND r.student_id = "
    + _CELL.format(1)
)
