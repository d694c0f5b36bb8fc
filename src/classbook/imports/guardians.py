"""Confirmation of imported guardians by the school at the command line (quality.md 7.14)."""

from __future__ import annotations

from django.db import transaction

from classbook.common.errors import NotFound
from classbook.schools.actions.guardians import Confirmed, joint_links, sleeping_links, tally_of, wake_links
from classbook.schools.models import School


@transaction.atomic
def confirm_links(school_id: int, *, dry_run: bool = False) -> tuple[Confirmed, int]:
    """Make the sleeping links to the school's pupils effective. Bans stay. Raises NotFound for an unknown school.

    Answers also how many go on sleeping, because the office has ended a link of their pupils by hand.
    """
    school = School.objects.filter(pk=school_id).first()
    if school is None:
        raise NotFound
    joint = joint_links(school_id)
    singly = sleeping_links(school_id).count() - joint.count()
    return (tally_of(joint) if dry_run else wake_links(joint, school_id=school_id, actor_id=None)), singly
