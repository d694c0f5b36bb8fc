"""The own link with the portal: see it, end it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from classbook.accounts.actions import linking
from classbook.accounts.queries import needs_password
from classbook.accounts.queries.linking import own_link
from classbook.web.linking.names import level_name, portal_name
from classbook.web.linking.visit import where_portal_is
from classbook.web.request import actor_of, signed_in
from classbook.web.steps import with_form


@with_form
@signed_in
@where_portal_is
def mine(request: HttpRequest) -> HttpResponse:
    """What is linked; with a click it ends, at any time."""
    actor = actor_of(request)
    if request.method == "POST":
        linking.unlink(actor)
        messages.success(request, _("The link is ended. %(portal)s no longer lets you in here.") % {"portal": portal_name()})
        return redirect("portal-mine")
    found = own_link(actor)
    context = {
        "found": found, "portal": portal_name(), "level": level_name(found.level) if found else "",
        "has_password": needs_password(actor),
    }  # fmt: skip
    return render(request, "linking/mine.html", context)
