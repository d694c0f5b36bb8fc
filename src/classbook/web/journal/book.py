"""The journal's page: hundreds of cells, of which most are alike."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from classbook.grading.rules import Scale
from classbook.journal.grid import EMPTY, Grid
from classbook.web.fragments import fragments
from classbook.web.frames import frame_of_reader, framed_parts
from classbook.web.journal.form import FormResult
from classbook.web.request import reader_of

PARTS = "journal/parts.html"
NOTHING_TYPED = FormResult()


def journal_page(request: HttpRequest, grid: Grid, mine: tuple[tuple[UUID, str], ...]) -> HttpResponse:
    """The left and the right page in their frame."""
    reader = reader_of(request)
    assert reader is not None  # signed_in saw to it
    own = {
        "columns": "".join(map(fragments(PARTS, "column"), grid.columns)),
        "lines": _lines(grid),
        "topics": "".join(map(fragments(PARTS, "topic"), grid.topics)),
    }
    fixed = {"grid": grid.about, "mine": mine, "empty": NOTHING_TYPED, "scale": scale_facts(grid.about.scale)}
    return HttpResponse(framed_parts(request, "journal/journal.html", frame_of_reader(request, reader), fixed, own))


def scale_facts(scale: Scale | None) -> Markup:
    """What the page's own average is made with, as JSON: each code's score and whether it is too low; the rule of points."""
    if scale is None:
        return Markup("null")
    points = [_number(one) for one in (scale.worst, scale.best, scale.passing, scale.step)]
    levels = {level.code: [_number(level.score), level.band == 1] for level in scale.levels}
    return htmlsafe_json_dumps({"levels": levels, "points": points if scale.kind == "points" else None})


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _lines(grid: Grid) -> str:
    name, cell, average = (fragments(PARTS, macro) for macro in ("name", "cell", "sum"))
    parts: list[str] = []
    # Four cells of five are empty.
    blank = cell(EMPTY)
    for row in grid.rows:
        parts.append(name(row.who))
        parts += [blank if one is EMPTY else cell(one) for one in row.cells]
        parts.append(average(row.average, row.beyond))
    return "".join(parts)
