"""Who changed a cell, when, from what to what, and why."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from classbook.attendance.queries import history_of_record
from classbook.common.errors import NotFound
from classbook.grading.queries import history_of_mark
from classbook.people.queries import names_of
from classbook.schools.access import open_group
from classbook.web import dates
from classbook.web.request import actor_of, signed_in


@require_safe
@signed_in
def cell(request: HttpRequest, group: UUID) -> JsonResponse:
    """The versions of one cell, oldest first, as data for the page's panel."""
    opened = open_group(actor_of(request), group)
    try:
        student = str(UUID(request.GET["student"]))
        column = str(UUID(request.GET["column"])) if "column" in request.GET else ""
        lesson = "" if column else str(UUID(request.GET["lesson"]))
    except (KeyError, ValueError):
        raise NotFound from None
    changes = history_of_mark(opened.pk, column, student) if column else history_of_record(opened.pk, lesson, student)
    names = names_of(change.by_id for change in changes)
    zone = opened.group.school.time_zone
    rows = [
        {
            "value": change.value,
            "by": names.get(change.by_id or 0, ""),
            "at": dates.moment(change.at, zone),
            "reason": change.reason,
        }
        for change in changes
    ]
    return JsonResponse({"changes": rows})
