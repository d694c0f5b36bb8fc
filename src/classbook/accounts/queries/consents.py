"""Reads about consents: the texts of today, and what a person has agreed to."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from classbook.accounts.models import Consent
from classbook.people.queries import name_of
from classbook.schools.access import Actor

_FILE = Path(__file__).with_name("consents.toml")
FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """A text of today in one language."""

    kind: str
    language: str
    version: int
    valid_from: date
    text: str


@lru_cache(maxsize=32)
def text_of(kind: str, language: str) -> Text:
    """The text that is shown and agreed to now; English where the language has none."""
    entry = tomllib.loads(_FILE.read_text(encoding="utf-8"))[kind]
    known = language if language in entry else FALLBACK
    return Text(kind, known, entry["version"], entry["valid_from"], entry[known])


@dataclass(frozen=True, slots=True)
class Agreed:
    """Something that a person has agreed to. `other`: whom it lets look in, where the person is the pupil."""

    uid: UUID
    kind: str
    about: str
    other: str
    text: str
    language: str
    version: int
    given_at: datetime
    withdrawn_at: datetime | None


def agreed_by(actor: Actor) -> tuple[Agreed, ...]:
    """Everything the actor has agreed to, withdrawn or not, the newest first. One query."""
    rows = Consent.objects.filter(person_id=actor.person_id).select_related("text", "about", "other")
    return tuple(
        Agreed(
            row.uid, row.text.kind, name_of(row.about), name_of(row.other) if row.other else "", row.text.text, row.text.language,
            row.text.version, row.given_at, row.withdrawn_at,
        )
        for row in rows.order_by("-given_at", "-pk")
    )  # fmt: skip
