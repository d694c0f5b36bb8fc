"""Attacks on the provider, each between two flows that work: what is refused is refused for its own reason (quality.md S11)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.portal.served import CALLBACK, HTTP, OTHER_CALLBACK, Browser, Client, Portal, answer_in, challenge_of


@pytest.fixture(scope="module")
def person(portal: Portal) -> Browser:
    return Browser(portal, "maria")


@pytest.fixture(autouse=True)
def valid_before_and_after(portal: Portal, person: Browser) -> Iterator[None]:
    """The provider is not simply down. What passes after one attack is what passes before the next."""
    if not BEFORE:
        BEFORE.append(valid(portal, person))
    yield
    valid(portal, person)


BEFORE: list[None] = []


def valid(portal: Portal, person: Browser) -> None:
    client = Client(portal)
    token = client.exchange(client.allowed(person)["code"])
    assert client.userinfo(token.json()["access_token"]).json()["given_name"] == "Марина"


LONG = "x" * 64
# Refused on the portal's own page: an address that is not registered to the letter gets nothing.
ADDRESSES: dict[str, dict[str, str | None]] = {
    "unknown-client": {"client_id": "nobody"},
    "no-client": {"client_id": None},
    "client-by-url": {"client_id": "https://evil.example/client.json"},
    "no-redirect": {"redirect_uri": None},
    "foreign-host": {"redirect_uri": "https://evil.example/"},
    "of-another-client": {"redirect_uri": OTHER_CALLBACK},
    "longer-path": {"redirect_uri": CALLBACK + "more"},
    "shorter-path": {"redirect_uri": CALLBACK.rstrip("/")},
    "dots-in-path": {"redirect_uri": CALLBACK + "../evil/"},
    "with-query": {"redirect_uri": CALLBACK + "?next=https://evil.example"},
    "with-fragment": {"redirect_uri": CALLBACK + "#x"},
    "other-port": {"redirect_uri": CALLBACK.replace(":8000", ":8009")},
    "other-scheme": {"redirect_uri": CALLBACK.replace("http:", "https:")},
    "loopback-by-number": {"redirect_uri": CALLBACK.replace("localhost", "127.0.0.1")},
    "with-user": {"redirect_uri": CALLBACK.replace("http://", "http://localhost:8000@evil.example/")},
    "upper-case": {"redirect_uri": CALLBACK.upper()},
    "subdomain": {"redirect_uri": CALLBACK.replace("localhost", "localhost.evil.example")},
    "javascript": {"redirect_uri": "javascript:alert(1)"},
    "no-scheme": {"redirect_uri": "//evil.example/"},
}


@pytest.mark.parametrize("attack", ADDRESSES)
def test_address_is_not_registered(portal: Portal, person: Browser, attack: str) -> None:
    answer = person.http.get(Client(portal).question(**ADDRESSES[attack]))
    assert answer.status_code == 400 and "Location" not in answer.headers
    assert "This sign-in cannot go on" in answer.text


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "scope", "state", "code_challenge", "response_type"])
def test_a_parameter_twice(portal: Portal, person: Browser, name: str) -> None:
    question = Client(portal).question()
    assert person.http.get(f"{question}&{name}=other").status_code == 400


# Told to the client, with its state, and without a code.
QUESTIONS: dict[str, tuple[dict[str, str | None], str]] = {
    "no-challenge": ({"code_challenge": None}, "invalid_request"),
    "no-challenge-at-all": ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    "plain-method": ({"code_challenge_method": "plain", "code_challenge": LONG}, "invalid_request"),
    "method-left-out": ({"code_challenge_method": None}, "invalid_request"),
    "short-challenge": ({"code_challenge": "abc"}, "invalid_request"),
    "odd-challenge": ({"code_challenge": "!" * 43}, "invalid_request"),
    "token-in-address": ({"response_type": "token"}, "unsupported_response_type"),
    "id-token-in-address": ({"response_type": "id_token"}, "unsupported_response_type"),
    "hybrid": ({"response_type": "code id_token"}, "unsupported_response_type"),
    "nothing-asked": ({"response_type": "none"}, "unsupported_response_type"),
    "no-openid": ({"scope": "profile"}, "invalid_scope"),
    "unknown-scope": ({"scope": "openid admin"}, "invalid_scope"),
    "no-scope": ({"scope": None}, "invalid_scope"),
    "fragment-mode": ({"response_mode": "fragment"}, "invalid_request"),
    "request-object": ({"request": "e30.e30."}, "invalid_request"),
    "request-by-address": ({"request_uri": "https://evil.example/r"}, "invalid_request"),
}


@pytest.mark.parametrize("attack", QUESTIONS)
def test_question_is_refused(portal: Portal, person: Browser, attack: str) -> None:
    client = Client(portal)
    changes, error = QUESTIONS[attack]
    answer = person.http.get(client.question(**changes))
    assert answer.status_code == 302 and answer.headers["Location"].startswith(CALLBACK + "?")
    assert answer_in(answer) == {"error": error, "state": client.state, "iss": portal.address}


def test_scope_that_the_client_may_not_ask(portal: Portal, person: Browser) -> None:
    client = Client(portal, "narrow", scope="openid snils")
    assert answer_in(person.http.get(client.question()))["error"] == "invalid_scope"


def test_silently_without_a_session(portal: Portal) -> None:
    assert answer_in(Browser(portal).http.get(Client(portal).question(prompt="none")))["error"] == "login_required"


def test_silently_without_a_permission(portal: Portal, person: Browser) -> None:
    client = Client(portal, "narrow", scope="openid")
    assert answer_in(person.http.get(client.question(prompt="none")))["error"] == "consent_required"


def test_without_a_session_the_question_waits_for_the_sign_in(portal: Portal) -> None:
    answer = Browser(portal).http.get(Client(portal).question())
    assert answer.status_code == 302 and urlsplit(answer.headers["Location"]).path == "/account/login/"


def page_of(portal: Portal, person: Browser) -> tuple[str, httpx.Response]:
    question = Client(portal).question(prompt="consent")
    return question, person.http.get(question)


def test_permission_from_another_site(portal: Portal, person: Browser) -> None:
    """The form without its token: somebody else's page sends it."""
    question, page = page_of(portal, person)
    signed = page.text.split('name="request" value="')[1].split('"')[0]
    assert person.http.post(question, data={"request": signed, "action": "grant", "scopes": "openid"}).status_code == 403


@pytest.mark.parametrize(
    "change", [lambda signed: signed[:-2] + "AA", lambda signed: "e30:" + signed.split(":", 1)[1], lambda signed: "x"]
)
def test_permission_for_a_changed_question(portal: Portal, person: Browser, change: Callable[[str], str]) -> None:
    question, page = page_of(portal, person)
    signed = page.text.split('name="request" value="')[1].split('"')[0]
    answer = person.send(question, {"request": change(signed), "action": "grant", "scopes": "openid"})
    assert answer.status_code == 403


def test_refusal_gives_nothing(portal: Portal, person: Browser) -> None:
    client = Client(portal)
    answer = person.send(client.question(prompt="consent"), {"action": "deny", "scopes": "openid"})
    assert answer_in(answer) == {"error": "access_denied", "state": client.state, "iss": portal.address}


def test_more_than_was_asked_cannot_be_granted(portal: Portal, person: Browser) -> None:
    client = Client(portal, scope="openid profile")
    answer = person.send(client.question(prompt="consent"), {"action": "grant", "scopes": ["openid", "profile", "snils"]})
    assert answer.status_code == 200 and "asks to read" in answer.text


def test_state_comes_back_as_it_went(portal: Portal, person: Browser) -> None:
    state = 'a&error=x"><script>é%00'
    assert answer_in(person.http.get(Client(portal).question(state=state)))["state"] == state


# The code: each change makes it worthless. "-" leaves a parameter out.
EXCHANGES: dict[str, tuple[dict[str, str], str]] = {
    "wrong-verifier": ({"code_verifier": LONG}, "invalid_grant"),
    "no-verifier": ({"code_verifier": "-"}, "invalid_request"),
    "empty-verifier": ({"code_verifier": ""}, "invalid_grant"),
    "wrong-redirect": ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
    "redirect-of-another": ({"redirect_uri": OTHER_CALLBACK}, "invalid_request"),
    "no-redirect": ({"redirect_uri": "-"}, "invalid_request"),
    "unknown-code": ({"code": "abcdef"}, "invalid_grant"),
    "no-code": ({"code": "-"}, "invalid_request"),
    "password-grant": ({"grant_type": "password", "username": "maria", "password": "demo-maria"}, "unsupported_grant_type"),
    "client-grant": ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
    "refresh-grant": ({"grant_type": "refresh_token", "refresh_token": "x"}, "unsupported_grant_type"),
    "device-grant": ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, "unsupported_grant_type"),
    "jwt-grant": ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}, "unsupported_grant_type"),
    "no-grant": ({"grant_type": "-"}, "unsupported_grant_type"),
}


@pytest.mark.parametrize("attack", EXCHANGES)
def test_exchange_is_refused(portal: Portal, person: Browser, attack: str) -> None:
    client = Client(portal)
    changes, error = EXCHANGES[attack]
    answer = client.exchange(client.allowed(person)["code"], **changes)
    assert answer.status_code in {400, 401}
    assert "access_token" not in answer.text and "id_token" not in answer.text
    assert answer.json()["error"] == error, answer.text


def test_the_challenge_is_no_verifier(portal: Portal, person: Browser) -> None:
    client = Client(portal)
    assert client.exchange(client.allowed(person)["code"], code_verifier=challenge_of(client.verifier)).status_code == 400


@pytest.mark.parametrize("auth", [("rp", "wrong"), ("rp", ""), ("nobody", "x"), ("other", "a-secret-of-the-tests-only"), None])
def test_another_client_cannot_use_the_code(portal: Portal, person: Browser, auth: tuple[str, str] | None) -> None:
    client = Client(portal)
    code = client.allowed(person)["code"]
    data = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": client.verifier}
    if auth is None:
        data["client_id"] = "rp"
    answer = HTTP.post(client.metadata["token_endpoint"], data=data, auth=auth)
    assert answer.status_code in {400, 401} and "access_token" not in answer.text
    # The attempt did not spoil it for the right one.
    assert client.exchange(code).status_code == 200


def test_a_code_used_twice_also_ends_the_first_tokens(portal: Portal, person: Browser) -> None:
    client = Client(portal)
    code = client.allowed(person)["code"]
    token = client.exchange(code).json()["access_token"]
    assert client.userinfo(token).status_code == 200
    assert client.exchange(code).json() == {"error": "invalid_grant"}
    assert client.userinfo(token).status_code == 401


def test_a_code_used_twenty_times_at_once_opens_once(portal: Portal, person: Browser) -> None:
    client = Client(portal)
    code = client.allowed(person)["code"]
    with ThreadPoolExecutor(20) as pool:
        answers = [found.status_code for found in pool.map(lambda _: client.exchange(code), range(20))]
    assert answers.count(200) <= 1 and set(answers) <= {200, 400}


def test_an_expired_code(db: None, settings: Any) -> None:
    """In this process, where the clock can be moved: sixty seconds and no more."""
    import time_machine
    from django.test import Client as Pages

    verifier = "v" * 64
    asked = {
        "client_id": "classbook", "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid profile", "state": "s",
        "code_challenge": challenge_of(verifier), "code_challenge_method": "S256",
    }  # fmt: skip
    codes = []
    for late, expected in ((30, 200), (61, 400)):
        pages = Pages()
        pages.post("/account/login/", {"login": "maria", "password": "demo-maria"})
        with time_machine.travel(time.time(), tick=False) as clock:
            page = pages.get("/identity/o/authorize", asked)
            if page.status_code == 200:
                signed = page.content.decode().split('name="request" value="')[1].split('"')[0]
                data = {"request": signed, "action": "grant", "scopes": ["openid", "profile"]}
                page = pages.post(f"/identity/o/authorize?{httpx.QueryParams(asked)}", data)
            code = page["Location"].split("code=")[1].split("&")[0]
            codes.append(code)
            clock.shift(late)
            basic = base64.b64encode(b"classbook:a-secret-of-the-tests-only").decode()
            data = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": verifier}
            answer = pages.post("/identity/o/api/token", data, headers={"Authorization": f"Basic {basic}"})
            assert answer.status_code == expected, answer.content
    assert len(set(codes)) == 2


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def forged(portal: Portal, person: Browser) -> dict[str, str]:
    """Tokens that nobody issued, made out of a real one and what is public."""
    client = Client(portal)
    real = client.exchange(client.allowed(person)["code"]).json()["id_token"]
    head, body, sign = real.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "==")) | {
        "exp": int(time.time()) + 3600,
        "token_use": "access",
        "client_id": "rp",
    }
    key = HTTP.get(client.metadata["jwks_uri"]).json()["keys"][0]
    mixed = f"{part({'alg': 'HS256', 'kid': key['kid'], 'typ': 'JWT'})}.{part(claims)}"
    mac = (
        base64.urlsafe_b64encode(hmac.new(json.dumps(key).encode(), mixed.encode(), hashlib.sha256).digest()).decode().rstrip("=")
    )
    return {
        "id-token": real,
        "alg-none": f"{part({'alg': 'none', 'kid': key['kid']})}.{part(claims)}.",
        "public-key-as-secret": f"{mixed}.{mac}",
        "changed-claims": f"{head}.{part(claims)}.{sign}",
        "foreign-key": f"{part({'alg': 'RS256', 'kid': 'mine', 'jku': 'https://evil.example/jwks'})}.{part(claims)}.{sign}",
        "garbage": "not-a-token",
        "empty": "",
    }


@pytest.mark.parametrize(
    "attack", ["id-token", "alg-none", "public-key-as-secret", "changed-claims", "foreign-key", "garbage", "empty"]
)
def test_a_token_that_nobody_issued(portal: Portal, person: Browser, attack: str) -> None:
    answer = Client(portal).userinfo(forged(portal, person)[attack])
    assert answer.status_code == 401 and "Марина" not in answer.text


def test_a_token_in_the_address_is_not_read(portal: Portal, person: Browser) -> None:
    client = Client(portal)
    token = client.exchange(client.allowed(person)["code"]).json()["access_token"]
    assert HTTP.get(client.metadata["userinfo_endpoint"], params={"access_token": token}).status_code == 401


def test_a_token_after_it_was_given_back(portal: Portal, person: Browser) -> None:
    client = Client(portal)
    token = client.exchange(client.allowed(person)["code"]).json()["access_token"]
    where = client.metadata["revocation_endpoint"]
    assert HTTP.post(where, data={"token": token}, auth=("rp", "wrong")).status_code in {400, 401}
    assert client.userinfo(token).status_code == 200
    # Another client may not end it either.
    HTTP.post(where, data={"token": token}, auth=("other", "a-secret-of-the-tests-only"))
    assert client.userinfo(token).status_code == 200
    assert HTTP.post(where, data={"token": token}, auth=("rp", client.secret)).status_code == 200
    assert client.userinfo(token).status_code == 401


@pytest.mark.parametrize("where", ["https://evil.example/", "http://localhost:8009/", "javascript:alert(1)", "//evil.example"])
def test_signing_out_leads_to_no_foreign_address(portal: Portal, where: str) -> None:
    browser = Browser(portal, "oleg")
    answer = browser.http.get("/identity/o/logout", params={"client_id": "rp", "post_logout_redirect_uri": where})
    assert where not in answer.headers.get("Location", "")
    assert browser.http.get("/account/").status_code == 200


def test_signing_out_is_not_done_by_a_link(portal: Portal) -> None:
    """A page that loads the address of signing out as a picture signs nobody out."""
    browser = Browser(portal, "oleg")
    browser.http.get("/identity/o/logout")
    assert browser.http.get("/account/").status_code == 200


@pytest.mark.parametrize("path", ["clients", "introspect", "device/code"])
def test_what_is_not_offered_is_not_there(portal: Portal, path: str) -> None:
    answer = HTTP.post(f"{portal.address}/identity/o/api/{path}", json={"redirect_uris": ["https://evil.example/"]})
    assert answer.status_code == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_codes_are_exchanged_by_post_alone(portal: Portal, person: Browser, method: str) -> None:
    client = Client(portal)
    client.allowed(person)
    assert HTTP.request(method, client.metadata["token_endpoint"], auth=("rp", client.secret)).status_code == 405


@pytest.mark.parametrize("after", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_after_the_sign_in_nobody_is_led_away(portal: Portal, after: str) -> None:
    browser = Browser(portal)
    answer = browser.send("/account/login/", {"login": "oleg", "password": "demo-oleg", "next": after})
    assert answer.status_code == 302 and answer.headers["Location"] == "/account/"


def test_a_session_gets_a_new_key_when_one_signs_in(portal: Portal) -> None:
    browser = Browser(portal)
    browser.http.get("/register/")
    browser.http.cookies.set("portal", "a" * 32, domain="localhost.local")
    browser.sign_in("oleg")
    assert browser.http.cookies.get("portal", domain="localhost.local") != "a" * 32
