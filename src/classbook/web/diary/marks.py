"""The page of marks, for families on the short way and for staff on the ordinary one."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.utils import translation
from markupsafe import Markup

from classbook.common.prepared import Row
from classbook.diary.marks import marks_of
from classbook.diary.week import MarkChip
from classbook.web.frames import Frame, framed


def marks_page(request: HttpRequest, row: Row, pupil: object, frame: Frame) -> HttpResponse:
    """Marks of the term that the address names, else of the current one."""
    asked = request.GET.get("term", "")
    number = 0 if asked == "year" else int(asked) if asked.isdecimal() and len(asked) < 4 else None
    language = translation.get_language() or "en"
    context = {"page": marks_of(row, number), "pupil": pupil, "chip": lambda chip: chip_html(language, chip)}
    response = HttpResponse(framed(request, "diary/marks.html", frame, context))
    response.headers["Vary"] = "Cookie, Accept-Language"
    response.headers["Content-Language"] = language
    return response


@lru_cache(maxsize=8192)
def chip_html(language: str, chip: MarkChip) -> Markup:
    """A mark as families see it. A year's page has hundreds, and most of them are alike."""
    engine: Any = engines["jinja2"]
    macros = engine.env.get_template("parts/diary.html").make_module()
    with translation.override(language):
        found: Markup = macros.chip(chip)
    return found
