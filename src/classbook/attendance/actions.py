"""Every write of attendance, as a set like the marks (grading.actions.record_many)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from classbook.common.sets import HistoryWrite


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


def record_attendance(writes: Sequence[AttendanceWrite], *, school_id: int, by_id: int, at: datetime) -> list[WrittenRecord]:
    """Write the cells and a history row for each, all or none. Raises Conflict as `record_marks` does."""
    if not writes:
        return []
    cells = [
        [w.lesson_id, w.student_id, w.date.isoformat(), w.code_id, w.minutes, w.excused, w.seen + 1, w.code, w.reason]
        for w in writes
    ]
    return [WrittenRecord(*row) for row in _RECORDS.write(cells, school_id=school_id, by_id=by_id, at=at)]


_RECORDS = HistoryWrite(
    "attendance_attendancerecord",
    key="lesson_id, student_id",
    returns="id, lesson_id, student_id, version",
    given={
        "lesson_id": "whole", "student_id": "whole", "date": "day", "code_id": "whole", "minutes": "whole", "excused": "flag",
        "version": "whole", "code": "text", "reason": "text",
    },
    upsert="""
    INSERT INTO attendance_attendancerecord (school_id, lesson_id, student_id, date, code_id, minutes, excused, version)
    SELECT :school, lesson_id, student_id, date, code_id, minutes, excused, version
    FROM {given} WHERE true {order}
    ON CONFLICT (lesson_id, student_id) DO UPDATE SET
      code_id = excluded.code_id, minutes = excluded.minutes, excused = excluded.excused, version = excluded.version
    WHERE attendance_attendancerecord.version = excluded.version - 1""",
    change="""
    INSERT INTO attendance_attendancechange (record_id, version, at, by_id, code, minutes, excused, reason,
                                             chain_previous, commitment, salt)
    SELECT r.id, r.version, :at, :by, g.code, r.minutes, r.excused, g.reason, '', '', ''
    FROM {given} g CROSS JOIN {written} r WHERE r.lesson_id = g.lesson_id AND r.student_id = g.student_id""",
)  # fmt: skip
