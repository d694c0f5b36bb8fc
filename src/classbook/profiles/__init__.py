"""Country profiles: a school's customs as data (architecture.md style 15). Read here, applied by imports.apply_profile."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class TermsOf:
    """One way to cut the year. `grades` empty: all grades. `parts` are (month-day, month-day)."""

    scheme: str
    kind: str
    grades: tuple[int, ...]
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Break:
    first: str
    last: str
    name: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile as it stands in its file. `holidays` is the country's code for public holidays; empty: none."""

    code: str
    name: str
    holidays: str
    locale: str
    week_days: int
    correction_days: int
    scale: dict[str, Any]
    attendance: tuple[tuple[Any, ...], ...]
    work_kinds: tuple[tuple[Any, ...], ...]
    terms: tuple[TermsOf, ...]
    breaks: tuple[Break, ...]
    year: tuple[str, str]


def names() -> list[str]:
    """The profiles there are."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def profile(code: str) -> Profile:
    """A profile by its name. Raises KeyError for an unknown one."""
    if code not in names():
        raise KeyError(code)
    with (FOLDER / f"{code}.toml").open("rb") as file:
        data = tomllib.load(file, parse_float=Decimal)
    return Profile(
        code=code,
        name=data["name"],
        holidays=data["holidays"],
        locale=data["locale"],
        week_days=data["week_days"],
        correction_days=data["correction_days"],
        scale=data["scale"],
        attendance=tuple(map(tuple, data["attendance"])),
        work_kinds=tuple(map(tuple, data["work_kinds"])),
        terms=tuple(
            TermsOf(t["scheme"], t["kind"], tuple(t["grades"]), tuple((a, b) for a, b in t["parts"])) for t in data["terms"]
        ),
        breaks=tuple(Break(b["first"], b["last"], b["name"]) for b in data.get("breaks", ())),
        year=(data["year"]["first"], data["year"]["last"]),
    )


def in_school_year(month_day: str, starts: date) -> date:
    """The date of a month and day in the school year that begins on `starts`."""
    month, day = map(int, month_day.split("-"))
    found = date(starts.year, month, day)
    return found if found >= starts.replace(day=1) else date(starts.year + 1, month, day)


def year_start(found: Profile, begins_in: int) -> date:
    """First day of the school year that begins in a calendar year."""
    month, day = map(int, found.year[0].split("-"))
    return date(begins_in, month, day)
