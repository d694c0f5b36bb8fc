"""Reads of the family's side. The pupil is open already (schools.access.open_student); here everything goes by the pupil."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from classbook.common import clock
from classbook.common.errors import NotFound
from classbook.schools.access import OpenPupil
from classbook.schools.models import ClassPlacement, School
from classbook.schools.queries import placement_on


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pupil was at school on the days in question."""

    placement: ClassPlacement
    school: School
    now: datetime
    today: date


def place_of(student: OpenPupil, day: date) -> Place:
    """The school and class of the pupil on a day, and what time it is there. Raises NotFound without a placement."""
    placement = placement_on(student.pk, day)
    if placement is None:
        raise NotFound
    now = clock.local_now(placement.school.time_zone)
    return Place(placement, placement.school, now, now.date())
