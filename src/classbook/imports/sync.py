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
    """What became of the rows of one kind. `fields`: which fields the changed rows differed in, and how often."""

    made: int = 0
    changed: int = 0
    ended: int = 0
    same: int = 0
    fields: Counter[str] = field(default_factory=Counter)

    def __iadd__(self, other: Tally) -> Tally:
        self.made += other.made
        self.changed += other.changed
        self.ended += other.ended
        self.same += other.same
        self.fields += other.fields
        return self

    @property
    def touched(self) -> int:
        return self.made + self.changed + self.ended


@dataclass(slots=True)
class Synced:
    """`rows` by the source's id."""

    rows: dict[str, Any] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)

    def pk(self, origin_id: str) -> int:
        found: int = self.rows[origin_id].pk
        return found


def sync(
    rows: models.QuerySet[Any], origin: str, wanted: Mapping[str, Mapping[str, Any]], *, only_new: Iterable[str] = ()
) -> Synced:
    """Rows of `origin` among `rows` become `wanted` (values by the source's id); fields of `only_new` are set once.

    Rows that the source no longer names are left to the caller. Two to four statements, whatever the number of rows.
    """
    model = rows.model
    once = frozenset(only_new)
    there = {row.origin_id: row for row in rows.filter(origin=origin)}
    found = Synced()
    made, changed = [], []
    fields: Counter[str] = Counter()
    for origin_id, values in wanted.items():
        row = there.get(origin_id)
        if row is None:
            row = model(origin=origin, origin_id=origin_id, **values)
            made.append(row)
        else:
            different = [name for name, value in values.items() if name not in once and getattr(row, name) != value]
            for name in different:
                setattr(row, name, values[name])
            fields.update(different)
            if different:
                changed.append(row)
        found.rows[origin_id] = row
    model.objects.bulk_create(made, batch_size=BATCH)
    if changed:
        model.objects.bulk_update(changed, sorted(fields), batch_size=200)
    found.tally = Tally(len(made), len(changed), 0, len(wanted) - len(made) - len(changed), fields)
    return found
