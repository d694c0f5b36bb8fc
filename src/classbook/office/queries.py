"""What the office reads about one pupil: places, groups, guardians, and how much is recorded where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from classbook.attendance.models import AttendanceRecord
from classbook.common import clock
from classbook.grading.models import Mark
from classbook.office.rules import LastChange, Place, last_change
from classbook.people.models import AccessBan, Account, Guardianship, Person
from classbook.people.rules import full_name, list_name
from classbook.schools.access import in_force
from classbook.schools.models import ClassPlacement, Enrollment, School


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


@dataclass(frozen=True, slots=True)
class GroupLine:
    name: str
    teacher: str
    since: date


@dataclass(frozen=True, slots=True)
class PupilPage:
    uid: UUID
    name: str
    born: date | None
    class_name: str
    places: tuple[Place, ...]
    change: LastChange | None
    groups: tuple[GroupLine, ...]
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
    """Everything the office may know of the pupil. Seven queries."""
    today = clock.today(school.time_zone)
    places = places_of(student.pk, school.pk)
    here = next((one for one in places if one.starts_on <= today and (one.ends_on is None or one.ends_on >= today)), None)
    return PupilPage(
        uid=student.uid,
        name=list_name(student.family_name, student.given_name),
        born=student.birth_date,
        class_name=here.class_name if here else "",
        places=tuple(places),
        change=last_change(places),
        groups=_groups(student.pk, school, today),
        guardians=guardians_of(student.pk, today),
        has_account=Account.objects.filter(person=student, is_active=True).exists(),
    )


def _groups(student_id: int, school: School, today: date) -> tuple[GroupLine, ...]:
    rows = Enrollment.objects.filter(in_force(today), student_id=student_id, school=school).order_by("group__name")
    rows = rows.prefetch_related("group__assignments__teacher").select_related("group")
    return tuple(GroupLine(row.group.name, _teachers(row, today), row.starts_on) for row in rows)


def _teachers(row: Enrollment, today: date) -> str:
    names = [
        list_name(one.teacher.family_name, one.teacher.given_name)
        for one in row.group.assignments.all()
        if one.starts_on <= today and (one.ends_on is None or one.ends_on >= today)
    ]
    return ", ".join(names)


def guardians_of(student_id: int, today: date) -> tuple[GuardianLink, ...]:
    """All links of the pupil, those that have ended too."""
    links = list(Guardianship.objects.filter(student_id=student_id).select_related("guardian").order_by("priority", "pk"))
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
