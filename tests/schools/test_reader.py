"""One rule, two spellings: the statement that begins every page against sessions, access and queries on the same rows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client

from classbook.common import clock
from classbook.people.models import AccessBan, Guardianship, TrustedPerson
from classbook.schools.access import actor_for, children_of, is_pupil
from classbook.schools.models import ClassPlacement, Position
from classbook.schools.queries import classes_led_by, locale_of_school_of, notices_for, placement_on
from classbook.schools.reader import Reader, reader_behind
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def today() -> date:
    return clock.today(settings.TIME_ZONE)


def read(client: Client) -> Reader | None:
    return reader_behind(client.cookies[settings.SESSION_COOKIE_NAME].value, now=clock.now(), today=today())


def assert_agree(world: World, login: str) -> Reader:
    found = read(world.client(login))
    actor = actor_for(world.person(login).pk, today())
    assert found is not None
    assert found.actor == actor
    assert found.is_pupil == is_pupil(actor)
    assert found.leads_class == bool(classes_led_by(actor))
    assert found.school_locale == locale_of_school_of(actor)
    assert found.told == notices_for(actor)
    children = list(children_of(actor))
    assert [ward.uid for ward in found.wards] == [child.uid for child in children]
    places = [placement_on(child.pk, actor.today) for child in children]
    assert [ward.class_name for ward in found.wards] == [place.school_class.name if place else "" for place in places]
    return found


def test_the_spellings_agree_for_every_persona(world: World) -> None:
    found = {login: assert_agree(world, login) for login in world.logins}
    assert any(reader.wards for reader in found.values())
    assert any(reader.leads_class for reader in found.values())
    assert any(reader.is_pupil for reader in found.values())


def test_they_agree_when_relations_begin_and_end(world: World) -> None:
    parent, anna = world.person("parent"), world.anna
    links = Guardianship.objects.filter(guardian=parent, student=anna)
    for values in (
        {"confirmed_at": None},
        {"confirmed_at": clock.now(), "can_view": False},
        {"can_view": True, "starts_on": None, "ends_on": today() - DAY},
        {"ends_on": today()},
        {"starts_on": today() + DAY, "ends_on": None},
    ):
        links.update(**values)
        assert_agree(world, "parent")
    TrustedPerson.objects.create(
        person=parent, student=anna, invited_by=world.person("parent2"), can_view=True, starts_on=today(), ends_on=today()
    )
    assert anna.uid in [ward.uid for ward in assert_agree(world, "parent").wards]
    AccessBan.objects.create(person=parent, student=anna, scope="all", reason="Суд", starts_on=today())
    assert anna.uid not in [ward.uid for ward in assert_agree(world, "parent").wards]


def test_they_agree_about_positions_and_places(world: World) -> None:
    stranger = world.person("stranger")
    held = Position.objects.create(person=stranger, school=world.school, role="office", starts_on=today())
    assert assert_agree(world, "stranger").actor.roles == {"office"}
    Position.objects.filter(pk=held.pk).update(starts_on=today() - 2 * DAY, ends_on=today() - DAY)
    assert assert_agree(world, "stranger").actor.roles == frozenset()
    ClassPlacement.objects.filter(student=world.anna).update(ends_on=today() - DAY)
    assert not assert_agree(world, "pupil").is_pupil


@pytest.mark.parametrize("end", ["expired", "epoch", "inactive", "gone"])
def test_an_ended_session_is_nobody(world: World, end: str) -> None:
    client = world.client("parent")
    assert read(client) is not None
    world.end_session("parent", end)
    assert read(client) is None
    assert client.get("/account/devices/").status_code == 302
