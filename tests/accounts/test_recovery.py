"""Forgotten login, forgotten password: in again by a confirmed address, and a stranger learns nothing (quality.md 7.7, S10, S12)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import check_password
from django.core import mail
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from classbook.accounts.actions import issue_password
from classbook.accounts.actions.contacts import ask_code, confirm_code
from classbook.accounts.actions.limits import take
from classbook.accounts.actions.recovery import (
    CODES_OF_SOURCE,
    OF_SOURCE,
    ask,
    forget_old_requests,
    open_link,
    redeem_code,
    set_new_password,
)
from classbook.accounts.models import ContactCode, RecoveryCode, RecoveryRequest
from classbook.accounts.tasks import run_once, tidy
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.common.hashers import Argon2id
from classbook.events.models import AuditEvent
from classbook.people.models import Account, Contact, Session
from tests.accounts.mailbox import arrived, code_in
from tests.world import World

pytestmark = pytest.mark.django_db
MARINA, PHONE, NOBODY = "m.belova@example.org", "+79000000001", "nobody@example.org"
HERE = "127.0.0.1"
GOOD = "vier-lange-worte-hier"


def later(**parts: float) -> None:
    clock.stand_on(clock.now() + timedelta(**parts))


def message_to(address: str, typed: str = "", locale: str = "en") -> str:
    """Ask with the address, let the worker answer; the newest message."""
    ask(typed or address, locale, HERE)
    run_once()
    return arrived(address)[-1]


def token_in(text: str) -> str:
    found = re.search(r"/account/recover/new/([\w-]+)/", text)
    assert found, text
    return found[1]


def visitor() -> Client:
    client = Client()
    client.cookies["classbook-language"] = "en"
    return client


def refused(action: Any, *args: Any) -> Refusal:
    with pytest.raises(Refusal) as told:
        action(*args)
    return told.value


def own(world: World, login: str, value: str, kind: str = "email") -> None:
    Contact.objects.create(person=world.person(login), kind=kind, value=value, confirmed_at=clock.now())


def test_by_the_link_of_a_mail_to_a_new_password(world: World) -> None:
    phone = world.client("parent")
    client = visitor()
    answer = client.post("/account/recover/", {"address": " M.Belova@Example.org "})
    assert "is on its way" in client.get(answer["Location"]).content.decode()
    run_once()
    text = arrived(MARINA)[-1]
    assert "Your login: parent" in text
    page = client.get(f"/account/recover/new/{token_in(text)}/").content.decode()
    assert "Your login: parent" in page
    short = client.post(f"/account/recover/new/{token_in(text)}/", {"password": "short"})
    assert (short.status_code, "id_password_error" in short.content.decode()) == (422, True)
    done = client.post(f"/account/recover/new/{token_in(text)}/", {"password": GOOD})
    assert done["Location"] == "/account/login/?login=parent"
    assert 'value="parent"' in client.get(done["Location"]).content.decode()
    assert client.post("/account/login/", {"login": "parent", "password": GOOD})["Location"] == "/"
    # Other devices are dead, the owner is told, and it is in the audit.
    assert phone.get("/account/devices/").status_code == 302
    assert [text.splitlines()[0] for text in arrived(MARINA)] == [
        "Your way back into Classbook",
        "Ваш пароль изменён",
        "Вход с нового устройства",
    ]
    assert AuditEvent.objects.filter(kind__startswith="account.recover").count() == 2


def test_by_the_code_of_a_text_message(world: World) -> None:
    uid = ask("8 900 000 00 01", "en", HERE)
    run_once()
    (text,) = arrived(PHONE)
    assert text.startswith("Classbook: login parent, code ")
    token = redeem_code(uid, code_in(text), HERE)
    assert set_new_password(token, GOOD) == "parent"
    assert Account.objects.get(login="parent").check_password(GOOD)


def test_a_link_sets_one_password(world: World) -> None:
    token = token_in(message_to(MARINA))
    set_new_password(token, GOOD)
    with pytest.raises(NotFound):
        set_new_password(token, "an-other-long-password")
    page = visitor().get(f"/account/recover/new/{token}/")
    assert (page.status_code, "This link no longer holds" in page.content.decode()) == (404, True)
    assert Account.objects.get(login="parent").check_password(GOOD)


def test_looking_at_the_link_uses_nothing_up(world: World) -> None:
    token = token_in(message_to(MARINA))
    for _time in range(3):
        assert visitor().get(f"/account/recover/new/{token}/").status_code == 200
        assert visitor().head(f"/account/recover/new/{token}/").status_code == 200
    set_new_password(token, GOOD)


def test_a_new_password_ends_all_links_and_begun_changes(world: World) -> None:
    first, second = token_in(message_to(MARINA)), token_in(message_to(MARINA))
    ask_code(world.person("parent"), "email", "thief@example.org", "en")
    thief = code_in(arrived("thief@example.org")[0])
    set_new_password(second, GOOD)
    with pytest.raises(NotFound):
        open_link(first)
    refused(confirm_code, world.person("parent"), "email", "thief@example.org", thief)
    assert "пароль изменён" in arrived(MARINA)[-1].splitlines()[0]
    # So does a password that the school gives.
    third = token_in(message_to(MARINA))
    issue_password("parent")
    with pytest.raises(NotFound):
        open_link(third)


def test_link_and_code_end_with_their_time(world: World) -> None:
    uid = ask(MARINA, "en", HERE)
    run_once()
    text = arrived(MARINA)[-1]
    later(minutes=11)
    assert refused(redeem_code, uid, code_in(text), HERE).needs == "message"
    open_link(token_in(text))
    later(minutes=20)
    with pytest.raises(NotFound):
        open_link(token_in(text))
    later(days=1)
    tidy()
    assert not RecoveryRequest.objects.exists()
    assert not RecoveryCode.objects.exists()


def test_five_wrong_codes_end_the_code_but_not_the_owners_link(world: World) -> None:
    uid = ask(MARINA, "en", HERE)
    run_once()
    text = arrived(MARINA)[-1]
    right = code_in(text)
    wrong = f"{(int(right) + 1) % 10**8:08}"
    for typed in (wrong, "", "1", wrong, "figures"):
        assert refused(redeem_code, uid, typed, HERE).needs is None
    assert refused(redeem_code, uid, right, HERE).needs == "message"
    set_new_password(token_in(text), GOOD)


def test_a_code_is_for_its_own_request_and_used_once(world: World) -> None:
    own(world, "stranger", "s@example.org")
    mine, other = ask(MARINA, "en", HERE), ask("s@example.org", "en", HERE)
    run_once()
    code = code_in(arrived(MARINA)[-1])
    if code != code_in(arrived("s@example.org")[-1]):
        refused(redeem_code, other, code, HERE)
    redeem_code(mine, code, HERE)
    refused(redeem_code, mine, code, HERE)


def test_a_shared_mailbox_gets_every_login_with_a_way_for_each(world: World) -> None:
    own(world, "pupil", MARINA)
    text = message_to(MARINA)
    assert re.findall(r"Your login: (\w+)", text) == ["parent", "pupil"]
    tokens = re.findall(r"/new/([\w-]+)/", text)
    assert len(set(tokens)) == 2
    assert set_new_password(tokens[1], GOOD) == "pupil"
    assert set_new_password(tokens[0], GOOD) == "parent"
    assert Account.objects.get(login="parent2").check_password("demo-parent2")


def test_what_only_the_school_wrote_down_lets_nobody_in(world: World) -> None:
    Contact.objects.create(person=world.person("head"), kind="email", value="head@example.org")
    ask("head@example.org", "en", HERE)
    ask("+7 900 000-00-02", "en", HERE)
    run_once()
    assert (arrived("head@example.org"), arrived("+79000000002"), RecoveryCode.objects.count()) == ([], [], 0)


def test_a_number_that_has_a_new_owner_no_longer_opens_the_old_account(world: World) -> None:
    stranger = world.person("stranger")
    ask_code(stranger, "phone", PHONE, "en")
    confirm_code(stranger, "phone", PHONE, code_in(arrived(PHONE)[-1]))
    assert "login stranger, code" in message_to(PHONE)
    assert "parent" not in arrived(PHONE)[-1]


def test_an_ended_account_is_told_so_where_it_was_confirmed(world: World) -> None:
    Account.objects.filter(login="parent").update(is_active=False)
    assert "has ended: parent" in message_to(MARINA)
    assert not RecoveryCode.objects.exists()


def test_an_account_that_ends_meanwhile_gets_no_password(world: World) -> None:
    token = token_in(message_to(MARINA))
    Account.objects.filter(login="parent").update(is_active=False)
    with pytest.raises(NotFound):
        set_new_password(token, GOOD)


def test_who_never_had_a_password_chooses_one(world: World) -> None:
    account = Account.objects.get(login="parent")
    account.set_unusable_password()
    account.save()
    assert set_new_password(token_in(message_to(MARINA)), GOOD) == "parent"


CASES = ["known", "unknown", "no-password", "ended", "shared", "noted", "no-account"]


def prepare(world: World, case: str) -> str:
    """An address of each kind of account."""
    address = f"{case}@example.org"
    if case != "unknown":
        own(world, "parent2", address)
    match case:
        case "no-password":
            Account.objects.filter(login="parent2").update(password="!")
        case "ended":
            Account.objects.filter(login="parent2").update(is_active=False)
        case "shared":
            own(world, "stranger", address)
        case "noted":
            Contact.objects.filter(value=address).update(confirmed_at=None)
        case "no-account":
            Account.objects.filter(login="parent2").delete()
    return address


def seen(client: Client, path: str, form: dict[str, str]) -> tuple[int, str, list[str], int]:
    """All that somebody outside can compare: status, page, questions to the database, passwords hashed."""
    hashed = []
    real = Argon2id.encode

    def encode(self: Argon2id, *args: Any) -> str:
        hashed.append(1)
        return real(self, *args)

    with CaptureQueriesContext(connection) as asked, patch.object(Argon2id, "encode", encode):
        answer = client.post(path, form, follow=True)
    page = re.sub(
        r'name="csrfmiddlewaretoken" value="[^"]+"|[\w-]+@example\.org|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}',
        "",
        answer.content.decode(),
    )
    queries = [re.sub(r"'[^']*'|\b\d+\b|%\S*|\bs\d+_x\d+\b", "", query["sql"]) for query in asked.captured_queries]
    return answer.status_code, page, [re.sub(r"\s+", " ", query)[:60] for query in queries], len(hashed)


def test_asking_looks_the_same_from_outside_whatever_there_is(world: World) -> None:
    answers = []
    # The bucket of the network address is there.
    ask("before@example.org", "en", HERE)
    for case in CASES:
        answers.append(seen(visitor(), "/account/recover/", {"address": prepare(world, case)}))
        Contact.objects.filter(value=f"{case}@example.org").delete()
    status, page, queries, hashed = answers[0]
    assert (status, hashed, len(queries) > 3) == (200, 0, True)
    assert "is on its way" in page
    for case, answer in zip(CASES, answers, strict=False):
        assert answer == answers[0], case


def test_a_wrong_code_looks_the_same_whatever_there_is(world: World) -> None:
    answers = []
    # The bucket of the network address is there.
    take(CODES_OF_SOURCE, HERE)
    for case in CASES:
        if case == "no-account":
            continue
        uid = ask(prepare(world, case), "en", HERE)
        run_once()
        # Letters are never right.
        answers.append(seen(visitor(), f"/account/recover/{uid}/", {"code": "x"}))
        Contact.objects.filter(value=f"{case}@example.org").delete()
    status, page, _queries, hashed = answers[0]
    assert (status, "does not fit" in page, hashed) == (422, True, 0)
    for case, answer in zip(CASES, answers, strict=False):
        assert answer == answers[0], case


def test_the_worker_sends_to_those_alone_whose_address_it_is(world: World) -> None:
    for case in ("unknown", "noted"):
        ask(prepare(world, case), "en", HERE)
    assert run_once() == 2
    assert run_once() == 0
    assert not mail.outbox


def test_too_many_for_one_address_and_the_sentence_is_the_same_for_all(world: World) -> None:
    told = set()
    for address in (MARINA, NOBODY):
        for _time in range(5):
            ask(address, "en", HERE)
        told.add(refused(ask, address, "en", "10.0.0.1").sentence)
    assert len(told) == 1
    later(minutes=15, seconds=1)
    ask(MARINA, "en", HERE)
    for _round in range(3):
        later(minutes=16)
        for _time in range(5):
            try:
                ask(MARINA, "en", HERE)
            except Refusal:
                break
    later(minutes=16)
    assert refused(ask, MARINA, "en", HERE)
    later(days=1)
    ask(MARINA, "en", HERE)


def test_a_school_behind_one_address_is_never_locked_out(world: World) -> None:
    for number in range(600):
        ask(f"p{number}@example.org", "en", "203.0.113.5")
    assert RecoveryRequest.objects.count() == 600


def test_a_flood_from_one_address_ends(world: World) -> None:
    for _number in range(OF_SOURCE.most):
        take(OF_SOURCE, "203.0.113.5")
    assert refused(ask, "one-more@example.org", "en", "203.0.113.5")
    ask("one-more@example.org", "en", "203.0.113.6")


def test_a_request_that_cannot_be_answered_keeps_nobody_waiting(world: World) -> None:
    bad = ask("a@example.org", "en", HERE)
    RecoveryRequest.objects.filter(uid=bad).update(kind="pigeon")
    ask(MARINA, "en", HERE)
    assert run_once() == 2
    assert len(arrived(MARINA)) == 1
    assert run_once() == 0


def test_guessing_codes_from_one_address_ends(world: World) -> None:
    uid = ask(MARINA, "en", HERE)
    run_once()
    code = code_in(arrived(MARINA)[-1])
    for _number in range(CODES_OF_SOURCE.most):
        take(CODES_OF_SOURCE, "203.0.113.5")
    assert "Too many" in refused(redeem_code, uid, code, "203.0.113.5").sentence
    redeem_code(uid, code, HERE)


@pytest.mark.parametrize("address", ["", "nobody", "12", "x" * 300, "a@", "<script>alert(1)</script>"])
def test_what_is_no_address_is_told_beside_the_field(world: World, address: str) -> None:
    page = visitor().post("/account/recover/", {"address": address})
    assert page.status_code == 422
    assert 'class="error" id="id_address_error"' in page.content.decode()
    assert "<script>alert" not in page.content.decode()
    assert not RecoveryRequest.objects.exists()


def test_links_begin_with_the_sites_own_address_whatever_the_request_says(world: World) -> None:
    with override_settings(ALLOWED_HOSTS=["*"], ADDRESS="https://school.example"):
        visitor().post(
            "/account/recover/", {"address": MARINA}, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        )
        run_once()
    text = arrived(MARINA)[-1]
    assert "https://school.example/account/recover/new/" in text
    assert "evil" not in text + str(mail.outbox[-1].alternatives[0])


def test_nothing_in_the_tables_opens_an_account(world: World) -> None:
    text = message_to(MARINA)
    stored = str([list(model.objects.values()) for model in (RecoveryCode, RecoveryRequest, ContactCode, AuditEvent)])
    assert token_in(text) not in stored
    assert code_in(text) not in stored
    assert f"{code_in(text)[:4]} {code_in(text)[4:]}" not in stored


def test_no_address_is_no_dead_end(world: World) -> None:
    page = visitor().get("/account/recover/").content.decode()
    assert "The class teacher or the school office gives you a new letter" in page
    with override_settings(CHANNELS=frozenset()):
        page = visitor().get("/account/recover/").content.decode()
        assert "The class teacher or the school office gives you a new letter" in page
        assert '<form class="stack"' not in page
    with override_settings(CHANNELS=frozenset({"email"})):
        assert "no text messages" in refused(ask, PHONE, "en", HERE).sentence
    with override_settings(CHANNELS=frozenset({"sms"})):
        assert "no mail" in refused(ask, MARINA, "en", HERE).sentence


def test_the_message_is_in_the_language_of_the_page(world: World) -> None:
    assert message_to(MARINA, locale="ja").startswith("Classbookに入り直す方法")


def test_read_only_answers_nothing_yet(world: World) -> None:
    ask(MARINA, "en", HERE)
    with override_settings(READ_ONLY=True):
        assert run_once() == 0
        assert visitor().post("/account/recover/", {"address": MARINA}).status_code == 503
    assert run_once() == 1


def test_a_request_that_waited_too_long_is_closed_without_a_message(world: World) -> None:
    ask(MARINA, "en", HERE)
    later(minutes=31)
    run_once()
    assert arrived(MARINA) == []
    assert forget_old_requests() == 0


def test_changing_the_password_ends_the_other_devices_and_tells_the_owner(world: World) -> None:
    phone, desk = world.client("parent"), world.client("parent")
    new = {"oldpassword": "demo-parent", "password1": GOOD, "password2": GOOD}
    assert desk.post("/account/password/change/", new).status_code == 302
    assert desk.get("/account/devices/").status_code == 200
    # On the short way too, where only the row counts.
    assert phone.get(f"/diary/{world.anna.uid}/marks/").status_code == 302
    assert desk.get(f"/diary/{world.anna.uid}/marks/").status_code == 200
    assert Session.objects.filter(person=world.person("parent")).count() == 1
    assert "изменён" in arrived(MARINA)[-1]


@pytest.fixture
def signed_in_here(world: World) -> Iterator[Client]:
    client = visitor()
    client.post("/account/login/", {"login": "parent", "password": "demo-parent"}, headers={"User-Agent": "Firefox Android"})
    yield client


def test_a_device_that_is_new_is_told_of_once(world: World, signed_in_here: Client) -> None:
    (told,) = arrived(MARINA)
    assert "Firefox, Android" in told
    signed_in_here.post("/account/logout/")
    signed_in_here.post("/account/login/", {"login": "parent", "password": "demo-parent"})
    assert len(arrived(MARINA)) == 1
    # Another account is new on it; a spoilt cookie knows nobody.
    own(world, "pupil", "p@example.org")
    signed_in_here.post("/account/login/", {"login": "pupil", "password": "demo-pupil"})
    signed_in_here.post("/account/logout/")
    signed_in_here.post("/account/login/", {"login": "pupil", "password": "demo-pupil"})
    assert len(arrived("p@example.org")) == 1
    signed_in_here.post("/account/logout/")
    signed_in_here.cookies["classbook-known"] = "spoilt"
    signed_in_here.post("/account/login/", {"login": "pupil", "password": "demo-pupil"})
    assert len(arrived("p@example.org")) == 2


def test_the_cookie_of_known_accounts_names_nobody(signed_in_here: Client) -> None:
    cookie = signed_in_here.cookies["classbook-known"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert "parent" not in cookie.value


def test_without_a_confirmed_mailbox_nobody_is_told(world: World) -> None:
    visitor().post("/account/login/", {"login": "parent2", "password": "demo-parent2"})
    assert arrived("+79000000002") == []
    assert not mail.outbox


def test_a_wrong_password_tells_nobody(world: World) -> None:
    visitor().post("/account/login/", {"login": "parent", "password": "wrong"})
    assert arrived(MARINA) == []
    assert not check_password("wrong", Account.objects.get(login="parent").password)
