"""Who gave no address at the first sign-in is asked again: kindly, on the first page, three times at most."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from classbook.accounts.carrying import ASK_COOKIE
from classbook.common import clock
from classbook.people.models import Account, Contact
from tests.world import World

pytestmark = pytest.mark.django_db
ASKED = "With an address of your own you help yourself."


@pytest.fixture(autouse=True)
def _no_address(world: World) -> None:
    Contact.objects.filter(person=world.person("parent")).delete()


def account() -> Account:
    return Account.objects.get(login="parent")


def is_asked(client: Client, page: str) -> bool:
    answer = client.get(page, follow=True)
    assert answer.status_code == 200
    return ASKED in answer.content.decode()


def later_by(days: int) -> None:
    clock.stand_on(clock.now() + timedelta(days=days))


def test_asked_the_next_day_then_after_14_and_60_days_then_not_any_more(world: World) -> None:
    client = world.client("parent")
    # Later, at the third step of the first sign-in.
    assert client.post("/in/reach/", {"later": "1"})["Location"] == "/in/done/"
    assert not is_asked(client, "/")
    for days in (1, 14, 60):
        later_by(days - 1)
        assert not is_asked(client, "/")
        later_by(1)
        # A session's month may be over.
        client.force_login(account(), backend="allauth.account.auth_backends.AuthenticationBackend")
        assert is_asked(client, "/")
        assert not is_asked(client, f"/diary/{world.anna.uid}/marks/")
        assert not is_asked(client, "/account/devices/")
        assert client.get("/account/contacts/later/").status_code == 405
        assert client.post("/account/contacts/later/")["Location"] == "/"
        assert not is_asked(client, "/")
    assert account().ask_contact_on is None
    later_by(400)
    client.force_login(account(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert not is_asked(client, "/")


def test_the_week_asks_on_the_short_way_too_and_costs_no_query_more(world: World, django_assert_num_queries: Any) -> None:
    client = world.client("parent")
    client.cookies["classbook-csrf"] = "a" * 32
    week = f"/diary/{world.anna.uid}/week/{world.lesson.date}/"
    plain = client.get(week)
    client.cookies[ASK_COOKIE] = clock.today("UTC").isoformat()
    client.get(week)
    with django_assert_num_queries(0):
        asking = client.get(week, headers={"If-None-Match": plain["ETag"]})
    assert asking.status_code == 200
    assert ASKED in asking.content.decode()
    assert ASKED not in plain.content.decode()


def test_a_sign_in_knows_whom_to_ask(world: World) -> None:
    Account.objects.filter(login="parent").update(ask_contact_on=clock.today("UTC"))
    form = {"login": "parent", "password": "demo-parent"}
    client = Client()
    answer = client.post("/account/login/", form)
    assert answer.cookies[ASK_COOKIE].value == clock.today("UTC").isoformat()
    # The next who signs in at this browser has an address, or was never asked.
    client.post("/account/logout/")
    assert client.cookies[ASK_COOKIE].value == ""
    Contact.objects.create(person=world.person("parent"), kind="email", value="m@example.org", confirmed_at=clock.now())
    assert ASK_COOKIE not in Client().post("/account/login/", form).cookies


def test_an_address_that_was_confirmed_elsewhere_ends_the_question(world: World) -> None:
    client = world.client("parent")
    client.cookies[ASK_COOKIE] = clock.today("UTC").isoformat()
    assert is_asked(client, "/")
    Contact.objects.create(person=world.person("parent"), kind="email", value="m@example.org", confirmed_at=clock.now())
    assert client.get("/account/contacts/").cookies[ASK_COOKIE].value == ""
    assert not is_asked(client, "/")
    client.cookies[ASK_COOKIE] = clock.today("UTC").isoformat()
    client.post("/account/contacts/later/")
    assert account().ask_contact_on is None


def test_nobody_is_asked_while_nothing_can_be_written(world: World, settings: Any) -> None:
    client = world.client("parent")
    client.cookies[ASK_COOKIE] = clock.today("UTC").isoformat()
    settings.READ_ONLY = True
    assert not is_asked(client, f"/diary/{world.anna.uid}/week/{world.lesson.date}/")
