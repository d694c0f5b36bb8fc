"""The weeks of a school year, for the drop-down calendar."""

from __future__ import annotations

from datetime import date, timedelta

from classbook.diary.week import Month, WeekLink


def months_of(first: date, last: date, here: date, week_days: int) -> tuple[Month, ...]:
    """The months of the year with their weeks; a week stands in the month of its Monday, the first one in the first."""
    monday = first - timedelta(days=first.weekday())
    months: dict[date, list[WeekLink]] = {}
    while monday <= last:
        month = max(monday, first).replace(day=1)
        link = WeekLink(monday, monday + timedelta(days=week_days - 1), monday == here)
        months.setdefault(month, []).append(link)
        monday += timedelta(days=7)
    return tuple(Month(month, tuple(weeks)) for month, weeks in months.items())
