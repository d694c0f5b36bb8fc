"""An independent relying party completes the code flow against a portal in another process, over loopback."""

from __future__ import annotations

import base64
import json
import re
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.portal.served import CALLBACK, HTTP, OTHER_CALLBACK, Browser, Client, Portal, answer_in


def claims_of(client: Client, token: str) -> dict[str, Any]:
    """The ID token, its signature checked with the published keys."""
    keys = KeySet.import_key_set(HTTP.get(client.metadata["jwks_uri"]).json())
    found = jwt.decode(token, keys, algorithms=["RS256"])
    claims = found.claims
    assert claims["iss"] == client.metadata["issuer"] == client.portal.address
    assert claims["aud"] in (client.name, [client.name])
    assert claims["nonce"] == client.nonce
    assert claims["iat"] - 5 <= time.time() < claims["exp"] <= claims["iat"] + 300
    return dict(claims)


def test_discovery_says_what_is_offered(portal: Portal) -> None:
    found = HTTP.get(f"{portal.address}/.well-known/openid-configuration").json()
    assert found["issuer"] == portal.address
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["response_types_supported"] == ["code"]
    assert found["subject_types_supported"] == ["pairwise"]
    assert found["acr_values_supported"] == ["simplified", "standard", "confirmed"]
    assert "registration_endpoint" not in found and "device_authorization_endpoint" not in found
    assert all(found[name].startswith(portal.address) for name in found if name.endswith(("_endpoint", "_uri")))


def test_the_whole_flow_with_authlib(portal: Portal) -> None:
    client, browser = Client(portal), Browser(portal, "maria")
    answer = client.allowed(browser)
    assert (answer["state"], answer["iss"]) == (client.state, portal.address)
    # authlib's own exchange, with HTTP Basic and the verifier.
    token = client.oauth.fetch_token(
        client.metadata["token_endpoint"], grant_type="authorization_code", code=answer["code"], code_verifier=client.verifier
    )
    assert token["token_type"] == "Bearer" and "refresh_token" not in token
    claims = claims_of(client, token["id_token"])
    told = {
        "acr": "confirmed", "family_name": "Белова", "given_name": "Марина", "middle_name": "Игоревна", "name": "Белова Марина Игоревна",
        "birthdate": "1987-03-14", "snils": "11203450784", "snils_verified": True, "email": "maria@example.org", "email_verified": True,
        "phone_number": "+79005550101", "phone_number_verified": True,
    }  # fmt: skip
    assert {name: claims[name] for name in told} == told
    info = client.userinfo(token["access_token"]).json()
    assert info == told | {"sub": claims["sub"]}


def test_the_page_names_each_datum_and_the_rest_can_be_refused(portal: Portal) -> None:
    client, browser = Client(portal, "other", OTHER_CALLBACK), Browser(portal, "oleg")
    question = client.question()
    page = browser.http.get(question).text
    for said in ("other asks to read", "Your name", "Воронцов Олег Андреевич", "Your date of birth", "21 September 1983", "•••-•••-618 ••",
                 "o•••@example.org", "The level of your account"):  # fmt: skip
        assert said in page
    assert "13425061825" not in page
    answer = answer_in(browser.send(question, {"scopes": ["openid", "phone"], "action": "grant"}))
    claims = claims_of(client, client.exchange(answer["code"]).json()["id_token"])
    assert claims["snils"] == "13425061825" and claims["phone_number"] == "+79005550102" and "email" not in claims


def test_what_was_refused_is_not_given_silently(portal: Portal) -> None:
    """Neither by a second visit without a page, nor after the page was shown again and a tick taken away."""
    browser = Browser(portal, "oleg")
    client = Client(portal)
    browser.send(client.question(prompt="consent"), {"scopes": ["openid", "email", "phone"], "action": "grant"})
    assert "code" in answer_in(browser.http.get(Client(portal).question(prompt="none")))
    browser.send(client.question(prompt="consent"), {"scopes": ["openid", "phone"], "action": "grant"})
    assert answer_in(browser.http.get(Client(portal).question(prompt="none")))["error"] == "consent_required"
    again = Client(portal)
    claims = claims_of(again, again.exchange(answer_in(browser.http.get(again.question()))["code"]).json()["id_token"])
    assert "phone_number" in claims and "email" not in claims
    fewer = Client(portal, scope="openid profile")
    assert "code" in answer_in(browser.http.get(fewer.question(prompt="none")))


def test_a_child_gives_a_number_that_nobody_has_checked(portal: Portal) -> None:
    client, browser = Client(portal), Browser(portal, "young")
    claims = claims_of(client, client.exchange(client.allowed(browser)["code"]).json()["id_token"])
    assert (claims["acr"], claims["snils_verified"]) == ("simplified", False)
    assert "email" not in claims and "phone_number" not in claims


def test_each_client_knows_a_citizen_by_another_name(portal: Portal) -> None:
    browser = Browser(portal, "maria")
    subs = {}
    for name, where in (("rp", CALLBACK), ("other", OTHER_CALLBACK)):
        for _ in range(2):
            client = Client(portal, name, where)
            token = client.exchange(client.allowed(browser)["code"]).json()
            subs.setdefault(name, set()).add(claims_of(client, token["id_token"])["sub"])
    assert [len(found) for found in subs.values()] == [1, 1]
    assert subs["rp"] != subs["other"]


def test_a_sector_shares_a_name(portal: Portal) -> None:
    browser, subs = Browser(portal, "mismatch"), set()
    for name in ("site-one", "site-two"):
        portal.command(
            "client", "add", name, "--name", name, "--redirect", CALLBACK, "--sector", "one-owner", "--secret", "s" * 30
        )
        client = Client(portal, name, secret="s" * 30, scope="openid profile")
        subs.add(claims_of(client, client.exchange(client.allowed(browser)["code"]).json()["id_token"])["sub"])
    assert len(subs) == 1


def test_permission_is_asked_once_and_again_when_wished(portal: Portal) -> None:
    client, browser = Client(portal), Browser(portal, "maria")
    client.allowed(browser)
    assert "code" in answer_in(browser.http.get(client.question()))
    assert "code" in answer_in(browser.http.get(client.question(prompt="none")))
    assert browser.http.get(client.question(prompt="consent")).status_code == 200


def test_permission_taken_back_ends_everything_at_once(portal: Portal) -> None:
    client, browser = Client(portal), Browser(portal, "mismatch")
    token = client.exchange(client.allowed(browser)["code"]).json()["access_token"]
    in_flight = client.allowed(browser)["code"]
    assert client.userinfo(token).status_code == 200
    page = browser.http.get("/permissions/").text
    address = page.split('<h2 class="small">rp</h2>')[1].split('action="')[1].split('"')[0]
    assert browser.send(address, {}, form="/permissions/").status_code == 302
    assert client.userinfo(token).status_code == 401
    assert client.exchange(in_flight).json() == {"error": "invalid_grant"}
    assert browser.http.get(client.question()).status_code == 200


def test_signing_out_for_a_client(portal: Portal) -> None:
    client, browser = Client(portal), Browser(portal, "maria")
    token = client.exchange(client.allowed(browser)["code"]).json()
    asked = {
        "id_token_hint": token["id_token"], "post_logout_redirect_uri": "http://localhost:8000/bye/", "state": "s1", "client_id": "rp",
    }  # fmt: skip
    page = browser.http.get("/identity/o/logout", params=asked)
    assert page.status_code == 200 and "Sign out here too?" in page.text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)"[^>]* value="([^"]*)"', page.text))
    done = browser.http.post("/identity/o/logout", data=hidden | {"action": "logout"})
    assert done.status_code == 302 and done.headers["Location"] == "http://localhost:8000/bye/?state=s1"
    assert browser.http.get("/account/").status_code == 302
    assert client.userinfo(token["access_token"]).status_code == 401


def test_keys_change_without_a_break(portal: Portal) -> None:
    """Two keys are published; after a change the old tokens still verify, new ones carry the key that was announced."""
    client, browser = Client(portal), Browser(portal, "maria")
    before = HTTP.get(client.metadata["jwks_uri"]).json()["keys"]
    assert len(before) >= 2
    old = client.exchange(client.allowed(browser)["code"]).json()["id_token"]
    portal.command("keys", "rotate")
    new = Client(portal)
    fresh = new.exchange(new.allowed(browser)["code"]).json()["id_token"]
    after = {key["kid"] for key in HTTP.get(client.metadata["jwks_uri"]).json()["keys"]}
    kids = [jwt_header(token)["kid"] for token in (old, fresh)]
    assert kids[0] != kids[1] and set(kids) <= after
    assert kids[1] in {key["kid"] for key in before}
    claims_of(client, old)
    claims_of(new, fresh)


def jwt_header(token: str) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "==")))


@pytest.mark.parametrize(
    "name", ["portal", "classbook", "classbook-csrf", "messages", "classbook-language", "sessionid", "csrftoken"]
)
def test_cookies_never_collide_with_classbook(portal: Portal, name: str) -> None:
    browser = Browser(portal, "maria")
    browser.send("/account/language/", {"language": "en", "next": "/"}, form="/account/")
    assert (name in browser.http.cookies) is (name == "portal")
