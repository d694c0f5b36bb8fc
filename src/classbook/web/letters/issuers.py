"""Who issues letters for the whole school besides the office: the head's page."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from classbook.common.errors import NotFound
from classbook.people.queries import name_of
from classbook.schools.access import open_school
from classbook.schools.actions.issuers import name_issuer, staff_to_appoint
from classbook.schools.roles import Permission
from classbook.web.account.proving import require_proof
from classbook.web.request import actor_of, signed_in


@require_safe
@signed_in
def issuers(request: HttpRequest, school: UUID) -> HttpResponse:
    """Who is named, and whom one could name."""
    actor = actor_of(request)
    opened = open_school(actor, school, Permission.APPOINT)
    rows = [(person.uid, name_of(person), named) for person, named in staff_to_appoint(opened, actor)]
    context = {
        "uid": opened.uid,
        "name": opened.name,
        "named": [(uid, name) for uid, name, is_named in rows if is_named],
        "others": [(uid, name) for uid, name, is_named in rows if not is_named],
    }
    return render(request, "letters/issuers.html", context)


@require_POST
@signed_in
def set_issuer(request: HttpRequest, school: UUID) -> HttpResponse:
    """Name somebody, or take it back."""
    actor = actor_of(request)
    opened = open_school(actor, school, Permission.APPOINT)
    try:
        person = UUID(request.POST.get("person", ""))
    except ValueError:
        raise NotFound from None
    require_proof(request)
    named = request.POST.get("named") == "1"
    name = name_of(name_issuer(actor, opened, person, named=named))
    if named:
        messages.success(request, _("%(name)s issues letters for the whole school from now on.") % {"name": name})
    else:
        messages.success(request, _("%(name)s no longer issues letters for the whole school.") % {"name": name})
    return redirect("issuers", opened.uid)
