"""Names: how they are shown in each script and how they sort alike on every database."""

from __future__ import annotations

import unicodedata
from datetime import date
from functools import lru_cache

FULL_AGE = 18

# Katakana to hiragana, so that readings sort as one.
_KANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
# Sorts after every letter: a person without a reading comes last among the Japanese names.
_SEPARATOR = "\x1f"


def sort_key(family: str, given: str, middle: str = "", *, family_reading: str = "", given_reading: str = "") -> str:
    """A key that plain byte order sorts right: case and ё folded, kana as one script, readings before kanji.

    Computed here, not by a collation, because SQLite and PostgreSQL differ.
    """
    parts = [family_reading or family, given_reading or given, middle]
    return _SEPARATOR.join(_fold(part) for part in parts)[:400]


def is_same_name(noted: tuple[str, str, str], typed: tuple[str, str, str]) -> bool:
    """Family, given and middle name, the last where one is noted. Case, ё for е, wide signs and spaces are no difference."""
    pairs = list(zip(noted, typed, strict=True))
    return all(_squeezed(one) == _squeezed(other) for one, other in (pairs if noted[2] else pairs[:2]))


def is_named(typed: str, names: tuple[str, ...]) -> bool:
    """Is what was typed one of the names? Case, ё for е, wide signs and spaces are no difference."""
    return bool(_squeezed(typed)) and _squeezed(typed) in {_squeezed(name) for name in names}


def _squeezed(name: str) -> str:
    return "".join(_fold(name).replace("\u2010", "-").replace("\u2011", "-").split())


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е").translate(_KANA)
    # й and the umlauts keep their place: only combining accents of Latin letters are dropped.
    return unicodedata.normalize("NFC", text).strip()


@lru_cache(maxsize=8192)
def is_east_asian(text: str) -> bool:
    """Is the name written in kanji, kana or hangul?"""
    return any(unicodedata.name(sign, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL")) for sign in text)


def list_name(family: str, given: str) -> str:
    """As in a class list: family name first in every language."""
    return f"{family} {given}".strip()


# The short tours of first pages, one for each way of using them.
TOURS = ("family", "pupil", "teacher", "class", "office")


def full_name(family: str, given: str, middle: str = "") -> str:
    """As one addresses a person: given, patronymic, family; family first where the script has it so."""
    if is_east_asian(family + given):
        return list_name(family, given)
    return " ".join(part for part in (given, middle, family) if part)


def short_name(family: str, given: str, middle: str = "") -> str:
    """Where there is little room: Петрова О. С., O. Petrova, 山田. A name of one part stays whole."""
    if not family or not given or is_east_asian(family + given):
        return family or given
    if unicodedata.name(family[0], "").startswith("CYRILLIC"):
        return " ".join([family, *(f"{part[0]}." for part in (given, middle) if part)])
    return f"{given[0]}. {family}"


def initials(family: str, given: str) -> str:
    """One or two letters for the round badge."""
    if is_east_asian(family + given):
        return (family or given)[:1]
    return (given[:1] + family[:1]).upper()


def adult_if_born_by(today: date) -> date:
    """Whoever was born on that day or before is of full age today; a birthday of 29 February comes on 1 March."""
    year = today.year - FULL_AGE
    try:
        return today.replace(year=year)
    except ValueError:
        return date(year, 2, 28)
