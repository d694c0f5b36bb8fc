"""Walkthroughs: pictures of the product at work, each with its sentence. `make walkthroughs` takes the pictures.

A walkthrough reads well without them: the sentences are a list of steps. `made.json` beside the pictures tells their sizes and
from which state of the pages they were taken.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

FOLDER = Path(__file__).parent.parent / "static" / "classbook" / "walks"


@dataclass(frozen=True, slots=True)
class Frame:
    """A sentence, and the picture that shows it: "" when there is none."""

    says: str
    picture: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Walk:
    """A walkthrough in the reader's language."""

    code: str
    frames: tuple[Frame, ...]

    @property
    def has_pictures(self) -> bool:
        return all(frame.picture for frame in self.frames)


def sentences(code: str) -> tuple[str, ...]:
    """What each picture shows, in the reader's language; scripts/walkthroughs.py takes as many pictures."""
    return {"first-sign-in": _first, "second-child": _second, "forgotten": _forgotten, "lesson": _lesson}[code]()


CODES = ("first-sign-in", "second-child", "forgotten", "lesson")


def walk(code: str) -> Walk:
    """The walkthrough, with the pictures of the reader's language where they were taken."""
    language = get_language() or "en"
    frames = []
    for number, sentence in enumerate(sentences(code), 1):
        name = f"{language}/{code}-{number}.webp"
        size = made().get("sizes", {}).get(name)
        frames.append(Frame(sentence, f"classbook/walks/{name}", *size) if size else Frame(sentence))
    return Walk(code, tuple(frames))


@cache
def made() -> dict[str, Any]:
    """What the script has noted; nothing while no picture was taken."""
    note = FOLDER / "made.json"
    found: dict[str, Any] = json.loads(note.read_text()) if note.exists() else {}
    return found


def _first() -> tuple[str, ...]:
    return (
        _("The square of the letter opens this page; without a camera, the code is typed here."),
        _("Name, child and school are compared, and the birth date of the child is given."),
        _("An own password is chosen; the login stands above it."),
        _("An address for the day when something is forgotten, or later."),
        _("That is all: you are in, and the login is shown once more."),
    )


def _second() -> tuple[str, ...]:
    return (
        _("The letter of the second child is opened like the first one."),
        _("Whoever is signed in sees the second child and adds it with one press."),
        _("Above the week one now chooses between the children."),
    )


def _forgotten() -> tuple[str, ...]:
    return (
        _("On the sign-in page, the way for whoever has forgotten login or password."),
        _("The address that was confirmed earlier is typed here."),
        _("A code has come to that address; it is typed here."),
        _("The login is shown, and a new password is chosen."),
    )


def _lesson() -> tuple[str, ...]:
    return (
        _("The day of a teacher: the number key of a lesson opens it."),
        _("Topic and homework are typed, each ended with Enter."),
        _("A mark is typed for one pupil, Enter leads to the next."),
        _("A letter notes who is absent; everybody else is here with one press."),
        _("Everything is saved; the line at the top says so."),
    )
