"""Reads about who may see a pupil besides the school, and invitations that are out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Max, QuerySet

from classbook.accounts import rules
from classbook.accounts.models import TrustInvitation
from classbook.accounts.queries.letters import letters_key
from classbook.common import clock
from classbook.common.errors import NotFound
from classbook.events.models import AuditEvent
from classbook.people.models import AccessBan, Guardianship, Person, TrustedPerson
from classbook.people.queries import name_of
from classbook.people.rules import list_name
from classbook.schools.access import Actor, in_force, is_minor, open_student_to_share, trusts_in_force
from classbook.schools.models import ClassPlacement, Position
from classbook.schools.roles import Permission, permissions_of


@dataclass(frozen=True, slots=True)
class Guardian:
    """A guardian as the family's page shows him. `trust`: what a pupil of full age lets him see."""

    uid: UUID
    name: str
    relation: str
    trust: Trusted | None = None


@dataclass(frozen=True, slots=True)
class Trusted:
    """Somebody who may look in. `last_at`: when he read something last, as far as it is kept."""

    uid: UUID
    name: str
    marks: bool
    attendance: bool
    ends_on: date
    invited_by: str
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that nobody has used yet."""

    uid: UUID
    name: str
    marks: bool
    attendance: bool
    ends_on: date
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of the staff who may open the diary. `role`: class_teacher, head, deputy."""

    name: str
    role: str
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Watching:
    """Who can see a pupil's diary today."""

    guardians: tuple[Guardian, ...]
    trusted: tuple[Trusted, ...]
    invited: tuple[Invited, ...]
    staff: tuple[Colleague, ...]


def watching(student: Person, today: date) -> Watching:
    """Everybody who may open the diary today, each with the last reading where readings are noted. Seven queries."""
    looked = _last_looks(student.pk)
    trusted = {row.person_id: _trusted(row, looked) for row in _trust_rows(student.pk, today)}
    guardians = _guardians(student, today, trusted)
    own = {one.trust.uid for one in guardians if one.trust}
    others = tuple(one for one in trusted.values() if one.uid not in own)
    return Watching(guardians, others, _invited(student.pk), _staff(student.pk, today, looked))


def _last_looks(student_id: int) -> dict[int | None, datetime]:
    rows = AuditEvent.objects.filter(
        subject_type="person", subject_id=student_id, kind__in=("read.week", "read.marks", "read.subject")
    )
    return dict(rows.values("actor_id").annotate(last=Max("at")).values_list("actor_id", "last"))


def _trust_rows(student_id: int, today: date) -> list[TrustedPerson]:
    bans = AccessBan.objects.filter(in_force(today), student_id=student_id, scope=AccessBan.Scope.ALL)
    rows = trusts_in_force(today).filter(student_id=student_id).exclude(person_id__in=bans.values("person_id"))
    return list(rows.select_related("person", "invited_by").order_by("person__sort_key", "pk"))


def _trusted(row: TrustedPerson, looked: dict[int | None, datetime]) -> Trusted:
    return Trusted(
        row.person.uid, name_of(row.person), row.can_see_marks, row.can_see_attendance, row.ends_on, name_of(row.invited_by),
        looked.get(row.person_id),
    )  # fmt: skip


def _guardians(student: Person, today: date, trusted: dict[int, Trusted]) -> tuple[Guardian, ...]:
    """Those whose link holds; of an adult pupil all who had one, with what the pupil lets them see."""
    links = Guardianship.objects.filter(student=student, confirmed_at__isnull=False).select_related("guardian")
    if Person.objects.filter(is_minor(today), pk=student.pk).exists():
        bans = AccessBan.objects.filter(in_force(today), student=student, scope=AccessBan.Scope.ALL)
        links = links.filter(in_force(today), can_view=True).exclude(guardian_id__in=bans.values("person_id"))
        trusted = {}
    return tuple(
        Guardian(link.guardian.uid, name_of(link.guardian), link.relation, trusted.get(link.guardian_id))
        for link in links.order_by("priority", "pk")
    )


def _invited(student_id: int) -> tuple[Invited, ...]:
    rows = open_invitations(student_id).order_by("created_at", "pk")
    return tuple(
        Invited(
            row.uid, list_name(row.family_name, row.given_name), row.can_see_marks, row.can_see_attendance, row.ends_on,
            row.expires_at,
        )
        for row in rows
    )  # fmt: skip


def _staff(student_id: int, today: date, looked: dict[int | None, datetime]) -> tuple[Colleague, ...]:
    places = ClassPlacement.objects.filter(in_force(today), student_id=student_id).select_related("school_class__class_teacher")
    found = []
    for place in places.order_by("starts_on", "pk"):
        leader = place.school_class.class_teacher
        held = Position.objects.filter(in_force(today), school_id=place.school_id).select_related("person").order_by("role", "pk")
        rows = [row for row in held if Permission.SEE_PUPILS in permissions_of(row.role)]
        if leader is not None:
            found.append(Colleague(name_of(leader), "class_teacher", looked.get(leader.pk)))
        found += [Colleague(name_of(row.person), row.role, looked.get(row.person_id)) for row in rows]
    return tuple(found)


def open_invitations(student_id: int) -> QuerySet[TrustInvitation]:
    """Those that are out and not over."""
    return TrustInvitation.objects.filter(student_id=student_id, used_at=None, ended_at=None, expires_at__gt=clock.now())


def invitation_by_code(code: str) -> TrustInvitation | None:
    """The live invitation with this code; None for every other case alike."""
    return _live().filter(code_hmac=rules.hash_of_code(letters_key(), code)).first() if code else None


def invitation_by_uid(uid: UUID) -> TrustInvitation | None:
    """A live invitation that was opened with its code before."""
    return _live().filter(uid=uid).first()


def _live() -> QuerySet[TrustInvitation]:
    rows = TrustInvitation.objects.filter(used_at=None, ended_at=None, expires_at__gt=clock.now())
    return rows.select_related("student", "invited_by")


def shared_by(actor: Actor, wards: Iterable[UUID]) -> frozenset[UUID]:
    """Of these children, and of the actor himself, whose diary is the actor's to let others see."""
    found = set()
    for uid in (actor.uid, *wards):
        try:
            found.add(open_student_to_share(actor, uid).uid)
        except NotFound:
            continue
    return frozenset(found)


def trust_between(person_id: int, student_id: int, today: date) -> TrustedPerson | None:
    """What the person may see of the pupil as a trusted one, if anything."""
    return trusts_in_force(today).filter(person_id=person_id, student_id=student_id).first()


def was_guardian(person_id: int, student_id: int) -> bool:
    """Has the school confirmed the person as a guardian of the pupil, now or before?"""
    return Guardianship.objects.filter(guardian_id=person_id, student_id=student_id, confirmed_at__isnull=False).exists()


def trusted_of(student_id: int, today: date) -> tuple[Trusted, ...]:
    """Trusted persons of a pupil, for the office: no readings."""
    return tuple(_trusted(row, {}) for row in _trust_rows(student_id, today))
