"""What the office reads about one pupil: places, groups, guardians, and how much is recorded where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from classbook.attendance.models import AttendanceRecord
from classbook.common import clock
from classbook.grading.models import Mark
from classbook.office.rules import LastChange, Place, last_change
from classbook.people.models import AccessBan, Account, Guardianship, Person
from classbook.people.queries import named
from classbook.people.rules import full_name, list_name
from classbook.schools.access import in_force
from classbook.schools.actions.pupils import groups_by_subject
from classbook.schools.models import ClassPlacement, Enrollment, Position, School, SchoolClass, TeachingGroup


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A document that the office was shown."""

    basis: str
    document: str
    number: str
    issued_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class GuardianLink:
    """`state`: waiting, in_force, ended, later. `limited`: the head has set a ban; what and why is not the office's."""

    uid: UUID
    name: str
    relation: str
    state: str
    starts_on: date | None
    ends_on: date | None
    limited: bool
    signed_up: bool
    can_view: bool
    can_excuse: bool
    can_sign: bool
    papers: tuple[PaperLine, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupLine:
    """`part`: the class is divided for this subject, so that the pupil can go to another part."""

    uid: UUID
    name: str
    teacher: str
    since: date
    part: bool


@dataclass(frozen=True, slots=True)
class MissingPart:
    """A divided subject of the class in none of whose parts the pupil is; `uid` is one of them."""

    uid: UUID
    subject: str


@dataclass(frozen=True, slots=True)
class PupilPage:
    uid: UUID
    name: str
    born: date | None
    class_name: str
    places: tuple[Place, ...]
    change: LastChange | None
    groups: tuple[GroupLine, ...]
    without_part: tuple[MissingPart, ...]
    guardians: tuple[GuardianLink, ...]
    has_account: bool

    @property
    def is_here(self) -> bool:
        """Has the pupil a place without an end?"""
        return bool(self.places) and self.places[-1].ends_on is None


def places_of(student_id: int, school_id: int) -> list[Place]:
    """The pupil's places in classes of the school, in their order."""
    rows = ClassPlacement.objects.filter(student_id=student_id, school_id=school_id).order_by("starts_on", "pk")
    values = rows.values_list("pk", "school_class_id", "school_class__name", "starts_on", "ends_on")
    return [Place(*row) for row in values]


def pupil_page(school: School, student: Person) -> PupilPage:
    """Everything the office may know of the pupil. Nine queries."""
    today = clock.today(school.time_zone)
    places = places_of(student.pk, school.pk)
    here = next((one for one in places if one.starts_on <= today and (one.ends_on is None or one.ends_on >= today)), None)
    divided = _divided(here.class_id) if here else {}
    groups, missing = _groups(student.pk, school, today, divided)
    return PupilPage(
        uid=student.uid,
        name=list_name(student.family_name, student.given_name),
        born=student.birth_date,
        class_name=here.class_name if here else "",
        places=tuple(places),
        change=last_change(places),
        groups=groups,
        without_part=missing,
        guardians=guardians_of(student.pk, today),
        has_account=Account.objects.filter(person=student, is_active=True).exists(),
    )


def _divided(class_id: int) -> dict[int, list[TeachingGroup]]:
    """The parts of the subjects for which the class is divided."""
    groups = groups_by_subject(SchoolClass.objects.get(pk=class_id))
    return {subject: parts for subject, parts in groups.items() if len(parts) > 1}


def _groups(
    student_id: int, school: School, today: date, divided: dict[int, list[TeachingGroup]]
) -> tuple[tuple[GroupLine, ...], tuple[MissingPart, ...]]:
    rows = Enrollment.objects.filter(in_force(today), student_id=student_id, school=school).order_by("group__name")
    found = list(rows.prefetch_related("group__assignments__teacher").select_related("group"))
    parts = {group.pk: subject for subject, groups in divided.items() for group in groups}
    missing = [groups[0] for subject, groups in divided.items() if subject not in {parts.get(row.group_id) for row in found}]
    lines = (GroupLine(r.group.uid, r.group.name, _teachers(r, today), r.starts_on, r.group_id in parts) for r in found)
    return tuple(lines), tuple(MissingPart(group.uid, group.subject.name) for group in missing)


def _teachers(row: Enrollment, today: date) -> str:
    names = [
        list_name(one.teacher.family_name, one.teacher.given_name)
        for one in row.group.assignments.all()
        if one.starts_on <= today and (one.ends_on is None or one.ends_on >= today)
    ]
    return ", ".join(names)


def guardians_of(student_id: int, today: date) -> tuple[GuardianLink, ...]:
    """All links of the pupil, those that have ended too."""
    rows = Guardianship.objects.filter(student_id=student_id).select_related("guardian").order_by("priority", "pk")
    links = list(rows.prefetch_related("papers"))
    people = [link.guardian_id for link in links]
    bans = AccessBan.objects.filter(in_force(today), student_id=student_id, person_id__in=people)
    limited = set(bans.values_list("person_id", flat=True))
    signed = set(Account.objects.filter(person_id__in=people, is_active=True).values_list("person_id", flat=True))
    return tuple(
        GuardianLink(
            uid=link.guardian.uid,
            name=full_name(link.guardian.family_name, link.guardian.given_name, link.guardian.middle_name),
            relation=link.relation,
            state=state_of(link, today),
            starts_on=link.starts_on,
            ends_on=link.ends_on,
            limited=link.guardian_id in limited,
            signed_up=link.guardian_id in signed,
            can_view=link.can_view,
            can_excuse=link.can_excuse,
            can_sign=link.can_sign,
            papers=tuple(PaperLine(p.basis, p.document, p.number, p.issued_on, p.ends_on) for p in link.papers.all()),
        )
        for link in links
    )


def state_of(link: Guardianship, today: date) -> str:
    """Where a link stands: waiting, in_force, ended, later."""
    if link.ends_on is not None and link.ends_on < today:
        return "ended"
    if link.confirmed_at is None:
        return "waiting"
    return "later" if link.starts_on is not None and link.starts_on > today else "in_force"


def entries_in(student_id: int, group_ids: Iterable[int], first: date, last: date | None = None) -> int:
    """Marks and absences of a pupil in some groups, of the days from `first` to `last`."""
    groups = list(group_ids)
    marks = Mark.objects.filter(
        student_id=student_id, assessment__group_id__in=groups, assessment__date__gte=first, status=Mark.Status.RECORDED
    )
    absences = AttendanceRecord.objects.filter(
        student_id=student_id, lesson__group_id__in=groups, date__gte=first, code__isnull=False
    )
    if last is not None:
        marks, absences = marks.filter(assessment__date__lte=last), absences.filter(date__lte=last)
    return marks.count() + absences.count()


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whom the school knows, to choose from: whose guardian, and whether he works here."""

    uid: UUID
    name: str
    born: date | None
    wards: tuple[str, ...]
    works: bool


def people_known(school: School, text: str, *, besides: Person, most: int = 20) -> tuple[Known, ...]:
    """Guardians and staff of the school of whom each word begins a part of the name."""
    words = text.split()[:4]
    if not words:
        return ()
    today = clock.today(school.time_zone)
    placed = ClassPlacement.objects.filter(school=school).values("student_id")
    guardians = Guardianship.objects.filter(student_id__in=placed)
    staff = Position.objects.filter(in_force(today), school=school)
    found = Person.objects.filter(Q(pk__in=guardians.values("guardian_id")) | Q(pk__in=staff.values("person_id")))
    for word in words:
        found = found.filter(named(word))
    people = list(found.exclude(pk=besides.pk).order_by("sort_key", "pk")[:most])
    ids = [person.pk for person in people]
    wards: dict[int, list[str]] = {}
    for pk, family, given in (
        guardians.filter(guardian_id__in=ids)
        .order_by("student__sort_key")
        .values_list("guardian_id", "student__family_name", "student__given_name")
    ):
        wards.setdefault(pk, []).append(list_name(family, given))
    working = set(staff.filter(person_id__in=ids).values_list("person_id", flat=True))
    return tuple(
        Known(
            person.uid, full_name(person.family_name, person.given_name, person.middle_name), person.birth_date,
            tuple(wards.get(person.pk, ())), person.pk in working,
        )
        for person in people
    )  # fmt: skip
