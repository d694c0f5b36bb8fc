"""How a region lets families in: set by its authority or by the operator. In which town a school is: by the operator."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import record_audit
from classbook.schools.access import Actor, may_in_region
from classbook.schools.models import Region, School
from classbook.schools.roles import Permission


def policy_seen(region: Region) -> str:
    """The region's own word as a text, to tell whether it is still the same."""
    return f"{region.portal}/{region.portal_required_on or ''}/{region.portal_grace_days}"


@transaction.atomic
def decide_portal(actor: Actor, region: Region, kind: str, *, required_on: date | None, grace_days: int, seen: str) -> None:
    """The authority's decision for its own region. `seen` is what stood there when it was made.

    Raises NotFound, and Refusal (fields "kind", "required_on"): families must have a day to hear of it first.
    """
    if not may_in_region(actor, Permission.SET_PORTAL, region.pk):
        raise NotFound
    now = Region.objects.select_for_update(of=("self",)).get(pk=region.pk)
    if policy_seen(now) != seen:
        raise Refusal(_("Somebody has changed this in the meantime. Look at what holds now, and decide again."))
    if kind == Region.Portal.INHERITED and now.parent_id is None:
        raise Refusal(_("There is no region above this one."), field="kind")
    if kind == Region.Portal.REQUIRED and required_on is None:
        raise Refusal(_("Please fill this in."), field="required_on")
    is_new = required_on != now.portal_required_on
    if required_on is not None and is_new and required_on <= clock.today(settings.TIME_ZONE):
        raise Refusal(_("Choose a day that is still to come, so that families hear of it before."), field="required_on")
    set_portal(now.pk, kind, required_on=required_on, grace_days=grace_days, actor_id=actor.person_id)


@transaction.atomic
def set_portal(region_id: int, kind: str, *, required_on: date | None, grace_days: int, actor_id: int | None = None) -> None:
    """None, offered, or required from a day; empty: as the region above. Raises NotFound and Refusal."""
    if not Region.objects.filter(pk=region_id).exists():
        raise NotFound
    if kind not in Region.Portal.values:
        raise Refusal(_("The portal can be none, offered or required."))
    if (kind == Region.Portal.REQUIRED) != (required_on is not None):
        raise Refusal(_("A required portal needs its first day, and only that."))
    Region.objects.filter(pk=region_id).update(portal=kind, portal_required_on=required_on, portal_grace_days=grace_days)
    since = required_on.isoformat() if required_on else ""
    record_audit("region.portal", actor_id=actor_id, subject=("region", region_id), portal=kind, since=since, grace=grace_days)


@transaction.atomic
def set_town(school_id: int, town: str) -> None:
    """Where families look for the school."""
    if not School.objects.filter(pk=school_id).update(town=town.strip()[:120]):
        raise NotFound
    record_audit("school.town", actor_id=None, school_id=school_id, subject=("school", school_id))
