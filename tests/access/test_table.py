"""Every route for every persona: the right ones get in, all others see what does not exist."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from classbook.accounts.models import AccessRequest, Consent, Invitation, SchoolApplication, TrustInvitation
from classbook.attendance.models import AttendanceRecord
from classbook.events.models import AuditEvent, OutboxEvent
from classbook.grading.models import Mark, TermReopening
from classbook.lessons.models import LessonChange
from classbook.people.models import AccessBan, Guardianship, Person, TrustedPerson
from classbook.schools.models import ClassPlacement, Enrollment, Notice, NoticeRead, Position, School
from tests.access.policy import POLICY, Row
from tests.world import World

pytestmark = pytest.mark.django_db
# A refused request leaves none of these behind.
WRITTEN = (
    Mark, AttendanceRecord, LessonChange, OutboxEvent, AuditEvent, Person, ClassPlacement, Enrollment, Guardianship, AccessBan,
    Position, TermReopening, Invitation, AccessRequest, Consent, TrustInvitation, TrustedPerson, Notice,
    NoticeRead, School, SchoolApplication,
)  # fmt: skip
MADE_UP = uuid.UUID(int=7)


def routes(patterns: Any = None) -> Iterator[str]:
    for pattern in patterns or get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield pattern.name or str(pattern.pattern)


def test_every_route_stands_in_the_table() -> None:
    assert set(routes()) == {row.name for row in POLICY}


def ask(client: Client, world: World, row: Row, login: str, *, args: tuple[object, ...] | None = None) -> Any:
    url = reverse(row.name, args=row.args(world) if args is None else args)
    if row.method == "GET":
        return client.get(url, row.query(world))
    data = row.data(world, login if login != "nobody" else "teacher")
    if row.json:
        return client.post(url, json.dumps(data), content_type="application/json")
    return client.post(url, data)


def ids(row: Row) -> str:
    return f"{row.name}-{row.method}"


def footprint() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in WRITTEN)


@pytest.mark.parametrize("row", POLICY, ids=ids)
def test_route_opens_for_those_and_only_those(world: World, row: Row) -> None:
    for login in World.logins:
        client = world.client(login)
        # What the row asks about may have to be made first.
        args = row.args(world)
        before = footprint()
        answer = ask(client, world, row, login, args=args)
        if login in row.teachers:
            continue
        if login in row.who:
            assert answer.status_code in {200, 302}, (login, answer.status_code)
        else:
            assert answer.status_code == 404, (login, answer.status_code)
            assert footprint() == before


@pytest.mark.parametrize("row", POLICY, ids=ids)
def test_visitor_is_asked_to_sign_in(world: World, row: Row) -> None:
    answer = ask(world.client("nobody"), world, row, "nobody")
    if row.public:
        assert answer.status_code in {200, 302, 404}
    elif row.json:
        assert answer.status_code == 401
    else:
        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/login/")


@pytest.mark.parametrize("row", [row for row in POLICY if row.args and row.method == "GET"], ids=ids)
def test_refused_and_nonexistent_look_the_same(world: World, row: Row) -> None:
    args = row.args(world)
    if not args or "stranger" in row.who:
        return
    made_up = tuple(MADE_UP if isinstance(arg, uuid.UUID) else arg for arg in args)
    client = world.client("stranger")
    refused, missing = ask(client, world, row, "stranger"), ask(client, world, row, "stranger", args=made_up)
    assert (refused.status_code, missing.status_code) == (404, 404)
    # The language form names the page it stands on; all else is the same to the byte.
    bodies = [re.sub(rb'name="(next|csrfmiddlewaretoken)" value="[^"]*"', b"", found.content) for found in (refused, missing)]
    assert bodies[0] == bodies[1]


def test_other_childs_name_is_on_no_page_of_a_stranger(world: World) -> None:
    client = world.client("stranger")
    for row in POLICY:
        if row.method == "GET":
            body = ask(client, world, row, "stranger").content.decode()
            assert world.anna.family_name not in body, row.name


def test_wrong_method_changes_nothing(world: World) -> None:
    client = world.client("teacher")
    for row in POLICY:
        # A form's own page is read at the same address.
        is_form = any(one.name == row.name and one.method == "GET" and "teacher" in one.who | one.teachers for one in POLICY)
        if row.method == "POST" and not is_form:
            assert client.get(reverse(row.name, args=row.args(world))).status_code in {404, 405}, row.name


def test_post_without_the_forms_token_is_refused(world: World) -> None:
    client = world.client("teacher")
    client.handler.enforce_csrf_checks = True
    answer = client.post(reverse("journal-save", args=(world.group.uid,)), "{}", content_type="application/json")
    assert answer.status_code == 403


def test_every_answer_carries_the_security_headers(world: World) -> None:
    for login, path in (("teacher", "/today/"), ("teacher", "/nothing/"), ("nobody", "/account/login/"), ("nobody", "/healthz")):
        answer = world.client(login).get(path)
        assert "require-trusted-types-for 'script'" in answer["Content-Security-Policy"], path
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "private" in answer["Cache-Control"]


def test_database_is_one_of_the_two() -> None:
    assert connection.vendor in {"sqlite", "postgresql"}
