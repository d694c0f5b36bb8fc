"""The last change, read from the places."""

from __future__ import annotations

from datetime import date

from classbook.office.rules import Place, last_change


def place(pk: int, first: str, last: str | None = None) -> Place:
    return Place(pk, pk, f"{pk}А", date.fromisoformat(first), date.fromisoformat(last) if last else None)


def test_nothing_is_no_change() -> None:
    assert last_change([]) is None


def test_last_change_by_the_newest_place() -> None:
    first, second = place(1, "2026-09-01", "2026-11-18"), place(2, "2026-11-19")
    joined = last_change([place(1, "2026-09-01")])
    assert joined is not None
    assert (joined.kind, joined.day, joined.before) == ("joined", date(2026, 9, 1), None)
    left = last_change([first])
    assert left is not None
    assert (left.kind, left.day) == ("left", date(2026, 11, 18))
    moved = last_change([first, second])
    assert moved is not None
    assert (moved.kind, moved.day, moved.before) == ("moved", date(2026, 11, 19), first)
    back = last_change([first, place(2, "2026-12-01")])
    assert back is not None
    assert (back.kind, back.before) == ("joined", first)
