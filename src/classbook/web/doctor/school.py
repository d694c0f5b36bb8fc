"""The sign-in doctor for the school: a class, or one household of it, with the fix beside each person."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from classbook.accounts.actions.letters import may_issue_for
from classbook.accounts.actions.ways import open_class_for_help, unlink_for
from classbook.accounts.queries.ways import ways_of
from classbook.common.errors import NotFound
from classbook.events.reading import note_read
from classbook.schools.roles import Permission
from classbook.web.linking.names import portal_name
from classbook.web.request import actor_of, signed_in


@require_safe
@signed_in
def class_ways(request: HttpRequest, school_class: UUID) -> HttpResponse:
    """How everybody of the class gets in. Nobody's password, code or mark stands here."""
    actor = actor_of(request)
    opened = open_class_for_help(actor, school_class)
    note_read(actor.person_id, "ways", school_id=opened.school_id, subject=("class", opened.pk))
    only = _pupil(request)
    rows = ways_of(opened.school, opened, reader_id=actor.person_id, only=only)
    if only and not rows:
        raise NotFound
    context = {
        "uid": opened.uid, "name": opened.name, "school": opened.school.name, "school_uid": opened.school.uid, "rows": rows,
        "only": only, "portal": portal_name(), "may_issue": may_issue_for(actor, opened),
        "may_manage": actor.may(Permission.MANAGE_PEOPLE, opened.school_id),
    }  # fmt: skip
    return render(request, "doctor/class.html", context)


def _pupil(request: HttpRequest) -> UUID | None:
    asked = request.GET.get("pupil", "")
    try:
        return UUID(asked) if asked else None
    except ValueError:
        raise NotFound from None


@require_POST
@signed_in
def unlink(request: HttpRequest, school_class: UUID) -> HttpResponse:
    """The portal lets somebody of the class in no more."""
    actor = actor_of(request)
    opened = open_class_for_help(actor, school_class)
    name = unlink_for(actor, opened, request.POST.get("only", ""))
    messages.success(request, _("The link of %(name)s is ended. A new letter lets in.") % {"name": name})
    return redirect("class-ways", opened.uid)
