"""Reads about second factors: what an account has, and from when on one is required."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from allauth.mfa.models import Authenticator
from django.conf import settings

from classbook.accounts import rules
from classbook.common import clock
from classbook.people.models import Account
from classbook.people.rules import list_name
from classbook.schools.access import Actor, in_force, may_need_factor
from classbook.schools.models import Position, School
from classbook.schools.roles import Permission, permissions_of

APP = Authenticator.Type.TOTP.value
CODES = Authenticator.Type.RECOVERY_CODES.value
PASSKEY = Authenticator.Type.WEBAUTHN.value


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner knows it. `used_at` is empty for one that was never used."""

    pk: int
    name: str
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """What an account has besides its password. `codes_left` is None without a list."""

    passkeys: tuple[Passkey, ...]
    app_since: datetime | None
    codes_left: int | None
    codes_since: datetime | None

    @property
    def any(self) -> bool:
        return bool(self.passkeys or self.app_since) or self.codes_left is not None

    @property
    def only_codes(self) -> bool:
        """Nothing but the list."""
        return self.codes_left is not None and not self.passkeys and self.app_since is None

    @property
    def takes_code(self) -> bool:
        """Could a code be typed?"""
        return self.app_since is not None or self.codes_left is not None


def factors_of(person_id: int) -> Factors:
    """The second factors of a person's account. One query."""
    rows = list(Authenticator.objects.filter(user__person_id=person_id).order_by("created_at", "pk"))
    app = next((row for row in rows if row.type == APP), None)
    codes = next((row for row in rows if row.type == CODES), None)
    return Factors(
        tuple(
            Passkey(row.pk, str(row.data.get("name", "")), row.created_at, row.last_used_at)
            for row in rows if row.type == PASSKEY
        ),
        app.created_at if app else None,
        len(codes.data["codes"]) if codes else None,
        codes.created_at if codes else None,
    )  # fmt: skip


def has_factor(person_id: int) -> bool:
    """Does a password alone no longer let this person in?"""
    return Authenticator.objects.filter(user__person_id=person_id).exists()


def required_from(actor: Actor) -> date | None:
    """From which day on the actor needs a second factor; None: he has one, or needs none."""
    if not may_need_factor(actor) or has_factor(actor.person_id):
        return None
    begins = settings.REQUIRE_SECOND_FACTOR
    first = Account.objects.values_list("first_used_at", flat=True).filter(person_id=actor.person_id).first() or clock.now()
    zone = clock.zone(settings.TIME_ZONE)
    return rules.required_on(begins if isinstance(begins, date) else None, first.astimezone(zone).date())


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the staff and whether the reader may print codes for him. `codes_left` is None without a list."""

    person_id: int
    uid: str
    name: str
    may_print: bool
    codes_left: int | None


def colleagues_of(actor: Actor, school: School) -> list[Colleague]:
    """The staff of a school with a sign-in, in the order of their names, without the actor. Three queries."""
    held = in_force(actor.today)
    here = Position.objects.filter(held, school=school, person__account__is_active=True).exclude(person_id=actor.person_id)
    people = {row.person_id: row.person for row in here.select_related("person").order_by("person__sort_key", "pk")}
    rights: dict[int, set[Permission]] = {pk: set() for pk in people}
    # Also what they may do elsewhere: one account opens all of it.
    for pk, role in Position.objects.filter(held, person_id__in=people).values_list("person_id", "role"):
        rights[pk] |= permissions_of(role)
    own = {Permission.TEACH}.union(*(permissions_of(one.role) for one in actor.positions if one.school_id == school.pk))
    lists = Authenticator.objects.filter(type=CODES, user__person_id__in=people).values_list("user__person_id", "data")
    left = {pk: len(data["codes"]) for pk, data in lists}
    return [
        Colleague(pk, str(person.uid), list_name(person.family_name, person.given_name), rights[pk] <= own, left.get(pk))
        for pk, person in people.items()
    ]
