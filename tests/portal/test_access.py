"""Every route of the portal for every kind of citizen: the right ones get in, all others see what does not exist."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from classbook.portal.models import Child, Citizen, Consent, Proof
from tests.portal.policy import ALL, POLICY, Row
from tests.portal.test_levels import signed

pytestmark = pytest.mark.django_db
WRITTEN = (Citizen, Child, Consent, Proof)


def routes(patterns: Any = None) -> Iterator[str]:
    for pattern in patterns or get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield pattern.name or str(pattern.pattern)


def address(row: Row, args: tuple[object, ...] | None = None) -> str:
    oidc = {"configuration", "jwks", "authorization", "logout", "token", "revoke", "userinfo", "device_code"}
    return reverse(f"idp:oidc:{row.name}" if row.name in oidc else row.name, args=row.args() if args is None else args)


def ask(client: Client, row: Row, args: tuple[object, ...] | None = None) -> Any:
    where = address(row, args)
    return client.get(where) if row.method == "GET" else client.post(where, row.data())


def ids(row: Row) -> str:
    return row.name


def test_every_route_stands_in_the_table() -> None:
    found = list(routes())
    assert sorted(found) == sorted(row.name for row in POLICY)


@pytest.mark.parametrize("row", POLICY, ids=ids)
def test_route_opens_for_those_and_only_those(row: Row) -> None:
    for login in sorted(ALL):
        client = signed(login)
        where = address(row)
        before = [model.objects.count() for model in WRITTEN]
        answer = client.get(where) if row.method == "GET" else client.post(where, row.data())
        if login in row.who:
            assert answer.status_code in row.status, (login, answer.status_code)
        elif row.name == "check":
            # Nothing to ask the register about.
            assert answer.status_code == 422
        else:
            assert answer.status_code == 404, (login, answer.status_code)
            assert [model.objects.count() for model in WRITTEN] == before


@pytest.mark.parametrize("row", POLICY, ids=ids)
def test_visitor_is_asked_to_sign_in(row: Row) -> None:
    answer = ask(Client(), row)
    if row.public:
        assert answer.status_code in {200, 302, *row.status, 404}
    elif row.name == "mfa_index":
        assert answer["Location"] == "/account/"
    else:
        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/login/"), answer["Location"]


OF_SOMEBODY = [row for row in POLICY if row.name in {"child-account", "centre-person", "support-person"}]


@pytest.mark.parametrize("row", OF_SOMEBODY, ids=ids)
def test_refused_and_nonexistent_look_the_same(row: Row) -> None:
    client = signed("oleg")
    made_up = tuple(uuid.UUID(int=7) if isinstance(arg, uuid.UUID) else 999_999 for arg in row.args())
    refused, missing = ask(client, row), ask(client, row, made_up)
    assert (refused.status_code, missing.status_code) == (404, 404)
    bodies = [re.sub(rb'name="(next|csrfmiddlewaretoken)" value="[^"]*"', b"", found.content) for found in (refused, missing)]
    assert bodies[0] == bodies[1]


def test_wrong_method_changes_nothing() -> None:
    client = signed("maria")
    for row in POLICY:
        if row.method == "POST":
            assert client.get(address(row)).status_code in {404, 405}, row.name


def test_forms_without_their_token_are_refused() -> None:
    client = signed("maria")
    client.handler.enforce_csrf_checks = True
    for name in ("identity", "check", "proof", "sessions-end", "account_logout", "language", "register", "recover"):
        assert client.post(reverse(name), {}).status_code == 403, name


def test_every_answer_carries_the_security_headers() -> None:
    for client, path in ((signed("maria"), "/account/"), (Client(), "/"), (Client(), "/nothing/"), (Client(), "/readyz")):
        answer = client.get(path)
        assert "require-trusted-types-for 'script'" in answer["Content-Security-Policy"], path
        assert "form-action 'self';" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "no-store"


def test_outside_the_demo_there_are_no_messages_and_no_passwords(settings: Any) -> None:
    settings.DEMO = False
    assert Client().get("/demo/outbox/").status_code == 404
    assert "demo-maria" not in Client().get("/account/login/").content.decode()


# Statements of a page when everything is warm; one more is a change to look at.
BUDGETS = {"/": 0, "/help/": 0, "/register/": 0, "/account/login/": 1, "/account/": 4, "/account/history/": 3, "/permissions/": 3}


@pytest.mark.parametrize("path", BUDGETS)
def test_pages_ask_little(path: str, django_assert_max_num_queries: Any) -> None:
    client = signed("maria") if path not in {"/", "/help/", "/register/", "/account/login/"} else Client()
    client.get(path)
    with django_assert_max_num_queries(BUDGETS[path]):
        assert client.get(path).status_code == 200
