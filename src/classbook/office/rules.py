"""The last change of a pupil's place, read from the places themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Place:
    """A pupil's time in a class. `ends_on` is the last day."""

    pk: int
    class_id: int
    class_name: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class LastChange:
    """`kind`: joined, moved or left. `day`: the first day in the class, or the last one at the school."""

    kind: str
    day: date
    place: Place
    before: Place | None


def last_change(places: Sequence[Place]) -> LastChange | None:
    """What was entered last; `places` in the order of their first days."""
    if not places:
        return None
    place = places[-1]
    before = places[-2] if len(places) > 1 else None
    if place.ends_on is not None:
        return LastChange("left", place.ends_on, place, before)
    if before is not None and before.ends_on == place.starts_on - ONE_DAY:
        return LastChange("moved", place.starts_on, place, before)
    return LastChange("joined", place.starts_on, place, before)
