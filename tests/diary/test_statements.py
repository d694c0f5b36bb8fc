"""One rule, two spellings: the statement of the hot pages against sessions and schools.access, on the same rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client

from classbook.common import clock
from classbook.common.errors import NotFound
from classbook.diary.own import FamilyReader, family_week
from classbook.people.models import AccessBan, Guardianship, Person, TrustedPerson
from classbook.schools.access import PupilRights, open_student
from classbook.schools.models import ClassPlacement, Position
from tests.world import World

pytestmark = pytest.mark.django_db


def today() -> date:
    return clock.today(settings.TIME_ZONE)


def read(world: World, client: Client, pupil: Person) -> FamilyReader | None:
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    found = family_week(key, pupil.uid, world.lesson.date, now=clock.now(), today=today())
    return found[0] if found else None


def expected(world: World, login: str, pupil: Person) -> PupilRights | None:
    """What the ordinary spelling says; None for staff, whom the statement leaves to the ordinary page."""
    actor = world.actor(login)
    if actor.positions:
        return None
    try:
        return open_student(actor, pupil.uid).rights
    except NotFound:
        return None


def assert_agree(world: World, login: str, pupil: Person) -> PupilRights | None:
    found = read(world, world.client(login), pupil)
    rights = found.rights if found else None
    assert rights == expected(world, login, pupil), (login, pupil)
    return rights


def test_the_spellings_agree_for_every_persona_and_every_kind_of_pupil(world: World) -> None:
    wards = Guardianship.objects.values("student_id")
    pupils = [*Person.objects.filter(pk__in=wards), world.anna, world.person("parent"), world.person("teacher")]
    answers = [assert_agree(world, login, pupil) for login in world.logins for pupil in pupils]
    assert {rights.relation for rights in answers if rights} >= {"self", "guardian"}
    assert None in answers


def guardians(world: World, **values: object) -> None:
    Guardianship.objects.filter(guardian=world.person("parent"), student=world.anna).update(**values)


def ban(world: World, scope: str, **values: object) -> None:
    starts_on = values.pop("starts_on", today())
    person = values.pop("person", world.person("parent"))
    AccessBan.objects.create(person=person, student=world.anna, scope=scope, reason="Суд", starts_on=starts_on, **values)


def inviter(world: World, **values: object) -> None:
    Guardianship.objects.filter(guardian=world.person("parent2"), student=world.anna).update(**values)


def of_age(world: World, days: int = 0) -> None:
    """Anna is eighteen today, or so many days ago."""
    born = today().replace(year=today().year - 18) - days * DAY
    Person.objects.filter(pk=world.anna.pk).update(birth_date=born)


def trust(world: World, **values: object) -> None:
    Guardianship.objects.filter(guardian=world.person("parent"), student=world.anna).delete()
    TrustedPerson.objects.create(
        person=world.person("parent"),
        student=world.anna,
        **{"invited_by": world.person("parent2"), "can_view": True, "starts_on": today() - 9 * DAY, "ends_on": today(), **values},
    )


DAY = timedelta(days=1)
STORIES: dict[str, tuple[Callable[[World], None], str]] = {
    "as it stands": (lambda w: None, "guardian"),
    "unconfirmed": (lambda w: guardians(w, confirmed_at=None), ""),
    "may not view": (lambda w: guardians(w, can_view=False), ""),
    "may view only": (lambda w: guardians(w, can_excuse=False, can_sign=False), "guardian"),
    "ended yesterday": (lambda w: guardians(w, starts_on=None, ends_on=today() - DAY), ""),
    "ends today": (lambda w: guardians(w, starts_on=None, ends_on=today()), "guardian"),
    "begins tomorrow": (lambda w: guardians(w, starts_on=today() + DAY, ends_on=None), ""),
    "banned": (lambda w: ban(w, "all"), ""),
    "ban of contacts": (lambda w: ban(w, "contacts"), "guardian"),
    "ban of reasons": (lambda w: ban(w, "reasons"), "guardian"),
    "ban of two scopes": (lambda w: (ban(w, "contacts"), ban(w, "all"))[0], ""),
    "ban from tomorrow": (lambda w: ban(w, "all", starts_on=today() + DAY), "guardian"),
    "trusted": (trust, "trusted"),
    "trusted, may not view": (lambda w: trust(w, can_view=False), ""),
    "trusted, ended": (lambda w: trust(w, ends_on=today() - DAY), ""),
    "trusted with marks": (lambda w: trust(w, can_see_marks=True), "trusted"),
    "trusted with attendance": (lambda w: trust(w, can_see_attendance=True), "trusted"),
    "trusted, the inviter's link ended": (lambda w: (trust(w), inviter(w, ends_on=today() - DAY))[1], ""),
    "trusted, the inviter unconfirmed": (lambda w: (trust(w), inviter(w, confirmed_at=None))[1], ""),
    "trusted, the inviter banned": (lambda w: (trust(w), ban(w, "all", person=w.person("parent2")))[1], ""),
    "trusted, the pupil of age": (lambda w: (trust(w), of_age(w))[1], ""),
    "let in by the pupil of age": (lambda w: (trust(w, invited_by=w.anna), of_age(w))[1], "trusted"),
    "guardian of a pupil of age": (lambda w: of_age(w), ""),
    "guardian on the day before": (lambda w: of_age(w, -1), "guardian"),
    "trusted and banned": (lambda w: (trust(w), ban(w, "all"))[0], ""),
    "never in a class": (lambda w: ClassPlacement.objects.filter(student=w.anna).delete() and None, ""),
}


@pytest.mark.parametrize("story", STORIES)
def test_the_spellings_agree_when_the_relation_changes(world: World, story: str) -> None:
    change, relation = STORIES[story]
    change(world)
    rights = assert_agree(world, "parent", world.anna)
    assert (rights.relation if rights else "") == relation


def test_a_position_hands_the_reader_to_the_ordinary_page(world: World) -> None:
    parent, client = world.person("parent"), world.client("parent")
    assert read(world, client, world.anna) is not None
    held = Position.objects.create(person=parent, school=world.school, role="teacher", starts_on=today())
    assert read(world, client, world.anna) is None
    Position.objects.filter(pk=held.pk).update(starts_on=today() - 2 * DAY, ends_on=today() - DAY)
    assert read(world, client, world.anna) is not None


@pytest.mark.parametrize("end", ["expired", "epoch", "inactive", "gone"])
def test_an_ended_session_opens_nothing(world: World, end: str) -> None:
    client = world.client("parent")
    assert read(world, client, world.anna) is not None
    world.end_session("parent", end)
    assert read(world, client, world.anna) is None
