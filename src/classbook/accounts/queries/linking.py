"""Reads about links with the portal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from classbook.accounts import portal_client
from classbook.accounts.models import Invitation, PortalLink
from classbook.accounts.queries.letters import holds_position, is_guardian
from classbook.common import clock
from classbook.people.models import Account, Guardianship, Person
from classbook.schools.access import Actor, in_force
from classbook.schools.models import ClassPlacement, School
from classbook.schools.queries import policies_of_person, portal_policies
from classbook.schools.rules import REQUIRED, PortalPolicy


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


def is_required_of(person_id: int) -> bool:
    """Does the person get in through the portal alone: a family all of whose schools are in regions that ask for it?

    Where the site has no portal, or nothing can be noted at the moment, passwords go on letting in.
    """
    if not portal_client.is_on() or settings.READ_ONLY:
        return False
    if not _is_required_anywhere():
        return False
    today = clock.today(settings.TIME_ZONE)
    policies = policies_of_person(person_id, today)
    return bool(policies) and all(one.is_closed(today) for one in policies) and not holds_position(person_id, today)


def _is_required_anywhere() -> bool:
    """Mostly not: then nothing of the person has to be read."""
    return any(policy.kind == REQUIRED for policy in portal_policies().values())


def must_link(letter: Invitation) -> bool:
    """Does the letter link with the portal, instead of giving a password?"""
    if letter.role == Invitation.Role.STAFF or not portal_client.is_on() or settings.READ_ONLY:
        return False
    return policy_of_school(letter.school).is_closed(clock.today(letter.school.time_zone))


def policy_of_school(school: School) -> PortalPolicy:
    """How the school's region lets families in."""
    return portal_policies()[school.region_id]


def notice_for(person_id: int) -> PortalPolicy | None:
    """The policy that will close the own password, while it still lets in and no link is there."""
    if not portal_client.is_on() or not _is_required_anywhere() or is_linked(person_id, settings.PORTAL_ISSUER):
        return None
    today = clock.today(settings.TIME_ZONE)
    policies = policies_of_person(person_id, today)
    soon = [one for one in policies if one.kind == REQUIRED and not one.is_closed(today)]
    if len(soon) < len(policies) or holds_position(person_id, today):
        return None
    return max(soon, key=lambda one: str(one.closes_on), default=None)


def has_no_portal(person_id: int, letter: Invitation | None) -> bool:
    """Has the region of the letter's school, or have those of all the person's schools, no portal?"""
    if letter is not None:
        return not policy_of_school(letter.school).is_offered
    policies = policies_of_person(person_id, clock.today(settings.TIME_ZONE))
    return bool(policies) and not any(one.is_offered for one in policies)


def roles_of(person_id: int) -> frozenset[str]:
    """What a school has made the person: guardian, pupil. Nothing: an account that no school has given."""
    today = clock.today(settings.TIME_ZONE)
    wards = Guardianship.objects.filter(guardian_id=person_id).values_list("student_id", flat=True)
    found = {"guardian"} if any(is_guardian(person_id, ward, today) for ward in wards) else set()
    if ClassPlacement.objects.filter(in_force(today), student_id=person_id).exists():
        found.add("pupil")
    return frozenset(found)
