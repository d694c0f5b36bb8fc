"""A new column of the journal: the work of a lesson."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter
from uuid import UUID

from classbook.common.prepared import Statement


@dataclass(frozen=True, slots=True)
class NewColumn:
    """What a column begins with; `uid` was made by the browser. It comes after the other columns of its lesson."""

    uid: UUID
    school_id: int
    group_id: int
    lesson_id: int
    date: date
    scale_id: int
    work_kind_id: int
    title: str
    comment: str
    weight: Decimal
    counts: bool


def add_column(column: NewColumn) -> int:
    """Make it; answers its key. The caller has authorised and validated. Raises IntegrityError for a second one of its uid."""
    (key,) = _COLUMN.rows(*_VALUES(column))[0]
    return int(key)


_VALUES = attrgetter(*NewColumn.__slots__)
_COLUMN = Statement(
    """
INSERT INTO grading_assessment (uid, school_id, group_id, lesson_id, date, position, scale_id, work_kind_id, title, comment,
  weight, counts, kind, version, origin, origin_id)
VALUES (:uid, :school, :group, :lesson, :date,
  (SELECT COALESCE(MAX(a.position) + 1, 0) FROM grading_assessment a WHERE a.lesson_id = :lesson), :scale,
  :kind, :title, :comment, :weight, :counts, 'work', 1, '', '')
RETURNING id""",
    {
        "uid": "uuid", "school": "bigint", "group": "bigint", "lesson": "bigint", "date": "date",
        "scale": "bigint", "kind": "bigint", "title": "text", "comment": "text", "weight": "numeric", "counts": "boolean",
    },
)  # fmt: skip
