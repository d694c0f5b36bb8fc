"""The client of the portal takes nothing but a right answer: each attack is refused, and a right answer before and after passes."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from classbook.accounts import portal_client
from classbook.accounts.portal_client import Begun, Citizen, PortalFailed, PortalRefused

ISSUER = "https://portal.example"
KEY, OTHER_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


def public(key: Any, kid: str) -> dict[str, Any]:
    return jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": kid, "use": "sig"}


class Provider:
    """The network's other end: says what it is told to say, and keeps what it was asked."""

    def __init__(self) -> None:
        self.metadata: dict[str, Any] = {
            "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/authorize", "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys", "authorization_response_iss_parameter_supported": True,
        }  # fmt: skip
        self.keys: list[dict[str, Any]] = [public(KEY, "one")]
        self.token: Any = ""
        self.asked: list[tuple[str, str, dict[str, Any]]] = []

    def ask(self, method: str, address: str, **sent: Any) -> dict[str, Any]:
        self.asked.append((method, address, sent))
        if address.endswith("/.well-known/openid-configuration"):
            return self.metadata
        return {"keys": self.keys} if address == self.metadata["jwks_uri"] else {"id_token": self.token}


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Provider:
    settings.PORTAL_ISSUER, settings.PORTAL_CLIENT, settings.PORTAL_SECRET = ISSUER, "classbook", "a b:c"
    settings.ADDRESS = "https://school.example"
    found = Provider()
    monkeypatch.setattr(portal_client, "_ask", found.ask)
    return found


def claims(begun: Begun, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    told = {
        "iss": ISSUER, "aud": "classbook", "sub": "s1", "nonce": begun.nonce, "iat": now, "exp": now + 300, "acr": "standard",
        "family_name": "Белова", "given_name": "Марина", "birthdate": "1987-03-14", "snils": "11203450784",
        "snils_verified": True, "email": "m@example.org", "email_verified": False,
    }  # fmt: skip
    return {name: value for name, value in (told | changes).items() if value is not None}


def signed(told: dict[str, Any], key: Any = KEY, *, alg: str = "RS256", **header: Any) -> str:
    return jwt.encode(told, key, algorithm=alg, headers={"kid": "one"} | header)


def come_back(provider: Provider, begun: Begun, token: str | None = None, **changes: Any) -> Citizen:
    provider.token = signed(claims(begun)) if token is None else token
    answer = {"code": ["c"], "state": [begun.state], "iss": [ISSUER]} | changes
    return portal_client.finish(begun, {name: values for name, values in answer.items() if values is not None})


def test_a_right_answer(provider: Provider) -> None:
    address, begun = portal_client.begin()
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{ISSUER}/authorize?")
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "https://school.example/account/portal/callback/"
    assert begun.verifier not in address
    citizen = come_back(provider, begun)
    assert (citizen.iss, citizen.sub, citizen.level, citizen.family) == (ISSUER, "s1", "standard", "Белова")
    assert (citizen.snils, citizen.email) == ("11203450784", "")
    sent = next(sent for method, _, sent in provider.asked if method == "POST")
    assert (sent["data"]["code_verifier"], sent["auth"]) == (begun.verifier, ("classbook", "a%20b%3Ac"))
    unchecked = come_back(provider, begun, signed(claims(begun, snils_verified="true")))
    assert (unchecked.snils, unchecked.claimed_snils) == ("", "11203450784")


ANSWERS: dict[str, dict[str, Any]] = {
    "no state": {"state": None},
    "another state": {"state": ["x"]},
    "state twice": {"state": ["x", "x"]},
    "no issuer": {"iss": None},
    "another issuer": {"iss": ["https://evil.example"]},
    "issuer with a slash": {"iss": [ISSUER + "/"]},
    "no code": {"code": None},
    "two codes": {"code": ["a", "b"]},
    "an error": {"error": ["server_error"]},
}
# Instants are told in seconds from the moment of the test, not of the file's loading: a whole suite lies between the two.
TIMES = ("exp", "iat", "nbf")
TOKENS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "issuer with a slash": {"iss": ISSUER + "/"},
    "another audience": {"aud": "other"},
    "one more audience": {"aud": ["classbook", "other"]},
    "another party": {"azp": "other"},
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "over": {"exp": -61},
    "from tomorrow": {"iat": 86_400},
    "not yet": {"nbf": 600},
    "no end": {"exp": None},
    "nobody": {"sub": None},
    "an empty name": {"sub": ""},
    "a long name": {"sub": "s" * 256},
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_wrong_answer_is_refused(provider: Provider, name: str) -> None:
    _, begun = portal_client.begin()
    come_back(provider, begun)
    with pytest.raises(PortalFailed):
        come_back(provider, begun, **ANSWERS[name])
    come_back(provider, begun)


@pytest.mark.parametrize("name", TOKENS)
def test_a_wrong_token_is_refused(provider: Provider, name: str) -> None:
    _, begun = portal_client.begin()
    now = int(time.time())
    changes = {claim: now + value if claim in TIMES and value else value for claim, value in TOKENS[name].items()}
    with pytest.raises(PortalFailed):
        come_back(provider, begun, signed(claims(begun, **changes)))
    come_back(provider, begun)


def test_only_the_portals_own_keys_count(provider: Provider) -> None:
    _, begun = portal_client.begin()
    told = claims(begun)
    secret = "a-shared-secret-of-thirty-two-signs"
    bad = [
        signed(told, OTHER_KEY),
        signed(told, OTHER_KEY, kid="two"),
        signed(told, OTHER_KEY, jwk=public(OTHER_KEY, "one")),
        signed(told, OTHER_KEY, jku="https://evil.example/keys"),
        signed(told, None, alg="none"),
        signed(told, secret, alg="HS256"),
        signed(told, KEY, alg="RS384"),
        signed(told)[:-6] + "AAAAAA",
        "x.y.z",
        "",
    ]
    for token in bad:
        with pytest.raises(PortalFailed):
            come_back(provider, begun, token)
    assert all("evil" not in address for _, address, _ in provider.asked)
    # A secret key among the public ones is no key either, and two of one name are none.
    provider.keys = [public(KEY, "one"), public(OTHER_KEY, "one")]
    with pytest.raises(PortalFailed):
        come_back(provider, begun)
    provider.keys = [{"kty": "oct", "kid": "one", "k": "YS1zaGFyZWQtc2VjcmV0LW9mLXRoaXJ0eS10d28tc2lnbnM"}]
    with pytest.raises(PortalFailed):
        come_back(provider, begun, signed(told, secret, alg="HS256"))
    provider.keys = [public(KEY, "one")]
    come_back(provider, begun)


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": ISSUER + "/"},
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "http://portal.example/a"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
    ],
)
def test_a_discovery_that_is_not_the_issuers_is_refused(provider: Provider, changes: dict[str, Any]) -> None:
    provider.metadata |= changes
    with pytest.raises(PortalFailed):
        portal_client.begin()


def test_no_secret_leaves_by_an_open_line(provider: Provider) -> None:
    _, begun = portal_client.begin()
    provider.metadata["token_endpoint"] = "http://localhost/token"
    with pytest.raises(PortalFailed):
        come_back(provider, begun)
    assert [method for method, _, _ in provider.asked if method == "POST"] == []


def test_who_refuses_at_the_portal_is_told_so(provider: Provider) -> None:
    _, begun = portal_client.begin()
    with pytest.raises(PortalRefused):
        come_back(provider, begun, code=None, error=["access_denied"])
    with pytest.raises(PortalFailed):
        portal_client.finish(None, {"code": ["c"], "state": [begun.state], "iss": [ISSUER]})


ANSWERS_OF_SERVERS: dict[str, tuple[int, bytes]] = {
    "/moved": (302, b"{}"),
    "/broken": (500, b"{}"),
    "/words": (200, b"<!doctype html>"),
    "/list": (200, b"[]"),
    "/endless": (200, b'{"a": "' + b"a" * portal_client.MOST_BYTES + b'"}'),
    "/cut": (200, b""),
}


def test_what_no_portal_says_is_a_failure() -> None:
    """Over a real line: nothing is followed, nothing is read for ever, and nobody there is a failure as well."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = ANSWERS_OF_SERVERS.get(self.path, (200, b'{"right": true}'))
            self.send_response(status)
            self.send_header("Location", "/right")
            self.send_header("Content-Length", str(len(body) + (9 if self.path == "/cut" else 0)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        assert portal_client._ask("GET", f"{address}/right") == {"right": True}
        for path in ANSWERS_OF_SERVERS:
            with pytest.raises(PortalFailed):
                portal_client._ask("GET", address + path)
    finally:
        server.shutdown()
        server.server_close()
    with pytest.raises(PortalFailed):
        portal_client._ask("GET", f"{address}/right")
