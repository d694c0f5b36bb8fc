"""The class teacher's list."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count

from classbook.attendance.models import AttendanceRecord
from classbook.common import clock
from classbook.lessons.models import ClassNotice, Remark
from classbook.people.models import AccessBan, Account, Contact, Guardianship
from classbook.people.rules import full_name, list_name
from classbook.schools.access import Actor, in_force
from classbook.schools.models import ClassPlacement, SchoolClass


@dataclass(frozen=True, slots=True)
class GuardianLine:
    """`rights` False: a court or the head has limited this person; no contacts are shown of him to others."""

    name: str
    relation: str
    contacts: tuple[str, ...]
    confirmed: bool
    limited: bool
    signed_up: bool


@dataclass(frozen=True, slots=True)
class PupilLine:
    uid: UUID
    number: int
    name: str
    born: date | None
    absences: tuple[tuple[int, str, str], ...]
    remarks: int
    guardians: tuple[GuardianLine, ...]
    new: bool


@dataclass(frozen=True, slots=True)
class ClassPage:
    uid: UUID
    name: str
    school: str
    today: date
    pupils: tuple[PupilLine, ...]
    notices: tuple[tuple[str, date, date], ...]

    @property
    def away(self) -> int:
        """Pupils who missed a lesson today."""
        return sum(1 for pupil in self.pupils if any(kind == "absent" for _, _, kind in pupil.absences))


def class_page(actor: Actor, school_class: SchoolClass) -> ClassPage:
    """The class with guardians and today's absences. The number of queries does not depend on its size."""
    today = clock.today(school_class.school.time_zone)
    placed = list(
        ClassPlacement.objects.filter(in_force(today), school_class=school_class)
        .select_related("student")
        .order_by("register_number", "student__sort_key")
    )
    ids = [row.student_id for row in placed]
    absences = _absences(ids, today)
    remarks = dict(
        Remark.objects.filter(student_id__in=ids, withdrawn_at=None, date__gte=today - timedelta(days=30))
        .values("student_id")
        .annotate(n=Count("pk"))
        .values_list("student_id", "n")
    )
    guardians = _guardians(ids, today)
    month = today - timedelta(days=30)
    lines = tuple(
        PupilLine(
            uid=row.student.uid,
            number=row.register_number or place,
            name=list_name(row.student.family_name, row.student.given_name),
            born=row.student.birth_date,
            absences=tuple(absences.get(row.student_id, ())),
            remarks=remarks.get(row.student_id, 0),
            guardians=tuple(guardians.get(row.student_id, ())),
            new=row.starts_on > month,
        )
        for place, row in enumerate(placed, 1)
    )
    notices = ClassNotice.objects.filter(in_force(today), school_class=school_class)
    return ClassPage(
        school_class.uid,
        school_class.name,
        school_class.school.name,
        today,
        lines,
        tuple(notices.values_list("kind", "starts_on", "ends_on")),
    )


def _absences(ids: list[int], today: date) -> dict[int, list[tuple[int, str, str]]]:
    found: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    rows = AttendanceRecord.objects.filter(student_id__in=ids, date=today, code__isnull=False).order_by("lesson__period")
    for student, period, label, kind in rows.values_list("student_id", "lesson__period", "code__label", "code__kind"):
        found[student].append((period, label, kind))
    return found


def _guardians(ids: list[int], today: date) -> dict[int, list[GuardianLine]]:
    links = list(
        Guardianship.objects.filter(in_force(today), student_id__in=ids).select_related("guardian").order_by("priority", "pk")
    )
    people = [link.guardian_id for link in links]
    contacts: dict[int, list[str]] = defaultdict(list)
    for person_id, value in Contact.objects.filter(person_id__in=people).order_by("kind").values_list("person_id", "value"):
        contacts[person_id].append(value)
    limited = set(AccessBan.objects.filter(in_force(today), student_id__in=ids).values_list("person_id", "student_id"))
    signed = set(Account.objects.filter(person_id__in=people, is_active=True).values_list("person_id", flat=True))
    found: dict[int, list[GuardianLine]] = defaultdict(list)
    for link in links:
        person = link.guardian
        found[link.student_id].append(
            GuardianLine(
                full_name(person.family_name, person.given_name, person.middle_name),
                link.relation,
                tuple(contacts.get(person.pk, ())),
                link.confirmed_at is not None,
                (person.pk, link.student_id) in limited,
                person.pk in signed,
            )
        )
    return found
