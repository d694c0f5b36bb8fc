"""Registering oneself: code, full name, own address and password, link in the mail, in."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings as site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from classbook.accounts.actions import linking, registering
from classbook.accounts.actions.registering import Said
from classbook.accounts.models import Invitation, PortalLink, Registration
from classbook.accounts.queries.letters import letter_by_code
from classbook.accounts.tasks import run_once, tidy
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.models import AuditEvent
from classbook.people.models import Account, Contact, Guardianship, Person
from classbook.people.rules import is_same_name
from tests.accounts.mailbox import arrived
from tests.accounts.test_letters import family, key, printed
from tests.accounts.test_portal_link import OLGA
from tests.world import World

pytestmark = pytest.mark.django_db
PASSWORD = "четыре слова без смысла"
EMAIL = "olga@example.org"
FORM = {
    "family": "ГРОМОВА", "given": " ольга ", "middle": "", "day": "14", "month": "5", "year": "2013",
    "email": "Olga@Example.org", "password": PASSWORD,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _mail(settings: Any) -> None:
    Invitation.objects.all().delete()
    settings.CHANNELS = frozenset({"email"})


def browser() -> Client:
    client = Client()
    client.cookies[site.LANGUAGE_COOKIE_NAME] = "en"
    return client


def mother_with_letter(world: World) -> tuple[Person, str, Client]:
    """The mother, the code of her letter, and her browser at the form."""
    pupil, mother = family(world)
    code = printed(world, [key(mother, pupil)])[0].code
    client = browser()
    assert client.post("/in/", {"code": code, "own": "1"})["Location"] == "/in/own/"
    return mother, code, client


def link_in(to: str = EMAIL) -> str:
    """The path of the link in the newest mail."""
    run_once()
    found = re.search(r"https?://[^/\s]+(/in/own/link/\S+/)", arrived(to)[-1])
    assert found
    return found[1]


def test_code_name_address_password_link_in(world: World) -> None:
    mother, code, client = mother_with_letter(world)
    assert "Громова" not in client.get("/in/own/").content.decode()
    answer = client.post("/in/own/", FORM)
    assert answer.status_code == 302
    assert "olga@example.org" in client.get(answer["Location"]).content.decode()
    # Nothing is activated, and the letter is as good as before.
    link = link_in()
    assert not Account.objects.filter(person=mother).exists()
    assert letter_by_code(code) is not None
    assert PASSWORD not in Registration.objects.get().password
    # On another device; to look, as mail programs do, uses nothing up.
    other = browser()
    for _twice in range(2):
        page = other.get(link).content.decode()
        assert "Ольга Громова" in page
        assert "Нина Громова" in page
    answer = other.post(link, {"password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert other.get("/account/devices/").status_code == 200
    account = Account.objects.get(person=mother)
    assert (account.login, account.self_registered) == (EMAIL, True)
    assert Contact.objects.get(person=mother).confirmed_at is not None
    assert letter_by_code(code) is None
    assert other.post(link, {"password": PASSWORD}).status_code == 404
    used = AuditEvent.objects.get(kind="letter.used")
    assert (used.subject_id, used.data["way"]) == (mother.pk, "registered")
    # In whatever case the address is typed.
    for login in (EMAIL, "OLGA@example.ORG"):
        assert browser().post("/account/login/", {"login": login, "password": PASSWORD})["Location"] == "/"


def test_the_link_opens_nothing_without_the_password(world: World) -> None:
    """A mail that went to a mistaken address lets nobody in; after five tries the link is dead, the letter is not."""
    mother, code, client = mother_with_letter(world)
    client.post("/in/own/", FORM)
    link = link_in()
    for _try in range(5):
        answer = browser().post(link, {"password": "another one"})
        assert answer.status_code in {404, 422}
    assert browser().post(link, {"password": PASSWORD}).status_code == 404
    assert not Account.objects.filter(person=mother).exists()
    assert letter_by_code(code) is not None


def test_a_link_is_over_after_half_an_hour_and_with_the_next_one(world: World) -> None:
    _mother, _code, client = mother_with_letter(world)
    client.post("/in/own/", FORM)
    first = link_in()
    client.post("/in/own/", FORM | {"email": "olga.g@example.org"})
    second = link_in("olga.g@example.org")
    assert browser().get(first).status_code == 404
    assert browser().get(second).status_code == 200
    Registration.objects.update(created_at=clock.now() - timedelta(minutes=31))
    assert browser().get(second).status_code == 404
    with pytest.raises(NotFound):
        registering.finish(second.split("/")[-2], PASSWORD)
    Registration.objects.update(created_at=clock.now() - timedelta(days=2))
    tidy()
    assert not Registration.objects.exists()


def test_a_letter_that_was_ended_or_used_ends_the_link(world: World) -> None:
    _mother, code, client = mother_with_letter(world)
    client.post("/in/own/", FORM)
    link = link_in()
    Invitation.objects.update(used_at=clock.now(), used_by_id=world.anna.pk)
    assert letter_by_code(code) is None
    assert browser().get(link).status_code == 404


def taken_by_login(world: World) -> None:
    Account.objects.filter(login="parent").update(login="Olga@example.org")


def taken_by_contact(world: World) -> None:
    Contact.objects.filter(person=world.person("parent"), kind="email").delete()
    Contact.objects.create(person=world.person("parent"), kind="email", value=EMAIL, confirmed_at=clock.now())


@pytest.mark.parametrize("taken", [taken_by_login, taken_by_contact])
def test_a_taken_address_gets_the_same_page_and_the_same_work(world: World, taken: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    mother, code, client = mother_with_letter(world)
    hashes: list[str] = []
    plain = registering.make_password
    monkeypatch.setattr(registering, "make_password", lambda text: hashes.append(text) or plain(text))
    seen = []
    for is_taken in (False, True):
        if is_taken:
            taken(world)
        Registration.objects.all().delete()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = client.post("/in/own/", FORM)
        page = client.get(answer["Location"]).content.decode()
        seen.append((len(asked), len(hashes), answer.status_code, re.sub(r"[0-9a-f-]{36}|value=\"[^\"]{64}\"", "", page)))
        hashes.clear()
    # The first try made the counts' rows, the second one counts in them.
    assert seen[0][1:] == seen[1][1:]
    assert abs(seen[0][0] - seen[1][0]) <= 2
    run_once()
    (told,) = [text for text in arrived(EMAIL) if "in use" in text]
    assert "/in/own/link/" not in told
    assert "/account/recover/" in told
    assert "another child" in told
    assert letter_by_code(code) is not None
    assert not Account.objects.filter(person=mother).exists()


def test_an_address_that_is_taken_before_the_link_is_opened(world: World) -> None:
    mother, code, client = mother_with_letter(world)
    client.post("/in/own/", FORM)
    link = link_in()
    taken_by_login(world)
    answer = browser().post(link, {"password": PASSWORD})
    assert answer.status_code == 422
    assert "somebody&#39;s login in the meantime" in answer.content.decode()
    assert not Account.objects.filter(person=mother).exists()
    assert letter_by_code(code) is not None


def test_wrong_names_and_dates_are_five_tries_of_the_letter(world: World) -> None:
    _mother, code, client = mother_with_letter(world)
    for changes in ({"family": "Громов"}, {"given": "Елена"}, {"day": "15"}, {"year": "2012"}):
        answer = client.post("/in/own/", FORM | changes)
        assert answer.status_code == 422
        assert "another name or birth date" in answer.content.decode()
        # What was typed is kept.
        assert "Olga@Example.org" in answer.content.decode()
    assert "letter is dead now" in client.post("/in/own/", FORM | {"family": "X"}).content.decode()
    assert letter_by_code(code) is None
    assert not Registration.objects.exists()


def test_faults_stand_beside_their_fields_and_cost_no_try(world: World) -> None:
    mother, _code, client = mother_with_letter(world)
    cases = ({"email": "olga"}, "no e-mail address"), ({"password": "gromova2013"}, "could guess"), ({"day": ""}, "Fill in day")
    for changes, told in cases:
        answer = client.post("/in/own/", FORM | changes)
        assert answer.status_code == 422
        assert told in answer.content.decode()
    assert Invitation.objects.get(person=mother).tries == 0


def test_names_are_folded() -> None:
    noted = ("Семёнова", "Анна-Мария", "Петровна")
    assert is_same_name(noted, (" СЕМЕНОВА", "Анна‑ Мария", "петровна "))
    assert not is_same_name(noted, ("Семенова", "Анна-Мария", ""))
    assert is_same_name(("渡部", "樹", ""), ("渡 部", "樹", "whatever"))
    assert not is_same_name(noted, ("Семенов", "Анна-Мария", "Петровна"))


def test_only_new_ones_register_and_only_where_mail_leaves(world: World, settings: Any) -> None:
    mother, _code, client = mother_with_letter(world)
    assert "Register with my e-mail address" in client.get("/in/").content.decode()
    settings.CHANNELS = frozenset()
    assert "Register with my e-mail address" not in client.get("/in/").content.decode()
    assert client.get("/in/own/")["Location"] == "/in/you/"
    settings.CHANNELS = frozenset({"email"})
    Account.objects.create(person=mother, login="gromova.o", first_used_at=clock.now())
    assert client.get("/in/own/")["Location"] == "/in/you/"
    uid = Invitation.objects.get(person=mother).uid
    with pytest.raises(NotFound):
        registering.ask(uid, EMAIL, PASSWORD, "en")
    assert browser().get("/in/own/")["Location"] == "/in/"


def test_a_letter_sends_five_mails_an_hour(world: World) -> None:
    mother, _code, _client = mother_with_letter(world)
    uid = Invitation.objects.get(person=mother).uid
    registering.prove(uid, Said("Громова", "Ольга", "", date(2013, 5, 14)))
    for number in range(5):
        registering.ask(uid, f"olga{number}@example.org", PASSWORD, "en")
    with pytest.raises(Refusal, match="Several messages"):
        registering.ask(uid, "olga9@example.org", PASSWORD, "en")


def test_a_self_registered_account_is_never_merged_with_the_portals(world: World) -> None:
    mother, _code, client = mother_with_letter(world)
    client.post("/in/own/", FORM)
    browser().post(link_in(), {"password": PASSWORD})
    account = Account.objects.get(person=mother)
    Person.objects.filter(pk=mother.pk).update(middle_name=OLGA.middle, snils="11203450784")
    citizen = replace(OLGA, level="confirmed", snils="11203450784", claimed_snils="11203450784")
    with pytest.raises(Refusal, match="own e-mail address"):
        linking.link(citizen, linking.proof_by_password(account), "")
    pupil = Guardianship.objects.get(guardian=mother).student
    letter = letter_by_code(printed(world, [key(mother, pupil)])[0].code)
    assert letter is not None
    linking.link(citizen, linking.Proof(letter=letter.uid), "")
    account.refresh_from_db()
    assert PortalLink.objects.get().person == mother
    # Nothing of what was registered lets in any more: not the login, not the password, not the address.
    assert (account.login, account.self_registered, account.has_usable_password()) == ("gromova.o", False, False)
    assert not Contact.objects.filter(person=mother).exclude(confirmed_at=None).exists()
