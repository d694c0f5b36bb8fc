"""The week's page: the shared skeleton with the reader's own in it, for families and, by another door, for staff."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.backends.utils import csrf_input
from django.utils import translation
from django.utils.translation import ngettext

from classbook.common import clock
from classbook.common.prepared import Row
from classbook.diary.own import Pupil, own_week, pupil_of, seat_of
from classbook.diary.shared import shared_week
from classbook.schools.access import PupilRights
from classbook.web.fragments import fragments
from classbook.web.frames import Frame, rendered, service
from classbook.web.skeletons import ANY_PUPIL, CUT, Skeleton, Skeletons, own_parts, slot

SKELETONS = Skeletons()
TEMPLATES = Path(__file__).parent.parent / "templates"


# A page of the program before does not pass for one of this.
_BUILD = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(TEMPLATES.glob("*/*.html")))).hexdigest()


def week_page(request: HttpRequest, row: Row, day: date, rights: PupilRights, frame: Frame) -> HttpResponse:
    """The page, or 304 when the reader's browser holds just this one."""
    pupil = pupil_of(row)
    language = translation.get_language() or "en"
    common: dict[str, Any] = {
        "monday": day - timedelta(days=day.weekday()),
        "keeps_journal": frame.keeps_journal,
        "is_pupil": rights.relation == "self",
        "can_sign": rights.can_sign,
    } | service()
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
    }
    return Skeleton.of(rendered("diary/week.html", context), week.since, week.until)


def _own(
    request: HttpRequest, pupil: Pupil, row: Row, day: date, rights: PupilRights, frame: Frame, common: dict[str, Any]
) -> dict[str, str]:
    own = own_week(row, rights)
    language = translation.get_language() or "en"
    words = {average.marks: _marks_in_words(average.marks, language) for average in own.averages}
    context = common | {"own": own, "frame": frame, "pupil": pupil.uid, "name": pupil.name, "day": day.isoformat(), "cut": CUT}
    context |= {"may_share": rights.is_full, "path": frame.path}
    context["marks_in_words"] = words
    # Classmates' marks of a lesson are alike: kept by their value.
    context |= {name: fragments("parts/diary.html", name) for name in ("line", "chip", "people")}
    context["nav"] = fragments("parts/frame.html", "nav")
    return own_parts(rendered("diary/own.html", context | {"csrf_input": csrf_input(request)}))


@lru_cache(maxsize=1024)
def _marks_in_words(number: int, language: str) -> str:
    """Stands beside every subject's average; asking the catalogue there would cost more than the average."""
    return ngettext("%(num)s mark", "%(num)s marks", number) % {"num": number}
