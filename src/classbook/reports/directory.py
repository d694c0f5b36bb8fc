"""People of a school for its office: search, and what the forms choose from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from classbook.common import clock
from classbook.people.rules import full_name, list_name
from classbook.people.rules import sort_key as key_of
from classbook.schools.access import in_force
from classbook.schools.models import ClassPlacement, Position, School, SchoolClass, TeachingAssignment, TeachingGroup

MOST = 60


@dataclass(frozen=True, slots=True)
class Found:
    uid: UUID
    name: str
    class_name: str
    since: date
    until: date | None


def search_pupils(school: School, text: str, class_name: str) -> tuple[Found, ...]:
    """Pupils whose family or given name begins with the text, of one class or of all. At most 60."""
    rows = ClassPlacement.objects.filter(school=school).select_related("student", "school_class")
    today = clock.today(school.time_zone)
    if class_name:
        rows = rows.filter(school_class__name=class_name)
    if text.strip():
        wanted = key_of(text, "").split("\x1f", 1)[0]
        rows = rows.filter(Q(student__sort_key__startswith=wanted) | Q(student__sort_key__contains="\x1f" + wanted))
    rows = rows.filter(in_force(today) | Q(ends_on__lt=today)).order_by("student__sort_key", "-starts_on")[:MOST]
    return tuple(
        Found(
            row.student.uid,
            list_name(row.student.family_name, row.student.given_name),
            row.school_class.name,
            row.starts_on,
            row.ends_on,
        )
        for row in rows
    )


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
    """(group, name, teacher) of one class."""
    groups = TeachingGroup.objects.filter(school=school, school_class__name=class_name).order_by("name")
    today = clock.today(school.time_zone)
    teachers = {
        row.group_id: list_name(row.teacher.family_name, row.teacher.given_name)
        for row in TeachingAssignment.objects.filter(in_force(today), group__in=groups).select_related("teacher")
    }
    return [(group.uid, group.name, teachers.get(group.pk, "")) for group in groups]
