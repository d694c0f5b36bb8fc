"""The class teacher's page."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from classbook.accounts.actions.letters import may_issue_for
from classbook.common.errors import NotFound
from classbook.events.reading import note_read
from classbook.reports.classroom import class_page
from classbook.schools.access import open_class
from classbook.schools.queries import classes_led_by
from classbook.web.request import actor_of, signed_in


@require_safe
@signed_in
def my_class(request: HttpRequest) -> HttpResponse:
    """To the class one leads."""
    led = classes_led_by(actor_of(request))
    if not led:
        raise NotFound
    return redirect("school-class", led[0].uid)


@require_safe
@signed_in
def school_class(request: HttpRequest, school_class: UUID) -> HttpResponse:
    """The list with guardians and today's absences."""
    actor = actor_of(request)
    opened = open_class(actor, school_class)
    note_read(actor.person_id, "class", school_id=opened.school_id, subject=("class", opened.pk))
    choice = request.GET.get("show", "")
    page = class_page(actor, opened)
    context = {"page": page, "rows": page.shown(choice), "choice": choice, "may_issue": may_issue_for(actor, opened)}
    return render(request, "classroom/class.html", context)
