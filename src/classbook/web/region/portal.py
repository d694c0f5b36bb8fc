"""How families of a region sign in: whether there is a portal, and from when it is the way. The authority's page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbook.accounts import portal_client
from classbook.office.rehearsal import try_out
from classbook.schools.access import open_region
from classbook.schools.actions.portal import decide_portal, policy_seen
from classbook.schools.models import Region
from classbook.schools.queries import schools_governed
from classbook.schools.roles import Permission
from classbook.web import dates
from classbook.web.account.proving import require_proof
from classbook.web.region.forms import PortalForm
from classbook.web.request import actor_of, signed_in
from classbook.web.steps import Outlook, Step, two_steps, with_form

ONE_DAY = timedelta(days=1)


@with_form
@signed_in
def policy(request: HttpRequest, region: UUID) -> HttpResponse:
    """What holds now stands in the form; what will happen is said before anything is changed."""
    actor = actor_of(request)
    opened = open_region(actor, region, Permission.SET_PORTAL)
    above = opened.parent.name if opened.parent else ""
    start = {
        "kind": opened.portal or ("" if above else "offered"), "required_on": opened.portal_required_on,
        "grace_days": opened.portal_grace_days,
    }  # fmt: skip
    form = PortalForm(request.POST or None, above=above, initial=start)
    seen = policy_seen(opened)
    if "sure" in request.POST:
        require_proof(request)
        seen = request.POST.get("seen", "")

    def act() -> int:
        data = _given(form.cleaned_data)
        decide_portal(actor, opened, data["kind"], required_on=data["first"], grace_days=data["grace"], seen=seen)
        return 0

    def outlook() -> Outlook:
        try_out(act)
        return _outlook(opened, _given(form.cleaned_data), above, seen)

    def write() -> str:
        act()
        return _("It is set how families of %(region)s sign in.") % {"region": opened.name}

    lead = _("It concerns families alone. Whoever works at a school signs in as before.")
    step = Step(_("How families sign in"), lead, _("Set it so"), reverse("authority", args=[opened.uid]))
    return two_steps(request, form, step, outlook=outlook, write=write)


def _given(data: dict[str, Any]) -> dict[str, Any]:
    """A day counts only where the portal is the way."""
    first = data["required_on"] if data["kind"] == Region.Portal.REQUIRED else None
    grace = data["grace_days"] if data["grace_days"] is not None else 30
    return {"kind": data["kind"], "first": first, "grace": grace}


def _outlook(region: Region, data: dict[str, Any], above: str, seen: str) -> Outlook:
    schools = schools_governed(region)
    says = [ngettext("It holds for %(num)s school.", "It holds for %(num)s schools.", schools) % {"num": schools}]
    if data["kind"] == Region.Portal.REQUIRED:
        words = {"first": dates.with_year(data["first"]), "last": dates.with_year(data["first"] + (data["grace"] - 1) * ONE_DAY)}
        says += [
            _("The sign-in page and the list of schools say at once that it comes."),
            _("From %(first)s families who are not linked with the portal yet are told so at each sign-in.") % words,
            _("After %(last)s no password opens a family's diary: the portal does.") % words
            if data["grace"]
            else _("From that day no password opens a family's diary: the portal does."),
            _("A letter from school goes on linking a family, once. Who is signed in stays so until the session ends."),
        ]
    elif data["kind"] == Region.Portal.NONE:
        says += [
            _("The portal's button goes. Families come in by letters and passwords."),
            _("Whoever has only ever come in through the portal needs a letter from school."),
        ]
    elif data["kind"] == Region.Portal.OFFERED:
        says.append(_("The portal's button stands beside letters and passwords; each family chooses."))
    else:
        says.append(_("What %(region)s says holds here too, also what it changes later.") % {"region": above})
    says.append(_("It is noted in the audit with your name, and can be changed here again."))
    missing = _("This site has no portal at the moment. What you set counts from the day on which the operator sets one up.")
    return Outlook(tuple(says), () if portal_client.is_on() else (missing,), seen=seen)
