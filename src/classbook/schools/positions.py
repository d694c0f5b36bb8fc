"""Roles that the operator gives or takes at the command line."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import record_audit
from classbook.people.models import Account
from classbook.schools.access import in_force
from classbook.schools.models import Position, School
from classbook.schools.roles import ROLES


@transaction.atomic
def set_position(login: str, role: str, school_id: int, *, end: bool = False) -> None:
    """Give the role from today on, or end it as of yesterday; giving it twice changes nothing.

    Raises NotFound for an unknown login or school, Refusal for a role that a school does not have.
    """
    known = sorted(code for code, one in ROLES.items() if not one.regional)
    if role not in known:
        raise Refusal(f'A school has no role "{role}". It has: {", ".join(known)}.')
    account = Account.objects.filter(login__iexact=login).first()
    school = School.objects.filter(pk=school_id).first()
    if account is None or school is None:
        raise NotFound
    today = clock.today(school.time_zone)
    held = Position.objects.filter(in_force(today), person_id=account.person_id, school=school, role=role)
    if end:
        yesterday = today - timedelta(days=1)
        held.filter(starts_on=today, origin_id="").delete()
        # What a package brought today keeps its row, or the next package would bring it again.
        held.filter(starts_on=today).update(starts_on=yesterday)
        held.update(ends_on=yesterday, by_hand=True)
    elif not held.exists():
        Position.objects.create(person_id=account.person_id, school=school, role=role, starts_on=today, by_hand=True)
    kind = "position.ended" if end else "position.given"
    record_audit(kind, actor_id=None, school_id=school_id, subject=("person", account.person_id), role=role)
