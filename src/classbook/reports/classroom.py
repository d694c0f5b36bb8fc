"""The class teacher's list."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Q

from classbook.attendance.models import AttendanceRecord
from classbook.common import clock
from classbook.lessons.models import ClassNotice, Lesson, Remark
from classbook.people.contacts import readable
from classbook.people.models import AccessBan, Account, Contact, Guardianship
from classbook.people.rules import full_name, list_name
from classbook.schools.access import Actor, in_force
from classbook.schools.models import ClassPlacement, SchoolClass
from classbook.schools.roles import Permission


@dataclass(frozen=True, slots=True)
class GuardianLine:
    """`contacts` are (kind, value). `limited`: a court or the head has limited this person; what and why stays with the head."""

    name: str
    relation: str
    contacts: tuple[tuple[str, str], ...]
    confirmed: bool
    limited: bool
    signed_up: bool


@dataclass(frozen=True, slots=True)
class Absence:
    """What the register says of some lessons in a row; `first` and `last` are their numbers. No label: a reason that
    is not for this reader."""

    first: int
    last: int
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class PupilLine:
    uid: UUID
    number: int
    name: str
    born: date | None
    absences: tuple[Absence, ...]
    remarks: int
    guardians: tuple[GuardianLine, ...]
    new: bool

    @property
    def is_away(self) -> bool:
        """Has the pupil missed a lesson today?"""
        return any(one.kind == "absent" for one in self.absences)

    @property
    def is_reachable(self) -> bool:
        """Can one of the guardians sign in and read?"""
        return any(one.signed_up and one.confirmed for one in self.guardians)


@dataclass(frozen=True, slots=True)
class ClassPage:
    uid: UUID
    name: str
    school: str
    teacher: str
    today: date
    registers: tuple[int, int]
    pupils: tuple[PupilLine, ...]
    notices: tuple[tuple[str, date, date], ...]

    @property
    def away(self) -> int:
        """Pupils who missed a lesson today."""
        return sum(1 for pupil in self.pupils if pupil.is_away)

    @property
    def unreached(self) -> int:
        """Pupils of whom no guardian can sign in."""
        return sum(1 for pupil in self.pupils if not pupil.is_reachable)

    @property
    def late(self) -> int:
        """Pupils who came late today."""
        return sum(1 for pupil in self.pupils if any(one.kind == "late" for one in pupil.absences))

    def shown(self, choice: str) -> tuple[PupilLine, ...]:
        """The pupils of one of the page's choices: away, unreached, else all."""
        if choice == "away":
            return tuple(pupil for pupil in self.pupils if pupil.absences)
        if choice == "unreached":
            return tuple(pupil for pupil in self.pupils if not pupil.is_reachable)
        return self.pupils


def class_page(actor: Actor, school_class: SchoolClass) -> ClassPage:
    """The class with guardians and today's absences. The number of queries does not depend on its size.

    A limit of the reader's own about a pupil holds here as it does in the diary.
    """
    today = clock.today(school_class.school.time_zone)
    notices = ClassNotice.objects.filter(in_force(today), school_class=school_class)
    return ClassPage(
        school_class.uid,
        school_class.name,
        school_class.school.name,
        _teacher(school_class),
        today,
        _registers(school_class, today),
        _lines(actor, school_class, today),
        tuple(notices.values_list("kind", "starts_on", "ends_on")),
    )


def _lines(actor: Actor, school_class: SchoolClass, today: date) -> tuple[PupilLine, ...]:
    limits = _own_limits(actor)
    placed = list(
        ClassPlacement.objects.filter(in_force(today), school_class=school_class)
        .exclude(student_id__in=limits[AccessBan.Scope.ALL])
        .select_related("student")
        .order_by("register_number", "student__sort_key")
    )
    ids, month = [row.student_id for row in placed], today - timedelta(days=30)
    own = school_class.class_teacher_id == actor.person_id
    sees_reasons = own or actor.may(Permission.SEE_REASONS, school_class.school_id)
    absences = _absences(ids, today, hidden=limits[AccessBan.Scope.REASONS] if sees_reasons else set(ids))
    said = Remark.objects.filter(student_id__in=ids, kind=Remark.Kind.REMARK, withdrawn_at=None, date__gte=month)
    remarks = dict(said.values("student_id").annotate(n=Count("pk")).values_list("student_id", "n"))
    guardians = _guardians(ids, today, hidden=limits[AccessBan.Scope.CONTACTS])
    return tuple(
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


def _teacher(school_class: SchoolClass) -> str:
    person = school_class.class_teacher
    return full_name(person.family_name, person.given_name, person.middle_name) if person else ""


def _registers(school_class: SchoolClass, today: date) -> tuple[int, int]:
    """(registers taken today, lessons of today)."""
    lessons = Lesson.objects.filter(group__school_class=school_class, date=today).exclude(status=Lesson.Status.CANCELLED)
    found = lessons.aggregate(all=Count("pk"), taken=Count("pk", filter=Q(register_taken_at__isnull=False)))
    return found["taken"], found["all"]


def _own_limits(actor: Actor) -> dict[str, set[int]]:
    """Pupils about whom the reader is limited, by scope."""
    found: dict[str, set[int]] = defaultdict(set)
    rows = AccessBan.objects.filter(in_force(actor.today), person_id=actor.person_id)
    for scope, student in rows.values_list("scope", "student_id"):
        found[scope].add(student)
    return found


def _absences(ids: list[int], today: date, *, hidden: set[int]) -> dict[int, list[Absence]]:
    """`hidden`: pupils whose confidential reasons the reader does not see; the absence itself stays."""
    found: dict[int, list[Absence]] = defaultdict(list)
    rows = AttendanceRecord.objects.filter(student_id__in=ids, date=today, code__isnull=False).order_by("lesson__period")
    fields = ("student_id", "lesson__period", "code__label", "code__kind", "code__confidential")
    for student, period, label, kind, confidential in rows.values_list(*fields):
        if confidential and student in hidden:
            label = ""
        lines = found[student]
        if lines and (lines[-1].label, lines[-1].last) == (label, period - 1):
            lines[-1] = Absence(lines[-1].first, period, label, kind)
        else:
            lines.append(Absence(period, period, label, kind))
    return found


def _guardians(ids: list[int], today: date, *, hidden: set[int]) -> dict[int, list[GuardianLine]]:
    links = list(
        Guardianship.objects.filter(in_force(today), student_id__in=ids).select_related("guardian").order_by("priority", "pk")
    )
    people = [link.guardian_id for link in links]
    contacts: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = Contact.objects.filter(person_id__in=people).order_by("-kind", "pk").values_list("person_id", "kind", "value")
    for person_id, kind, value in rows:
        line = (kind, readable(kind, value))
        # A confirmed one may stand there a second time as the school spells it.
        if line not in contacts[person_id]:
            contacts[person_id].append(line)
    limited = set(AccessBan.objects.filter(in_force(today), student_id__in=ids).values_list("person_id", "student_id"))
    in_use = Account.objects.filter(person_id__in=people, is_active=True, first_used_at__isnull=False)
    signed = set(in_use.values_list("person_id", flat=True))
    found: dict[int, list[GuardianLine]] = defaultdict(list)
    for link in links:
        person = link.guardian
        found[link.student_id].append(
            GuardianLine(
                full_name(person.family_name, person.given_name, person.middle_name),
                link.relation,
                () if link.student_id in hidden else tuple(contacts.get(person.pk, ())),
                link.confirmed_at is not None,
                (person.pk, link.student_id) in limited,
                person.pk in signed,
            )
        )
    return found
