from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classbook.grading.rules import (
    Level,
    Scale,
    attendance_keys,
    is_late_correction,
    is_open,
    level_for,
    shown,
    weighted_average,
)
from classbook.profiles import names, profile


def scale_of(code: str) -> Scale:
    data = profile(code).scale
    levels = tuple(
        Level(c, None if score == "" else D(score), None if passes == "" else passes, band, label)
        for c, label, score, passes, band in data["levels"]
    )
    return Scale(1, data["code"], data["kind"], D(data["best"]), D(data["worst"]), D(data["passing"]), data.get("step"), levels)


@pytest.mark.parametrize(
    ("profile_code", "typed", "code", "score"),
    [
        ("russia", "5", "5", D(5)),
        ("russia", " 4 ", "4", D(4)),
        ("russia", "ОСВ", "осв", None),
        ("russia", "н/а", "н/а", None),
        ("germany", "2+", "2+", D("1.7")),
        ("germany", "6", "6", D(6)),
        ("finland", "10", "10", D(10)),
        ("finland", "s", "S", None),
        ("france", "12,5", "12.5", D("12.5")),
        ("france", "abs", "Abs", None),
        ("japan", "3", "3", D(3)),
        ("usa", "b+", "B+", D("3.3")),
        ("percent", "87", "87", D(87)),
    ],
)
def test_typed_sign_is_read_by_the_scale(profile_code: str, typed: str, code: str, score: D | None) -> None:
    level = level_for(scale_of(profile_code), typed)
    assert level is not None
    assert (level.code, level.score) == (code, score)


@pytest.mark.parametrize(
    ("profile_code", "typed"),
    [
        ("russia", "6"),
        ("russia", "н"),
        ("germany", "7"),
        ("france", "20.5"),
        ("france", "12.3"),
        ("percent", "-1"),
        ("percent", "NaN"),
    ],
)
def test_sign_outside_the_scale_is_no_mark(profile_code: str, typed: str) -> None:
    assert level_for(scale_of(profile_code), typed) is None


def test_average_is_weighted_as_in_the_schools_example() -> None:
    # standards.md 5: control 5, lesson 3, homework 1 with marks 3, 5, 4... (5*3 + 5*1 + 4*5) / 9 = 4.44
    assert shown(weighted_average([(D(5), D(3)), (D(5), D(1)), (D(4), D(5))])) == "4.44"


def test_average_leaves_out_what_has_no_score_or_weight() -> None:
    assert weighted_average([(None, D(1)), (D(5), D(0))]) is None
    assert shown(weighted_average([(None, D(1)), (D(4), D(1)), (D(2), D(0))])) == "4.00"


def test_average_rounds_halves_up() -> None:
    assert shown(D("4.345")) == "4.35"
    assert shown(None) == ""


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 9)), min_size=1, max_size=40))
def test_average_lies_between_the_worst_and_the_best_mark(entries: list[tuple[int, int]]) -> None:
    found = weighted_average([(D(score), D(weight)) for score, weight in entries])
    assert found is not None
    assert min(score for score, _ in entries) <= found <= max(score for score, _ in entries)
    assert found == sum(D(s) * w for s, w in entries) / sum(w for _, w in entries)


def test_low_and_high_bands_follow_the_direction_of_the_scale() -> None:
    assert [level_for(scale_of("germany"), code).band for code in ("1", "3", "5")] == [4, 2, 1]  # type: ignore[union-attr]
    assert [level_for(scale_of("france"), code).band for code in ("18", "14", "11", "9")] == [4, 3, 2, 1]  # type: ignore[union-attr]


def test_closed_term_opens_only_until_the_reopening_ends() -> None:
    closes, now = datetime(2026, 10, 30, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
    assert is_open(None, None, now) is True
    assert is_open(closes, None, now) is False
    assert is_open(closes, datetime(2026, 11, 3, tzinfo=UTC), now) is True
    assert is_open(closes, datetime(2026, 11, 1, tzinfo=UTC), now) is False


def test_correction_needs_a_reason_after_the_schools_days() -> None:
    assert is_late_correction(date(2026, 11, 16), date(2026, 11, 19), 3) is False
    assert is_late_correction(date(2026, 11, 16), date(2026, 11, 20), 3) is True


def test_attendance_takes_alt_where_its_sign_is_a_mark() -> None:
    usa = scale_of("usa")
    keys = attendance_keys(usa.levels, [("A", "absent", "Absent"), ("L", "late", "Late")])
    assert [(key.code, key.alt) for key in keys] == [("A", True), ("L", False)]
    japanese = attendance_keys(usa.levels, [("欠", "absent", "欠席"), ("н", "absent", "не был")])
    assert [(key.press, key.alt) for key in japanese] == [("1", True), ("н", False)]


def test_every_profile_has_a_sound_scale() -> None:
    for name in names():
        data = profile(name).scale
        low, high = sorted((D(data["best"]), D(data["worst"])))
        scores = [D(score) for _c, _l, score, _p, _b in data["levels"] if score != ""]
        assert all(low <= score <= high for score in scores), name
        assert len({c.casefold() for c, *_ in data["levels"]}) == len(data["levels"]), name


@pytest.mark.parametrize("typed", ["abc", "12.5.1", "--", "1e-999999", "NaN", "Infinity"])
def test_what_is_no_number_is_no_mark_on_a_scale_of_points(typed: str) -> None:
    assert level_for(scale_of("percent"), typed) is None
