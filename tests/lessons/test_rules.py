"""Which day of the cycle a date is: by the weekday, or from school day to school day."""

from __future__ import annotations

from datetime import date

from classbook.lessons.rules import cycle_days

MONDAY = date(2026, 9, 7)
OFF: frozenset[date] = frozenset()


def names(found: dict[date, str]) -> str:
    return " ".join(f"{day.day}{name}" for day, name in sorted(found.items()))


def test_a_cycle_of_six_days_goes_on_from_school_day_to_school_day() -> None:
    found = cycle_days(MONDAY, date(2026, 9, 15), list("ABCDEF"), frozenset({date(2026, 9, 9)}), {}, 5)
    assert names(found) == "7A 8B 10C 11D 14E 15F"


def test_a_day_that_is_given_turns_the_cycle_and_a_name_outside_it_does_not() -> None:
    given = {date(2026, 9, 8): "D", date(2026, 9, 9): "sports day"}
    found = cycle_days(MONDAY, date(2026, 9, 11), list("ABCDEF"), OFF, given, 5)
    assert names(found) == "7A 8D 9sports day 10E 11F"


def test_a_cycle_of_the_week_follows_the_weekdays_whatever_is_off() -> None:
    found = cycle_days(MONDAY, date(2026, 9, 14), list("ABCDE"), frozenset({date(2026, 9, 8)}), {}, 5)
    assert names(found) == "7A 9C 10D 11E 14A"
