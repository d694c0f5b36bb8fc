"""What the school sets itself is marked, so that no later package undoes it (docs/adr/0015)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import QuerySet

from classbook.schools.models import ClassPlacement, Enrollment, PlaceTakenOut, TeachingAssignment

# Table of places: the kind of its removed rows, whose place it is in what, and how to find the school.
KINDS: dict[type[Any], tuple[str, str, str, str]] = {
    ClassPlacement: (PlaceTakenOut.Kind.CLASS, "school_class_id", "student_id", "school_id"),
    Enrollment: (PlaceTakenOut.Kind.GROUP, "group_id", "student_id", "school_id"),
    TeachingAssignment: (PlaceTakenOut.Kind.TEACHER, "group_id", "teacher_id", "group__school_id"),
}


def set_days(rows: QuerySet[Any], **days: date | None) -> None:
    """New first or last days of places, as the school says."""
    rows.update(by_hand=True, **days)


def take_out(rows: QuerySet[Any]) -> None:
    """Remove places that never were; of those that a package brought it is kept in mind that they are not wanted."""
    kind, place, person, school = KINDS[rows.model]
    brought = rows.exclude(origin_id="").values_list(place, person, school)
    PlaceTakenOut.objects.bulk_create(
        (PlaceTakenOut(kind=kind, place=p, person_id=who, school_id=s) for p, who, s in brought), ignore_conflicts=True
    )
    rows.delete()


def make_places(rows: Iterable[Any]) -> None:
    """New places, all of one table; what had been taken out before is wanted again."""
    made = list(rows)
    if not made:
        return
    kind, place, person, _ = KINDS[type(made[0])]
    for row in made:
        row.by_hand = True
        # At most a dozen: the groups of one pupil, or one teacher.
        PlaceTakenOut.objects.filter(kind=kind, place=getattr(row, place), person_id=getattr(row, person)).delete()
    type(made[0]).objects.bulk_create(made)
