"""The state's register of persons, as a plug: a setting names the class that asks it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from classbook.portal.rules import comparable


class Answer(Enum):
    """What a register says. It never says which part differs: that would let strangers try out values."""

    MATCHES = "matches"
    DIFFERS = "differs"
    # No register is connected, or it does not answer now: nobody's fault, asked again later.
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a person says about himself. Without a passport only name, birth date and SNILS are compared."""

    family_name: str
    given_name: str
    middle_name: str
    birth_date: date
    snils: str
    passport: str = ""


class Register(Protocol):
    """What the portal needs of a register."""

    def check(self, claim: Claim) -> Answer: ...


class NoRegister:
    """Nothing is connected."""

    def check(self, claim: Claim) -> Answer:
        return Answer.SILENT


class SimulatedRegister:
    """A register for demos: it knows the persons of a file and says so on the page. It proves nothing about anybody."""

    FILE = Path(__file__).resolve().parent / "data" / "register.toml"

    def check(self, claim: Claim) -> Answer:
        known = self._entries().get(claim.snils)
        if known is None or not _same(known, claim):
            return Answer.DIFFERS
        return Answer.DIFFERS if claim.passport and claim.passport != known.passport else Answer.MATCHES

    @classmethod
    def spare(cls) -> tuple[Claim, ...]:
        """Made-up persons who have no account yet, for those who try the registration."""
        return tuple(_claim(row) for row in _rows(cls.FILE) if row.get("spare"))

    def _entries(self) -> dict[str, Claim]:
        return {str(row["snils"]): _claim(row) for row in _rows(self.FILE)}


@cache
def _rows(file: Path) -> tuple[dict[str, object], ...]:
    return tuple(tomllib.loads(file.read_text(encoding="utf-8"))["person"])


def _claim(row: dict[str, object]) -> Claim:
    born = row["birth_date"]
    assert isinstance(born, date)
    names = (str(row["family_name"]), str(row["given_name"]), str(row.get("middle_name", "")))
    return Claim(*names, born, str(row["snils"]), str(row.get("passport", "")))


def _same(known: Claim, claim: Claim) -> bool:
    names = [(known.family_name, claim.family_name), (known.given_name, claim.given_name), (known.middle_name, claim.middle_name)]
    return known.birth_date == claim.birth_date and all(comparable(a) == comparable(b) for a, b in names)


def register() -> Register:
    """The register of this portal."""
    if not settings.REGISTER:
        return NoRegister()
    found: Register = import_string(settings.REGISTER)()
    return found


def is_simulated() -> bool:
    """Do pages have to say that the register is made up?"""
    return isinstance(register(), SimulatedRegister)
