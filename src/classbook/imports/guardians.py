"""Confirmation of imported guardians by the school (quality.md 7.14)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from classbook.common import clock
from classbook.common.errors import NotFound
from classbook.events.actions import add_to_outbox, raise_versions, record_audit
from classbook.people.models import AccessBan, Guardianship
from classbook.schools.access import in_force
from classbook.schools.models import ClassPlacement, Enrollment, School


@dataclass(frozen=True, slots=True)
class Confirmed:
    """`banned`: links that a ban limits all the same."""

    links: int
    guardians: int
    children: int
    banned: int


@transaction.atomic
def confirm_links(school_id: int, *, dry_run: bool = False) -> Confirmed:
    """Make the sleeping links to the school's pupils effective. Bans stay. Raises NotFound for an unknown school."""
    school = School.objects.filter(pk=school_id).first()
    if school is None:
        raise NotFound
    # Who has left is another school's to confirm.
    today = clock.today(school.time_zone)
    stays = Q(ends_on=None) | Q(ends_on__gte=today)
    placed = ClassPlacement.objects.filter(stays, school_id=school_id).values("student_id")
    enrolled = Enrollment.objects.filter(stays, school_id=school_id).values("student_id")
    of_school = Q(student__in=placed) | Q(student__in=enrolled)
    sleeping = Guardianship.objects.filter(of_school, confirmed_at=None, ends_on=None)
    pairs = set(sleeping.values_list("guardian_id", "student_id"))
    bans = AccessBan.objects.filter(in_force(today), person__in={guardian for guardian, _ in pairs})
    banned = len(pairs & set(bans.values_list("person_id", "student_id")))
    found = Confirmed(len(pairs), len({g for g, _ in pairs}), len({s for _, s in pairs}), banned)
    if pairs and not dry_run:
        sleeping.update(confirmed_at=clock.now())
        raise_versions(("pupil", student) for _, student in pairs)
        record_audit("guardians.confirmed", actor_id=None, school_id=school_id, links=sorted(pairs))
        add_to_outbox("guardians.confirmed", school=school_id, links=len(pairs))
    return found
