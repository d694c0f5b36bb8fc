"""Whom one asks at a school about Classbook."""

from __future__ import annotations

from django.db import transaction

from classbook.common.errors import NotFound
from classbook.events.actions import record_audit
from classbook.schools.access import Actor
from classbook.schools.models import School
from classbook.schools.roles import Permission


@transaction.atomic
def set_help_contact(actor: Actor, school: School, text: str) -> None:
    """Write down a room, a number, hours; stands on the sheet with the ways in and on the page about Classbook."""
    if not actor.may(Permission.ISSUE_LETTERS, school.pk):
        raise NotFound
    school.help_contact = text.strip()[:200]
    school.save(update_fields=["help_contact"])
    record_audit("school.help_contact", actor_id=actor.person_id, school_id=school.pk, subject=("school", school.pk))
