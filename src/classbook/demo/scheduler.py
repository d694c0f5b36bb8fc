"""A timetable without clashes, slot by slot: at each hour as many classes as possible get a teacher who is free.

A teaching unit is a teacher, or the pair of teachers of two subgroups who always teach at the same hour; so each hour
is a matching between classes and units, found by augmenting paths.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Demand:
    """`hours` a week of one course, by one unit, in one class."""

    school_class: int
    unit: str
    course: str
    hours: int


@dataclass(frozen=True, slots=True)
class Placed:
    school_class: int
    unit: str
    course: str
    day: int
    period: int


def schedule(demands: list[Demand], *, days: int, most_periods: int, random: Random) -> list[Placed]:
    """Place as many hours as fit, without gaps in a class's day; hours that do not fit are left out."""
    left: dict[tuple[int, str, str], int] = {(d.school_class, d.unit, d.course): d.hours for d in demands}
    placed: list[Placed] = []
    for day in range(days):
        at_school = {d.school_class for d in demands}
        wanted = {c: -(-sum(h for (k, _, _), h in left.items() if k == c) // (days - day)) for c in at_school}
        today: set[tuple[int, str]] = set()
        for period in range(1, most_periods + 1):
            present = [c for c in sorted(at_school) if wanted[c] >= period]
            found = _match(present, left, today, random)
            for school_class, (unit, course) in found.items():
                left[school_class, unit, course] -= 1
                today.add((school_class, course))
                placed.append(Placed(school_class, unit, course, day, period))
            # A class that got nothing goes home: no gaps in anybody's day.
            at_school = {c for c in present if c in found}
    return placed


def _match(
    classes: list[int], left: dict[tuple[int, str, str], int], today: set[tuple[int, str]], random: Random
) -> dict[int, tuple[str, str]]:
    options: dict[int, list[tuple[str, str]]] = defaultdict(list)
    load: dict[str, int] = defaultdict(int)
    for (school_class, unit, course), hours in left.items():
        load[unit] += hours
        if hours and (school_class, course) not in today:
            options[school_class].append((unit, course))
    for school_class, found in options.items():
        random.shuffle(found)
        # The busiest unit and the course with most hours left first: they are the hardest to place later.
        found.sort(key=lambda uc: (-load[uc[0]], -left[school_class, uc[0], uc[1]]))
    taken: dict[str, int] = {}
    chosen: dict[int, tuple[str, str]] = {}

    def place(school_class: int, seen: set[str]) -> bool:
        for unit, course in options[school_class]:
            if unit in seen:
                continue
            seen.add(unit)
            if unit not in taken or place(taken[unit], seen):
                taken[unit] = school_class
                chosen[school_class] = (unit, course)
                return True
        return False

    for school_class in sorted(classes, key=lambda c: -sum(left[k] for k in left if k[0] == c)):
        place(school_class, set())
    return chosen
