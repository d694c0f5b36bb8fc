"""The facts that the sign-in doctor judges by: of a letter, of an account, of a citizen of the portal, of a line of the board."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from uuid import UUID

from django.conf import settings

from classbook.accounts import portal_client
from classbook.accounts.doctor import Facts
from classbook.accounts.matching import Identity, is_enough, parts_that_differ
from classbook.accounts.models import Correction, Invitation, PortalLink
from classbook.accounts.portal_client import Citizen
from classbook.accounts.queries.factors import required_from
from classbook.accounts.queries.letters import account_of, holds_position, is_guardian
from classbook.accounts.queries.linking import has_no_portal, is_required_of, link_of, must_link, roles_of
from classbook.accounts.rules import is_of_full_age
from classbook.common import clock
from classbook.people.models import AccessBan, Account, Contact, Guardianship, Person
from classbook.schools.access import actor_for, in_force
from classbook.schools.models import ClassPlacement

# What is told first when several children are in question.
_ORDER = ("banned", "unconfirmed", "of-age", "ended", "left")


def letter_with_hash(hashed: str) -> Invitation | None:
    """The printed letter or slip with this code, in whatever state."""
    return Invitation.objects.filter(code_hmac=hashed, printed_at__isnull=False).select_related("person", "student").first()


def letter_of(uid: UUID) -> Invitation | None:
    """A letter that was proved before."""
    return Invitation.objects.filter(uid=uid).select_related("person", "student", "school").first()


def is_live(letter: Invitation) -> bool:
    """Neither used nor ended, and its time is not over. Whether it is still right is another question."""
    return letter.used_at is None and letter.ended_at is None and letter.expires_at > clock.now()


def account_with(pk: int) -> Account | None:
    """An account, ended or not, whose password was right before."""
    return Account.objects.select_related("person").filter(pk=pk).first()


def facts_of_letter(letter: Invitation, citizen: Citizen | None = None) -> Facts:
    """Whoever has shown the code of a letter and the birth date."""
    today = clock.today(letter.school.time_zone)
    if letter.role == Invitation.Role.STAFF:
        barred = "" if holds_position(letter.person_id, today) else "left"
    elif letter.student is None:
        barred = "" if _is_placed(letter.person_id, today) else "left"
    else:
        barred = _barred(letter.person_id, letter.student, today)
    facts = replace(_of_person(letter.person), proof="letter", letter=_state(letter), barred=barred, portal=_portal_for(letter))
    if letter.role == Invitation.Role.STAFF:
        facts = replace(facts, works=False, portal="none")
    return _with_citizen(facts, letter.person, citizen, by_code=True)


def facts_of_account(account: Account, citizen: Citizen | None = None) -> Facts:
    """Whoever has typed the right password, or is signed in."""
    today = clock.today(settings.TIME_ZONE)
    facts = replace(_of_person(account.person), proof="password", is_in=True, barred=_barred_at_all(account.person_id, today))
    if facts.works and (since := required_from(actor_for(account.person_id, today))) is not None:
        facts = replace(facts, second_factor_missing=since <= today)
    return _with_citizen(replace(facts, barred="") if facts.works else facts, account.person, citizen, by_code=False)


def facts_of_citizen(citizen: Citizen) -> Facts:
    """Whoever has come back from the portal and has shown nothing of the school."""
    link = link_of(citizen.iss, citizen.sub)
    if link is not None:
        facts = _of_person(link.person)
        return replace(
            facts, proof="password", is_in=True, barred=_barred_at_all(link.person_id, clock.today(settings.TIME_ZONE))
        )
    unknown = bool(citizen.snils) and not Person.objects.filter(snils=citizen.snils).exists()
    return Facts(proof="portal", portal="offered", citizen=True, unknown=unknown, read_only=settings.READ_ONLY)


def _of_person(person: Person) -> Facts:
    account = account_of(person.pk)
    told = Correction.objects.filter(invitation__person=person, done_at=None)
    return Facts(
        read_only=settings.READ_ONLY,
        account_ended=account is not None and not account.is_active,
        works=holds_position(person.pk, clock.today(settings.TIME_ZONE)),
        can_recover=Contact.objects.filter(person=person, confirmed_at__isnull=False).exists(),
        linked=PortalLink.objects.filter(person=person, iss=settings.PORTAL_ISSUER).exists(),
        portal=_portal_of(person.pk),
        told=told.exists(),
    )


def _portal_for(letter: Invitation) -> str:
    if not portal_client.is_on() or has_no_portal(letter.person_id, letter):
        return "none"
    return "required" if must_link(letter) else "offered"


def _portal_of(person_id: int) -> str:
    if not portal_client.is_on() or has_no_portal(person_id, None):
        return "none"
    return "required" if is_required_of(person_id) else "offered"


def _with_citizen(facts: Facts, person: Person, citizen: Citizen | None, *, by_code: bool) -> Facts:
    """The portal's side beside the school's."""
    link = PortalLink.objects.filter(person=person, iss=citizen.iss).first() if citizen else None
    if citizen is None or (link is not None and link.sub == citizen.sub):
        return facts
    born = person.birth_date.isoformat() if person.birth_date else ""
    school = Identity(person.family_name, person.given_name, person.middle_name, born, person.snils)
    portal = Identity(citizen.family, citizen.given, citizen.middle, citizen.born, citizen.claimed_snils)
    same_snils = bool(person.snils) and person.snils == citizen.snils
    enough = is_enough(citizen.level, roles=roles_of(person.pk), by_code=by_code, same_snils=same_snils)
    return replace(
        facts, citizen=True, differ=parts_that_differ(school, portal), level_low=not enough, linked_elsewhere=link is not None
    )


def _state(letter: Invitation) -> str:
    if letter.used_at is not None:
        return "used"
    if letter.ended_at is None:
        return "good" if letter.expires_at > clock.now() else "expired"
    if letter.ended_why == Invitation.Why.TRIES:
        return "dead"
    if letter.ended_why == Invitation.Why.WITHDRAWN:
        return "ended"
    later = Invitation.objects.filter(person_id=letter.person_id, role=letter.role, printed_at__isnull=False)
    newest = later.exclude(ended_why=Invitation.Why.REPRINTED).order_by("-issued_at", "-pk").first()
    if newest is None:
        return "ended"
    return "replaced" if is_live(newest) else _state(newest)


def _is_placed(student_id: int, today: date) -> bool:
    return ClassPlacement.objects.filter(in_force(today), student_id=student_id).exists()


def _barred(guardian_id: int, student: Person, today: date) -> str:
    """Why a guardian does not see the child; empty when nothing is in the way."""
    bans = AccessBan.objects.filter(in_force(today), person_id=guardian_id, student=student, scope=AccessBan.Scope.ALL)
    if bans.exists():
        return "banned"
    if not _is_placed(student.pk, today):
        return "left"
    link = Guardianship.objects.filter(guardian_id=guardian_id, student=student).first()
    if link is not None and link.confirmed_at is None and link.ends_on is None:
        return "unconfirmed"
    if is_of_full_age(student.birth_date, today):
        return "of-age"
    return "" if is_guardian(guardian_id, student.pk, today) else "ended"


def _barred_at_all(person_id: int, today: date) -> str:
    """Why the person sees no diary at all; empty when one is open."""
    if _is_placed(person_id, today) or holds_position(person_id, today):
        return ""
    links = Guardianship.objects.filter(guardian_id=person_id).select_related("student")
    found = {_barred(person_id, link.student, today) for link in links}
    if not found:
        return "left" if ClassPlacement.objects.filter(student_id=person_id).exists() else "unconfirmed"
    return "" if "" in found else min(found, key=_ORDER.index)


def answer_to(letter: Invitation) -> str:
    """The office's newest word to what the family has said is wrong."""
    rows = Correction.objects.filter(invitation__person_id=letter.person_id, school=letter.school, done_at__isnull=False)
    found = rows.exclude(answer="").order_by("-done_at", "-pk").first()
    return found.answer if found else ""


def corrections_of(people: Iterable[int]) -> set[int]:
    """Who of these has told the school that something is wrong, and waits."""
    rows = Correction.objects.filter(invitation__person_id__in=list(people), done_at=None)
    return set(rows.values_list("invitation__person_id", flat=True))
