"""Bring rows of a table to what a source says: new ones are made, different ones changed, equal ones left alone."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models

BATCH = 1000
LONGEST_ID = 120


def joined_id(*parts: str) -> str:
    """Several ids as one that fits: what is too long keeps its beginning and is told apart by its hash."""
    whole = "".join(parts)
    if len(whole) <= LONGEST_ID:
        return whole
    return f"{whole[:80]}~{hashlib.sha256(whole.encode()).hexdigest()[:32]}"


@dataclass(slots=True)
class Tally:
    """What became of the rows of one kind. `left`: rows that stay as the school set them by hand, against the package.

    `fields`: which fields the changed rows differed in, and how often.
    """

    made: int = 0
    changed: int = 0
    ended: int = 0
    same: int = 0
    left: int = 0
    fields: Counter[str] = field(default_factory=Counter)

    def __iadd__(self, other: Tally) -> Tally:
        self.made += other.made
        self.changed += other.changed
        self.ended += other.ended
        self.same += other.same
        self.left += other.left
        self.fields += other.fields
        return self

    @property
    def touched(self) -> int:
        return self.made + self.changed + self.ended


@dataclass(slots=True)
class Synced:
    """`rows` by the source's id; `left`: the ids of those that stay as the school set them by hand."""

    rows: dict[str, Any] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def pk(self, origin_id: str) -> int:
        found: int = self.rows[origin_id].pk
        return found


def sync(
    rows: models.QuerySet[Any], origin: str, wanted: Mapping[str, Mapping[str, Any]], *, only_new: Iterable[str] = ()
) -> Synced:
    """Rows of `origin` among `rows` become `wanted` (values by the source's id); fields of `only_new` are set once.

    A row that the school set by hand stays as it is until the source says the same; then it loses its mark. Rows that the
    source no longer names are left to the caller. Two to five statements, whatever the number of rows.
    """
    model = rows.model
    once = frozenset(only_new)
    there = {row.origin_id: row for row in rows.filter(origin=origin)}
    found = Synced()
    made, changed, agreed = [], [], []
    fields: Counter[str] = Counter()
    for origin_id, values in wanted.items():
        row = there.get(origin_id)
        if row is None:
            row = model(origin=origin, origin_id=origin_id, **values)
            made.append(row)
        else:
            different = [name for name, value in values.items() if name not in once and getattr(row, name) != value]
            by_hand = getattr(row, "by_hand", False)
            if by_hand and different:
                found.left.append(origin_id)
            elif by_hand:
                agreed.append(row)
            elif different:
                for name in different:
                    setattr(row, name, values[name])
                fields.update(different)
                changed.append(row)
        found.rows[origin_id] = row
    _write(model, made, changed, agreed, sorted(fields))
    same = len(wanted) - len(made) - len(changed) - len(found.left)
    found.tally = Tally(len(made), len(changed), 0, same, len(found.left), fields)
    return found


def _write(model: Any, made: list[Any], changed: list[Any], agreed: list[Any], fields: list[str]) -> None:
    # Changes first: a row may make room for a new one.
    if changed:
        model.objects.bulk_update(changed, fields, batch_size=200)
    for row in agreed:
        row.by_hand = False
    if agreed:
        model.objects.bulk_update(agreed, ["by_hand"], batch_size=200)
    model.objects.bulk_create(made, batch_size=BATCH)
