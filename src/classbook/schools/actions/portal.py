"""The operator sets how a region lets families in, and in which town a school is."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import record_audit
from classbook.schools.models import Region, School


@transaction.atomic
def set_portal(region_id: int, kind: str, *, required_on: date | None, grace_days: int) -> None:
    """None, offered, or required from a day; empty: as the region above. Raises NotFound and Refusal."""
    if not Region.objects.filter(pk=region_id).exists():
        raise NotFound
    if kind not in Region.Portal.values:
        raise Refusal(_("The portal can be none, offered or required."))
    if (kind == Region.Portal.REQUIRED) != (required_on is not None):
        raise Refusal(_("A required portal needs its first day, and only that."))
    Region.objects.filter(pk=region_id).update(portal=kind, portal_required_on=required_on, portal_grace_days=grace_days)
    since = required_on.isoformat() if required_on else ""
    record_audit("region.portal", actor_id=None, subject=("region", region_id), portal=kind, since=since, grace=grace_days)


@transaction.atomic
def set_town(school_id: int, town: str) -> None:
    """Where families look for the school."""
    if not School.objects.filter(pk=school_id).update(town=town.strip()[:120]):
        raise NotFound
    record_audit("school.town", actor_id=None, school_id=school_id, subject=("school", school_id))
