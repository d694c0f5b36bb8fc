"""S12: what was opened once is dead at the next request, on every kind of page; clause by clause.

The pages are those that are answered in different ways: a family's week (short way, with an ETag), marks (short way), the list of
devices (the ordinary way), a journal and a save (short way with a form's token). No grace: the first request after counts, and a
browser that asks whether its kept page is still good gets neither 304 nor 200.

Beside these: people/test_sign_in.py (expiry, a temporary password), accounts/test_factors.py (new keys after a proof, a lost
telephone), test_letters.py (a new letter ends what was signed in), test_recovery.py (a new password by mail), test_portal_link.py
(linking ends the old state), portal/test_levels.py (the portal's own sessions), reliability/test_read_only.py (signed sessions).
Browser's own keeping: journeys/test_queue.py (entries of another person are neither shown nor sent, what waits is sealed with a key
that cannot be read out, a shared computer keeps nothing). There is no push, no calendar link, no API token and no web socket yet.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from classbook.accounts.actions import issue_password
from classbook.common import clock
from classbook.grading.models import Mark
from classbook.people.models import Account, Session, TrustedPerson
from classbook.people.sessions import hash_of
from classbook.schools.access import open_group
from classbook.schools.actions import bans, pupils, teachers
from classbook.schools.models import Position
from tests.world import World

pytestmark = pytest.mark.django_db
NEW = "vier-lange-worte-hier"


def week(world: World) -> str:
    return f"/diary/{world.anna.uid}/week/{world.lesson.date}/"


def marks(world: World) -> str:
    return f"/diary/{world.anna.uid}/marks/"


def devices(_world: World) -> str:
    return "/account/devices/"


def signed_in(world: World, login: str) -> Client:
    """A browser of the persona; its forms' token is there, so that the short way answers."""
    client = world.client(login)
    client.get("/account/devices/")
    return client


class Kept:
    """A page that a browser has kept, with what it needs to ask whether it is still good."""

    def __init__(self, client: Client, path: str) -> None:
        self.client, self.path = client, path
        answer = client.get(path)
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"] or "no-cache" in answer["Cache-Control"]
        assert "Cookie" in answer["Vary"]
        self.tag = answer.headers.get("ETag", "")

    def asked_again(self) -> int:
        tag = {"If-None-Match": self.tag} if self.tag else {}
        return self.client.get(self.path, headers=tag).status_code

    def is_live(self) -> bool:
        return self.asked_again() in {200, 304}


def log_out(world: World, client: Client, _other: Client) -> None:
    client.post("/account/logout/")


def end_this_device(world: World, client: Client, other: Client) -> None:
    other.post("/account/devices/end/", {"device": hash_of(client.session.session_key)})


def end_all(world: World, _client: Client, other: Client) -> None:
    other.post("/account/devices/end-all/")


def disable(world: World, _client: Client, _other: Client) -> None:
    Account.objects.filter(login="parent").update(is_active=False)


def change_password(world: World, _client: Client, other: Client) -> None:
    answer = other.post("/account/password/change/", {"oldpassword": "demo-parent", "password1": NEW, "password2": NEW})
    assert answer.status_code == 302


def issue_new_password(world: World, _client: Client, _other: Client) -> None:
    issue_password("parent")


ENDS = (log_out, end_this_device, end_all, disable, change_password, issue_new_password)


@pytest.mark.parametrize("path", [week, marks, devices], ids=lambda path: path.__name__)
@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_the_session_is_dead_at_the_next_request(
    world: World, end: Callable[[World, Client, Client], None], path: Callable[[World], str]
) -> None:
    client, other = signed_in(world, "parent"), signed_in(world, "parent")
    stolen = client.cookies["classbook"].value
    kept = Kept(client, path(world))
    assert kept.is_live()
    end(world, client, other)
    client.cookies["classbook"] = stolen
    assert kept.asked_again() == 302
    assert client.get(path(world))["Location"].startswith("/account/login/")


def test_a_week_that_is_kept_is_good_while_nothing_has_happened(world: World) -> None:
    """Positive control of the test above: the browser's question is answered with 304."""
    client = signed_in(world, "parent")
    assert Kept(client, week(world)).asked_again() == 304


@pytest.mark.parametrize("path", [week, marks], ids=lambda path: path.__name__)
def test_a_ban_shuts_the_pages_that_are_open_and_kept(world: World, path: Callable[[World], str]) -> None:
    kept, father = Kept(signed_in(world, "parent"), path(world)), Kept(signed_in(world, "parent2"), path(world))
    today = clock.today(world.school.time_zone)
    bans.set_ban(
        world.actor("head"), world.school, world.anna, world.person("parent"),
        scope="all", reason="Решение суда", starts_on=today, ends_on=None,
    )  # fmt: skip
    assert kept.asked_again() == 404
    assert father.is_live()


@pytest.mark.parametrize("path", [week, marks], ids=lambda path: path.__name__)
def test_a_family_that_ends_its_trust_shuts_the_pages(world: World, path: Callable[[World], str]) -> None:
    TrustedPerson.objects.filter(person=world.person("grandma")).update(can_see_marks=True)
    kept = Kept(signed_in(world, "grandma"), path(world))
    TrustedPerson.objects.filter(person=world.person("grandma")).update(ends_on=clock.today("UTC") - timedelta(days=2))
    assert kept.asked_again() == 404


def test_a_teacher_who_gives_the_group_away_neither_reads_nor_writes_it(world: World) -> None:
    """A group changes its teacher: the journal that is open is shut, and what still waits there is refused."""
    client = signed_in(world, "teacher")
    kept = Kept(client, f"/journal/{world.group.uid}/")
    body = world.body(columns=[world.new_column()])
    assert world.save(client, body).status_code == 200
    today = clock.today(world.school.time_zone)
    group = open_group(world.actor("head"), world.group.uid).group
    teachers.replace_teacher(world.actor("office"), group, world.person("classteacher"), starts_on=today)
    before = Mark.objects.count()
    assert kept.asked_again() == 404
    assert world.save(client, world.body(columns=[world.new_column()])).status_code == 404
    assert Mark.objects.count() == before


@pytest.mark.parametrize(
    ("login", "path"),
    [
        ("teacher", "/journal/{group}/"),
        ("classteacher", "/class/{school_class}/"),
        ("head", "/journal/{group}/"),
        ("office", "/office/{school}/"),
    ],
)
def test_a_role_that_has_ended_opens_nothing(world: World, login: str, path: str) -> None:
    address = path.format(group=world.group.uid, school_class=world.school_class.uid, school=world.school.uid)
    kept = Kept(signed_in(world, login), address)
    Position.objects.filter(person=world.person(login)).update(ends_on=clock.today("UTC") - timedelta(days=2))
    assert kept.asked_again() == 404


def test_a_teacher_whose_place_has_ended_saves_nothing(world: World) -> None:
    client = signed_in(world, "teacher")
    assert world.save(client, world.body(columns=[world.new_column()])).status_code == 200
    Position.objects.filter(person=world.person("teacher")).update(ends_on=clock.today("UTC") - timedelta(days=2))
    assert world.save(client, world.body(columns=[world.new_column()])).status_code == 404


def test_a_pupil_who_changes_class_is_no_longer_the_old_class_teachers(world: World) -> None:
    """The class teacher's list is asked anew; the family's own pages go on."""
    client, family = signed_in(world, "classteacher"), Kept(signed_in(world, "parent"), marks(world))
    address = f"/class/{world.school_class.uid}/"
    assert world.anna.family_name in client.get(address).content.decode()
    pupils.move_pupil(world.actor("office"), world.anna, world.another_class, starts_on=clock.today(world.school.time_zone))
    assert f"{world.anna.uid}" not in client.get(address).content.decode()
    assert family.is_live()


def test_a_stolen_device_is_named_in_the_list_and_ended_from_it(world: World) -> None:
    thief, owner = signed_in(world, "parent"), signed_in(world, "parent")
    page = owner.get("/account/devices/").content.decode()
    key = hash_of(thief.session.session_key)
    assert key in page
    owner.post("/account/devices/end/", {"device": key})
    for path in (week(world), marks(world), "/account/devices/", "/"):
        assert thief.get(path).status_code == 302
        assert owner.get(path).status_code in {200, 302}
    assert not Session.objects.filter(key_hash=key).exists()
    # Neither does the thief stay by what he has begun: no form of his is taken.
    form = {"oldpassword": "demo-parent", "password1": NEW, "password2": NEW}
    assert thief.post("/account/password/change/", form)["Location"].startswith("/account/login/")
    assert Account.objects.get(login="parent").check_password("demo-parent")


def test_after_signing_out_a_save_that_comes_late_is_refused_and_keeps_its_body(world: World) -> None:
    client = signed_in(world, "teacher")
    stolen = client.cookies["classbook"].value
    client.post("/account/logout/")
    client.cookies["classbook"] = stolen
    answer: Any = world.save(client, world.body(columns=[world.new_column()]))
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/json")
