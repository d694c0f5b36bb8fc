"""Second factors: an app, a list of single codes, passkeys. Set up, asked for at sign-in, used once, lost."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from classbook.accounts.actions import entering, factors, issue_password
from classbook.accounts.actions.recovery import ask, set_new_password
from classbook.accounts.models import Invitation
from classbook.accounts.queries.factors import factors_of
from classbook.accounts.tasks import run_once
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.models import AuditEvent
from classbook.people.models import Account, Contact, Person, Session
from tests.accounts.authenticator import PRESENT, Passkey
from tests.accounts.mailbox import arrived
from tests.world import World

pytestmark = pytest.mark.django_db
MARINA = "m.belova@example.org"
MOST_QUERIES = 12
OPTIONS = "/account/passkey/options/"


@pytest.fixture(autouse=True)
def _fresh(world: World) -> Iterator[None]:
    """No limit is used up, and the mother reads English."""
    cache.clear()
    Person.objects.filter(pk=world.person("parent").pk).update(locale="en")
    yield
    cache.clear()


def later(**parts: float) -> None:
    clock.stand_on(clock.now() + timedelta(**parts))


def visitor() -> Client:
    client = Client(headers={"User-Agent": "Firefox Android", "Host": "localhost"})
    client.cookies["classbook-language"] = "en"
    return client


def first_step(login: str = "parent", password: str = "", **more: str) -> tuple[Client, Any]:
    client = visitor()
    return client, client.post("/account/login/", {"login": login, "password": password or f"demo-{login}", **more})


def code_of(secret: str, step: int = 0) -> str:
    """What an app shows now, or so many half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def with_app(world: World, login: str = "parent") -> list[str]:
    """An app whose code of the step before was used; answers the first list."""
    return factors.add_app(world.actor(login), SECRET, code_of(SECRET, -1))


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def is_in(client: Client) -> bool:
    return client.get("/account/devices/").status_code == 200


def listed(answer: Any) -> list[str]:
    return [code.replace(" ", "") for code in re.findall(r"<code>(\d{4} \d{4})</code>", answer.content.decode())]


def test_an_app_is_set_up_by_its_code_and_brings_the_list(world: World) -> None:
    client = world.client("parent")
    page = words(client.get("/account/security/app/"))
    secret = re.search(r'<code class="app-key">([A-Z2-7 ]+)</code>', page)[1].replace(" ", "")  # type: ignore[index]
    assert 'src="data:image/svg+xml' in page
    assert f"secret={secret}" in page
    wrong = client.post("/account/security/app/", {"code": "000000" if code_of(secret) != "000000" else "111111"})
    assert (wrong.status_code, "id_code_error" in words(wrong)) == (422, True)
    assert not Authenticator.objects.exists()
    done = client.post("/account/security/app/", {"code": f" {code_of(secret)[:3]} {code_of(secret)[3:]}"})
    codes = listed(done)
    assert (done.status_code, len(set(codes)), done["Cache-Control"]) == (200, 10, "private, no-store")
    # Neither the key nor a code can be read in the database.
    stored = str(list(Authenticator.objects.values_list("data", flat=True))) + str(list(Session.objects.values_list("data")))
    assert secret not in stored
    assert not any(code in stored for code in codes)
    assert "An authenticator app was added" in arrived(MARINA)[-1]
    assert AuditEvent.objects.get(kind="factor.added").data == {"factor": "app"}
    page = words(client.get("/account/security/"))
    assert "10 codes are left" in page
    assert not any(code in page for code in codes)


def test_password_alone_opens_nothing_once_there_is_an_app(world: World) -> None:
    with_app(world)
    client, answer = first_step(next="/account/contacts/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/second/")
    assert not is_in(client)
    wrong = client.post("/account/login/second/", {"code": "12345"})
    assert (wrong.status_code, "does not fit or was used before" in words(wrong)) == (422, True)
    assert not is_in(client)
    answer = client.post("/account/login/second/", {"code": code_of(SECRET)})
    assert answer["Location"] == "/account/contacts/"
    assert is_in(client)
    event = AuditEvent.objects.get(kind="account.signed_in")
    assert event.data == {"by": ["password", "totp"]}
    # Without the first step there is no second.
    assert visitor().post("/account/login/second/", {"code": code_of(SECRET, 1)})["Location"] == "/account/login/"


def test_a_code_of_the_app_works_once_and_none_before_it(world: World) -> None:
    with_app(world)
    code = code_of(SECRET)
    client, _ = first_step()
    assert client.post("/account/login/second/", {"code": code}).status_code == 302
    other, _ = first_step()
    for used in (code, code_of(SECRET, -1)):
        assert other.post("/account/login/second/", {"code": used}).status_code == 422
    cache.clear()
    assert other.post("/account/login/second/", {"code": code}).status_code == 422
    assert not is_in(other)
    assert other.post("/account/login/second/", {"code": code_of(SECRET, 1)}).status_code == 302
    assert is_in(other)


def test_codes_of_long_ago_and_of_later_do_not_fit(world: World) -> None:
    with_app(world)
    account = Account.objects.get(login="parent")
    for step in (-3, 3, 40):
        with pytest.raises(Refusal):
            factors.use_code(account, code_of(SECRET, step))


def test_lost_telephone_a_code_of_the_list_lets_in_once(world: World) -> None:
    codes = with_app(world)
    client, _ = first_step()
    assert client.post("/account/login/second/", {"code": f"{codes[0][:4]} {codes[0][4:]}"}).status_code == 302
    assert is_in(client)
    assert factors_of(world.person("parent").pk).codes_left == 9
    assert any("A single code of your list was used" in text for text in arrived(MARINA))
    other, _ = first_step()
    assert other.post("/account/login/second/", {"code": codes[0]}).status_code == 422
    assert other.post("/account/login/second/", {"code": codes[1]}).status_code == 302


def test_few_codes_are_said(world: World) -> None:
    codes = with_app(world)
    account = Account.objects.get(login="parent")
    for code in codes[:6]:
        factors.use_code(account, code)
    client, _ = first_step()
    client.post("/account/login/second/", {"code": codes[6]})
    assert "3 single codes are left" in words(client.get("/account/devices/"))


def test_a_new_list_ends_the_earlier_one(world: World) -> None:
    client = world.client("parent")
    first = listed(client.post("/account/security/codes/", {"sure": "1"}))
    second = listed(client.post("/account/security/codes/", {"sure": "1"}))
    account = Account.objects.get(login="parent")
    with pytest.raises(Refusal):
        factors.use_code(account, first[0])
    assert factors.use_code(account, second[0]) == "recovery_codes"
    # A list alone is a second step as well: for whoever has no telephone.
    assert first_step()[1]["Location"] == "/account/login/second/"


def test_guessing_ends_after_ten_tries_and_locks_for_a_quarter_of_an_hour(world: World) -> None:
    with_app(world)
    client, _ = first_step()
    for _ in range(10):
        client.post("/account/login/second/", {"code": "00000000"})
    answer = client.post("/account/login/second/", {"code": code_of(SECRET)})
    assert (answer.status_code, "Too many tries" in words(answer)) == (422, True)
    later(minutes=16)
    client, _ = first_step()
    assert client.post("/account/login/second/", {"code": code_of(SECRET)}).status_code == 302


def test_the_last_factor_takes_the_list_with_it(world: World) -> None:
    with_app(world)
    client = world.client("parent")
    assert "your last second step" in words(client.get("/account/security/app/remove/"))
    client.post("/account/security/app/remove/", {"sure": "1"})
    assert not Authenticator.objects.exists()
    assert "The authenticator app was removed" in arrived(MARINA)[-1]
    assert first_step()[1]["Location"] == "/"


def test_getting_in_again_by_mail_does_not_go_around_the_second_step(world: World) -> None:
    with_app(world)
    ask(MARINA, "en", "127.0.0.1")
    run_once()
    token = re.search(r"/account/recover/new/([\w-]+)/", " ".join(arrived(MARINA)))[1]  # type: ignore[index]
    set_new_password(token, "vier-lange-worte-hier")
    client, answer = first_step(password="vier-lange-worte-hier")
    assert answer["Location"] == "/account/login/second/"
    assert not is_in(client)


def test_a_new_letter_ends_the_old_factors(world: World) -> None:
    from tests.accounts.test_letters import family, key, printed

    pupil, mother = family(world)
    (first,) = printed(world, [key(mother, pupil)])
    account = entering.enter(Invitation.objects.get(person=mother).uid, "vier-lange-worte-hier")
    factors.make_codes(world.actor(account.login))
    Person.objects.filter(pk=mother.pk).update(locale="en")
    Contact.objects.create(person=mother, kind="email", value="lost@example.org", confirmed_at=clock.now())
    (_again,) = printed(world, [key(mother, pupil)])
    letter = Invitation.objects.get(person=mother, used_at=None, ended_at=None)
    assert first.code
    entering.enter(letter.uid, "andere-lange-worte-hier")
    assert not Authenticator.objects.filter(user=account).exists()
    assert "have ended" in arrived("lost@example.org")[-1]
    assert AuditEvent.objects.filter(kind="factor.ended", subject_id=mother.pk).count() == 1


def test_the_operators_password_ends_them_too(world: World) -> None:
    with_app(world)
    issue_password("parent")
    assert not Authenticator.objects.exists()


def test_a_changed_server_key_opens_nothing(world: World) -> None:
    with_app(world)
    with override_settings(SECRET_KEY="another-key-" * 4), pytest.raises(Refusal):
        factors.use_code(Account.objects.get(login="parent"), code_of(SECRET))


# Passkeys


def challenge(client: Client, purpose: str) -> Any:
    answer = client.post(OPTIONS, {"for": purpose})
    assert answer.status_code == 200, answer.status_code
    return answer.json()


def with_passkey(world: World, login: str = "parent", name: str = "My phone") -> Passkey:
    made, client = Passkey(), world.client(login)
    client.defaults["HTTP_HOST"] = "localhost"
    answer = client.post("/account/security/passkeys/add/", {"name": name, "passkey": made.made(challenge(client, "add"))})
    assert answer.status_code in {200, 302}, words(answer)
    return made


def by_passkey(key: Passkey, **more: str) -> tuple[Client, Any]:
    client = visitor()
    return client, client.post("/account/login/passkey/", {"passkey": key.shown(challenge(client, "sign-in")), **more})


def test_in_by_passkey_alone(world: World) -> None:
    key = with_passkey(world)
    assert "A passkey was added" in arrived(MARINA)[-1]
    client, answer = by_passkey(key, next="/account/contacts/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/contacts/")
    row = Session.objects.get(person=world.person("parent"), device="Firefox, Android")
    assert (row.shared_computer, row.expires_at - clock.now() > timedelta(days=29)) == (False, True)
    assert AuditEvent.objects.get(kind="account.signed_in").data == {"by": ["webauthn"]}
    # A device that was not there before is told of, and is one in the list like any other.
    assert "Firefox, Android" in arrived(MARINA)[-1]
    page = words(client.get("/account/security/"))
    assert ("My phone" in page, "last used on" in page) == (True, True)
    world.client("parent").post("/account/devices/end-all/")
    assert not is_in(client)


def test_passkey_on_a_shared_computer_is_forgotten_with_the_lesson(world: World) -> None:
    key = with_passkey(world)
    client, answer = by_passkey(key, shared="on")
    assert answer.cookies["classbook"]["max-age"] == ""
    row = Session.objects.get(person=world.person("parent"), device="Firefox, Android")
    assert (row.shared_computer, row.expires_at - clock.now() <= timedelta(minutes=45)) == (True, True)
    assert is_in(client)


def test_passkey_leads_to_no_other_site(world: World) -> None:
    assert by_passkey(with_passkey(world), next="https://evil.example/")[1]["Location"] == "/"


def test_passkey_is_the_second_step_after_a_password(world: World) -> None:
    key = with_passkey(world)
    client, answer = first_step()
    assert answer["Location"] == "/account/login/second/"
    assert "Use a passkey" in words(client.get("/account/login/second/"))
    answer = client.post("/account/login/second/", {"passkey": key.shown(challenge(client, "second"))})
    assert answer["Location"] == "/"
    assert is_in(client)


def test_what_is_no_answer_of_the_passkey_lets_nobody_in(world: World) -> None:
    key, other = with_passkey(world), Passkey()
    other.user = key.user
    client = visitor()
    once = key.shown(challenge(client, "sign-in"))
    assert client.post("/account/login/passkey/", {"passkey": once})["Location"] == "/"
    client.post("/account/logout/")

    def tried(make: Any, purpose: str = "sign-in") -> bool:
        attacker = visitor()
        answer = make(challenge(attacker, purpose))
        assert attacker.post("/account/login/passkey/", {"passkey": answer})["Location"] == "/account/login/"
        return is_in(attacker)

    assert not tried(lambda asked: once)
    assert not tried(other.shown)
    assert not tried(lambda asked: key.shown(asked, flags=PRESENT))
    assert not tried(lambda asked: key.shown(asked, origin="https://evil.example"))
    for junk in ("", "{}", "[]", "nothing", '{"id": 7}', '{"id": "AA", "rawId": "AA", "response": {}}', "x" * 30_000):
        assert not tried(lambda asked, junk=junk: junk)
    # A challenge that was made for something else.
    half, _ = first_step()
    answer = key.shown(challenge(half, "second"))
    assert half.post("/account/login/passkey/", {"passkey": answer})["Location"] == "/account/login/"
    assert not is_in(half)


def test_passkey_of_an_ended_account_says_so(world: World) -> None:
    key = with_passkey(world)
    Account.objects.filter(login="parent").update(is_active=False)
    client, answer = by_passkey(key)
    assert answer["Location"] == "/account/login/"
    assert "This account has ended" in words(client.get("/account/login/"))
    assert not is_in(client)


def test_options_are_for_whom_they_are(world: World) -> None:
    assert visitor().post(OPTIONS, {"for": "add"}).status_code == 404
    assert visitor().post(OPTIONS, {"for": "second"}).status_code == 404
    assert visitor().post(OPTIONS, {"for": "nothing"}).status_code == 404
    client = world.client("parent")
    client.defaults["HTTP_HOST"] = "localhost"
    assert challenge(client, "add")["publicKey"]["authenticatorSelection"]["userVerification"] == "required"


def test_passkeys_are_renamed_and_removed_by_their_owner_alone(world: World) -> None:
    key = with_passkey(world)
    (mine,) = factors_of(world.person("parent").pk).passkeys
    other, client = world.client("parent2"), world.client("parent")
    for address in (f"/account/security/passkeys/{mine.pk}/", f"/account/security/passkeys/{mine.pk}/remove/"):
        assert (other.get(address).status_code, other.post(address, {"name": "x"}).status_code) == (404, 404)
    client.post(f"/account/security/passkeys/{mine.pk}/", {"name": "  The  green one "})
    assert "The green one" in words(client.get("/account/security/"))
    client.post(f"/account/security/passkeys/{mine.pk}/remove/", {"sure": "1"})
    assert "A passkey was removed" in arrived(MARINA)[-1]
    assert by_passkey(key)[1]["Location"] == "/account/login/"
    assert not Authenticator.objects.exists()


def test_somebody_elses_session_does_not_come_along(world: World) -> None:
    key = with_passkey(world)
    client = world.client("teacher")
    client.defaults["HTTP_HOST"] = "localhost"
    session = client.session
    session["left-behind"] = "secret"
    session.save()
    client.post("/account/login/passkey/", {"passkey": key.shown(challenge(client, "sign-in"))})
    assert "left-behind" not in client.session
    assert client.session["_auth_user_id"] == str(Account.objects.get(login="parent").pk)


def test_the_server_may_only_be_read(world: World) -> None:
    codes, key = with_app(world), with_passkey(world)
    with override_settings(READ_ONLY=True, CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}):
        client, answer = first_step()
        assert answer["Location"] == "/account/login/second/"
        assert client.post("/account/login/second/", {"code": codes[0]}).status_code == 422
        code = code_of(SECRET)
        assert client.post("/account/login/second/", {"code": code})["Location"] == "/"
        assert is_in(client)
        other, _ = first_step()
        assert other.post("/account/login/second/", {"code": code}).status_code == 422
        assert is_in(by_passkey(key)[0])


# Is it still the owner


def test_a_factor_changes_only_with_a_fresh_proof_and_nothing_typed_is_lost(world: World) -> None:
    with_passkey(world)
    (mine,) = factors_of(world.person("parent").pk).passkeys
    client = world.client("parent")
    address = f"/account/security/passkeys/{mine.pk}/remove/"
    later(minutes=16)
    page = client.get(address)
    assert (page.status_code, "Is it you?" in words(page)) == (403, True)
    sent = client.post(address, {"sure": "1", "note": "kept", "many": ["a", "b"]})
    assert sent.status_code == 403
    carried = re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', sent.content.decode())
    assert {("sure", "1"), ("note", "kept"), ("many", "a"), ("many", "b")} <= set(carried)
    wrong = client.post(address, {"proof-asked": "post", "proof-password": "nonsense", "sure": "1"})
    assert (wrong.status_code, "not the password" in words(wrong), 'name="sure"' in words(wrong)) == (403, True, True)
    key = client.session.session_key
    done = client.post(address, {"proof-asked": "post", "proof-password": "demo-parent", "sure": "1"})
    assert done["Location"] == "/account/security/"
    assert client.session.session_key != key
    assert not factors_of(world.person("parent").pk).any


def test_a_page_that_was_only_opened_is_opened_after_the_proof(world: World) -> None:
    client = world.client("parent")
    later(minutes=16)
    assert client.get("/account/security/codes/").status_code == 403
    answer = client.post("/account/security/codes/", {"proof-asked": "get", "proof-password": "demo-parent"})
    assert (answer.status_code, answer["Location"]) == (302, "/account/security/codes/")
    # Asked in two tabs: the second answer opens its page too and makes nothing.
    answer = client.post("/account/security/codes/", {"proof-asked": "get", "proof-password": "demo-parent"})
    assert (answer.status_code, Authenticator.objects.count()) == (302, 0)
    assert client.get("/account/security/codes/").status_code == 200


def test_a_code_or_a_passkey_is_a_proof_as_well(world: World) -> None:
    codes, key = with_app(world), with_passkey(world)
    client = world.client("parent")
    client.defaults["HTTP_HOST"] = "localhost"
    address = "/account/security/codes/"
    for proof in ({"proof-code": codes[0]}, {"proof-code": code_of(SECRET)}):
        later(minutes=16)
        assert client.get(address).status_code == 403
        assert client.post(address, {"proof-asked": "get", **proof}).status_code == 302
    later(minutes=16)
    shown = key.shown(challenge(client, "proof"))
    assert client.post(address, {"proof-asked": "get", "proof-passkey": shown}).status_code == 302
    later(minutes=16)
    assert client.post(address, {"proof-asked": "get", "proof-passkey": shown}).status_code == 403


def test_without_a_password_one_signs_in_again(world: World) -> None:
    Account.objects.filter(login="parent").update(password="!none")
    client = world.client("parent")
    later(minutes=16)
    page = client.get("/account/security/codes/")
    assert (page.status_code, "sign in again the way you came" in words(page)) == (403, True)
    assert client.post("/account/security/codes/", {"proof-asked": "get", "proof-password": ""}).status_code == 403


def test_guessing_the_proof_is_limited(world: World) -> None:
    client = world.client("parent")
    later(minutes=16)
    for _ in range(10):
        client.post("/account/security/codes/", {"proof-asked": "get", "proof-password": "nonsense"})
    answer = client.post("/account/security/codes/", {"proof-asked": "get", "proof-password": "demo-parent"})
    assert (answer.status_code, "Too many tries" in words(answer)) == (403, True)


def test_the_pages_ask_little(world: World) -> None:
    """However many passkeys and colleagues there are."""
    for name in ("one", "two", "three"):
        with_passkey(world, name=name)
    mother, office = world.client("parent"), world.client("office")
    for client, address, most in (
        (mother, "/account/security/", MOST_QUERIES),
        (office, f"/school/{world.school.uid}/codes/", MOST_QUERIES),
    ):
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        assert len(asked) <= most, [query["sql"] for query in asked]


def test_nobody_elses_factors(world: World) -> None:
    with pytest.raises(NotFound):
        factors.remove_app(world.actor("parent2"))
    with_app(world)
    with pytest.raises(NotFound):
        factors.remove_app(world.actor("parent2"))
    with pytest.raises(NotFound):
        factors.remove_codes(world.actor("parent"))


def test_an_account_that_has_ended_changes_no_factor(world: World) -> None:
    actor = world.actor("parent")
    Account.objects.filter(login="parent").update(is_active=False)
    with pytest.raises(NotFound):
        factors.make_codes(actor)
    assert not Authenticator.objects.exists()


def test_twenty_passkeys_are_enough_and_one_that_is_not_there_is_nobodys(world: World) -> None:
    actor = world.actor("parent")
    for number in range(factors.MOST_PASSKEYS):
        factors.add_passkey(actor, f"key {number}", {})
    with pytest.raises(Refusal) as refused:
        factors.add_passkey(actor, "one more", {})
    assert refused.value.field == "name"
    first = Authenticator.objects.filter(type="webauthn").order_by("pk")[0]
    for pk in (10**6, Authenticator.objects.get(type="recovery_codes").pk):
        with pytest.raises(NotFound):
            factors.remove_passkey(actor, pk)
    # The list stays while another passkey does.
    factors.remove_passkey(actor, first.pk)
    assert Authenticator.objects.filter(type="recovery_codes").count() == 1


def test_a_list_that_is_alone_can_be_ended_and_beside_an_app_it_cannot(world: World) -> None:
    actor = world.actor("parent")
    factors.make_codes(actor)
    factors.remove_codes(actor)
    assert not Authenticator.objects.exists()
    with_app(world)
    with pytest.raises(NotFound):
        factors.remove_codes(actor)
    assert Authenticator.objects.count() == 2


def test_no_two_codes_of_a_list_are_the_same(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lots = iter(["00000007", "00000007", *(f"0000010{number}" for number in range(9))])
    monkeypatch.setattr(factors.figures, "by_lot", lambda _length: next(lots))
    assert len(set(factors.make_codes(world.actor("parent")))) == 10
