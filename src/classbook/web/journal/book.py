"""The journal's page: hundreds of cells, of which most are alike."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

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
    fixed = {"grid": grid.about, "mine": mine, "empty": NOTHING_TYPED}
    return HttpResponse(framed_parts(request, "journal/journal.html", frame_of_reader(request, reader), fixed, own))


def _lines(grid: Grid) -> str:
    name, cell, average = (fragments(PARTS, macro) for macro in ("name", "cell", "sum"))
    parts: list[str] = []
    # Four cells of five are empty.
    blank = cell(EMPTY)
    for row in grid.rows:
        parts.append(name(row.who))
        parts += [blank if one is EMPTY else cell(one) for one in row.cells]
        parts.append(average(row.average))
    return "".join(parts)
