"""The school's own list of its notices: who is meant, and who has read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from classbook.common import clock
from classbook.common.errors import NotFound
from classbook.people.models import Guardianship, Person
from classbook.people.rules import list_name
from classbook.schools.access import in_force, is_minor
from classbook.schools.models import ClassPlacement, Notice, NoticeRead, Position, School, SchoolClass

# A list of more names is read by class.
MOST_NAMES = 400


@dataclass(frozen=True, slots=True)
class Line:
    """A notice in the list. `state`: shown, over, withdrawn."""

    uid: UUID
    title: str
    audience: str
    ends_on: date
    at: datetime
    state: str
    read: int


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody whom a notice is for; `read_at` is empty until he has read this version."""

    name: str
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A notice and its addressees. `of_class` names the class whose families are listed."""

    notice: Notice
    state: str
    read: int
    all: int
    people: tuple[Addressee, ...]
    classes: tuple[str, ...]
    of_class: str

    @property
    def waiting(self) -> tuple[Addressee, ...]:
        return tuple(one for one in self.people if one.read_at is None)

    @property
    def done(self) -> tuple[Addressee, ...]:
        return tuple(one for one in self.people if one.read_at is not None)


def notices_of(school: School) -> tuple[Line, ...]:
    """The school's notices of a year, the newest first. The caller has authorised. One query."""
    today = clock.today(school.time_zone)
    rows = Notice.objects.filter(school=school).annotate(n_read=Count("reads", filter=Q(reads__version=F("version"))))
    return tuple(
        Line(row.uid, row.title, row.audience, row.ends_on, row.created_at, state_of(row, today), row.n_read)
        for row in rows.order_by("-created_at", "-pk")[:100]
    )


def state_of(notice: Notice, today: date) -> str:
    """Is it shown, over or withdrawn?"""
    return "withdrawn" if notice.withdrawn_at else "over" if notice.ends_on < today else "shown"


def notice_of(school: School, uid: UUID) -> Notice:
    """A notice of this school, also one that is over. The caller has authorised."""
    found = Notice.objects.filter(school=school, uid=uid).first()
    if found is None:
        raise NotFound
    return found


def reading_of(notice: Notice, school: School, class_name: str = "") -> Reading:
    """Who is meant today, and who has read it. Families are listed by class, because they are many."""
    today = clock.today(school.time_zone)
    of_families = notice.audience == Notice.Audience.FAMILIES
    meant = _families(school, today) if of_families else _staff(notice, school, today)
    read = dict(NoticeRead.objects.filter(notice=notice, version=notice.version).values_list("person_id", "at"))
    everybody = set(meant.values_list("pk", flat=True))
    classes = tuple(_classes(school, today).values_list("name", flat=True)) if of_families else ()
    chosen = class_name if class_name in classes else classes[0] if classes else ""
    listed = _families(school, today, class_name=chosen) if of_families else meant
    people = tuple(
        Addressee(list_name(one.family_name, one.given_name), read.get(one.pk))
        for one in listed.order_by("sort_key", "pk")[:MOST_NAMES]
    )
    return Reading(notice, state_of(notice, today), len(everybody & read.keys()), len(everybody), people, classes, chosen)


def _classes(school: School, today: date) -> QuerySet[SchoolClass]:
    current = in_force(today, starts="year__starts_on", ends="year__ends_on")
    return SchoolClass.objects.filter(current, school=school).order_by("grade_level", "name")


def _staff(notice: Notice, school: School, today: date) -> QuerySet[Person]:
    if notice.audience == Notice.Audience.CLASS_TEACHERS:
        led = _classes(school, today).exclude(class_teacher=None)
        return Person.objects.filter(pk__in=led.order_by().values("class_teacher_id"))
    held = Position.objects.filter(in_force(today), school=school)
    return Person.objects.filter(pk__in=held.values("person_id"))


def _families(school: School, today: date, *, class_name: str = "") -> QuerySet[Person]:
    """Pupils and guardians (schools.queries.schools_as_family from the other side; a ban is seen at the reading)."""
    places = ClassPlacement.objects.filter(in_force(today), school=school)
    if class_name:
        places = places.filter(school_class__name=class_name)
    pupils = places.values("student_id")
    links = Guardianship.objects.filter(
        in_force(today), is_minor(today, of="student__"), student_id__in=pupils, can_view=True, confirmed_at__isnull=False
    )
    return Person.objects.filter(Q(pk__in=pupils) | Q(pk__in=links.values("guardian_id")))
