"""Roles given and taken at the command line."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from classbook.common.errors import NotFound, Refusal
from classbook.schools.models import Position
from classbook.schools.positions import set_position
from classbook.schools.roles import ROLES, permissions_of
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 19)


def test_role_is_given_once_and_ended(world: World) -> None:
    parent = world.person("parent")
    for _ in range(2):
        set_position("PARENT", "nurse", world.school.pk)
    held = Position.objects.get(person=parent)
    assert (held.role, held.starts_on) == ("nurse", DAY)
    set_position("parent", "nurse", world.school.pk, end=True)
    assert not Position.objects.filter(person=parent).exists()
    Position.objects.create(person=parent, role="nurse", school=world.school, starts_on=DAY - timedelta(days=9))
    set_position("parent", "nurse", world.school.pk, end=True)
    assert Position.objects.get(person=parent).ends_on == DAY - timedelta(days=1)


def test_unknown_role_login_and_school_are_refused(world: World) -> None:
    for role in ("king", "authority"):
        with pytest.raises(Refusal):
            set_position("parent", role, world.school.pk)
    with pytest.raises(NotFound):
        set_position("nobody-at-all", "nurse", world.school.pk)
    with pytest.raises(NotFound):
        set_position("parent", "nurse", 10**9)


def test_unknown_role_permits_nothing() -> None:
    assert permissions_of("king") == frozenset()
    assert all(role.permissions for role in ROLES.values())
