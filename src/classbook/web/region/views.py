"""First pages of head, deputy, nurse, psychologist, IT and authority: what is theirs already."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from classbook.accounts.queries.applying import number_of_applications
from classbook.common.errors import NotFound
from classbook.events.reading import note_read
from classbook.reports import school as reports
from classbook.reports.directory import classes_of
from classbook.reports.limits import open_reopenings
from classbook.reports.region import GOAL, region_page
from classbook.reports.today import school_day
from classbook.schools.access import open_region, open_school
from classbook.schools.models import School
from classbook.schools.roles import Permission
from classbook.web.request import actor_of, signed_in


@require_safe
@signed_in
def school_today(request: HttpRequest, school: UUID) -> HttpResponse:
    """Lessons not yet recorded, absences, changes."""
    actor = actor_of(request)
    opened = open_school(actor, school, Permission.SEE_SCHOOL)
    day, teacher = _date(request.GET.get("day", "")), _uid(request.GET.get("teacher", ""))
    found = school_day(opened, day=day, teacher=teacher)
    may_reopen = actor.may(Permission.REOPEN_TERM, opened.pk)
    context = {
        "day": found,
        "on": day,
        "teacher": next((row for row in found.teachers if row.uid == teacher), None) if teacher else None,
        "filtered": bool(day or teacher),
        "opens_lessons": actor.may(Permission.SEE_JOURNALS, opened.pk),
        "opens_classes": actor.may(Permission.SEE_PUPILS, opened.pk),
        "sets_bans": actor.may(Permission.SET_BANS, opened.pk),
        "may_reopen": may_reopen,
        "appoints": actor.may(Permission.APPOINT, opened.pk),
        "tells": actor.may(Permission.WRITE_NOTICES, opened.pk),
        "reopened": len(open_reopenings(opened)) if may_reopen else 0,
    }
    return render(request, "region/school.html", context)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _own(request: HttpRequest, school: UUID, role: str, permission: Permission) -> School:
    """The page of one role: the head, who may see the same, has pages of the own."""
    actor = actor_of(request)
    opened = open_school(actor, school, permission)
    if not any(held.role == role and held.school_id == opened.pk for held in actor.positions):
        raise NotFound
    return opened


@require_safe
@signed_in
def nurse(request: HttpRequest, school: UUID) -> HttpResponse:
    """Who is away, with reasons, and the classes in quarantine."""
    opened = _own(request, school, "nurse", Permission.SEE_REASONS)
    note_read(actor_of(request).person_id, "nurse", school_id=opened.pk, subject=("school", opened.pk))
    return render(request, "region/nurse.html", {"page": reports.away_today(opened)})


@require_safe
@signed_in
def psychologist(request: HttpRequest, school: UUID) -> HttpResponse:
    """Pupils with many absences or remarks, as counts."""
    opened = _own(request, school, "psychologist", Permission.SEE_REMARKS)
    note_read(actor_of(request).person_id, "psychologist", school_id=opened.pk, subject=("school", opened.pk))
    context = {"page": reports.pupils_to_look_at(opened), "few": reports.FEW_MISSED}
    return render(request, "region/psychologist.html", context)


@require_safe
@signed_in
def it(request: HttpRequest, school: UUID) -> HttpResponse:
    """Who has a sign-in; never a mark."""
    opened = open_school(actor_of(request), school, Permission.SEE_ACCOUNTS)
    classes = {row.name: row.uid for row in classes_of(opened)}
    shown = {"figures": reports.account_figures(opened), "classes": classes, "uid": opened.uid}
    return render(request, "region/it.html", shown)


@require_safe
@signed_in
def authority(request: HttpRequest, region: UUID) -> HttpResponse:
    """Figures of the region's schools; never a child."""
    opened = open_region(actor_of(request), region)
    context = {
        "page": region_page(opened), "goal": GOAL, "uid": opened.uid, "applied": number_of_applications(opened),
    }  # fmt: skip
    return render(request, "region/authority.html", context)
