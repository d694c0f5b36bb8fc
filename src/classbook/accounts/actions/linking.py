"""Signing in through the portal, and linking a citizen of it with a person of the school.

Whoever links is not signed in. What authorises is the portal's word together with a proof from the school: a live letter, or
login and password of the account. Each action asks again whether both hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from classbook.accounts.actions import end_all_sessions, end_factors, end_what_was_begun
from classbook.accounts.actions.entering import require_live, take
from classbook.accounts.actions.logins import free_login, open_account
from classbook.accounts.actions.notices import tell
from classbook.accounts.matching import Identity, differences, is_enough
from classbook.accounts.models import Invitation, PortalLink
from classbook.accounts.portal_client import Citizen
from classbook.accounts.queries import linking as queries
from classbook.accounts.queries.letters import account_of, holds_position
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import record_audit
from classbook.people.models import Account, Contact, Person
from classbook.schools.access import Actor


@dataclass(frozen=True, slots=True)
class Proof:
    """What was shown of the school's side: a letter, or the account whose password was right."""

    letter: UUID | None = None
    account: int = 0
    # The account's password as it was then: another one ends the proof.
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """The school's side beside the portal's. `differ` and `refused` are empty when the two can be linked."""

    person: Person
    letter: Invitation | None
    differ: tuple[str, ...]
    refused: str


def proof_by_password(account: Account) -> Proof:
    """Login and password were right just now."""
    return Proof(account=account.pk, stamp=account.get_session_auth_hash())


@transaction.atomic
def sign_in_linked(citizen: Citizen) -> Account | None:
    """The account of a citizen who is linked; None: he is not. Raises Refusal when the account has ended."""
    link = queries.link_of(citizen.iss, citizen.sub)
    if link is None:
        return None
    account = account_of(link.person_id)
    if account is None or not account.is_active:
        raise Refusal(_("This account has ended. Ask the school office if you think that is wrong."))
    if not settings.READ_ONLY:
        PortalLink.objects.filter(pk=link.pk).update(used_at=clock.now(), level=citizen.level)
    return account


def look(citizen: Citizen, proof: Proof) -> Look:
    """Do the two sides fit? Raises Refusal when the proof does not hold any more."""
    letter = require_live(proof.letter) if proof.letter else None
    person = letter.person if letter else _person_behind(proof)
    refused = _refusal(citizen, person, letter)
    school = Identity(
        person.family_name, person.given_name, person.middle_name,
        person.birth_date.isoformat() if person.birth_date else "", person.snils,
    )  # fmt: skip
    portal = Identity(citizen.family, citizen.given, citizen.middle, citizen.born, citizen.claimed_snils)
    return Look(person, letter, differences(school, portal), refused)


def _person_behind(proof: Proof) -> Person:
    account = Account.objects.select_related("person").filter(pk=proof.account, is_active=True).first()
    if account is None or account.get_session_auth_hash() != proof.stamp:
        raise Refusal(_("Please show once more that the entry is yours."), needs="proof")
    return account.person


def _refusal(citizen: Citizen, person: Person, letter: Invitation | None) -> str:
    """Why the two cannot be linked although the proof is right; empty when they can."""
    by_code = letter is not None
    roles = queries.roles_of(person.pk)
    if holds_position(person.pk, clock.today(settings.TIME_ZONE)):
        return _(
            "This person works at a school. Such an account is not opened through the portal; sign in with login and password."
        )
    if not roles:
        return _("The school has not confirmed this entry. Ask the class teacher or the school office.")
    if queries.has_no_portal(person.pk, letter):
        return _("The region of this school does not use the portal. The letter lets you in by itself: choose a password.")
    if not by_code and queries.registered_himself(person.pk):
        return _(
            "This entry was opened with an own e-mail address as login. Such a login is not linked; take the code of a new "
            "letter, which the class teacher or the school office prints."
        )
    if queries.is_linked(person.pk, citizen.iss):
        return _("This entry is linked with another account of the portal already. Its owner can end that in Classbook.")
    same_snils = bool(person.snils) and person.snils == citizen.snils
    if is_enough(citizen.level, roles=roles, by_code=by_code, same_snils=same_snils):
        return ""
    if by_code:
        return _(
            "A guardian needs at least the standard level on the portal: have your name, SNILS and document checked there, then "
            "come back. Your letter stays good."
        )
    return _(
        "With a login and a password the two can be linked only when the portal has confirmed you in person and the school knows "
        "your SNILS. Take the code of a letter instead; the class teacher or the school office prints one."
    )


@transaction.atomic
def link(citizen: Citizen, proof: Proof, label: str) -> Account:
    """Link the two for good. Whatever was begun, signed in or set up for the account before ends. Raises Refusal."""
    # Of two who try at the same moment one waits here and then sees the other's link.
    found = look(citizen, proof)
    Person.objects.select_for_update().get(pk=found.person.pk)
    found = look(citizen, proof)
    if found.differ or found.refused:
        raise Refusal(found.refused or _("The data of the school and of the portal differ."), needs="same data")
    if found.letter is not None:
        take(found.letter, found.person.pk, "portal")
    account = open_account(found.person)
    try:
        with transaction.atomic():
            PortalLink.objects.create(
                iss=citizen.iss, sub=citizen.sub, person=found.person, label=label.strip()[:60], level=citizen.level,
                linked_at=clock.now(), used_at=clock.now(),
            )  # fmt: skip
    except IntegrityError:
        raise Refusal(_("This account of the portal, or this entry, has been linked a moment ago. Sign in again.")) from None
    tell(found.person.pk, "portal-linked")
    _end_the_old_state(account, citizen, by_code=found.letter is not None)
    record_audit(
        "account.linked", actor_id=found.person.pk, school_id=found.letter.school_id if found.letter else None,
        subject=("person", found.person.pk), level=citizen.level, by="letter" if found.letter else "password",
    )  # fmt: skip
    return account


def _end_the_old_state(account: Account, citizen: Citizen, *, by_code: bool) -> None:
    """Nobody who had got hold of the account before keeps a way in (quality.md 7.5)."""
    person_id = account.person_id
    end_all_sessions(person_id)
    end_what_was_begun(person_id)
    end_factors(person_id, by=person_id)
    if by_code:
        # Whose password it was is not known; one that was typed right just now stays.
        account.set_unusable_password()
        account.must_change_password = False
        if account.self_registered:
            # Nor is a login merged that somebody chose himself: the school's form takes its place.
            account.login, account.self_registered = free_login(account.person), False
        account.save(update_fields=["login", "password", "self_registered", "must_change_password"])
    # Only addresses that the portal knows as this person's own go on letting in.
    own = [value for value in (citizen.email.lower(), citizen.phone) if value]
    Contact.objects.filter(person_id=person_id).exclude(value__in=own).update(confirmed_at=None)


@transaction.atomic
def unlink(actor: Actor) -> None:
    """The portal lets the actor in no more. Raises NotFound when it does not anyway."""
    ended, _rows = PortalLink.objects.filter(person_id=actor.person_id, iss=settings.PORTAL_ISSUER).delete()
    if not ended:
        raise NotFound
    record_audit("account.unlinked", actor_id=actor.person_id, subject=("person", actor.person_id))
    tell(actor.person_id, "portal-unlinked")
