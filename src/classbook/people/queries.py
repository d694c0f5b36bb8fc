"""Reads about persons."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from classbook.people.models import Account, Guardianship, Person
from classbook.people.rules import full_name, is_named, sort_key

_SEPARATOR = "\x1f"


def named(word: str, of: str = "") -> Q:
    """Persons of whom a part of the name begins with the word; `of` leads to the person, such as "student__"."""
    wanted = sort_key(word, "").split(_SEPARATOR, 1)[0]
    return Q(**{f"{of}sort_key__startswith": wanted}) | Q(**{f"{of}sort_key__contains": _SEPARATOR + wanted})


def names_of(ids: Iterable[int | None]) -> dict[int, str]:
    """Full names by id. One query."""
    rows = Person.objects.filter(pk__in={pk for pk in ids if pk}).values_list("pk", "family_name", "given_name", "middle_name")
    return {pk: full_name(family, given, middle) for pk, family, given, middle in rows}


def person_by_uid(uid: UUID) -> Person | None:
    """A person by the public id; the caller has authorised."""
    return Person.objects.filter(uid=uid).first()


def name_of(person: Person) -> str:
    """As one addresses the person."""
    return full_name(person.family_name, person.given_name, person.middle_name)


def family_of(person_id: int) -> set[int]:
    """Whom the school has linked with the person: children, guardians, and the children's other guardians."""
    links = Guardianship.objects.exclude(confirmed_at=None)
    wards = links.filter(guardian_id=person_id).values("student_id")
    rows = links.filter(Q(guardian_id=person_id) | Q(student_id=person_id) | Q(student_id__in=wards))
    return {pk for row in rows.values_list("guardian_id", "student_id") for pk in row} - {person_id}


def bears_name(person: Person, typed: str) -> bool:
    """Is it the person's family name, or the whole name as it is printed? The given name of whoever has no family name."""
    name = name_of(person)
    return is_named(typed, (person.family_name or person.given_name, name, f"{person.family_name} {person.given_name}"))


def tours_over(person_id: int) -> str:
    """Codes of the tours that the person has gone through or does not want."""
    return Account.objects.filter(person_id=person_id).values_list("tours_over", flat=True).first() or ""
