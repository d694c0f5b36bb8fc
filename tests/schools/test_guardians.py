"""Links between guardians and pupils: confirmed, ended and taken back by the office alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.models import AuditEvent
from classbook.people.models import Guardianship
from classbook.reports.directory import waiting_links
from classbook.schools.access import pupil_rights
from classbook.schools.actions import guardians
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 19)


@pytest.fixture
def link(world: World) -> Guardianship:
    return Guardianship.objects.get(guardian=world.person("parent"), student=world.anna)


def asleep(link: Guardianship) -> Guardianship:
    Guardianship.objects.filter(pk=link.pk).update(confirmed_at=None)
    link.refresh_from_db()
    return link


def sees(world: World) -> bool:
    return pupil_rights(world.actor("parent"), world.anna.pk) is not None


def test_waiting_link_shows_nothing_until_the_office_confirms_it(world: World, link: Guardianship) -> None:
    asleep(link)
    assert not sees(world)
    guardians.confirm_link(world.actor("office"), world.school, link)
    assert sees(world)
    assert AuditEvent.objects.get(kind="guardians.confirmed").actor_id == world.person("office").pk
    link.refresh_from_db()
    with pytest.raises(Refusal):
        guardians.confirm_link(world.actor("office"), world.school, link)


def test_links_of_a_class_are_confirmed_as_many_as_were_shown(world: World) -> None:
    pupils = Guardianship.objects.filter(student__placements__school_class=world.school_class)
    pupils.update(confirmed_at=None)
    office = world.actor("office")
    waiting = guardians.sleeping_links(world.school.pk, "7Б").count()
    assert waiting > 2
    with pytest.raises(Refusal, match="changed"):
        guardians.confirm_guardians(office, world.school, class_name="7Б", expected=waiting - 1)
    found = guardians.confirm_guardians(office, world.school, class_name="7Б", expected=waiting)
    assert found.links == waiting
    assert found.banned == 2  # the father of Anna and the banned guardian of her classmate
    assert guardians.sleeping_links(world.school.pk, "7Б").count() == 0
    none = guardians.confirm_guardians(office, world.school, class_name="7Б", expected=0)
    assert none.links == 0


def test_after_a_link_was_ended_the_others_of_the_pupil_are_confirmed_one_by_one(world: World) -> None:
    office = world.actor("office")
    mother = Guardianship.objects.get(guardian=world.person("parent"), student=world.anna)
    guardians.end_link(office, world.school, mother, last_day=clock.today(world.school.time_zone) - timedelta(days=1))
    of_class = Guardianship.objects.filter(student__placements__school_class=world.school_class, ends_on=None)
    of_class.update(confirmed_at=None)
    of_anna = guardians.sleeping_links(world.school.pk, "7Б").filter(student=world.anna).count()
    waiting = guardians.sleeping_links(world.school.pk, "7Б").count()
    assert of_anna
    rows = waiting_links(world.school, "7Б")
    assert sum(row.singly for row in rows) == of_anna
    found = guardians.confirm_guardians(office, world.school, class_name="7Б", expected=waiting - of_anna)
    assert found.links == waiting - of_anna
    assert set(guardians.sleeping_links(world.school.pk, "7Б").values_list("student_id", flat=True)) == {world.anna.pk}
    guardians.confirm_link(office, world.school, guardians.sleeping_links(world.school.pk, "7Б").filter(student=world.anna)[0])


def test_confirmation_does_not_reach_another_school(world: World) -> None:
    leo = Guardianship.objects.get(guardian=world.person("parent"), student__given_name="Лев")
    asleep(leo)
    found = guardians.confirm_guardians(world.actor("office"), world.school, expected=0)
    assert found.links == 0
    leo.refresh_from_db()
    assert leo.confirmed_at is None


def test_end_with_yesterday_holds_at_once(world: World, link: Guardianship) -> None:
    office = world.actor("office")
    guardians.end_link(office, world.school, link, last_day=DAY - timedelta(days=1))
    assert not sees(world)
    link.refresh_from_db()
    with pytest.raises(Refusal, match="end already"):
        guardians.end_link(office, world.school, link, last_day=DAY)
    guardians.restore_link(office, world.school, link)
    assert sees(world)
    link.refresh_from_db()
    with pytest.raises(Refusal, match="no end"):
        guardians.restore_link(office, world.school, link)


def test_end_lies_not_before_the_beginning(world: World, link: Guardianship) -> None:
    Guardianship.objects.filter(pk=link.pk).update(starts_on=DAY)
    link.refresh_from_db()
    with pytest.raises(Refusal) as refused:
        guardians.end_link(world.actor("office"), world.school, link, last_day=DAY - timedelta(days=1))
    assert refused.value.field == "last_day"
    guardians.end_link(world.actor("office"), world.school, link, last_day=DAY)
    link.refresh_from_db()
    assert link.ends_on == DAY


def test_later_end_leaves_the_diary_open_until_then(world: World, link: Guardianship) -> None:
    guardians.end_link(world.actor("office"), world.school, link, last_day=DAY + timedelta(days=3))
    assert sees(world)


@pytest.mark.parametrize("login", ["head", "classteacher", "parent"])
def test_nobody_else_writes_links(world: World, link: Guardianship, login: str) -> None:
    actor = world.actor(login)
    for write in (
        lambda: guardians.confirm_guardians(actor, world.school, expected=0),
        lambda: guardians.link_of(actor, world.school, world.anna, link.guardian.uid),
        lambda: guardians.confirm_link(actor, world.school, link),
        lambda: guardians.end_link(actor, world.school, link, last_day=DAY),
        lambda: guardians.restore_link(actor, world.school, link),
    ):
        with pytest.raises(NotFound):
            write()


def test_link_is_found_by_both_ends(world: World, link: Guardianship) -> None:
    office = world.actor("office")
    assert guardians.link_of(office, world.school, world.anna, link.guardian.uid) == link
    with pytest.raises(NotFound):
        guardians.link_of(office, world.school, world.anna, world.person("stranger").uid)


def test_limited_pairs_are_those_of_bans_in_force(world: World) -> None:
    found = guardians.limited_pairs([world.anna.pk], DAY)
    assert found == {(world.person("parent2").pk, world.anna.pk)}
