"""People of a school for its office and its head: search, what the forms choose from, what waits for the office."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from classbook.common import clock
from classbook.people.models import Guardianship
from classbook.people.queries import named
from classbook.people.rules import full_name, list_name
from classbook.schools.access import in_force
from classbook.schools.actions.guardians import limited_pairs, sleeping_links, with_ended_links
from classbook.schools.models import ClassPlacement, Position, School, SchoolClass, TeachingAssignment, TeachingGroup

MOST = 60


@dataclass(frozen=True, slots=True)
class Found:
    """A pupil with the newest place. `until` is set for one who has left or will leave."""

    uid: UUID
    name: str
    born: date | None
    class_name: str
    since: date
    until: date | None
    here: bool


@dataclass(frozen=True, slots=True)
class Search:
    """At most 60 pupils; `more` of them fit."""

    rows: tuple[Found, ...]
    more: int


def search_pupils(school: School, text: str, class_name: str = "") -> Search:
    """Pupils of whom each word begins a part of the name, of one class or of all; those who left come last."""
    newest = ClassPlacement.objects.filter(school=school, student_id=OuterRef("student_id")).filter(
        Q(starts_on__gt=OuterRef("starts_on")) | Q(starts_on=OuterRef("starts_on"), pk__gt=OuterRef("pk"))
    )
    rows = ClassPlacement.objects.filter(~Exists(newest), school=school).select_related("student", "school_class")
    today = clock.today(school.time_zone)
    if class_name:
        rows = rows.filter(Q(ends_on=None) | Q(ends_on__gte=today), school_class__name=class_name)
    for word in text.split()[:4]:
        rows = rows.filter(named(word, "student__"))
    found = list(rows.order_by("student__sort_key", "student_id"))
    found.sort(key=lambda row: row.ends_on is not None and row.ends_on < today)
    return Search(tuple(_found(row, today) for row in found[:MOST]), max(0, len(found) - MOST))


def _found(row: ClassPlacement, today: date) -> Found:
    person = row.student
    name = " ".join(filter(None, (list_name(person.family_name, person.given_name), person.middle_name)))
    here = row.ends_on is None or row.ends_on >= today
    return Found(person.uid, name, person.birth_date, row.school_class.name, row.starts_on, row.ends_on, here)


def by_grade(name: str) -> tuple[int, str]:
    """Sorts 2А before 10А."""
    number = re.match(r"\d+", name)
    return (int(number.group()) if number else 0, name)


def classes_of(school: School) -> list[SchoolClass]:
    """Classes of the current year in their order."""
    today = clock.today(school.time_zone)
    rows = SchoolClass.objects.filter(school=school, year__starts_on__lte=today, year__ends_on__gte=today)
    return list(rows.select_related("year").order_by("grade_level", "name"))


def teachers_of(school: School) -> list[tuple[UUID, str]]:
    """Teachers of today, by name."""
    rows = Position.objects.filter(in_force(clock.today(school.time_zone)), school=school, role="teacher")
    values = rows.order_by("person__sort_key").values_list(
        "person__uid", "person__family_name", "person__given_name", "person__middle_name"
    )
    return [(uid, full_name(family, given, middle)) for uid, family, given, middle in values]


def groups_of(school: School, class_name: str) -> list[tuple[UUID, str, str]]:
    """(group, name, teacher) of one class of the current year."""
    today = clock.today(school.time_zone)
    year = in_force(today, starts="year__starts_on", ends="year__ends_on")
    groups = TeachingGroup.objects.filter(year, school=school, school_class__name=class_name).order_by("name")
    teachers = {
        row.group_id: list_name(row.teacher.family_name, row.teacher.given_name)
        for row in TeachingAssignment.objects.filter(in_force(today), group__in=groups).select_related("teacher")
    }
    return [(group.uid, group.name, teachers.get(group.pk, "")) for group in groups]


def teacher_of(group: TeachingGroup, today: date) -> str:
    """The group's teachers of the day; empty when it has none."""
    rows = TeachingAssignment.objects.filter(in_force(today), group=group).select_related("teacher").order_by("starts_on", "pk")
    return ", ".join(full_name(row.teacher.family_name, row.teacher.given_name, row.teacher.middle_name) for row in rows)


@dataclass(frozen=True, slots=True)
class Movement:
    """A pupil who came or leaves. `left` False: came."""

    uid: UUID
    name: str
    class_name: str
    day: date
    left: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """What the office sees first."""

    pupils: int
    classes: int
    waiting: int
    alone: int
    without_teacher: tuple[tuple[UUID, str], ...]
    movements: tuple[Movement, ...]


def overview(school: School, *, days: int = 30) -> Overview:
    """Counts, what needs the office, and who came and left in the last days."""
    today = clock.today(school.time_zone)
    placed = ClassPlacement.objects.filter(in_force(today), school=school)
    guarded = Guardianship.objects.filter(in_force(today), student_id=OuterRef("student_id"))
    year = in_force(today, starts="year__starts_on", ends="year__ends_on")
    taught = TeachingAssignment.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), group_id=OuterRef("pk"))
    orphans = TeachingGroup.objects.filter(~Exists(taught), year, school=school).order_by("name")
    return Overview(
        pupils=placed.values("student_id").distinct().count(),
        classes=len(classes_of(school)),
        waiting=sleeping_links(school.pk).count(),
        alone=placed.filter(~Exists(guarded)).count(),
        without_teacher=tuple(orphans.values_list("uid", "name")[:10]),
        movements=_movements(school, today - timedelta(days=days)),
    )


def _movements(school: School, since: date) -> tuple[Movement, ...]:
    # A whole class that begins with the year is no movement.
    came = Q(starts_on__gte=since) & ~Q(starts_on=_first_day(school, since))
    rows = ClassPlacement.objects.filter(came | Q(ends_on__gte=since), school=school).select_related("student", "school_class")
    found = []
    for row in rows:
        name = list_name(row.student.family_name, row.student.given_name)
        if row.starts_on >= since:
            found.append(Movement(row.student.uid, name, row.school_class.name, row.starts_on, left=False))
        if row.ends_on is not None and row.ends_on >= since:
            found.append(Movement(row.student.uid, name, row.school_class.name, row.ends_on, left=True))
    return tuple(sorted(found, key=lambda one: (one.day, one.name), reverse=True)[:12])


def _first_day(school: School, since: date) -> date:
    years = school.years.filter(ends_on__gte=since).order_by("starts_on").values_list("starts_on", flat=True)
    return years.first() or since


def waiting_by_class(school: School) -> tuple[tuple[str, int], ...]:
    """(class, links) with links that wait for a confirmation."""
    waiting = sleeping_links(school.pk).values("student_id")
    rows = ClassPlacement.objects.filter(school=school, student__in=waiting, ends_on=None)
    links = dict(sleeping_links(school.pk).values("student_id").annotate(n=Count("pk")).values_list("student_id", "n"))
    found: dict[str, int] = {}
    for student, name in rows.values_list("student_id", "school_class__name"):
        found[name] = found.get(name, 0) + links.get(student, 0)
    return tuple(sorted(found.items(), key=lambda row: by_grade(row[0])))


@dataclass(frozen=True, slots=True)
class WaitingLink:
    """`singly`: a link of this pupil was ended by hand, so that this one is not confirmed together with the others."""

    pupil: UUID
    pupil_name: str
    guardian: UUID
    guardian_name: str
    relation: str
    limited: bool
    singly: bool


def waiting_links(school: School, class_name: str) -> tuple[WaitingLink, ...]:
    """The links of a class that wait for a confirmation, by pupil."""
    rows = sleeping_links(school.pk, class_name).select_related("guardian", "student")
    links = list(rows.order_by("student__sort_key", "priority", "pk"))
    limited = limited_pairs((link.student_id for link in links), clock.today(school.time_zone))
    ended = with_ended_links().filter(student_id__in=[link.student_id for link in links])
    singly = set(ended.values_list("student_id", flat=True))
    return tuple(
        WaitingLink(
            link.student.uid,
            list_name(link.student.family_name, link.student.given_name),
            link.guardian.uid,
            full_name(link.guardian.family_name, link.guardian.given_name, link.guardian.middle_name),
            link.relation,
            (link.guardian_id, link.student_id) in limited,
            link.student_id in singly,
        )
        for link in links
    )
