"""Reads about links with the portal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from classbook.accounts.models import PortalLink
from classbook.accounts.queries.letters import is_guardian
from classbook.common import clock
from classbook.people.models import Account, Guardianship, Person
from classbook.schools.access import Actor, in_force
from classbook.schools.models import ClassPlacement


@dataclass(frozen=True, slots=True)
class OwnLink:
    """The own link as its owner sees it."""

    label: str
    level: str
    linked_at: datetime
    used_at: datetime


def link_of(iss: str, sub: str) -> PortalLink | None:
    """Whom this citizen of the portal is linked with."""
    return PortalLink.objects.filter(iss=iss, sub=sub).select_related("person").first()


def own_link(actor: Actor) -> OwnLink | None:
    """The actor's link with the portal that is set."""
    found = PortalLink.objects.filter(person_id=actor.person_id, iss=settings.PORTAL_ISSUER).first()
    return OwnLink(found.label, found.level, found.linked_at, found.used_at) if found else None


def is_linked(person_id: int, iss: str) -> bool:
    """Is another citizen the person already?"""
    return PortalLink.objects.filter(person_id=person_id, iss=iss).exists()


def registered_himself(person_id: int) -> bool:
    """Is the login an address that its owner chose?"""
    return Account.objects.filter(person_id=person_id, self_registered=True).exists()


def person_of(pk: int) -> Person:
    """The person behind a proof."""
    return Person.objects.get(pk=pk)


def roles_of(person_id: int) -> frozenset[str]:
    """What a school has made the person: guardian, pupil. Nothing: an account that no school has given."""
    today = clock.today(settings.TIME_ZONE)
    wards = Guardianship.objects.filter(guardian_id=person_id).values_list("student_id", flat=True)
    found = {"guardian"} if any(is_guardian(person_id, ward, today) for ward in wards) else set()
    if ClassPlacement.objects.filter(in_force(today), student_id=person_id).exists():
        found.add("pupil")
    return frozenset(found)
