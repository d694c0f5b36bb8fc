"""Who may open what. A page opens one anchor (pupil, class, teaching group, school, region) and then reads by it.

Every `open_...` answers the anchor or raises NotFound: a stranger cannot tell "not yours" from "does not exist".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from classbook.common.errors import NotFound
from classbook.people.models import AccessBan, Guardianship, Person, TrustedPerson
from classbook.people.rules import adult_if_born_by
from classbook.schools.models import (
    ClassPlacement,
    Position,
    Region,
    School,
    SchoolClass,
    TeachingAssignment,
    TeachingGroup,
)
from classbook.schools.roles import Permission, only_teach, permissions_of


@dataclass(frozen=True, slots=True)
class Held:
    """A position that is in force today."""

    role: str
    school_id: int | None
    school_uid: UUID | None
    region_id: int | None
    region_uid: UUID | None


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts, made once per request. `today` is the date by which rights are judged."""

    person_id: int
    uid: UUID
    family_name: str
    given_name: str
    middle_name: str
    locale: str
    today: date
    positions: tuple[Held, ...]

    def may(self, permission: Permission, school_id: int) -> bool:
        """Does a position in this school permit it?"""
        return any(held.school_id == school_id and permission in permissions_of(held.role) for held in self.positions)

    def schools_with(self, permission: Permission) -> tuple[int, ...]:
        """Ids of the schools in which a position permits it."""
        return tuple(
            held.school_id for held in self.positions if held.school_id is not None and permission in permissions_of(held.role)
        )

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(held.role for held in self.positions)


def in_force(today: date, *, starts: str = "starts_on", ends: str = "ends_on") -> Q:
    """Rows whose stretch of time holds `today`; open ends hold it."""
    started = Q(**{f"{starts}__lte": today}) | Q(**{f"{starts}__isnull": True})
    return started & (Q(**{f"{ends}__gte": today}) | Q(**{f"{ends}__isnull": True}))


def is_minor(today: date, *, of: str = "") -> Q:
    """Pupils under age, and those whose birth date is not known: only for them guardians act. `of` leads to the pupil."""
    return Q(**{f"{of}birth_date__isnull": True}) | Q(**{f"{of}birth_date__gt": adult_if_born_by(today)})


def trusts_in_force(today: date) -> QuerySet[TrustedPerson]:
    """Trusted persons who may look in today.

    What a guardian gave holds no longer than the guardian's own link, and not against a ban; what a pupil of full age gave
    holds by itself.
    """
    pair = {"student_id": OuterRef("student_id")}
    link = Guardianship.objects.filter(
        in_force(today), guardian_id=OuterRef("invited_by_id"), can_view=True, confirmed_at__isnull=False, **pair
    )
    ban = AccessBan.objects.filter(in_force(today), person_id=OuterRef("invited_by_id"), scope=AccessBan.Scope.ALL, **pair)
    by_guardian = Q(Exists(link)) & ~Q(Exists(ban)) & is_minor(today, of="student__")
    return TrustedPerson.objects.filter(in_force(today), Q(invited_by=F("student")) | by_guardian, can_view=True)


def actor_for(person_id: int, today: date) -> Actor:
    """The actor of a signed-in person, with the positions that are in force today. Two queries."""
    person = Person.objects.get(pk=person_id)
    rows = Position.objects.filter(in_force(today), person_id=person_id).values_list(
        "role", "school_id", "school__uid", "region_id", "region__uid"
    )
    return Actor(
        person_id=person.pk,
        uid=person.uid,
        family_name=person.family_name,
        given_name=person.given_name,
        middle_name=person.middle_name,
        locale=person.locale,
        today=today,
        positions=_positions([Held(*row) for row in rows.order_by("role", "school_id")]),
    )


def may_need_factor(actor: Actor) -> bool:
    """Has the actor rights beyond the own journals, on a site that asks such people for more than a password? No query."""
    return settings.REQUIRE_SECOND_FACTOR != "off" and not only_teach(actor.roles)


def _positions(held: list[Held]) -> tuple[Held, ...]:
    """What a deputy was named for counts only while he is deputy there."""
    deputy_at = {one.school_id for one in held if one.role == "deputy"}
    return tuple(one for one in held if one.role != "reopener" or one.school_id in deputy_at)


@dataclass(frozen=True, slots=True)
class PupilRights:
    """How the actor stands to the pupil and what follows. `relation`: self, guardian, trusted, staff."""

    relation: str
    can_excuse: bool = False
    can_sign: bool = False
    # Guardians' contacts, confidential reasons: never for the pupil, and a ban may take them from a guardian.
    can_see_contacts: bool = False
    can_see_reasons: bool = False
    # Chosen for a trusted person; everybody else who opens the diary sees both.
    can_see_marks: bool = True
    can_see_attendance: bool = True

    @property
    def is_full(self) -> bool:
        """A guardian without any limit: only such a one lets others look in."""
        return (
            self.relation == "guardian" and self.can_excuse and self.can_sign and self.can_see_contacts and self.can_see_reasons
        )


@dataclass(frozen=True, slots=True)
class OpenPupil:
    """A pupil whose diary may be read. The school and class are those of the newest placement."""

    pk: int
    uid: UUID
    person: Person
    rights: PupilRights


def open_student(actor: Actor, uid: UUID) -> OpenPupil:
    """The pupil's diary for the pupil, a guardian in force and not banned, a trusted person, or permitted staff.

    What of it is shown say the rights: a trusted person may be let see neither marks nor attendance.

    Never merely for a colleague at the same school: class teacher, head, deputy (docs/roles.md).
    """
    person = Person.objects.filter(pk__in=_pupil_ids(uid)).first()
    if person is None:
        raise NotFound
    rights = pupil_rights(actor, person.pk)
    if rights is None:
        raise NotFound
    return OpenPupil(person.pk, person.uid, person, rights)


def open_student_to_share(actor: Actor, uid: UUID) -> OpenPupil:
    """A pupil whose diary the actor may let others see: a guardian without limits, or the pupil of full age himself."""
    student = open_student(actor, uid)
    if not may_share(actor, student.rights, student.person):
        raise NotFound
    return student


def may_share(actor: Actor, rights: PupilRights, student: Person) -> bool:
    """Is it the actor's to say who else sees this pupil's diary?"""
    born = student.birth_date
    is_adult = born is not None and born <= adult_if_born_by(actor.today)
    return rights.is_full or (rights.relation == "self" and is_adult)


def _pupil_ids(uid: UUID) -> QuerySet[ClassPlacement, dict[str, int]]:
    return ClassPlacement.objects.filter(student__uid=uid).values("student_id")[:1]  # type: ignore[return-value]


def pupil_rights(actor: Actor, student_id: int) -> PupilRights | None:
    """What the actor may do with the pupil's diary; None: nothing. A ban of scope "all" wins over everything but oneself."""
    if actor.person_id == student_id:
        return PupilRights("self")
    bans = set(
        AccessBan.objects.filter(in_force(actor.today), person_id=actor.person_id, student_id=student_id).values_list(
            "scope", flat=True
        )
    )
    if AccessBan.Scope.ALL in bans:
        return None
    return _as_guardian(actor, student_id, bans) or _as_trusted(actor, student_id) or _as_staff(actor, student_id)


def _as_guardian(actor: Actor, student_id: int, bans: set[str]) -> PupilRights | None:
    link = Guardianship.objects.filter(
        in_force(actor.today),
        is_minor(actor.today, of="student__"),
        guardian_id=actor.person_id,
        student_id=student_id,
        can_view=True,
        confirmed_at__isnull=False,
    ).first()
    if link is None:
        return None
    return PupilRights(
        "guardian",
        can_excuse=link.can_excuse,
        can_sign=link.can_sign,
        can_see_contacts=AccessBan.Scope.CONTACTS not in bans,
        can_see_reasons=AccessBan.Scope.REASONS not in bans,
    )


def _as_trusted(actor: Actor, student_id: int) -> PupilRights | None:
    found = trusts_in_force(actor.today).filter(person_id=actor.person_id, student_id=student_id).first()
    if found is None:
        return None
    return PupilRights("trusted", can_see_marks=found.can_see_marks, can_see_attendance=found.can_see_attendance)


def _as_staff(actor: Actor, student_id: int) -> PupilRights | None:
    # Placements that are in force: a pupil who left is read in the archive, not here.
    placements = ClassPlacement.objects.filter(in_force(actor.today), student_id=student_id)
    for school_id, class_teacher_id in placements.values_list("school_id", "school_class__class_teacher_id"):
        if class_teacher_id == actor.person_id and actor.may(Permission.TEACH, school_id):
            return PupilRights("staff", can_see_contacts=True, can_see_reasons=True)
        if actor.may(Permission.SEE_PUPILS, school_id):
            return PupilRights("staff", can_see_contacts=True, can_see_reasons=actor.may(Permission.SEE_REASONS, school_id))
    return None


def children_of(actor: Actor) -> QuerySet[Person]:
    """Pupils whose diary the actor may open as a guardian or a trusted person, in the order of age. One query."""
    banned = AccessBan.objects.filter(in_force(actor.today), person_id=actor.person_id, scope=AccessBan.Scope.ALL)
    wards = Guardianship.objects.filter(
        in_force(actor.today),
        is_minor(actor.today, of="student__"),
        guardian_id=actor.person_id,
        can_view=True,
        confirmed_at__isnull=False,
    )
    trusted = trusts_in_force(actor.today).filter(person_id=actor.person_id)
    return (
        Person.objects.filter(Q(pk__in=wards.values("student_id")) | Q(pk__in=trusted.values("student_id")))
        .exclude(pk__in=banned.values("student_id"))
        .order_by("birth_date", "sort_key", "pk")
    )


def is_pupil(actor: Actor) -> bool:
    """Has the person a place in a class today?"""
    return ClassPlacement.objects.filter(in_force(actor.today), student_id=actor.person_id).exists()


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """A teaching group whose journal may be read, and whether it may be written."""

    pk: int
    uid: UUID
    group: TeachingGroup
    can_write: bool


def open_group(actor: Actor, uid: UUID) -> OpenGroup:
    """The journal for its teachers (to write), for head and deputy (to read)."""
    group = (
        TeachingGroup.objects.select_related("school", "subject", "year", "term_scheme", "school_class").filter(uid=uid).first()
    )
    if group is None:
        raise NotFound
    if teaches(actor, group.pk) and actor.may(Permission.TEACH, group.school_id):
        return OpenGroup(group.pk, group.uid, group, can_write=True)
    if actor.may(Permission.SEE_JOURNALS, group.school_id):
        return OpenGroup(group.pk, group.uid, group, can_write=False)
    raise NotFound


def teaches(actor: Actor, group_id: int) -> bool:
    """Is the actor one of the group's teachers today?"""
    return TeachingAssignment.objects.filter(in_force(actor.today), teacher_id=actor.person_id, group_id=group_id).exists()


def groups_taught_by(actor: Actor) -> QuerySet[TeachingGroup]:
    """The actor's journals. One query."""
    mine = TeachingAssignment.objects.filter(in_force(actor.today), teacher_id=actor.person_id)
    return (
        TeachingGroup.objects.filter(pk__in=mine.values("group_id"), school_id__in=actor.schools_with(Permission.TEACH))
        .select_related("school", "subject", "school_class")
        .order_by("school_class__grade_level", "name", "pk")
    )


def open_class(actor: Actor, uid: UUID) -> SchoolClass:
    """A class for its class teacher and for those who may open every pupil of the school."""
    school_class = SchoolClass.objects.select_related("school", "year", "class_teacher").filter(uid=uid).first()
    if school_class is None:
        raise NotFound
    own = school_class.class_teacher_id == actor.person_id and actor.may(Permission.TEACH, school_class.school_id)
    if own or actor.may(Permission.SEE_PUPILS, school_class.school_id):
        return school_class
    raise NotFound


def open_school(actor: Actor, uid: UUID, permission: Permission) -> School:
    """A school in which the actor holds a position that permits it."""
    school = School.objects.filter(uid=uid).first()
    if school is None or not actor.may(permission, school.pk):
        raise NotFound
    return school


def open_own_school(actor: Actor, uid: UUID) -> School:
    """A school at which the actor holds any position: for what everybody who works there may know."""
    school = School.objects.filter(uid=uid, pk__in=[one.school_id for one in actor.positions if one.school_id]).first()
    if school is None:
        raise NotFound
    return school


def open_region(actor: Actor, uid: UUID, permission: Permission = Permission.SEE_FIGURES) -> Region:
    """A region in which the actor holds a position that permits it."""
    region = Region.objects.filter(uid=uid).first()
    if region is None or not may_in_region(actor, permission, region.pk):
        raise NotFound
    return region


def may_in_region(actor: Actor, permission: Permission, region_id: int) -> bool:
    """Does a position in this very region permit it?"""
    return any(held.region_id == region_id and permission in permissions_of(held.role) for held in actor.positions)


def open_pupil_to_manage(actor: Actor, school: School, uid: UUID) -> Person:
    """A pupil of the school, present or past, for the office."""
    return _pupil_of(actor, school, uid, Permission.MANAGE_PEOPLE)


def open_person_to_correct(actor: Actor, school: School, uid: UUID) -> Person:
    """A pupil who has a place in the school today, or a guardian of one, confirmed or not, for the office."""
    if not actor.may(Permission.MANAGE_PEOPLE, school.pk):
        raise NotFound
    here = ClassPlacement.objects.filter(in_force(actor.today), school=school).values("student_id")
    links = Guardianship.objects.filter(in_force(actor.today), student_id__in=here).values("guardian_id")
    found = Person.objects.filter(Q(pk__in=here) | Q(pk__in=links), uid=uid).first()
    if found is None:
        raise NotFound
    return found


def open_pupil_to_limit(actor: Actor, school: School, uid: UUID) -> Person:
    """A pupil of the school for whom the head sets and ends bans."""
    return _pupil_of(actor, school, uid, Permission.SET_BANS)


def _pupil_of(actor: Actor, school: School, uid: UUID, permission: Permission) -> Person:
    found = Person.objects.filter(pk__in=ClassPlacement.objects.filter(school=school, student__uid=uid).values("student_id"))
    person = found.first() if actor.may(permission, school.pk) else None
    if person is None:
        raise NotFound
    return person


def open_guardian_to_be(actor: Actor, school: School, person: Person | None) -> Person:
    """Somebody whom the school knows, as a guardian of another pupil or as one of the staff, for its office."""
    pupils = ClassPlacement.objects.filter(school=school).values("student_id")
    known = person is not None and (
        Guardianship.objects.filter(guardian=person, student_id__in=pupils).exists()
        or Position.objects.filter(in_force(actor.today), person=person, school=school).exists()
    )
    if person is None or not known or not actor.may(Permission.MANAGE_PEOPLE, school.pk):
        raise NotFound
    return person


def open_group_to_reopen(actor: Actor, school: School, uid: UUID) -> TeachingGroup:
    """A group of the school for those who may open a closed term again."""
    group = TeachingGroup.objects.filter(uid=uid, school=school).first()
    if group is None or not actor.may(Permission.REOPEN_TERM, school.pk):
        raise NotFound
    return group


def open_group_to_manage(actor: Actor, school: School, uid: UUID) -> TeachingGroup:
    """A group of the school for those who manage its people."""
    group = TeachingGroup.objects.select_related("year", "school_class", "subject").filter(uid=uid, school=school).first()
    if group is None or not actor.may(Permission.MANAGE_PEOPLE, school.pk):
        raise NotFound
    return group
