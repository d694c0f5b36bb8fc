"""The page of marks, for families on the short way and for staff on the ordinary one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from classbook.common.prepared import Row
from classbook.diary.marks import marks_of
from classbook.web.fragments import fragments
from classbook.web.frames import Frame, framed


def marks_page(request: HttpRequest, row: Row, pupil: object, frame: Frame) -> HttpResponse:
    """Marks of the term that the address names, else of the current one."""
    asked = request.GET.get("term", "")
    number = 0 if asked == "year" else int(asked) if asked.isdecimal() and len(asked) < 4 else None
    language = translation.get_language() or "en"
    context = {"page": marks_of(row, number), "pupil": pupil, "chip": fragments("parts/diary.html", "chip")}
    response = HttpResponse(framed(request, "diary/marks.html", frame, context))
    response.headers["Vary"] = "Cookie, Accept-Language"
    response.headers["Content-Language"] = language
    return response
