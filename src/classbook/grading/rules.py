"""Marks without a database: what a typed sign means in a scale, averages, what is still open. Customs are data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from unicodedata import east_asian_width

HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Level:
    """A value of a scale. `score` None: shown and not averaged; `band` 4 best to 1 not enough, 0 neither."""

    code: str
    score: Decimal | None
    passes: bool | None
    band: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """A marking scale (standards.md 6). Where lower is better, `best` is the smaller number."""

    pk: int
    code: str
    kind: str
    best: Decimal
    worst: Decimal
    passing: Decimal
    step: Decimal | None
    levels: tuple[Level, ...]


def level_for(scale: Scale, typed: str) -> Level | None:
    """The level that was typed: by code, whatever its case; else, on a scale of points, by number. None: no such mark."""
    wanted = typed.strip().casefold()
    for level in scale.levels:
        if level.code.casefold() == wanted:
            return level
    return _points(scale, wanted) if scale.kind == "points" else None


def _points(scale: Scale, typed: str) -> Level | None:
    try:
        score = Decimal(typed.replace(",", "."))
    except InvalidOperation:
        return None
    low, high = sorted((scale.best, scale.worst))
    # Three places are kept; more are no mark, and 1e-999999 is no number that anybody typed.
    if not score.is_finite() or not low <= score <= high or int(score.as_tuple().exponent) < -3:
        return None
    if scale.step and (score - low) % scale.step:
        return None
    return Level(_plain(score), score, _passes(scale, score), _band(scale, score))


def _plain(score: Decimal) -> str:
    return format(score.normalize(), "f")


def _passes(scale: Scale, score: Decimal) -> bool:
    return score <= scale.passing if scale.best < scale.worst else score >= scale.passing


def _band(scale: Scale, score: Decimal) -> int:
    if not _passes(scale, score):
        return 1
    reached = (score - scale.worst) / (scale.best - scale.worst)
    return 4 if reached >= Decimal("0.85") else 3 if reached >= Decimal("0.65") else 2


def weighted_average(entries: Iterable[tuple[Decimal | None, Decimal]]) -> Decimal | None:
    """sum(score x weight) / sum(weight), exact; None when nothing counts (standards.md 5).

    Each entry is (score, weight) of a mark that counts; a score of None (released, pass/fail) is left out.
    """
    total = weights = Decimal(0)
    for score, weight in entries:
        if score is not None and weight > 0:
            total += score * weight
            weights += weight
    return total / weights if weights else None


def average_of_sums(total: float, weights: float) -> Decimal | None:
    """weighted_average out of sum(score x weight) and sum(weight) as a statement's JSON brings them; exact all the same.

    A score has three places and a weight two, so rounding the sums to five takes back what binary fractions added.
    """
    return Decimal(str(round(total, 5))) / Decimal(str(round(weights, 5))) if weights else None


def average_of_numbers(entries: Iterable[tuple[float, float]]) -> Decimal | None:
    """weighted_average of (score, weight) as a statement's JSON brings them."""
    total = weights = 0.0
    for score, weight in entries:
        total += score * weight
        weights += weight
    return average_of_sums(total, weights)


def weight_text(weight: float) -> str:
    """A column's weight as shown beside a mark: "" for the usual 1, else 3 or 1.5."""
    return "" if weight == 1 else f"{weight:g}"


def shown(average: Decimal | None) -> str:
    """An average as people read it: two places, halves up; empty when there is none."""
    return "" if average is None else str(average.quantize(HUNDREDTH, ROUND_HALF_UP))


def is_open(closes_at: datetime | None, reopened_until: datetime | None, now: datetime) -> bool:
    """May marks of the term be written? The only lock there is."""
    if closes_at is None or now < closes_at:
        return True
    return reopened_until is not None and now < reopened_until


def is_late_correction(lesson_on: date, today: date, correction_days: int) -> bool:
    """Has the time passed in which an entry is changed without giving a reason?"""
    return today > lesson_on + timedelta(days=correction_days)


@dataclass(frozen=True, slots=True)
class AttendanceKey:
    """How an attendance code is entered: `press`, with Alt when `alt`."""

    code: str
    kind: str
    label: str
    alt: bool
    press: str


def attendance_keys(levels: Sequence[Level], codes: Sequence[tuple[str, str, str]]) -> tuple[AttendanceKey, ...]:
    """Keys of the attendance codes (code, kind, label) beside a scale.

    On a clash attendance takes Alt. A code that no key writes (欠) is its number in the register with Alt.
    """
    marks = {level.code.casefold() for level in levels}
    found = []
    for number, (code, kind, label) in enumerate(codes, 1):
        if any(east_asian_width(sign) in "WF" for sign in code):
            found.append(AttendanceKey(code, kind, label, True, str(number)))
        else:
            found.append(AttendanceKey(code, kind, label, code.casefold() in marks, code))
    return tuple(found)
