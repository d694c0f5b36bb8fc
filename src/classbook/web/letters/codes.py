"""Lists of single codes for colleagues, printed by the office or the IT of the school."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from classbook.accounts.actions.factors import print_codes_for
from classbook.accounts.queries.factors import colleagues_of
from classbook.common.errors import NotFound
from classbook.schools.access import open_school
from classbook.schools.roles import Permission
from classbook.web.account.proving import require_proof
from classbook.web.account.security import codes_page
from classbook.web.entry.views import never_kept
from classbook.web.request import actor_of, signed_in
from classbook.web.steps import with_form


@require_safe
@signed_in
def staff_codes(request: HttpRequest, school: UUID) -> HttpResponse:
    """The staff with a sign-in, and who has how many codes left."""
    actor = actor_of(request)
    opened = open_school(actor, school, Permission.PRINT_CODES)
    context = {"uid": opened.uid, "name": opened.name, "people": colleagues_of(actor, opened)}
    return render(request, "letters/codes.html", context)


@never_kept
@with_form
@signed_in
def print_staff_codes(request: HttpRequest, school: UUID, person: UUID) -> HttpResponse:
    """Ask, then make the list and show it once."""
    actor = actor_of(request)
    opened = open_school(actor, school, Permission.PRINT_CODES)
    found = next((one for one in colleagues_of(actor, opened) if one.uid == str(person) and one.may_print), None)
    back = reverse("staff-codes", args=[opened.uid])
    if found is None:
        raise NotFound
    require_proof(request)
    if request.method == "POST":
        colleague, codes = print_codes_for(actor, opened, person)
        return codes_page(request, codes, name=colleague.name, back=back)
    return render(request, "letters/codes_print.html", {"one": found, "back": back, "school": opened.name})
