"""Is the citizen of the portal the person of the school? Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from classbook.people.rules import sort_key

# Levels of the portal, from the least sure.
LEVELS = ("simplified", "standard", "confirmed")
NAME, BORN, SNILS = "name", "born", "snils"


@dataclass(frozen=True, slots=True)
class Identity:
    """What one side knows of somebody."""

    family: str
    given: str
    middle: str
    # As 2013-05-14; empty: not known.
    born: str
    snils: str


def differences(school: Identity, portal: Identity) -> tuple[str, ...]:
    """What differs. The full name always counts; birth date and SNILS where the school has them.

    Case, spaces around and ё for е are no difference, as in every list of Classbook.
    """
    found = []
    names = [sort_key(side.family.strip(), side.given.strip(), side.middle.strip()) for side in (school, portal)]
    if names[0] != names[1]:
        found.append(NAME)
    if school.born and school.born != portal.born:
        found.append(BORN)
    if school.snils and school.snils != portal.snils:
        found.append(SNILS)
    return tuple(found)


def parts_that_differ(school: Identity, portal: Identity) -> tuple[str, ...]:
    """As `differences`, with the parts of the name ("family", "given", "middle") instead of the name as a whole."""
    found = differences(school, portal)
    if NAME not in found:
        return found
    pairs = ((part, getattr(school, part), getattr(portal, part)) for part in ("family", "given", "middle"))
    parts = tuple(part for part, here, there in pairs if sort_key(here.strip(), "") != sort_key(there.strip(), ""))
    # Parts that agree one by one cannot add up to another name.
    return (*parts, *(one for one in found if one != NAME))


def is_enough(level: str, *, roles: Iterable[str], by_code: bool, same_snils: bool) -> bool:
    """Does the portal know the person well enough for what he is at school?

    A code from the school is the proof: with it a pupil needs any level, a guardian the standard one. A login with its
    password is less, for others may have seen it: there the portal must have seen the person, and vouch for the school's SNILS.
    """
    rank = LEVELS.index(level) if level in LEVELS else -1
    if not by_code:
        return rank >= LEVELS.index("confirmed") and same_snils
    return rank >= LEVELS.index("standard" if "guardian" in roles else "simplified")
