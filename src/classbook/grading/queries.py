"""Reads about marks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from classbook.grading.models import GroupScale, MarkChange, MarkScale, ScaleLevel, TermReopening, WorkKind
from classbook.grading.rules import Level, Scale


def scale_of_group(group_id: int) -> Scale | None:
    """The group's scale with its levels; None: the group is not marked. Two queries."""
    row = GroupScale.objects.select_related("scale").filter(group_id=group_id).first()
    return scale_from(row.scale) if row else None


def scale_from(scale: MarkScale) -> Scale:
    """A scale as the rules want it."""
    rows = ScaleLevel.objects.filter(scale=scale).order_by("order", "pk")
    levels = tuple(Level(row.code, row.score, row.passes, row.band, row.label) for row in rows)
    return Scale(scale.pk, scale.code, scale.kind, scale.best, scale.worst, scale.passing, scale.step, levels)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work."""

    pk: int
    code: str
    name: str
    short_name: str
    weight: Decimal
    counts: bool


def work_kinds_of(school_id: int) -> list[Kind]:
    """The school's kinds of work in its own order. The first is the usual one."""
    rows = WorkKind.objects.filter(school_id=school_id).order_by("order", "pk")
    return [Kind(row.pk, row.code, row.name, row.short_name or row.name, row.weight, row.counts) for row in rows]


@dataclass(frozen=True, slots=True)
class Change:
    """One version of a cell, for its history."""

    version: int
    at: datetime
    by_id: int | None
    value: str
    comment: str
    counts: bool
    reason: str


def history_of_mark(group_id: int, column_uid: str, student_uid: str) -> list[Change]:
    """All versions of a mark of this group, oldest first."""
    rows = MarkChange.objects.filter(
        mark__assessment__group_id=group_id, mark__assessment__uid=column_uid, mark__student__uid=student_uid
    ).order_by("version")
    return [Change(row.version, row.at, row.by_id, row.code, row.comment, row.counts, row.reason) for row in rows]


def reopened_until(group_id: int, term_ids: Iterable[int]) -> dict[int, datetime]:
    """Until when closed terms are open again for the group."""
    rows = TermReopening.objects.filter(group_id=group_id, term_id__in=list(term_ids)).order_by("open_until")
    return dict(rows.values_list("term_id", "open_until"))
