"""Reads about letters: the codes' key, a letter by its code, whether it still lets anybody in."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from classbook.accounts import rules
from classbook.accounts.models import Invitation
from classbook.common import clock
from classbook.people.models import AccessBan, Account, Guardianship, Person
from classbook.schools.access import in_force
from classbook.schools.models import ClassPlacement, Position
from classbook.schools.roles import only_teach


@lru_cache(maxsize=1)
def _key_from(secret: str) -> bytes:
    return salted_hmac("classbook.letters", "", secret=secret, algorithm="sha256").digest()


def letters_key() -> bytes:
    """The server's key for codes, derived from the secret key; another one ends every letter that is out."""
    return _key_from(settings.SECRET_KEY)


def code_of(letter: Invitation) -> str:
    """The code of a letter that is not printed yet."""
    return rules.code_from(letters_key(), letter.seed)


def open_letters() -> QuerySet[Invitation]:
    """Neither used nor ended; the time may be over."""
    return Invitation.objects.filter(used_at=None, ended_at=None)


def _live() -> QuerySet[Invitation]:
    people = ("person__account", "student", "school", "issued_by")
    return open_letters().filter(printed_at__isnull=False, expires_at__gt=clock.now()).select_related(*people)


def letter_by_code(code: str) -> Invitation | None:
    """The live letter with this code; None for every other case alike."""
    if not code:
        return None
    found = _live().filter(code_hmac=rules.hash_of_code(letters_key(), code), kind=Invitation.Kind.CODE).first()
    return found if found and is_still_right(found) else None


def letter_by_uid(uid: UUID) -> Invitation | None:
    """A live letter that was opened with its code before."""
    found = _live().filter(uid=uid).first()
    return found if found and is_still_right(found) else None


def letter_of_slip(login: str, password: str) -> Invitation | None:
    """The live slip with this login and temporary password."""
    code = rules.folded(password)
    if not code or not login:
        return None
    found = _live().filter(
        code_hmac=rules.hash_of_code(letters_key(), code), kind=Invitation.Kind.PASSWORD, person__account__login__iexact=login
    )
    letter = found.first()
    return letter if letter and is_still_right(letter) else None


def is_still_right(letter: Invitation) -> bool:
    """Does what the letter was issued for still hold: the place in the school, the link, no ban?"""
    today = clock.today(letter.school.time_zone)
    account = account_of(letter.person_id)
    if account is not None and not account.is_active:
        return False
    if letter.role == Invitation.Role.STAFF:
        held = list(Position.objects.filter(in_force(today), person_id=letter.person_id).values_list("school_id", "role"))
        # Whoever may do more by now gets in by the operator, not by a letter that was printed before.
        # What two persons wanted it to open counts only in the school of the letter.
        opens = {(letter.school_id, role) for role in letter.opens.split()}
        others = [role for school, role in held if (school, role) not in opens]
        return letter.school_id in {school for school, _ in held} and only_teach(others)
    pupil = letter.student_id or letter.person_id
    placed = ClassPlacement.objects.filter(in_force(today), student_id=pupil, school_id=letter.school_id).exists()
    if letter.role == Invitation.Role.PUPIL or not placed:
        return placed
    return is_guardian(letter.person_id, pupil, today) and not rules.is_of_full_age(_born(letter.student), today)


def _born(student: Person | None) -> date | None:
    return student.birth_date if student else None


def is_guardian(person_id: int, student_id: int, today: date) -> bool:
    """A link in force, confirmed by the school, and no ban of everything."""
    link = Guardianship.objects.filter(
        in_force(today), guardian_id=person_id, student_id=student_id, can_view=True, confirmed_at__isnull=False
    )
    ban = AccessBan.objects.filter(in_force(today), person_id=person_id, student_id=student_id, scope=AccessBan.Scope.ALL)
    return link.exists() and not ban.exists()


def account_of(person_id: int) -> Account | None:
    """The person's sign-in."""
    return Account.objects.filter(person_id=person_id).first()


def holds_position(person_id: int, today: date) -> bool:
    """Is the person on the staff of any school or authority?"""
    return Position.objects.filter(in_force(today), person_id=person_id).exists()


def words_about(person_id: int) -> tuple[str, ...]:
    """What others know of the person: names, the children's, the schools', logins, birth dates as people type them."""
    wards = Guardianship.objects.filter(guardian_id=person_id).values("student_id")
    people = list(Person.objects.filter(Q(pk=person_id) | Q(pk__in=wards)))
    ids = [person.pk for person in people]
    schools = ClassPlacement.objects.filter(student_id__in=ids).values_list("school__name", "school__short_name").distinct()
    held = Position.objects.filter(person_id=person_id, school__isnull=False).values_list("school__name", "school__short_name")
    logins = Account.objects.filter(person_id__in=ids).values_list("login", flat=True)
    texts = [name for person in people for name in (person.family_name, person.given_name, person.middle_name)]
    texts += [name for pair in {*schools, *held} for name in pair]
    texts += list(logins)
    words = {word for text in texts for word in re.findall(r"[^\W\d_]+", text)}
    for person in people:
        words |= set(rules.dates_as_typed(person.birth_date)) if person.birth_date else set()
    return tuple(sorted(words))
