"""Ages."""

from __future__ import annotations

from datetime import date

from classbook.people.rules import adult_if_born_by


def test_a_birthday_of_29_february_comes_on_1_march() -> None:
    """Who was born on 29 February 2008 is of age on 1 March 2026; on 29 February 2028 those are whose day was 28 February."""
    assert adult_if_born_by(date(2026, 2, 28)) == date(2008, 2, 28)
    assert adult_if_born_by(date(2026, 3, 1)) == date(2008, 3, 1)
    assert adult_if_born_by(date(2028, 2, 29)) == date(2010, 2, 28)
