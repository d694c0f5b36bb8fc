"""A portal in a process of its own, and programs that ask it for citizens' data: clients made with authlib, not with allauth."""

from __future__ import annotations

import os
import re
import secrets
import signal
import ssl
import subprocess
import sys
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
from authlib.common.security import generate_token
from authlib.deprecate import AuthlibDeprecationWarning
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from tests.reliability.site import free_port

# authlib tells at its import that it will leave httpx, and sets its own filter before all others.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import OAuth2Client

CALLBACK = "http://localhost:8000/account/portal/callback/"
SECRET = "a-secret-of-the-tests-only"
OTHER_CALLBACK = "https://other.example/answer"
PASSWORD = "four words that hold"
CONNECTS = 9
# One for all: making its TLS settings takes longer than the request.
TLS = ssl.create_default_context()
HTTP = httpx.Client(timeout=60, verify=TLS)


@dataclass
class Portal:
    environment: dict[str, str]
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """The discovery document."""
        return dict(HTTP.get(f"{self.address}/.well-known/openid-configuration").json())

    def command(self, *arguments: str) -> str:
        """A command of `classbook portal`, beside the server."""
        command = [sys.executable, "-c", f"from classbook.cli import main; main({['portal', *arguments]!r})"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        command = [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port),
            "--workers", "2", "--blocking-threads", "1", "--log-level", "critical", "classbook.portal.wsgi:application",
        ]  # fmt: skip
        with (Path(self.environment["PORTAL_DATA"]) / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, start_new_session=True)
        with httpx.Client(base_url=self.address, timeout=60, transport=httpx.HTTPTransport(retries=CONNECTS)) as http:
            assert http.get("/readyz").json() == {"status": "ready"}

    def stop(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextmanager
def made_portal(folder: Path) -> Iterator[Portal]:
    """A portal with the citizens of the demo and three clients; it runs."""
    environment = os.environ | {
        "PORTAL_DATA": str(folder),
        "PORTAL_DEMO": "yes",
        "PORTAL_MESSAGES": "outbox",
        "PORTAL_REGISTER": "classbook.portal.register.SimulatedRegister",
        "PORTAL_CLASSBOOK": "http://localhost:8000",
        "PORTAL_HOSTS": "*",
        "DJANGO_SETTINGS_MODULE": "classbook.portal.settings",
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]),
    }
    address = environment.get("DATABASE_URL", "")
    if address:
        name = f"portal_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        environment["PORTAL_DATABASE_URL"] = re.sub(r"/postgres\?", f"/{name}?", address)
    found = Portal(environment, free_port())
    found.environment["PORTAL_ADDRESS"] = found.address
    found.command("demo", "--classbook", "http://localhost:8000")
    everything = "openid profile birthdate snils email phone"
    for client, where, scopes in (
        ("rp", CALLBACK, everything),
        ("other", OTHER_CALLBACK, everything),
        ("narrow", CALLBACK, "openid"),
    ):
        found.command("client", "add", client, "--name", client, "--redirect", where, "--scopes", scopes, "--secret", SECRET)
    found.start()
    try:
        yield found
    finally:
        found.stop()


class Browser:
    """A person's browser without pictures."""

    def __init__(self, portal: Portal, login: str = "") -> None:
        self.http = httpx.Client(base_url=portal.address, timeout=60, verify=TLS, headers={"Accept-Language": "en"})
        if login:
            self.sign_in(login)

    def sign_in(self, login: str, password: str = "") -> httpx.Response:
        return self.send("/account/login/", {"login": login, "password": password or f"demo-{login}"})

    def send(self, address: str, data: dict[str, Any], *, form: str = "") -> httpx.Response:
        """Open a page and send its form with these values; hidden fields of the page are kept."""
        page = self.http.get(form or address)
        hidden = dict(re.findall(r'<input type="hidden" name="(csrfmiddlewaretoken|request)" value="([^"]*)"', page.text))
        return self.http.post(address, data={name: unescape(value) for name, value in hidden.items()} | data)


@dataclass
class Client:
    """A relying party: authlib's client, its state and its verifier."""

    portal: Portal
    name: str = "rp"
    callback: str = CALLBACK
    scope: str = "openid profile birthdate snils email phone"
    secret: str = SECRET
    verifier: str = field(default_factory=lambda: generate_token(64))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    state: str = ""

    def __post_init__(self) -> None:
        self.metadata = self.portal.metadata
        self.oauth = OAuth2Client(
            self.name,
            self.secret,
            scope=self.scope,
            redirect_uri=self.callback,
            code_challenge_method="S256",
            timeout=60,
            verify=TLS,
        )

    def question(self, **changes: str | None) -> str:
        """The address to which the browser is sent; `changes` put in, replace or (None) leave out a parameter."""
        address, self.state = self.oauth.create_authorization_url(
            self.metadata["authorization_endpoint"], code_verifier=self.verifier, nonce=self.nonce
        )
        parts = urlsplit(address)
        asked: dict[str, Any] = {name: values[0] for name, values in parse_qs(parts.query).items()} | changes
        query = {name: value for name, value in asked.items() if value is not None}
        return f"{parts.path}?{httpx.QueryParams(query)}"

    def allowed(self, browser: Browser, **changes: str | None) -> dict[str, str]:
        """What comes back to the callback when the person allows everything."""
        question = self.question(**changes)
        page = browser.http.get(question)
        if page.status_code != 302:
            scopes = ["openid", *re.findall(r'name="scopes" value="(\w+)" checked', page.text)]
            page = browser.send(question, {"scopes": scopes, "action": "grant"})
        assert page.status_code == 302, page.text
        return answer_in(page)

    def exchange(self, code: str, /, **changes: str) -> httpx.Response:
        """The code for tokens, as the client's own request."""
        data = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.callback, "code_verifier": self.verifier,
        }  # fmt: skip
        sent = {name: value for name, value in (data | changes).items() if value != "-"}
        return HTTP.post(self.metadata["token_endpoint"], data=sent, auth=(self.name, self.secret))

    def userinfo(self, token: str) -> httpx.Response:
        return HTTP.get(self.metadata["userinfo_endpoint"], headers={"Authorization": f"Bearer {token}" if token else "Bearer"})


def answer_in(response: httpx.Response) -> dict[str, str]:
    """The parameters of the address to which a browser is sent."""
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()}


def challenge_of(verifier: str) -> str:
    return str(create_s256_code_challenge(verifier))
