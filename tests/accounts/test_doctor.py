"""The sign-in doctor: a stranger learns nothing, whoever proves something learns the cause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from classbook.accounts import portal_client
from classbook.accounts.actions import entering, linking
from classbook.accounts.actions.guessing import OF_ADDRESS
from classbook.accounts.actions.limits import take
from classbook.accounts.models import Correction, Invitation, PortalLink, RateBucket
from classbook.accounts.portal_client import PortalFailed
from classbook.common import clock
from classbook.people.models import AccessBan, Account, Contact, Guardianship, Person
from classbook.schools.models import ClassPlacement
from classbook.web.entry.limits import PER_ADDRESS
from tests.accounts.test_letters import family, key, printed
from tests.accounts.test_portal_link import ISSUER, OLGA
from tests.accounts.test_recovery import seen
from tests.world import World

pytestmark = pytest.mark.django_db
HELP, FOUND = "/in/help/", "/in/help/found/"
BORN = {"day": "14", "month": "5", "year": "2013"}


@pytest.fixture(autouse=True)
def _no_letters_yet(db: None) -> Iterator[None]:
    Invitation.objects.all().delete()
    # The bucket of the network address is there, as on any day.
    take(PER_ADDRESS, "127.0.0.1")
    yield


def visitor() -> Client:
    client = Client()
    client.cookies["classbook-language"] = "en"
    return client


def letter(world: World, kind: str = "code") -> tuple[Person, Person, str]:
    pupil, mother = family(world)
    return pupil, mother, printed(world, [key(mother, pupil)], kind=kind)[0].code


def told(client: Client, form: dict[str, str]) -> str:
    """The heading of the answer to something that was right."""
    answer = client.post(HELP, form)
    assert (answer.status_code, answer["Location"]) == (302, FOUND)
    return heading(client)


def heading(client: Client) -> str:
    page = client.get(FOUND).content.decode()
    return page.partition("<h1>")[2].partition("</h1>")[0]


def with_code(code: str, **changes: str) -> dict[str, str]:
    return {"what": "letter", "code": code, **BORN, **changes}


def test_codes_and_birth_dates_of_nobody_and_of_somebody_look_the_same(world: World) -> None:
    _pupil, _mother, code = letter(world)
    made_up = "AAAA-AAAA-AAAA"
    answers = []
    for typed, day in ((made_up, "14"), (code, "15"), ("KKKK-KKKK-KKKK", "15")):
        status, page, queries, hashed = seen(visitor(), HELP, with_code(typed, day=day))
        answers.append((status, page.replace(typed, "").replace(f'value="{day}"', ""), queries, hashed))
    # One that has ended, and an unknown birth date of a letter that is over.
    Invitation.objects.update(expires_at=clock.now() - timedelta(days=1))
    RateBucket.objects.exclude(count__gt=1).delete()
    take(PER_ADDRESS, "127.0.0.1")
    Person.objects.filter(family_name="Громова").update(birth_date=None)
    status, page, queries, hashed = seen(visitor(), HELP, with_code(code))
    answers.append((status, page.replace(code, "").replace('value="14"', ""), queries, hashed))
    assert "nothing is told about it" in answers[0][1]
    assert [answer == answers[0] for answer in answers] == [True] * 4
    assert answers[0][3] == 0 and len(answers[0][2]) > 3


def test_logins_of_nobody_and_of_somebody_look_the_same(world: World) -> None:
    Account.objects.filter(login="banned").update(is_active=False)
    answers = []
    # The count of the network address is there.
    take(OF_ADDRESS, "127.0.0.1")
    for login in ("parent", "banned", "teacher", "nobody"):
        status, page, queries, _hashed = seen(visitor(), HELP, {"what": "password", "login": login, "password": "wrong words"})
        answers.append((status, page.replace(f'value="{login}"', ""), queries))
    assert "nothing is told about it" in answers[0][1]
    assert [answer == answers[0] for answer in answers] == [True] * 4


def test_without_a_proof_there_is_nothing_to_find(world: World) -> None:
    client = visitor()
    assert client.get(FOUND)["Location"] == HELP
    page = client.get(HELP).content.decode()
    assert [word in page for word in ('href="/in/"', "/account/recover/", "portal/")] == [True, True, False]


def test_a_letter_that_is_good_used_over_replaced_dead(world: World) -> None:
    pupil, mother, code = letter(world)
    client = visitor()
    assert told(client, with_code(code)) == "Your letter is good"
    newer = printed(world, [key(mother, pupil)])[0].code
    assert told(client, with_code(code)) == "There is a newer letter"
    assert told(client, with_code(newer)) == "Your letter is good"
    Invitation.objects.filter(ended_at=None).update(expires_at=clock.now() - timedelta(minutes=1))
    assert told(client, with_code(newer)) == "The time of this letter is over"
    Invitation.objects.filter(ended_at=None).update(expires_at=clock.now() + timedelta(days=1))
    found = Invitation.objects.get(ended_at=None)
    entering.enter(found.uid, "четыре слова без смысла")
    assert heading(client) == "This letter was used"
    assert 'href="/account/recover/"' not in client.get(FOUND).content.decode().partition("<h1>")[2]
    Contact.objects.create(person=mother, kind="email", value="olga@example.org", confirmed_at=clock.now())
    assert 'href="/account/recover/"' in client.get(FOUND).content.decode().partition("<h1>")[2]


def test_five_birth_dates_for_a_code_and_no_more(world: World) -> None:
    _pupil, _mother, code = letter(world)
    for day in range(1, 6):
        assert "nothing is told" in visitor().post(HELP, with_code(code, day=str(day))).content.decode()
    # Even the right one: whoever guesses cannot tell.
    assert "nothing is told" in visitor().post(HELP, with_code(code)).content.decode()
    clock.stand_on(clock.now() + timedelta(days=14, minutes=1))
    assert told(visitor(), with_code(code)) == "The time of this letter is over"
    # The letter's own five are its own.
    assert Invitation.objects.get().tries == 0


def test_whoever_is_right_may_ask_as_often_as_he_likes(world: World) -> None:
    _pupil, _mother, code = letter(world)
    assert [told(visitor(), with_code(code)) for _time in range(7)] == ["Your letter is good"] * 7
    for day in range(1, 6):
        visitor().post(HELP, with_code(code, day=str(day)))
    assert "nothing is told" in visitor().post(HELP, with_code(code)).content.decode()


def test_too_many_codes_from_one_device(world: World) -> None:
    client = visitor()
    client.get(HELP)
    for _time in range(10):
        client.post(HELP, with_code("AAAA-AAAA-AAAA"))
    answer = client.post(HELP, with_code("AAAA-AAAA-AAAA"))
    assert (answer.status_code, "Too many codes" in answer.content.decode()) == (422, True)
    assert RateBucket.objects.exists()


@pytest.mark.parametrize("parts", [{"day": "31", "month": "2"}, {"year": ""}, {"code": ""}])
def test_bad_input_is_told_beside_the_field(world: World, parts: dict[str, str]) -> None:
    answer = visitor().post(HELP, with_code("AAAA-AAAA-AAAB") | parts)
    page = answer.content.decode()
    assert (answer.status_code, 'class="error"' in page) == (422, True)
    assert "AAAA-AAAA-AAAB" in page or "code" in parts


def test_whom_the_school_does_not_let_in(world: World) -> None:
    pupil, mother, code = letter(world)
    client = visitor()
    assert told(client, with_code(code)) == "Your letter is good"
    link = Guardianship.objects.filter(guardian=mother)
    link.update(confirmed_at=None)
    assert heading(client) == "The school has not confirmed you yet"
    link.update(confirmed_at=clock.now(), ends_on=date(2026, 11, 1))
    assert heading(client) == "Your access to this diary has ended"
    link.update(ends_on=None)
    Person.objects.filter(pk=pupil.pk).update(birth_date=date(2008, 5, 14))
    assert heading(client) == "The pupil is of age"
    ClassPlacement.objects.filter(student=pupil).update(ends_on=date(2026, 11, 1))
    assert heading(client) == "No place at the school"
    ban = AccessBan.objects.create(person=mother, student=pupil, scope="all", reason="secret words", starts_on=date(2026, 9, 1))
    page = client.get(FOUND).content.decode()
    assert heading(client) == "The school does not show you this diary"
    assert [word in page for word in ("secret", pupil.given_name, "court")] == [False] * 3
    ban.delete()
    Account.objects.create(person=mother, login="gromova.o", is_active=False)
    assert heading(client) == "This account has ended"


def test_the_right_password_tells_too(world: World) -> None:
    client = visitor()
    for login, words in (
        ("parent", "Nothing is in the way"), ("head", "Nothing is in the way"), ("pupil", "Nothing is in the way"),
        ("banned", "The school does not show you this diary"),
    ):  # fmt: skip
        assert told(client, {"what": "password", "login": login, "password": f"demo-{login}"}) == words
    # It has signed nobody in.
    assert client.get("/account/devices/").status_code == 302
    Account.objects.filter(login="banned").update(is_active=False)
    assert told(visitor(), {"what": "password", "login": "banned", "password": "demo-banned"}) == "This account has ended"
    account = Account.objects.get(login="banned")
    account.set_password("another one")
    account.save()
    assert client.get(FOUND)["Location"] == HELP
    clock.stand_on(clock.now() + timedelta(minutes=31))
    assert visitor().get(FOUND)["Location"] == HELP


def test_whoever_is_signed_in_is_told_without_typing(world: World) -> None:
    assert heading(world.client("banned")) == "The school does not show you this diary"
    page = world.client("parent").get(FOUND).content.decode()
    assert "Nothing is in the way" in page and "To the first page" in page


def test_a_temporary_password_is_a_letter(world: World) -> None:
    _pupil, mother, code = letter(world, kind="password")
    login = Account.objects.get(person=mother).login
    client = visitor()
    assert told(client, {"what": "password", "login": login, "password": code}) == "Your letter is good"
    assert told(visitor(), with_code(code)) == "Your letter is good"


class Portal:
    """A portal that lets in whoever it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
        settings.PORTAL_ISSUER = ISSUER
        self.answer: Any = OLGA
        begun = portal_client.Begun("state", "nonce", "verifier")
        monkeypatch.setattr(portal_client, "begin", lambda: (f"{ISSUER}/authorize", begun))
        monkeypatch.setattr(portal_client, "finish", lambda begun, answer: self._finish())

    def _finish(self) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def come_back(self, client: Client, citizen: Any) -> str:
        self.answer = citizen
        client.post("/account/portal/", {"next": FOUND})
        answer = client.get("/account/portal/callback/?code=c&state=state")
        return str(answer["Location"])


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Portal:
    return Portal(monkeypatch, settings)


def test_the_portal_s_word_tells_what_is_missing(world: World, portal: Portal) -> None:
    client = visitor()
    assert portal.come_back(client, replace(OLGA, snils="")) == FOUND
    assert heading(client) == "Not linked yet"
    assert portal.come_back(client, replace(OLGA, snils="11223344595")) == FOUND
    assert heading(client) == "No school here knows your SNILS"
    _pupil, mother, code = letter(world)
    Person.objects.filter(pk=mother.pk).update(given_name="Олга")
    assert told(client, with_code(code)) == "The name is not the same at school and on the portal"
    page = client.get(FOUND).content.decode()
    assert "<dd>Given name</dd>" in page and "On the portal my name is Ольга Громова." in page
    answer = client.post("/account/portal/wrong/", {"text": "Ольга, not Олга"})
    assert (answer.status_code, Correction.objects.get().text) == (200, "Ольга, not Олга")


def test_level_linked_elsewhere_and_an_ended_account(world: World, portal: Portal) -> None:
    pupil, mother, code = letter(world)
    client = visitor()
    portal.come_back(client, replace(OLGA, level="simplified"))
    assert told(client, with_code(code)) == "Your level on the portal is too low"
    found = Invitation.objects.get()
    linking.link(OLGA, linking.Proof(letter=found.uid), "")
    again = printed(world, [key(mother, pupil)])[0].code
    portal.come_back(client, replace(OLGA, sub="another"))
    assert told(client, with_code(again)) == "Linked with another account of the portal"
    assert portal.come_back(visitor(), OLGA) == FOUND
    Account.objects.filter(person=mother).update(is_active=False)
    client = visitor()
    assert portal.come_back(client, OLGA) == FOUND
    assert heading(client) == "This account has ended"
    assert PortalLink.objects.count() == 1


def test_a_portal_that_is_down_is_everybody_s_to_know(world: World, portal: Portal) -> None:
    client = visitor()
    assert portal.come_back(client, PortalFailed("down")) == FOUND
    assert heading(client) == "Public Services does not answer"
    page = client.get(FOUND).content.decode()
    assert 'href="/in/"' in page and "/account/recover/" in page


def test_staff_are_led_to_their_own_sign_in(world: World, portal: Portal) -> None:
    account = Account.objects.get(login="teacher")
    person = account.person
    citizen = replace(OLGA, family=person.family_name, given=person.given_name, middle=person.middle_name)
    client = visitor()
    portal.come_back(client, citizen)
    words = told(client, {"what": "password", "login": "teacher", "password": "demo-teacher"})
    assert words == "This person works at a school"
