"""The holder of a letter comes in: proves the birth date, chooses a password, or adds the child to an account there is.

Whoever acts here is not signed in; the live letter is what authorises. Each action asks again whether it lives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbook.accounts import rules
from classbook.accounts.actions import end_all_sessions, end_factors, end_what_was_begun
from classbook.accounts.actions.logins import open_account
from classbook.accounts.models import Correction, Invitation, PortalLink
from classbook.accounts.queries.board import class_names
from classbook.accounts.queries.letters import account_of, holds_position, is_still_right, letter_by_uid, open_letters
from classbook.accounts.queries.linking import must_link
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import add_to_outbox, raise_versions, record_audit
from classbook.people.models import AccessBan, Account, Guardianship, Person
from classbook.people.rules import sort_key
from classbook.schools.access import Actor, in_force, is_pupil

# What one holder can put before the office; more would only bury what others say.
MOST_CORRECTIONS = 5


@dataclass(frozen=True, slots=True)
class Holder:
    """What a letter means for whoever holds it.

    `way`: "new" (a password is chosen), "again" (the account is there: another password), "own" (the letter of the person
    who is signed in), "add" (the child comes to the account that is signed in), "other" (somebody else is signed in),
    "staff" (the person works at a school: only the own sign-in counts).
    """

    letter: Invitation
    way: str
    # Whose birth date is asked; None: none is known.
    born: Person | None


def holder_of(letter: Invitation, actor: Actor | None) -> Holder:
    """How the letter can be used by whoever holds it now."""
    asked = letter.student or letter.person
    return Holder(letter, _way(letter, actor), asked if asked.birth_date else None)


def _way(letter: Invitation, actor: Actor | None) -> str:
    account = account_of(letter.person_id)
    is_used = account is not None and account.first_used_at is not None
    if actor is not None:
        if actor.person_id == letter.person_id:
            return "own"
        # A pupil of the same name is the child's brother or sister, or the child: never its guardian.
        takes = letter.role == Invitation.Role.GUARDIAN and not is_used and not is_pupil(actor)
        return "add" if takes else "other"
    works = holds_position(letter.person_id, clock.today(letter.school.time_zone))
    if works and (letter.role != Invitation.Role.STAFF or is_used):
        return "staff"
    return "again" if is_used else "new"


def require_live(uid: UUID) -> Invitation:
    """The letter, if it still lets in. Raises Refusal."""
    letter = letter_by_uid(uid)
    if letter is None:
        raise Refusal(_gone(), needs="letter")
    return letter


def _gone() -> str:
    return _("This letter does not let in any more. Ask the class teacher or the school office for a new one.")


def check_birth_date(uid: UUID, day: date) -> None:
    """Is it the day that the school has noted? A wrong one counts; the fifth ends the letter. Raises Refusal."""
    # Not in the transaction of the refusal: the count has to stay.
    left = tries_left(uid, lambda letter: _born(letter) in {None, day})
    if left is None:
        return
    if not left:
        raise Refusal(
            _("The birth date was wrong five times, so this letter is dead now. The class teacher or the school office "
              "prints a new one and can check which date is noted."),
            needs="letter",
        )  # fmt: skip
    raise Refusal(
        ngettext(
            "The school has another birth date. You can try once more, then the letter is dead.",
            "The school has another birth date. You can try %(num)s more times, then the letter is dead.",
            left,
        ) % {"num": left},
        field="born",
    )  # fmt: skip


@transaction.atomic
def tries_left(uid: UUID, fits: Callable[[Invitation], bool]) -> int | None:
    """None for the right answer. One at a time: a hundred that are sent at once are still five tries."""
    letter = require_live(uid)
    if open_letters().select_for_update(no_key=True).filter(pk=letter.pk).first() is None:
        raise Refusal(_gone(), needs="letter")
    return None if fits(letter) else _count_try(letter)


def _born(letter: Invitation) -> date | None:
    return (letter.student or letter.person).birth_date


def _count_try(letter: Invitation) -> int:
    """Count a wrong birth date; answers how many tries are left."""
    open_letters().filter(pk=letter.pk).update(tries=F("tries") + 1)
    tries = Invitation.objects.values_list("tries", flat=True).get(pk=letter.pk)
    record_audit("letter.tried", actor_id=None, school_id=letter.school_id, subject=("person", letter.person_id), tries=tries)
    if tries < rules.MOST_TRIES:
        return rules.MOST_TRIES - tries
    open_letters().filter(pk=letter.pk).update(ended_at=clock.now(), ended_why=Invitation.Why.TRIES)
    return 0


def _take(letter: Invitation, by: int) -> None:
    """The letter is used: of two who try at once only one gets through. Raises Refusal."""
    taken = open_letters().filter(pk=letter.pk, expires_at__gt=clock.now()).update(used_at=clock.now(), used_by_id=by)
    if not taken or not is_still_right(letter):
        raise Refusal(_gone(), needs="letter")


@transaction.atomic
def enter(uid: UUID, password: str) -> Account:
    """The letter's person gets an account with this password, or the one there is gets it as a new one.

    The caller has seen the code and the birth date, and has checked the password. Whatever was signed in before ends.
    """
    letter = require_live(uid)
    way = _way(letter, None)
    if must_link(letter):
        raise Refusal(_("Your region signs in through the portal. This letter links you with it once; no password is needed."))
    if way == "staff":
        raise Refusal(_("This person works at a school. Sign in with that account; a letter does not open it."))
    _take(letter, letter.person_id)
    account = open_account(letter.person)
    account.set_password(password)
    account.must_change_password = False
    account.save(update_fields=["password", "must_change_password"])
    end_all_sessions(letter.person_id)
    end_what_was_begun(letter.person_id)
    # A lost telephone is what many a new letter is for.
    end_factors(letter.person_id, by=letter.person_id)
    # The school lets the person in anew: whoever came in through the portal before has to be linked anew as well.
    PortalLink.objects.filter(person_id=letter.person_id).delete()
    _note_used(letter, letter.person_id, way)
    return account


def take(letter: Invitation, by: int, way: str) -> None:
    """The letter is used another way ("portal", "registered"). Raises Refusal when it does not let in any more."""
    _take(letter, by)
    _note_used(letter, by, way)


def _note_used(letter: Invitation, by: int, way: str) -> None:
    record_audit(
        "letter.used", actor_id=by, school_id=letter.school_id, subject=("person", letter.person_id), role=letter.role, way=way
    )
    add_to_outbox("letter.used", person=letter.person_id, by=by, way=way)


@transaction.atomic
def add_child(actor: Actor, uid: UUID) -> Person:
    """A second child's letter: the child comes to the account that is signed in. Answers the child.

    The one who is signed in takes the place of the letter's person, who has never signed in and bears the same name: two
    schools, or two lists, have the same guardian twice.
    """
    letter = require_live(uid)
    child = letter.student
    if child is None or _way(letter, actor) not in {"add", "own"}:
        raise NotFound
    if actor.person_id != letter.person_id:
        _move_link(actor, letter, child)
    _take_for(letter, actor)
    raise_versions([("pupil", child.pk)])
    return child


def _take_for(letter: Invitation, actor: Actor) -> None:
    # After the link has moved the letter's person has none, so only its time is asked.
    taken = open_letters().filter(pk=letter.pk, expires_at__gt=clock.now())
    if not taken.update(used_at=clock.now(), used_by_id=actor.person_id):
        raise Refusal(_gone(), needs="letter")
    _note_used(letter, actor.person_id, "add")


def _are_of_one_name(person: Person, actor: Actor) -> bool:
    """Both names agree; the patronymic too, where both have one."""
    both = person.middle_name and actor.middle_name
    theirs, own = ((one.family_name, one.given_name, one.middle_name if both else "") for one in (person, actor))
    return sort_key(*theirs) == sort_key(*own)


def _move_link(actor: Actor, letter: Invitation, child: Person) -> None:
    person = letter.person
    if not _are_of_one_name(person, actor):
        raise Refusal(
            _("This letter is for another name than that of your account. If it is yours all the same, tell the school that "
              "the name is wrong; the office corrects it."),
            needs="name",
        )  # fmt: skip
    pair = (actor.person_id, person.pk)
    if AccessBan.objects.filter(in_force(actor.today), person_id__in=pair, student=child).exists():
        # Not a word about why: whoever is limited learns nothing.
        raise Refusal(_("The school office has to add this child for you. Please ask there."), needs="office")
    there = Guardianship.objects.filter(guardian_id=actor.person_id, student=child).first()
    old = Guardianship.objects.get(guardian=person, student=child)
    if there is None:
        Guardianship.objects.create(
            guardian_id=actor.person_id, student=child, relation=old.relation, priority=old.priority, can_view=old.can_view,
            can_excuse=old.can_excuse, can_sign=old.can_sign, starts_on=old.starts_on, confirmed_at=clock.now(), by_hand=True,
        )  # fmt: skip
    elif there.confirmed_at is None or there.ends_on is not None or not there.can_view:
        raise Refusal(_("The school office has to add this child for you. Please ask there."), needs="office")
    # By hand: no later import brings the old one back or takes the new one away.
    yesterday = actor.today - timedelta(days=1)
    Guardianship.objects.filter(pk=old.pk).update(ends_on=max(yesterday, old.starts_on or yesterday), by_hand=True)
    record_audit(
        "guardian.added", actor_id=actor.person_id, school_id=letter.school_id, subject=("person", child.pk),
        guardian=actor.person_id, instead_of=person.pk,
    )  # fmt: skip


@transaction.atomic
def report_wrong(uid: UUID, *, is_other: bool, text: str) -> None:
    """The holder says that the data are wrong, or that the letter is somebody else's: then it ends."""
    letter = require_live(uid)
    if not is_other and not text.strip():
        raise Refusal(_("Write what is wrong, such as the right name or the right class."), field="text")
    if not is_other and Correction.objects.filter(invitation=letter, done_at=None).count() >= MOST_CORRECTIONS:
        sentence = _("The school office has your earlier words about this letter and has not dealt with them yet.")
        raise Refusal(sentence, field="text")
    Correction.objects.create(
        school=letter.school, invitation=letter, is_other=is_other, text=text.strip()[:500], created_at=clock.now()
    )
    if is_other:
        open_letters().filter(pk=letter.pk).update(ended_at=clock.now(), ended_why=Invitation.Why.WITHDRAWN)
    record_audit("letter.wrong", actor_id=None, school_id=letter.school_id, subject=("person", letter.person_id), other=is_other)


def prepare(uid: UUID) -> Account:
    """The account with its login, before the password is chosen, so that a password manager keeps both together."""
    return open_account(require_live(uid).person)


def class_of(letter: Invitation) -> str:
    """The class of the letter's pupil; empty for the staff."""
    pupil = letter.student_id or letter.person_id
    return class_names(letter.school, [pupil]).get(pupil, "") if letter.role != Invitation.Role.STAFF else ""
