"""Is my school connected, and how do I get in there: a public list of schools."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from classbook.common import clock
from classbook.schools.queries import ListedSchool, schools_listed
from classbook.web.linking import visit
from classbook.web.linking.names import portal_name
from classbook.web.linking.policy import sentence


@dataclass(frozen=True, slots=True)
class Row:
    """A school with its ways in. `portal`: is there the button; `password`: does a password let families in?"""

    school: ListedSchool
    portal: bool
    password: bool
    notice: str


@require_safe
def schools(request: HttpRequest) -> HttpResponse:
    """Search by name or town; each school says by which ways one gets in."""
    text, today = request.GET.get("q", "")[:80].strip(), clock.today(settings.TIME_ZONE)
    found, portal = schools_listed(text, today), portal_name()
    regions = tuple((name, tuple(_row(one, portal, today) for one in some)) for name, some in found.regions)
    context = {
        "q": text, "regions": regions, "more": found.more, "portal": portal,
        "to": visit.local(request.GET.get("next", "")),
    }  # fmt: skip
    return render(request, "doctor/schools.html", context)


def _row(school: ListedSchool, name: str, today: date) -> Row:
    portal = bool(name) and school.policy.is_offered
    closed = portal and school.policy.is_closed(today)
    return Row(school, portal, not closed, sentence(school.region, school.policy, name, today) if portal else "")
