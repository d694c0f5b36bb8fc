"""All that a stranger can compare of an answer, and the five kinds of account about which he must learn nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from classbook.accounts.models import PortalLink
from classbook.common import clock
from classbook.people.models import Account, Contact, Person
from tests.world import World

KINDS = ("password", "no-password", "disabled", "unknown", "portal-only")
_PASSING = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"|[\w-]+@example\.org|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}')


# The token of a form and the typed text make the length; the page itself is compared. Expires is the second of the answer.
_OF_THE_MOMENT = {"Content-Length", "Expires"}


def visitor(address: str = "127.0.0.1") -> Client:
    client = Client(REMOTE_ADDR=address)
    client.cookies["classbook-language"] = "en"
    return client


def make(kind: str, number: int = 0) -> str:
    """An account of the kind with a confirmed address of the same name; the login. Of the unknown there is nothing."""
    login = f"{kind}-{number:04}"
    if kind == "unknown":
        return login
    person = Person.objects.create(family_name="Outside", given_name=login, sort_key=login)
    # The hash that the demo's own accounts have: of the house's cost, and made once.
    encoded = Account.objects.get(login="parent").password if kind in {"password", "disabled"} else make_password(None)
    Account.objects.create(person=person, login=login, password=encoded, is_active=kind != "disabled")
    Contact.objects.create(person=person, kind="email", value=f"{login}@example.org", confirmed_at=clock.now())
    if kind == "portal-only":
        at = clock.now()
        PortalLink.objects.create(
            iss="https://portal.example", sub=login, person=person, level="standard", linked_at=at, used_at=at
        )
    return login


@contextmanager
def hashes() -> Iterator[list[str]]:
    """One entry for each password that is hashed inside, whether to store it, to check it or to spend the time."""
    counted: list[str] = []
    encode, verify = Argon2PasswordHasher.encode, Argon2PasswordHasher.verify

    def counting(real: Any, name: str) -> Any:
        def count(self: Any, *args: Any, **parts: Any) -> Any:
            counted.append(name)
            return real(self, *args, **parts)

        return count

    with (
        patch.object(Argon2PasswordHasher, "encode", counting(encode, "encode")),
        patch.object(Argon2PasswordHasher, "verify", counting(verify, "verify")),
    ):
        yield counted


@dataclass(frozen=True)
class Seen:
    """What an answer shows: the number of questions and of hashes is the part of its time that does not hang on the machine."""

    status: int
    headers: tuple[tuple[str, str], ...]
    cookies: tuple[str, ...]
    page: str
    queries: tuple[str, ...]
    hashed: int


def seen(client: Client, path: str, form: dict[str, str], *, follow: bool = True) -> Seen:
    with CaptureQueriesContext(connection) as asked, hashes() as counted:
        answer = client.post(path, form, follow=follow)
    page = _PASSING.sub("", answer.content.decode())
    for typed in form.values():
        page = page.replace(f'value="{typed}"', "")
    return Seen(
        answer.status_code,
        tuple(sorted((name, _PASSING.sub("", value)) for name, value in answer.headers.items() if name not in _OF_THE_MOMENT)),
        tuple(sorted(answer.cookies)),
        page,
        tuple(_form_of(query["sql"]) for query in asked.captured_queries),
        len(counted),
    )


def _form_of(sql: str) -> str:
    """A question without its values."""
    return re.sub(r"\s+", " ", re.sub(r"'[^']*'|\b\d+\b|%\S*|\bs\d+_x\d+\b", "", sql))[:60]


def known_device(world: World, login: str) -> Client:
    """A browser on which the account was signed in and out before."""
    client = visitor()
    answer = client.post("/account/login/", {"login": login, "password": f"demo-{login}"})
    assert answer.status_code == 302
    client.post("/account/logout/")
    return client
