"""The short tours of first pages: what each step says, and what on the page it speaks of.

A step names its place by a CSS selector; where the page lacks it, the sentence stands alone (tests/web/test_help.py looks that
the page's template knows it).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from classbook.people.rules import TOURS


@dataclass(frozen=True, slots=True)
class Stop:
    """One sentence and the place of the page that it speaks of."""

    says: str
    at: str


@dataclass(frozen=True, slots=True)
class Tour:
    """A tour in the reader's language."""

    code: str
    title: str
    stops: tuple[Stop, ...]


# Where each tour begins; the template that shows the page, for the tests.
PAGES = {
    "family": "diary/week.html",
    "pupil": "diary/week.html",
    "teacher": "journal/today.html",
    "class": "classroom/class.html",
    "office": "office/people.html",
}
_WEEK = re.compile(r"/diary/([0-9a-f-]{36})/week/[0-9-]+/", re.ASCII)
_PLACES = (
    ("teacher", re.compile(r"/today/", re.ASCII)),
    ("class", re.compile(r"/class/[0-9a-f-]{36}/", re.ASCII)),
    ("office", re.compile(r"/office/[0-9a-f-]{36}/", re.ASCII)),
)


def tour_of_page(path: str, me: UUID, *, sees_marks: bool) -> str:
    """The tour that belongs to a page, such as "family"; empty: none. A trusted person without marks gets none."""
    if week := _WEEK.fullmatch(path):
        return "" if not sees_marks else "pupil" if week[1] == str(me) else "family"
    return next((code for code, place in _PLACES if place.fullmatch(path)), "")


def tour(code: str) -> Tour:
    """The tour in the reader's language. Raises KeyError for a code that is none."""
    title, *stops = {"family": _family, "pupil": _pupil, "teacher": _teacher, "class": _class, "office": _office}[code]()
    return Tour(code, str(title), tuple(Stop(*stop) for stop in stops))


def tours() -> tuple[Tour, ...]:
    """All of them."""
    return tuple(tour(code) for code in TOURS)


def _family() -> tuple[str | tuple[str, str], ...]:
    return (
        _("The diary of your child"),
        (_("This is the week of your child: lessons, homework, marks and absences, day by day."), ".spread"),
        (_("Here you turn to another week, or choose one in the calendar."), ".week-nav"),
        (_("The marks of the whole term, by subject, are one press away."), ".nav"),
        (_("Your name opens the rest: language, password, your addresses and help."), ".bar-end"),
    )


def _pupil() -> tuple[str | tuple[str, str], ...]:
    return (
        _("Your diary"),
        (_("This is your week: lessons, homework and marks, day by day."), ".spread"),
        (_("Tick homework when it is done; only you set this tick, and your family sees it."), ".spread"),
        (_("Here you turn to another week, or choose one in the calendar."), ".week-nav"),
        (_("Your name opens the rest: language, password, your addresses and help."), ".bar-end"),
    )


def _teacher() -> tuple[str | tuple[str, str], ...]:
    return (
        _("Your day"),
        (_("Your lessons of today; the number key of a lesson opens it."), ".agenda"),
        (_("What is still to fill in from earlier days waits here."), "[aria-labelledby=open-h]"),
        (_("The journals of your groups, with all marks of the term, are here."), ".nav"),
        (_("In a lesson, everything is saved as you type, also when the network is away."), ".agenda"),
    )


def _class() -> tuple[str | tuple[str, str], ...]:
    return (
        _("Your class"),
        (_("Your pupils with their guardians, and who is absent today."), ".table"),
        (_("Here you print letters with which families sign in, and see who has not come in yet."), ".page-head"),
        (_("Beside the letters stands why a family does not get in, and what to do."), ".page-head"),
    )


def _office() -> tuple[str | tuple[str, str], ...]:
    return (
        _("The office"),
        (_("Type the beginning of a name to find a pupil; from there you move, correct or end a place."), "[role=search]"),
        (_("What families and imports ask of the office waits here."), "[aria-labelledby=wait-h]"),
        (_("Letters for the first sign-in of families are printed here."), ".page-head"),
        (
            _("With a notice you tell class teachers, staff or families something that stays until each has read it."),
            ".page-head",
        ),
    )
