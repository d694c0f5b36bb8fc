"""Reads about requests to be linked with a child."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from classbook.accounts.models import AccessRequest
from classbook.common import clock
from classbook.people.models import AccessBan, Guardianship, Person
from classbook.people.queries import name_of, named
from classbook.people.rules import list_name
from classbook.schools.access import Actor, in_force
from classbook.schools.models import ClassPlacement, School

WAITING = (AccessRequest.State.OPEN, AccessRequest.State.ASKED)


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """A request as its asker sees it."""

    uid: UUID
    child: str
    school: str
    state: str
    at: datetime
    question: str
    reply: str
    reason: str


def own_requests(actor: Actor, *, most: int = 20) -> tuple[OwnRequest, ...]:
    """What the actor has asked for, the newest first. One query."""
    rows = AccessRequest.objects.filter(asked_by_id=actor.person_id).select_related("school").order_by("-created_at", "-pk")
    return tuple(
        OwnRequest(
            row.uid, list_name(row.family_name, row.given_name), row.school.name, row.state, row.created_at, row.question,
            row.reply, row.reason,
        )
        for row in rows[:most]
    )  # fmt: skip


def schools_to_ask() -> list[tuple[str, str]]:
    """The schools of this site, to choose from."""
    return [(str(uid), name) for uid, name in School.objects.order_by("name").values_list("uid", "name")]


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """A request in the office's list. `asked`: the office has asked back and waits itself."""

    uid: UUID
    name: str
    child: str
    class_name: str
    at: datetime
    asked: bool


def waiting_requests(school: School) -> tuple[WaitingRequest, ...]:
    """What waits for the office first, then what waits for a reply; the oldest first."""
    rows = AccessRequest.objects.filter(school=school, state__in=WAITING).select_related("asked_by")
    found = [
        WaitingRequest(
            row.uid, name_of(row.asked_by), list_name(row.family_name, row.given_name), row.class_name, row.created_at,
            row.state == AccessRequest.State.ASKED,
        )
        for row in rows.order_by("created_at", "pk")
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: one.asked))


def number_waiting(school: School) -> int:
    """How many requests wait for the office's answer."""
    return AccessRequest.objects.filter(school=school, state=AccessRequest.State.OPEN).count()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pupil who may be meant. `same` tells which of the data agree: name, birth date, class."""

    uid: UUID
    name: str
    class_name: str
    born: date | None
    same: frozenset[str]
    linked: bool
    limited: bool


def candidates(school: School, row: AccessRequest, text: str = "", *, most: int = 12) -> tuple[Candidate, ...]:
    """Pupils of today who fit the name or the birth date asked for, or whose name begins with `text`; the best first."""
    today = clock.today(school.time_zone)
    placed = ClassPlacement.objects.filter(in_force(today), school=school).select_related("student", "school_class")
    if text:
        for word in text.split()[:4]:
            placed = placed.filter(named(word, "student__"))
    else:
        placed = placed.filter(
            named(row.family_name, "student__") & named(row.given_name, "student__") | Q(student__birth_date=row.born)
        )
    found = list(placed.order_by("student__sort_key", "pk")[:100])
    ids = [one.student_id for one in found]
    links = Guardianship.objects.filter(
        in_force(today), guardian_id=row.asked_by_id, student_id__in=ids, confirmed_at__isnull=False
    )
    linked = set(links.values_list("student_id", flat=True))
    bans = AccessBan.objects.filter(in_force(today), person_id=row.asked_by_id, student_id__in=ids)
    limited = set(bans.values_list("student_id", flat=True))
    rows = [_candidate(one, row, linked, limited) for one in found]
    return tuple(sorted(rows, key=lambda one: -len(one.same))[:most])


def _candidate(place: ClassPlacement, row: AccessRequest, linked: set[int], limited: set[int]) -> Candidate:
    pupil = place.student
    tests = {
        "name": _folded(pupil) == _folded_words(row.family_name, row.given_name),
        "born": pupil.birth_date == row.born,
        "class": _plain(place.school_class.name) == _plain(row.class_name),
    }
    return Candidate(
        pupil.uid, list_name(pupil.family_name, pupil.given_name), place.school_class.name, pupil.birth_date,
        frozenset(name for name, holds in tests.items() if holds), pupil.pk in linked, pupil.pk in limited,
    )  # fmt: skip


def _folded(person: Person) -> str:
    return _folded_words(person.family_name, person.given_name)


def _folded_words(family: str, given: str) -> str:
    return list_name(family, given).casefold().replace("ё", "е")


def _plain(class_name: str) -> str:
    return "".join(class_name.casefold().split()).replace("-", "")
