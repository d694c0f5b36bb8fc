"""A family lets somebody look in: invite, accept, end; a pupil of full age lets a guardian look in (docs/adr/0024)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils.translation import gettext as _

from classbook.accounts import rules
from classbook.accounts.actions import consents
from classbook.accounts.actions.limits import Limit, take
from classbook.accounts.actions.logins import open_account
from classbook.accounts.actions.notices import tell
from classbook.accounts.models import Consent, ConsentText, TrustInvitation
from classbook.accounts.queries import locale_of
from classbook.accounts.queries.letters import letters_key
from classbook.accounts.queries.trust import invitation_by_uid, open_invitations
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import raise_versions, record_audit
from classbook.notifications.actions import EMAIL, Address, can_send, send_message
from classbook.people.contacts import normalised
from classbook.people.models import AccessBan, Account, Guardianship, Person, TrustedPerson
from classbook.people.queries import name_of
from classbook.people.rules import sort_key
from classbook.schools.access import (
    Actor,
    OpenPupil,
    actor_for,
    in_force,
    is_pupil,
    may_share,
    open_student_to_share,
    pupil_rights,
    trusts_in_force,
)
from classbook.schools.models import ClassPlacement
from classbook.schools.roles import Permission

A_DAY = Limit("trust-invitation", 10, timedelta(days=1))
# Grandparents, an aunt, a tutor: more would be a class.
MOST = 8
LONGEST = timedelta(days=366)
TRUSTED, ADULT_VIEW = ConsentText.Kind.TRUSTED, ConsentText.Kind.ADULT_VIEW


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody may see, and until when. Timetable and homework are always part of it."""

    marks: bool
    attendance: bool
    ends_on: date


def _require_choice(choice: Choice, today: date) -> None:
    if choice.ends_on < today:
        raise Refusal(_("This day is over. Choose a later one."), field="ends_on")
    if choice.ends_on > today + LONGEST:
        raise Refusal(_("At most a year. You can give it again afterwards."), field="ends_on")


def invite(actor: Actor, student: OpenPupil, *, family: str, given: str, choice: Choice, email: str) -> str:
    """Make an invitation; answers its code, which is kept nowhere and is sent by mail where an address is given."""
    open_student_to_share(actor, student.uid)
    _require_choice(choice, actor.today)
    address = normalised("email", email) if email.strip() else ""
    if email.strip() and not address:
        raise Refusal(_("This is not an e-mail address. It looks like name@example.org."), field="email")
    there = trusts_in_force(actor.today).filter(student_id=student.pk).count() + open_invitations(student.pk).count()
    if there >= MOST:
        raise Refusal(_("Eight people are let in or invited already. End one of them first."))
    # Not in the transaction: what was tried counts.
    if not take(A_DAY, actor.person_id):
        raise Refusal(_("You have invited ten times today. Please try again tomorrow."))
    return _made(actor, student, family, given, choice, address)


@transaction.atomic
def _made(actor: Actor, student: OpenPupil, family: str, given: str, choice: Choice, address: str) -> str:
    code, at = rules.code_from(letters_key(), secrets.token_hex(16)), clock.now()
    made = TrustInvitation.objects.create(
        student_id=student.pk, invited_by_id=actor.person_id, family_name=family.strip(), given_name=given.strip(),
        can_see_marks=choice.marks, can_see_attendance=choice.attendance, ends_on=choice.ends_on,
        code_hmac=rules.hash_of_code(letters_key(), code), created_at=at, expires_at=at + timedelta(days=rules.VALID_DAYS),
    )  # fmt: skip
    _audit("trust.invited", actor.person_id, student.pk, invitation=made.pk, **_said(choice))
    if address and can_send(EMAIL):
        send_message(
            to=Address(EMAIL, address), template="trust-invitation", locale=locale_of(actor.person_id),
            values={"inviter": name_of(Person.objects.get(pk=actor.person_id)), "code": rules.spaced(code)},
        )  # fmt: skip
    return rules.spaced(code)


@transaction.atomic
def withdraw_invitation(actor: Actor, student: OpenPupil, uid: UUID) -> None:
    """The code lets nobody in any more."""
    open_student_to_share(actor, student.uid)
    if not open_invitations(student.pk).filter(uid=uid).update(ended_at=clock.now()):
        raise NotFound
    _audit("trust.invitation_withdrawn", actor.person_id, student.pk)


def require_live(uid: UUID) -> TrustInvitation:
    """The invitation, if it still lets in and its inviter may still invite. Raises Refusal."""
    found = invitation_by_uid(uid)
    today = clock.today(settings.TIME_ZONE)
    if found is not None and found.ends_on >= today:
        inviter = actor_for(found.invited_by_id, today)
        rights = pupil_rights(inviter, found.student_id)
        if rights is not None and may_share(inviter, rights, found.student):
            return found
    raise Refusal(_("This invitation does not let in any more. Ask the family for a new one."), needs="invitation")


@transaction.atomic
def accept(actor: Actor, uid: UUID, language: str) -> Person:
    """Whoever is signed in comes to see the child as well; the text was read. Answers the child."""
    found = require_live(uid)
    _require_stranger(actor, found.student_id)
    _use(found, actor.person_id, language)
    return found.student


@transaction.atomic
def enter(uid: UUID, *, family: str, given: str, password: str, language: str) -> Account:
    """Somebody without a sign-in gets one of his own. The live code is what authorises."""
    found = require_live(uid)
    person = Person.objects.create(
        family_name=family.strip(), given_name=given.strip(), sort_key=sort_key(family, given), locale=language
    )
    account = open_account(person)
    # Raises ValidationError, and nothing has happened: the names of the person are known only here.
    validate_password(password, account)
    account.set_password(password)
    account.save(update_fields=["password"])
    _use(found, person.pk, language)
    return account


def _require_stranger(actor: Actor, student_id: int) -> None:
    if is_pupil(actor):
        raise Refusal(_("A pupil cannot be a trusted person. Sign in with a grown-up's account."))
    if AccessBan.objects.filter(in_force(actor.today), person_id=actor.person_id, student_id=student_id).exists():
        # Not a word about why: whoever is limited learns nothing.
        raise Refusal(_("The school office has to add this child for you. Please ask there."))
    rights = pupil_rights(actor, student_id)
    if rights is not None and rights.relation == "guardian":
        raise Refusal(_("You are a guardian of this child and see the diary already."))


def _use(found: TrustInvitation, person_id: int, language: str) -> None:
    """Of two who try at once only one gets through."""
    taken = TrustInvitation.objects.filter(pk=found.pk, used_at=None, ended_at=None, expires_at__gt=clock.now())
    if not taken.update(used_at=clock.now(), used_by_id=person_id):
        raise Refusal(_("This invitation does not let in any more. Ask the family for a new one."), needs="invitation")
    choice = Choice(found.can_see_marks, found.can_see_attendance, found.ends_on)
    _let_in(person_id, found.student_id, found.invited_by_id, choice)
    consents.agree(person_id, TRUSTED, language, about=found.student_id)
    _audit("trust.accepted", person_id, found.student_id, invitation=found.pk, invited_by=found.invited_by_id, **_said(choice))
    tell(found.invited_by_id, "trust-accepted", {"person": name_of(Person.objects.get(pk=person_id))})


def _let_in(person_id: int, student_id: int, invited_by: int, choice: Choice) -> None:
    today = clock.today(settings.TIME_ZONE)
    values = {
        "invited_by_id": invited_by, "can_view": True, "can_see_marks": choice.marks, "can_see_attendance": choice.attendance,
        "starts_on": min(today, choice.ends_on), "ends_on": choice.ends_on, "ended_at": None, "ended_by": None,
    }  # fmt: skip
    TrustedPerson.objects.update_or_create(person_id=person_id, student_id=student_id, defaults=values)
    raise_versions([("pupil", student_id)])


@transaction.atomic
def let_guardian_in(actor: Actor, student: OpenPupil, guardian: Person, choice: Choice, language: str) -> None:
    """A pupil of full age lets one of the guardians look in, or changes what this one sees."""
    open_student_to_share(actor, student.uid)
    links = Guardianship.objects.filter(guardian=guardian, student_id=student.pk, confirmed_at__isnull=False)
    if student.rights.relation != "self" or not links.exists():
        raise NotFound
    _require_choice(choice, actor.today)
    _let_in(guardian.pk, student.pk, actor.person_id, choice)
    consents.agree(actor.person_id, ADULT_VIEW, language, about=student.pk, other=guardian.pk)
    _audit("trust.given", actor.person_id, student.pk, person=guardian.pk, **_said(choice))


@transaction.atomic
def end_trust(actor: Actor, student: Person, person: Person) -> None:
    """Nothing is seen any more, at once. Every full guardian may, the pupil of full age, the school's office, and the person."""
    if not may_end(actor, student, person):
        raise NotFound
    rows = TrustedPerson.objects.filter(person=person, student=student, can_view=True)
    if not rows.update(can_view=False, ended_at=clock.now(), ended_by_id=actor.person_id):
        raise NotFound
    if actor.person_id == person.pk:
        consents.withdraw(person.pk, TRUSTED, about=student.pk)
    if actor.person_id == student.pk:
        consents.withdraw(student.pk, ADULT_VIEW, about=student.pk, other=person.pk)
    raise_versions([("pupil", student.pk)])
    _audit("trust.ended", actor.person_id, student.pk, person=person.pk)


@transaction.atomic
def withdraw_consent(actor: Actor, uid: UUID) -> None:
    """The actor withdraws a consent of his own; what stood on it ends with it."""
    row = Consent.objects.select_related("text", "about", "other").filter(
        uid=uid, person_id=actor.person_id, withdrawn_at=None
    ).first()  # fmt: skip
    if row is None:
        raise NotFound
    watcher = row.other or row.person
    if TrustedPerson.objects.filter(person=watcher, student=row.about, can_view=True).exists():
        end_trust(actor, row.about, watcher)
    consents.withdraw(actor.person_id, row.text.kind, about=row.about_id, other=row.other_id)


def may_end(actor: Actor, student: Person, person: Person) -> bool:
    """The person himself, whoever may share the diary, the office of a school where the pupil is or was."""
    if actor.person_id == person.pk:
        return True
    rights = pupil_rights(actor, student.pk)
    if rights is not None and may_share(actor, rights, student):
        return True
    schools = ClassPlacement.objects.filter(student=student).values_list("school_id", flat=True).distinct()
    return any(actor.may(Permission.MANAGE_PEOPLE, school) for school in schools)


def _said(choice: Choice) -> dict[str, Any]:
    return {"marks": choice.marks, "attendance": choice.attendance, "ends_on": choice.ends_on.isoformat()}


def _audit(kind: str, actor_id: int, student_id: int, **data: Any) -> None:
    record_audit(kind, actor_id=actor_id, subject=("person", student_id), **data)
