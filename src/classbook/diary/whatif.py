"""What would my average be if, and what do I need: for the pupil to play with; nothing is stored (S63, S64)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from classbook.diary.subject import SubjectPage
from classbook.grading.forecast import Need, averaged_levels, need, next_goal
from classbook.grading.queries import Kind
from classbook.grading.rules import Level, Scale, level_for, weighted_average


@dataclass(frozen=True, slots=True)
class Needs:
    """What a kind of work has to bring; `need` None: the average is there already."""

    kind: Kind
    need: Need | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """`choices` () for a scale of points, where a number is typed. `average` None: what was typed is no mark of the scale.

    `goal` is what was asked for, else the next one worth aiming at, else the best mark.
    """

    choices: tuple[Level, ...]
    mark: str
    kind: Kind
    average: Decimal | None
    goal: Decimal
    goal_refused: bool
    needs: tuple[Needs, ...]


def forecast(page: SubjectPage, *, mark: str, kind: str, goal: str) -> Forecast | None:
    """The answers to what was asked, or to what one would ask first; None: nothing here is averaged."""
    if page.scale is None or not page.kinds:
        return None
    scale, choices = page.scale, averaged_levels(page.scale)
    work = next((one for one in page.kinds if one.code == kind), max(page.kinds, key=lambda one: one.weight))
    typed = mark.strip() or _usual_mark(scale, choices)
    level = level_for(scale, typed)
    counted = level is not None and level.score is not None
    asked = _goal(scale, goal)
    aim = asked if asked is not None else next_goal(scale, page.average) or scale.best
    return Forecast(
        choices=choices,
        mark=level.code if level else typed,
        kind=work,
        average=weighted_average([*page.entries, (level.score, work.weight)]) if level and counted else None,
        goal=aim,
        goal_refused=bool(goal.strip()) and asked is None,
        needs=tuple(Needs(one, need(scale, page.entries, one.weight, aim)) for one in _by_weight(page)),
    )


def _usual_mark(scale: Scale, choices: tuple[Level, ...]) -> str:
    return choices[0].code if choices else format(scale.best.normalize(), "f")


def _goal(scale: Scale, typed: str) -> Decimal | None:
    """A number inside the scale, of at most two places; None: nothing, or no such average."""
    try:
        goal = Decimal(typed.strip().replace(",", "."))
    except InvalidOperation:
        return None
    low, high = sorted((scale.best, scale.worst))
    return goal if goal.is_finite() and low <= goal <= high and int(goal.as_tuple().exponent) >= -2 else None


def _by_weight(page: SubjectPage) -> list[Kind]:
    """One kind for each weight, the lightest first: others of the same weight need the same."""
    found: dict[Decimal, Kind] = {}
    for kind in page.kinds:
        found.setdefault(kind.weight, kind)
    return [found[weight] for weight in sorted(found)]
