"""The week's page: the shared skeleton with the reader's own in it, for families and, by another door, for staff."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.backends.utils import csrf_input
from django.utils import translation

from classbook.common import clock
from classbook.common.prepared import Row
from classbook.diary.own import FamilyReader, Pupil, own_week, pupil_of, seat_of
from classbook.diary.shared import shared_week
from classbook.diary.week import Child
from classbook.people.rules import full_name, initials
from classbook.schools.access import PupilRights
from classbook.web.context import Door, family_doors
from classbook.web.skeletons import ANY_PUPIL, CUT, Skeleton, Skeletons, own_parts, slot

SKELETONS = Skeletons()
TEMPLATES = Path(__file__).parent.parent / "templates"


# A page of the program before does not pass for one of this.
_BUILD = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(TEMPLATES.glob("*/*.html")))).hexdigest()


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame around the week shows of its reader. `messages` are sentences of what was just done."""

    uid: str
    name: str
    initials: str
    title: str
    keeps_journal: bool
    doors: tuple[Door, ...]
    children: tuple[Child, ...]
    path: str
    messages: tuple[str, ...] = ()


def frame_of_family(request: HttpRequest, reader: FamilyReader) -> Frame:
    """The frame of a reader without a position."""
    name = full_name(reader.family_name, reader.given_name)
    return Frame(
        uid=str(reader.uid),
        name=name,
        initials=initials(reader.family_name, reader.given_name),
        title=name,
        keeps_journal=False,
        doors=family_doors(reader.first, request.path),
        children=reader.children,
        path=request.get_full_path(),
    )


def week_page(request: HttpRequest, row: Row, day: date, rights: PupilRights, frame: Frame) -> HttpResponse:
    """The page, or 304 when the reader's browser holds just this one."""
    pupil = pupil_of(row)
    language = translation.get_language() or "en"
    common: dict[str, Any] = {
        "monday": day - timedelta(days=day.weekday()),
        "keeps_journal": frame.keeps_journal,
        "is_pupil": rights.relation == "self",
        "can_sign": rights.can_sign,
        "read_only": settings.READ_ONLY,
        "demo_day": clock.today(settings.TIME_ZONE) if settings.DEMO else None,
    }
    skeleton = SKELETONS.get((pupil.shared, language, *common.values()), clock.now(), lambda: _skeleton(row, common))
    # A form's token is fresh on every page; what it has to fit is the cookie.
    made_from = (_BUILD, language, skeleton.digest, row, day, rights, frame, request.META.get("CSRF_COOKIE", ""))
    tag = f'W/"{hashlib.sha256(repr(made_from).encode()).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(skeleton.filled(_own(request, pupil, row, day, rights, frame, common)))
    for name, value in (("ETag", tag), ("Vary", "Cookie, Accept-Language"), ("Content-Language", language)):
        response.headers[name] = value
    return response


def _skeleton(row: Row, common: dict[str, Any]) -> Skeleton:
    week = shared_week(seat_of(row), common["monday"])
    step = timedelta(days=7)
    me = {
        "uid": slot("person"),
        "name": slot("me"),
        "initials": slot("initials"),
        "title": slot("title"),
        "keeps_journal": common["keeps_journal"],
        # Nothing is entered into the journal here, so the queue need not know.
        "shared": False,
    }
    context = common | {
        "week": week,
        "before": (week.monday - step, week.last - step),
        "after": (week.monday + step, week.last + step),
        "pupil": ANY_PUPIL,
        "me": me,
        "path": slot("path"),
        "csrf_input": slot("csrf"),
        "languages": settings.LANGUAGES,
    }
    return Skeleton.of(_render("diary/week.html", context), week.since, week.until)


def _own(
    request: HttpRequest, pupil: Pupil, row: Row, day: date, rights: PupilRights, frame: Frame, common: dict[str, Any]
) -> dict[str, str]:
    own = own_week(row, can_see_reasons=rights.can_see_reasons)
    context = common | {"own": own, "frame": frame, "pupil": pupil.uid, "name": pupil.name, "day": day.isoformat(), "cut": CUT}
    return own_parts(_render("diary/own.html", context | {"csrf_input": csrf_input(request)}))


def _render(name: str, context: dict[str, Any]) -> str:
    engine: Any = engines["jinja2"]
    text: str = engine.env.get_template(name).render(context)
    return text
