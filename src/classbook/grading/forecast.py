"""What marks to come would do to an average, by the sums of the average itself: both can never differ (features.md 3.6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from classbook.grading.rules import HUNDREDTH, Level, Scale, weighted_average

# More marks of one kind than this are no plan for a term.
MOST_MARKS = 12
# A scale of more whole marks, such as percent, is thought of in fives.
MANY = 25

Entry = tuple[Decimal | None, Decimal]


@dataclass(frozen=True, slots=True)
class Need:
    """What one kind of work has to bring: `count` marks of `code`. A count of 0: not even the most marks of the best reach it."""

    count: int
    code: str


def growth(entries: Sequence[Entry]) -> list[Decimal | None]:
    """The average after each entry (score, weight), in their order."""
    return [weighted_average(entries[: number + 1]) for number in range(len(entries))]


def averaged_levels(scale: Scale) -> tuple[Level, ...]:
    """The marks of a scale of levels that an average counts, best first; () for a scale of points."""
    found = [level for level in scale.levels if level.score is not None]
    return tuple(sorted(found, key=lambda level: _worth(scale, level.score), reverse=True))


def next_goal(scale: Scale, average: Decimal | None) -> Decimal | None:
    """The nearest better average worth aiming at; None: the best one is reached.

    Half-way between two whole marks, such as 4.50 of five points, where usual rounding turns; of many points the next round
    number. How a school rounds is its own rule, so the reader may ask for another one.
    """
    steps = _whole_marks(scale)
    halves = [(low + high) / 2 for low, high in zip(steps[1:], steps, strict=False)]
    limits = steps if scale.kind == "points" else halves
    open_limits = [limit for limit in limits if average is None or not reaches(scale, average, limit)]
    return min(open_limits, key=lambda limit: _worth(scale, limit)) if open_limits else None


def reaches(scale: Scale, average: Decimal, goal: Decimal) -> bool:
    """Is an average, as people read it, at least as good as the goal?"""
    return _worth(scale, average.quantize(HUNDREDTH, ROUND_HALF_UP)) >= _worth(scale, goal)


def need(scale: Scale, entries: Iterable[Entry], weight: Decimal, goal: Decimal) -> Need | None:
    """The least that new marks of one weight must be for the average to reach the goal; None: it has reached it.

    One mark, and of these the lowest that does; else the fewest of the best mark.
    """
    so_far = list(entries)
    average = weighted_average(so_far)
    if average is not None and reaches(scale, average, goal):
        return None
    for code, score in reversed(_choices(scale)):
        if _reached_with(scale, so_far, (score, weight), 1, goal):
            return Need(1, code)
    code, best = _choices(scale)[0]
    counts = (count for count in range(2, MOST_MARKS + 1) if _reached_with(scale, so_far, (best, weight), count, goal))
    return Need(next(counts, 0), code)


def _reached_with(scale: Scale, so_far: list[Entry], entry: Entry, count: int, goal: Decimal) -> bool:
    average = weighted_average([*so_far, *[entry] * count])
    return average is not None and reaches(scale, average, goal)


def _choices(scale: Scale) -> list[tuple[str, Decimal]]:
    """The marks that can be given, best first; of points the whole ones."""
    levels = [(level.code, level.score) for level in averaged_levels(scale) if level.score is not None]
    return levels or [(format(score.normalize(), "f"), score) for score in _whole_marks(scale)]


def _whole_marks(scale: Scale) -> list[Decimal]:
    """The scale's whole marks, best first; of very many every fifth."""
    low, high = sorted((scale.best, scale.worst))
    step = 5 if high - low > MANY else 1
    found = [Decimal(n) for n in range(int(low.to_integral_value(ROUND_CEILING)), int(high) + 1, step)]
    return sorted(found, key=lambda score: _worth(scale, score), reverse=True)


def _worth(scale: Scale, score: Decimal | None) -> Decimal:
    """The score so that more is better, also where 1 is the best mark."""
    score = score or Decimal(0)
    return -score if scale.best < scale.worst else score
