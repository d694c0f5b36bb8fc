"""Reads about lessons."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from classbook.lessons.models import Remark
from classbook.people.rules import full_name


@dataclass(frozen=True, slots=True)
class RemarkLine:
    """A remark about a pupil of a lesson. `mine`: the reader wrote it and may take it back."""

    uid: UUID
    kind: str
    text: str
    author: str
    mine: bool


def remarks_of_lesson(lesson_id: int, reader_id: int) -> dict[int, tuple[RemarkLine, ...]]:
    """The remarks of a lesson that stand, by pupil, oldest first. One query."""
    rows = Remark.objects.filter(lesson_id=lesson_id, withdrawn_at=None).select_related("author").order_by("pk")
    found: dict[int, list[RemarkLine]] = defaultdict(list)
    for row in rows:
        author = full_name(row.author.family_name, row.author.given_name, row.author.middle_name)
        found[row.student_id].append(RemarkLine(row.uid, row.kind, row.text, author, row.author_id == reader_id))
    return {student: tuple(lines) for student, lines in found.items()}
