"""What marks to come would do: golden cases, and answers that a plain recomputation confirms."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classbook.grading.forecast import MOST_MARKS, Need, averaged_levels, growth, need, next_goal, reaches
from classbook.grading.rules import level_for, weighted_average
from classbook.profiles import names
from tests.grading.test_rules import scale_of

RUSSIAN = [(D(4), D(1)), (D(5), D(1)), (D(3), D(2))]


def test_growth_is_the_average_after_each_mark() -> None:
    released = [*RUSSIAN[:2], (None, D(1)), RUSSIAN[2]]
    assert growth(released) == [D(4), D("4.5"), D("4.5"), D("3.75")]
    assert growth([(None, D(1))]) == [None]


@pytest.mark.parametrize(
    ("profile", "average", "goal"),
    [
        ("russia", "3.75", "4.5"),
        ("russia", "3.494", "3.5"),
        # Shown as 3.50, and so it counts as reached.
        ("russia", "3.495", "4.5"),
        ("russia", "4.5", None),
        ("russia", None, "1.5"),
        ("germany", "2.4", "1.5"),
        ("germany", "1.5", None),
        ("finland", "8.2", "8.5"),
        ("france", "12.4", "13"),
        ("percent", "81", "85"),
        ("percent", "100", None),
        ("japan", "3.1", "3.5"),
    ],
)
def test_the_next_goal(profile: str, average: str | None, goal: str | None) -> None:
    found = next_goal(scale_of(profile), None if average is None else D(average))
    assert found == (None if goal is None else D(goal))


@pytest.mark.parametrize(
    ("profile", "entries", "weight", "goal", "expected"),
    [
        ("russia", RUSSIAN, 1, "3.75", None),
        ("russia", RUSSIAN, 1, "3.8", Need(1, "4")),
        ("russia", RUSSIAN, 3, "4.2", Need(1, "5")),
        ("russia", RUSSIAN, 1, "4.5", Need(6, "5")),
        ("russia", RUSSIAN, 3, "4.5", Need(2, "5")),
        ("russia", [(D(2), D(3))] * 9, 1, "4.5", Need(0, "5")),
        ("russia", [], 1, "4.5", Need(1, "5")),
        ("germany", [(D(3), D(1))], 1, "2.5", Need(1, "2")),
        ("germany", [(D(3), D(1))], 1, "1.5", Need(2, "1+")),
        ("france", [(D(11), D(1))], 1, "13", Need(1, "15")),
        ("percent", [(D(80), D(2))], 1, "85", Need(1, "95")),
        ("percent", [(D(80), D(2))], 1, "90", Need(2, "100")),
        ("usa", [(D("3.0"), D(1))], 1, "3.5", Need(1, "A")),
    ],
)
def test_what_is_needed(profile: str, entries: list[tuple[D, D]], weight: int, goal: str, expected: Need | None) -> None:
    assert need(scale_of(profile), entries, D(weight), D(goal)) == expected


@given(data=st.data(), profile=st.sampled_from(sorted(names())))
def test_what_is_needed_is_enough_and_less_is_not(data: st.DataObject, profile: str) -> None:
    scale = scale_of(profile)
    low, high = sorted((scale.best, scale.worst))
    scores = st.decimals(low, high, places=1)
    entries = data.draw(st.lists(st.tuples(scores, st.sampled_from([D(1), D(2), D(3)])), max_size=12))
    goal, weight = data.draw(scores), data.draw(st.sampled_from([D(1), D(2), D("1.5")]))

    def reached(code: str, count: int) -> bool:
        level = level_for(scale, code)
        assert level is not None
        average = weighted_average([*entries, *[(level.score, weight)] * count])
        return average is not None and reaches(scale, average, goal)

    found, average = need(scale, entries, weight, goal), weighted_average(entries)
    if found is None:
        assert average is not None
        assert reaches(scale, average, goal)
    elif not found.count:
        assert not any(reached(found.code, count) for count in range(1, MOST_MARKS + 1))
    else:
        assert reached(found.code, found.count)
        assert found.count == 1 or not reached(found.code, found.count - 1)


def test_only_marks_that_an_average_counts_are_offered() -> None:
    assert [level.code for level in averaged_levels(scale_of("russia"))] == ["5", "4", "3", "2", "1"]
    assert averaged_levels(scale_of("germany"))[0].code == "1+"
    assert averaged_levels(scale_of("percent")) == ()
