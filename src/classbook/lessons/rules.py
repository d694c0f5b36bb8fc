"""Lessons without a database: which day of the cycle a date is, what is still missing in a lesson."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta


def cycle_days(
    first: date, last: date, cycle: Sequence[str], off: frozenset[date], given: Mapping[date, str], week_days: int
) -> dict[date, str]:
    """The cycle day taught on each school day from `first` to `last`.

    A cycle of as many days as the week has follows the weekdays (Monday is its first day). A longer or shorter one
    goes on from school day to school day. `given` says the day outright and wins; `off` are days without school.
    """
    by_weekday = len(cycle) % week_days == 0
    found: dict[date, str] = {}
    place = 0
    day = first
    while day <= last:
        if day in given:
            found[day] = given[day]
            if given[day] in cycle:
                place = cycle.index(given[day]) + 1
        elif day.weekday() < week_days and day not in off:
            if by_weekday:
                week = (day - first + timedelta(days=first.weekday())).days // 7
                found[day] = cycle[(week * week_days + day.weekday()) % len(cycle)]
            else:
                found[day] = cycle[place % len(cycle)]
                place += 1
        day += timedelta(days=1)
    return found


def missing_parts(*, topic: str, has_homework: bool, no_homework: bool, register_taken: bool) -> tuple[str, ...]:
    """What a teacher has still to fill in after a lesson: "register", "topic", "homework"."""
    parts = []
    if not register_taken:
        parts.append("register")
    if not topic:
        parts.append("topic")
    if not has_homework and not no_homework:
        parts.append("homework")
    return tuple(parts)
