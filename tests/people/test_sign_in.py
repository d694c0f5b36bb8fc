from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import identify_hasher
from django.db import connection, transaction
from django.test import Client, override_settings

from classbook.accounts.actions import issue_password
from classbook.common import clock
from classbook.events.models import AuditEvent
from classbook.people.models import Account, Person, Session
from classbook.people.rules import full_name, initials, list_name, short_name, sort_key
from classbook.people.sessions import hash_of
from tests.world import World

pytestmark = pytest.mark.django_db


def sign_in(login: str, password: str, **extra: str) -> tuple[Client, object]:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    answer = client.post(
        "/account/login/", {"login": login, "password": password, **extra}, headers={"User-Agent": "Firefox Android"}
    )
    return client, answer


def test_right_password_opens_a_named_session_row(world: World) -> None:
    client, answer = sign_in("teacher", "demo-teacher")
    assert answer.status_code == 302
    row = Session.objects.get(key_hash=hash_of(client.session.session_key))
    assert (row.person, row.device, row.shared_computer) == (world.person("teacher"), "Firefox, Android", False)
    assert row.expires_at - clock.now() <= timedelta(hours=12)
    assert client.session.session_key not in row.data
    assert AuditEvent.objects.filter(kind="account.signed_in", actor_id=row.person_id).count() == 1


def test_login_is_case_blind_and_wrong_password_gets_a_kind_sentence(world: World) -> None:
    assert sign_in("TEACHER", "demo-teacher")[1].status_code == 302
    _, answer = sign_in("teacher", "wrong")
    assert answer.status_code == 200
    assert "This login and password do not belong together." in answer.content.decode()
    _, unknown = sign_in("no-such-login", "wrong")
    assert "This login and password do not belong together." in unknown.content.decode()


def test_family_stays_for_a_month_and_a_shared_computer_for_a_lesson(world: World) -> None:
    client, _ = sign_in("parent", "demo-parent")
    row = Session.objects.get(key_hash=hash_of(client.session.session_key))
    assert row.expires_at - clock.now() > timedelta(days=29)
    client, _ = sign_in("parent", "demo-parent", shared="on")
    row = Session.objects.get(key_hash=hash_of(client.session.session_key))
    assert row.shared_computer is True
    assert row.expires_at - clock.now() <= timedelta(minutes=45)


def test_time_of_a_session_begins_anew_with_use(world: World) -> None:
    client, _ = sign_in("parent", "demo-parent", shared="on")
    row = Session.objects.get(key_hash=hash_of(client.session.session_key))

    def used_after(minutes: int) -> timedelta:
        """What is left of the session when the page was opened that long after the last use."""
        at = clock.now() - timedelta(minutes=minutes)
        Session.objects.filter(pk=row.pk).update(seen_at=at, expires_at=at + timedelta(minutes=45))
        client.get("/account/devices/")
        return Session.objects.get(pk=row.pk).expires_at - clock.now()

    assert used_after(2) < timedelta(minutes=44)
    assert used_after(40) > timedelta(minutes=44)
    assert used_after(46) < timedelta(0)
    assert client.get("/account/devices/").status_code == 302


def test_use_renews_the_cookie_and_a_disk_that_is_full_does_not_matter(world: World) -> None:
    client = world.client("parent")
    at = clock.now() - timedelta(days=20)
    Session.objects.update(seen_at=at, expires_at=at + timedelta(days=30))
    refused = "PRAGMA query_only=ON" if connection.vendor == "sqlite" else "SET TRANSACTION READ ONLY"
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(refused)
        assert client.get("/account/devices/").status_code == 200
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA query_only=OFF")
        transaction.set_rollback(True)
    answer = client.get("/account/devices/")
    assert answer.cookies["classbook"]["max-age"] == settings.SESSION_COOKIE_AGE
    assert Session.objects.get(key_hash=hash_of(client.session.session_key)).expires_at - clock.now() > timedelta(days=29)


def test_cookie_of_a_shared_computer_ends_with_the_browser(world: World) -> None:
    _, answer = sign_in("parent", "demo-parent")
    assert answer.cookies["classbook"]["max-age"] == settings.SESSION_COOKIE_AGE
    client, answer = sign_in("parent", "demo-parent", shared="on")
    assert answer.cookies["classbook"]["max-age"] == ""
    assert answer.cookies["classbook"]["expires"] == ""
    assert "data-shared" in client.get("/account/devices/").content.decode()


def test_sign_out_everywhere_ends_the_other_device_at_once(world: World) -> None:
    phone, desk = world.client("parent"), world.client("parent")
    assert phone.get("/account/devices/").status_code == 200
    desk.post("/account/devices/end-all/")
    assert phone.get("/account/devices/").status_code == 302


def test_one_device_can_be_ended_and_only_an_own_one(world: World) -> None:
    phone, desk, other = world.client("parent"), world.client("parent"), world.client("parent2")
    key = hash_of(phone.session.session_key)
    assert other.post("/account/devices/end/", {"device": key}).status_code == 404
    assert desk.post("/account/devices/end/", {"device": key}).status_code == 302
    assert phone.get("/account/devices/").status_code == 302


def test_ended_account_is_out_at_the_next_request(world: World) -> None:
    client = world.client("parent")
    Account.objects.filter(login="parent").update(is_active=False)
    assert client.get("/account/devices/").status_code == 302


def test_session_ends_with_its_time(world: World) -> None:
    client = world.client("parent")
    Session.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert client.get("/account/devices/").status_code == 302


def test_issued_password_is_replaced_at_the_first_sign_in(world: World) -> None:
    old = world.client("parent")
    password = issue_password("parent")
    assert old.get("/account/devices/").status_code == 302
    client, answer = sign_in("parent", password)
    assert answer["Location"] == "/account/password/change/"
    new = {"oldpassword": password, "password1": "vier-lange-worte-hier", "password2": "vier-lange-worte-hier"}
    assert client.post("/account/password/change/", new).status_code == 302
    assert Account.objects.get(login="parent").must_change_password is False
    assert sign_in("parent", "vier-lange-worte-hier")[1]["Location"] == "/"


def test_a_page_that_was_asked_for_comes_after_the_own_password(world: World) -> None:
    password = issue_password("parent")
    answer = Client().post("/account/login/?next=/diary/", {"login": "parent", "password": password, "next": "/diary/"})
    assert (answer.status_code, answer["Location"]) == (302, "/account/password/change/?next=%2Fdiary%2F")


def test_a_temporary_password_opens_only_the_page_on_which_it_is_replaced(world: World) -> None:
    password = issue_password("parent")
    client, _ = sign_in("parent", password)
    week, marks = (f"/diary/{world.anna.uid}/{part}/" for part in (f"week/{world.lesson.date}", "marks"))
    for page in (week, marks, "/", "/account/devices/", "/account/contacts/email/", f"/journal/{world.group.uid}/"):
        assert client.get(page)["Location"] == f"/account/password/change/?next={page}"
    assert client.post("/account/devices/end-all/")["Location"] == "/account/password/change/"
    assert client.get(f"/account/login/?next={week}")["Location"] == f"/account/password/change/?next={week}"
    assert world.person("parent").epoch == Person.objects.get(pk=world.person("parent").pk).epoch
    page = client.get(f"/account/password/change/?next={week}").content.decode()
    assert f'name="next" value="{week}"' in page
    assert "given to you by somebody else" in page
    new = {"oldpassword": password, "password1": "vier-lange-worte-hier", "password2": "vier-lange-worte-hier", "next": week}
    answer = client.post("/account/password/change/", new)
    assert (answer.status_code, answer["Location"]) == (302, week)
    assert client.get(week).status_code == 200


def test_a_temporary_password_saves_nothing_and_signs_out(world: World) -> None:
    password = issue_password("teacher")
    client, _ = sign_in("teacher", password)
    saves = (f"/lesson/{world.lesson.uid}/save/", f"/journal/{world.group.uid}/save/")
    for address in saves:
        answer = world.save(client, world.body(), url=address)
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/json")
        assert "Choose a password of your own first." in answer.json()["sentence"]  # type: ignore[attr-defined]
    assert client.post("/account/logout/")["Location"] == "/account/login/"
    assert client.get("/account/password/change/")["Location"].startswith("/account/login/")


def test_a_temporary_password_opens_nothing_while_nothing_can_be_written(world: World, settings: Any) -> None:
    password = issue_password("parent")
    settings.READ_ONLY = True
    client, answer = sign_in("parent", password)
    assert answer["Location"] == "/account/password/change/"
    page = f"/diary/{world.anna.uid}/marks/"
    assert client.get(page)["Location"] == f"/account/password/change/?next={page}"
    assert client.get("/account/password/change/").status_code == 200
    new = {"oldpassword": password, "password1": "vier-lange-worte-hier", "password2": "vier-lange-worte-hier"}
    assert client.post("/account/password/change/", new).status_code == 503


def test_a_new_password_ends_every_other_device(world: World) -> None:
    """Also on the pages that are answered before Django's own look at the password."""
    password = "demo-parent"
    here, stolen = sign_in("parent", password)[0], sign_in("parent", password)[0]
    marks = f"/diary/{world.anna.uid}/marks/"
    assert stolen.get(marks).status_code == 200
    new = {"oldpassword": password, "password1": "vier-lange-worte-hier", "password2": "vier-lange-worte-hier"}
    assert here.post("/account/password/change/", new).status_code == 302
    for page in (marks, "/account/devices/"):
        assert here.get(page).status_code == 200
        assert stolen.get(page)["Location"].startswith("/account/login/")
    assert Session.objects.filter(person=world.person("parent")).count() == 1


def test_passwords_are_kept_by_argon2id_at_the_measured_cost(world: World) -> None:
    encoded = Account.objects.get(login="parent").password
    assert identify_hasher(encoded).algorithm == "argon2"
    assert "$argon2id$" in encoded
    assert "m=19456,t=2,p=1" in encoded


def test_only_the_listed_sign_ins_have_passwords(world: World) -> None:
    usable = [account.login for account in Account.objects.all() if account.has_usable_password()]
    assert sorted(usable) == sorted(World.logins)


def test_next_leads_only_within_the_site(world: World) -> None:
    client = world.client("parent")
    for address, target in (("https://evil.example/", "/"), ("//evil.example", "/"), ("/account/devices/", "/account/devices/")):
        assert client.post("/account/language/", {"language": "ru", "next": address})["Location"] == target


def test_names_sort_and_show_as_each_language_does() -> None:
    assert sort_key("Ёлкин", "Пётр") == sort_key("елкин", "петр")
    assert sort_key("渡部", "樹", family_reading="ワタベ", given_reading="いつき").startswith("わたべ")
    assert full_name("Петрова", "Ольга", "Сергеевна") == "Ольга Сергеевна Петрова"
    assert full_name("渡部", "樹") == "渡部 樹"
    assert (list_name("Belova", "Anna"), initials("Belova", "Anna"), initials("渡部", "樹")) == ("Belova Anna", "AB", "渡")


def test_short_names_follow_their_script() -> None:
    assert short_name("Петрова", "Ольга", "Сергеевна") == "Петрова О. С."
    assert short_name("Belova", "Anna", "Maria") == "A. Belova"
    assert short_name("渡部", "樹") == "渡部"
    assert (short_name("Сократ", ""), short_name("", "Plato")) == ("Сократ", "Plato")


def test_the_table_of_sign_ins_is_the_demos_alone(world: World) -> None:
    page = Client().get("/account/login/").content.decode()
    assert "demo-teacher" not in page
    with override_settings(DEMO=True):
        page = Client().get("/account/login/").content.decode()
    for login in World.logins:
        person = world.person(login)
        assert f"{person.family_name} {person.given_name}" in page
        assert f"<code>demo-{login}</code>" in page
