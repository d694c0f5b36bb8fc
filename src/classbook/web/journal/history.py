"""Who changed a cell, when, from what to what, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from classbook.attendance.queries import RecordChange, history_of_record
from classbook.common.errors import NotFound
from classbook.grading.queries import Change, history_of_mark
from classbook.people.queries import names_of
from classbook.schools.access import open_group
from classbook.web import dates
from classbook.web.request import actor_of, signed_in


@require_safe
@signed_in
def cell(request: HttpRequest, group: UUID) -> JsonResponse:
    """The versions of a mark, of an absence, or of both in one cell, oldest first, as data for the page's panel."""
    opened = open_group(actor_of(request), group)
    try:
        student = str(UUID(request.GET["student"]))
        column, lesson = (str(UUID(request.GET[name])) if name in request.GET else "" for name in ("column", "lesson"))
    except (KeyError, ValueError):
        raise NotFound from None
    if not column and not lesson:
        raise NotFound
    marks = history_of_mark(opened.pk, column, student) if column else []
    records = history_of_record(opened.pk, lesson, student) if lesson else []
    names = names_of([*(change.by_id for change in marks), *(change.by_id for change in records)])
    zone = opened.group.school.time_zone
    rows = _in_order(_rows(marks), _rows(records))
    for row, change in rows:
        row |= {"by": names.get(change.by_id or 0, ""), "at": dates.moment(change.at, zone), "reason": change.reason}
    return JsonResponse({"changes": [row for row, _change in rows]})


Row = tuple[dict[str, Any], Change | RecordChange]


def _in_order(marks: list[Row], records: list[Row]) -> list[Row]:
    """Both histories in one: each in the order of its versions, which no clock can turn round; between them time decides."""
    timed: list[tuple[datetime, Row]] = []
    for rows in (marks, records):
        latest = datetime.min.replace(tzinfo=UTC)
        for row in rows:
            latest = max(latest, row[1].at)
            timed.append((latest, row))
    return [row for _at, row in sorted(timed, key=lambda pair: pair[0])]


def _rows(changes: list[Change] | list[RecordChange]) -> list[Row]:
    """Each change with the value before it, and what else it says in words."""
    rows: list[Row] = []
    before = ""
    for change in changes:
        row = {"what": "mark" if isinstance(change, Change) else "attendance", "before": before, "value": change.value}
        rows.append((row | {"more": _more(change)}, change))
        before = change.value
    return rows


def _more(change: Change | RecordChange) -> list[str]:
    if isinstance(change, RecordChange):
        return [_("%(n)d min") % {"n": change.minutes}] if change.minutes else []
    uncounted = [] if change.counts else [_("not in the average")]
    return uncounted + ([f"“{change.comment}”"] if change.comment else [])
