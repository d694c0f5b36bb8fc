"""Reads about absences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from classbook.attendance.models import AttendanceChange, AttendanceCode


@dataclass(frozen=True, slots=True)
class Code:
    """A code of the school's register."""

    pk: int
    code: str
    kind: str
    label: str
    excused: bool
    confidential: bool


def codes_of(school_id: int) -> list[Code]:
    """The school's attendance codes in its own order."""
    rows = AttendanceCode.objects.filter(school_id=school_id).order_by("order", "pk")
    return [Code(row.pk, row.code, row.kind, row.label, row.excused, row.confidential) for row in rows]


@dataclass(frozen=True, slots=True)
class RecordChange:
    version: int
    at: datetime
    by_id: int | None
    value: str
    minutes: int | None
    reason: str


def history_of_record(group_id: int, lesson_uid: str, student_uid: str) -> list[RecordChange]:
    """All versions of a pupil's attendance in a lesson of this group, oldest first."""
    rows = AttendanceChange.objects.filter(
        record__lesson__group_id=group_id, record__lesson__uid=lesson_uid, record__student__uid=student_uid
    ).order_by("version")
    return [RecordChange(row.version, row.at, row.by_id, row.code, row.minutes, row.reason) for row in rows]
