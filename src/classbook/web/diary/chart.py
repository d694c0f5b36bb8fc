"""The line of an average as a drawing: numbers of an SVG, which a template writes out. A table beside it says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from classbook.diary.subject import Step
from classbook.grading.rules import Scale

WIDTH, HEIGHT = 530, 168
LEFT, RIGHT, TOP, BOTTOM = 34, 510, 15, 132
# So many dates fit below without touching each other, also on a phone.
MOST_DATES, MOST_LINES = 6, 6


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    radius: int
    low: bool
    step: Step
    dated: bool


@dataclass(frozen=True, slots=True)
class Line:
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`line` are the points of the average, `dots` the marks, `lines` the scale's ruling."""

    width: int
    height: int
    left: int
    right: int
    line: str
    dots: tuple[Dot, ...]
    lines: tuple[Line, ...]


def chart_of(scale: Scale, steps: Sequence[Step]) -> Chart | None:
    """The marks that count, in their order; None: fewer than two, which make no line."""
    counted = [step for step in steps if step.score is not None and step.average is not None]
    if len(counted) < 2:
        return None
    worst, best = scale.worst, scale.best

    def height(score: Decimal) -> float:
        return round(float(BOTTOM - (BOTTOM - TOP) * (score - worst) / (best - worst)), 1)

    gap = (RIGHT - LEFT) / (len(counted) - 1)
    every = -(-len(counted) // MOST_DATES)
    dots = tuple(
        Dot(
            x=round(LEFT + gap * place, 1),
            y=height(step.score or Decimal(0)),
            radius=5 if step.weight > 1 else 3,
            low=step.chip.band == 1,
            step=step,
            # From the end: the newest one always has its date.
            dated=(len(counted) - 1 - place) % every == 0,
        )
        for place, step in enumerate(counted)
    )
    points = (f"{dot.x},{height(dot.step.average or Decimal(0))}" for dot in dots)
    lines = tuple(Line(height(score), format(score.normalize(), "f")) for score in _ruling(worst, best))
    return Chart(WIDTH, HEIGHT, LEFT, RIGHT, " ".join(points), dots, lines)


def _ruling(worst: Decimal, best: Decimal) -> list[Decimal]:
    """A few whole scores from end to end."""
    low, high = sorted((int(worst), int(best)))
    every = max(1, -(-(high - low) // (MOST_LINES - 1)))
    return [Decimal(score) for score in range(high, low - 1, -every)]
