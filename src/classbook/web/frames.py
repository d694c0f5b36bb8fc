"""What the frame around a page shows of its reader, for pages that build it without asking the database again."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.template import engines
from django.template.backends.utils import csrf_input
from django.utils import translation

from classbook.common import clock
from classbook.diary.own import FamilyReader
from classbook.diary.week import Child
from classbook.people.rules import full_name, initials
from classbook.schools.queries import Told
from classbook.schools.reader import Reader
from classbook.web.context import Door, family_doors, frame_of, greeting
from classbook.web.help.tours import Tour
from classbook.web.skeletons import Skeleton, slot


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence of what was just done, and how it is meant."""

    text: str
    tags: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame shows of its reader. `messages` are sentences of what was just done."""

    uid: str
    name: str
    initials: str
    title: str
    keeps_journal: bool
    shared: bool
    doors: tuple[Door, ...]
    children: tuple[Child, ...]
    path: str
    messages: tuple[Note, ...] = ()
    # The person is asked for an address by which to get in again.
    asks: bool = False
    # What the schools tell, and the tour that is offered.
    told: tuple[Told, ...] = ()
    tour: Tour | None = None


def frame_of_family(request: HttpRequest, reader: FamilyReader) -> Frame:
    """The frame of a reader without a position, on the short way."""
    name = full_name(reader.family_name, reader.given_name)
    doors = family_doors(reader.first, reader.first_with_marks, request.path)
    return Frame(
        uid=str(reader.uid),
        name=name,
        initials=initials(reader.family_name, reader.given_name),
        title=name,
        keeps_journal=False,
        # Nothing is entered into the journal here, so the queue need not know.
        shared=False,
        doors=doors,
        children=reader.children,
        path=request.get_full_path(),
        **greeting(request, doors, reader, reader.uid),
    )


def frame_of_reader(request: HttpRequest, reader: Reader, children: tuple[Child, ...] = ()) -> Frame:
    """The frame of anybody, on the ordinary way."""
    parts = _parts(translation.get_language() or "en", reader, request.path)
    messages = tuple(Note(str(message), message.tags) for message in get_messages(request))
    doors, path = parts["doors"], request.get_full_path()
    above = greeting(request, doors, reader)
    return Frame(**parts["me"], doors=doors, children=children, path=path, messages=messages, **above)


@lru_cache(maxsize=2000)
def _parts(language: str, reader: Reader, path: str) -> dict[str, Any]:
    """A person's name, roles and doors hang on nothing else."""
    return frame_of(reader, path)


def service() -> dict[str, Any]:
    """What holds for the whole service and stands on every page."""
    return {
        "languages": tuple(settings.LANGUAGES),
        "read_only": settings.READ_ONLY,
        "demo_day": clock.today(settings.TIME_ZONE) if settings.DEMO else None,
    }


def rendered(name: str, context: dict[str, Any]) -> str:
    """A template's text, without Django's context processors."""
    engine: Any = engines["jinja2"]
    text: str = engine.env.get_template(name).render(context)
    return text


def framed(request: HttpRequest, name: str, frame: Frame, context: dict[str, Any]) -> str:
    """A page in its frame."""
    around = _around(frame) | {"csrf_input": csrf_input(request)}
    return rendered(name, service() | around | context)


def _around(frame: Frame) -> dict[str, Any]:
    return {
        "me": frame,
        "doors": frame.doors,
        "children": frame.children,
        "messages": frame.messages,
        "asks": frame.asks,
        "told": frame.told,
        "tour": frame.tour,
        "path": frame.path,
    }


def framed_parts(request: HttpRequest, name: str, frame: Frame, fixed: dict[str, Hashable], own: dict[str, str]) -> str:
    """A page in its frame, of which all but the slots is kept by its value; `own` is what goes into the slots."""
    language = translation.get_language() or "en"
    kept = _kept(language, name, frame, tuple(service().items()), tuple(fixed.items()))
    return kept.filled(own | {"csrf": csrf_input(request)})


@lru_cache(maxsize=1000)
def _kept(language: str, name: str, frame: Frame, *items: tuple[tuple[str, Any], ...]) -> Skeleton:
    context = {key: value for some in items for key, value in some}
    return Skeleton.of(rendered(name, context | _around(frame) | {"csrf_input": slot("csrf")}))
