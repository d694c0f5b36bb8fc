"""First pages of head, deputy, nurse, psychologist, IT and authority: what is theirs already."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from classbook.common.errors import NotFound
from classbook.events.reading import note_read
from classbook.reports import school as reports
from classbook.schools.access import open_region, open_school
from classbook.schools.roles import Permission
from classbook.web.request import actor_of, signed_in


@require_safe
@signed_in
def school_today(request: HttpRequest, school: UUID) -> HttpResponse:
    """Lessons not yet recorded, absences, changes."""
    opened = open_school(actor_of(request), school, Permission.SEE_SCHOOL)
    return render(request, "region/school.html", {"day": reports.school_day(opened)})


@require_safe
@signed_in
def nurse(request: HttpRequest, school: UUID) -> HttpResponse:
    """Who is away, with reasons, and the classes in quarantine."""
    actor = actor_of(request)
    opened = open_school(actor, school, Permission.SEE_REASONS)
    if "nurse" not in actor.roles:
        raise NotFound
    note_read(actor.person_id, "nurse", school_id=opened.pk, subject=("school", opened.pk))
    context = {"away": reports.away_today(opened, with_reasons=True), "day": reports.school_day(opened)}
    return render(request, "region/nurse.html", context)


@require_safe
@signed_in
def psychologist(request: HttpRequest, school: UUID) -> HttpResponse:
    """Pupils with many absences or remarks, as counts."""
    actor = actor_of(request)
    opened = open_school(actor, school, Permission.SEE_REMARKS)
    if "psychologist" not in actor.roles:
        raise NotFound
    note_read(actor.person_id, "psychologist", school_id=opened.pk, subject=("school", opened.pk))
    return render(request, "region/psychologist.html", {"rows": reports.pupils_to_look_at(opened), "school": opened.name})


@require_safe
@signed_in
def it(request: HttpRequest, school: UUID) -> HttpResponse:
    """Who has a sign-in; never a mark."""
    opened = open_school(actor_of(request), school, Permission.SEE_ACCOUNTS)
    return render(request, "region/it.html", {"figures": reports.account_figures(opened), "school": opened.name})


@require_safe
@signed_in
def authority(request: HttpRequest, region: UUID) -> HttpResponse:
    """Figures of the region's schools; never a child."""
    opened = open_region(actor_of(request), region)
    return render(request, "region/authority.html", {"rows": reports.figures_of_region(opened), "name": opened.name})
