"""A second factor is required of whoever sees much of a school: after a grace, by permission, until one is set up."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from classbook.accounts.actions import factors
from classbook.accounts.queries.factors import required_from
from classbook.common import clock
from classbook.common.errors import NotFound
from classbook.events.models import AuditEvent
from classbook.people.models import Account, Contact, Person
from classbook.schools.models import Position
from tests.accounts.mailbox import arrived
from tests.world import World

pytestmark = pytest.mark.django_db
WIDE = ("head", "deputy", "office", "it", "nurse", "psychologist", "authority")
OTHERS = ("teacher", "classteacher", "parent", "pupil")


@pytest.fixture(autouse=True)
def _on(settings: Any, world: World) -> Iterator[None]:
    settings.REQUIRE_SECOND_FACTOR = "on"
    cache.clear()
    # All of them came in long ago.
    Account.objects.update(first_used_at=clock.now() - timedelta(days=60))
    yield
    cache.clear()


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.mark.parametrize("login", WIDE)
def test_only_the_page_that_sets_it_up_opens(world: World, login: str) -> None:
    client = world.client(login)
    for address in ("/", "/account/devices/", f"/school/{world.school.uid}/", f"/journal/{world.group.uid}/", "/no/such/"):
        answer = client.get(address)
        if address != "/no/such/":
            assert (answer.status_code, answer["Location"]) == (302, "/account/security/"), address
    page = words(client.get("/account/security/"))
    assert "a password alone no longer suffices" in page
    assert '<nav class="nav"' not in page
    codes = client.post("/account/security/codes/", {"sure": "1"})
    assert codes.status_code == 200
    assert client.get("/account/devices/").status_code == 200
    assert client.get("/")["Location"] != "/account/security/"


def test_the_way_out_and_the_language_are_open(world: World) -> None:
    client = world.client("head")
    assert client.post("/account/language/", {"language": "ja", "next": "/account/security/"})["Location"] == "/account/security/"
    assert client.post("/account/logout/")["Location"] == "/account/login/"


@pytest.mark.parametrize("login", OTHERS)
def test_families_and_mere_teachers_are_not_asked(world: World, login: str) -> None:
    assert required_from(world.actor(login)) is None
    assert world.client(login).get("/account/devices/").status_code == 200


def test_a_teacher_with_another_position_is_asked_and_no_entry_is_lost(world: World) -> None:
    """Also on the short way of the journal, which no middleware sees."""
    Position.objects.create(person=world.person("teacher"), role="office", school=world.school, starts_on=date(2026, 9, 1))
    client, body = world.client("teacher"), world.body()
    client.get("/account/security/")
    assert client.get(f"/journal/{world.group.uid}/")["Location"] == "/account/security/"
    answer = world.save(client, body)
    assert (answer.status_code, json.loads(answer.content)["error"]) == (403, "factor")
    factors.make_codes(world.actor("teacher"))
    assert client.get(f"/journal/{world.group.uid}/").status_code == 200
    assert world.save(client, body).status_code == 200


def test_grace_begins_with_the_first_sign_in_and_says_its_end(world: World) -> None:
    Account.objects.filter(login="head").update(first_used_at=None)
    Person.objects.filter(pk=world.person("head").pk).update(locale="en")
    client = Client()
    client.cookies["classbook-language"] = "en"
    answer = client.post("/account/login/", {"login": "head", "password": "demo-head"})
    assert "From 3 December 2026 on" in " ".join(str(one) for one in get_messages(answer.wsgi_request))
    assert client.get("/account/devices/").status_code == 200
    assert "From 3 December 2026 on" in words(client.get("/account/security/"))
    clock.stand_on(clock.now() + timedelta(days=14))
    later = Client()
    later.cookies["classbook-language"] = "en"
    later.post("/account/login/", {"login": "head", "password": "demo-head"})
    assert later.get("/account/devices/")["Location"] == "/account/security/"


@pytest.mark.parametrize(
    ("begins", "first", "expected"),
    [
        ("on", date(2026, 9, 1), date(2026, 9, 15)),
        (date(2026, 12, 10), date(2026, 9, 1), date(2026, 12, 10)),
        (date(2026, 12, 10), date(2026, 12, 5), date(2026, 12, 19)),
    ],
)
def test_from_which_day(world: World, settings: Any, begins: Any, first: date, expected: date) -> None:
    settings.REQUIRE_SECOND_FACTOR = begins
    Account.objects.filter(login="head").update(first_used_at=f"{first.isoformat()}T12:00:00Z")
    assert required_from(world.actor("head")) == expected


def test_off_asks_nobody_and_costs_nothing(world: World, settings: Any) -> None:
    client = world.client("head")
    factors.make_codes(world.actor("head"))
    client.get("/account/devices/")
    with CaptureQueriesContext(
        connection,
    ) as on:
        client.get("/account/devices/")
    settings.REQUIRE_SECOND_FACTOR = "off"
    with CaptureQueriesContext(connection) as off:
        client.get("/account/devices/")
    assert len(on) - len(off) == 1
    parent = world.client("parent")
    parent.get("/account/devices/")
    with CaptureQueriesContext(connection) as off:
        parent.get("/account/devices/")
    settings.REQUIRE_SECOND_FACTOR = "on"
    with CaptureQueriesContext(connection) as on:
        parent.get("/account/devices/")
    assert len(on) == len(off)


# Printed codes


def codes_of(answer: Any) -> list[str]:
    return [code.replace(" ", "") for code in re.findall(r"<code>(\d{4} \d{4})</code>", answer.content.decode())]


def printing(world: World, login: str) -> str:
    return f"/school/{world.school.uid}/codes/{world.person(login).uid}/"


def test_the_office_prints_a_list_for_a_teacher(world: World, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = "off"
    teacher = world.person("teacher")
    Person.objects.filter(pk=teacher.pk).update(locale="en")
    Contact.objects.create(person=teacher, kind="email", value="t@example.org", confirmed_at=clock.now())
    own = factors.make_codes(world.actor("teacher"))
    office = world.client("office")
    board = words(office.get(f"/school/{world.school.uid}/codes/"))
    assert ("10 codes are left" in board, "has more rights than you" in board) == (True, True)
    answer = office.post(printing(world, "teacher"), {"sure": "1"})
    codes = codes_of(answer)
    assert (len(codes), answer["Cache-Control"]) == (10, "private, no-store")
    event = AuditEvent.objects.get(kind="factor.printed")
    assert (event.actor_id, event.subject_id, event.school_id) == (world.person("office").pk, teacher.pk, world.school.pk)
    assert any("The school printed a list" in text for text in arrived("t@example.org"))
    client = Client()
    client.post("/account/login/", {"login": "teacher", "password": "demo-teacher"})
    assert client.post("/account/login/second/", {"code": own[0]}).status_code == 422
    assert client.post("/account/login/second/", {"code": codes[0]}).status_code == 302
    # The password is still the teacher's alone.
    assert Account.objects.get(login="teacher").check_password("demo-teacher")


@pytest.mark.parametrize(
    ("by", "of", "may"),
    [
        ("office", "teacher", True),
        ("it", "teacher", True),
        ("office", "head", False),
        ("it", "office", False),
        ("office", "nurse", False),
        ("office", "office", False),
        ("head", "teacher", False),
        ("classteacher", "teacher", False),
        ("parent", "teacher", False),
        ("office", "parent", False),
    ],
)
def test_nobody_prints_for_whoever_may_do_more(world: World, settings: Any, by: str, of: str, may: bool) -> None:
    settings.REQUIRE_SECOND_FACTOR = "off"
    answer = world.client(by).post(printing(world, of), {"sure": "1"})
    assert answer.status_code == (200 if may else 404)
    if not may:
        with pytest.raises(NotFound):
            factors.print_codes_for(world.actor(by), world.school, world.person(of).uid)
        assert not factors.factors_of(world.person(of).pk).any


def test_rights_in_another_school_count_as_well(world: World, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = "off"
    Position.objects.create(person=world.person("teacher"), role="head", school=world.other_school, starts_on=date(2026, 9, 1))
    assert world.client("office").post(printing(world, "teacher"), {"sure": "1"}).status_code == 404


# Grave things need a fresh proof


def grave(world: World) -> dict[str, tuple[str, str, dict[str, str]]]:
    school = world.school.uid
    return {
        "letters of a class": (
            "classteacher",
            f"/class/{world.school_class.uid}/letters/print/",
            {"only": f"p:{world.anna.uid}"},
        ),
        "letters for everybody": ("office", f"/school/{school}/letters/issue/", {"kind": "code"}),
        "letters of the school": ("office", f"/school/{school}/letters/print/", {}),
        "letters of the staff": ("office", f"/school/{school}/letters/staff/print/", {"who": "out"}),
        "who issues letters": (
            "head",
            f"/school/{school}/letters/issuers/set/",
            {"person": str(world.person("nurse").uid), "named": "1"},
        ),
        "codes of a colleague": ("office", printing(world, "teacher"), {"sure": "1"}),
        "a ban": ("head", f"/school/{school}/bans/{world.anna.uid}/", {"reason": "kept as typed"}),
        "a deputy": ("head", f"/school/{school}/terms/deputies/{world.person('deputy').uid}/", {"sure": "1", "seen": "give"}),
    }


@pytest.mark.parametrize("what", [
    "letters of a class", "letters for everybody", "letters of the school", "letters of the staff", "who issues letters",
    "codes of a colleague", "a ban", "a deputy",
])  # fmt: skip
def test_an_old_proof_is_asked_for_again_and_the_deed_goes_on(world: World, settings: Any, what: str) -> None:
    settings.REQUIRE_SECOND_FACTOR = "off"
    login, address, data = grave(world)[what]
    client = world.client(login)
    clock.stand_on(clock.now() + timedelta(minutes=16))
    before = AuditEvent.objects.count()
    asked = client.post(address, data)
    assert (asked.status_code, "Is it you?" in words(asked)) == (403, True)
    for name, value in data.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in asked.content.decode()
    assert AuditEvent.objects.count() == before
    done = client.post(address, data | {"proof-asked": "post", "proof-password": f"demo-{login}"})
    assert done.status_code != 403
    assert client.post(address, data).status_code != 403
    # A stranger learns nothing: it is not there, whatever he proves.
    stranger = world.client("stranger")
    assert stranger.post(address, data).status_code == 404
