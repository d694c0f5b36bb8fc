"""How a region lets families in: the rules, the directory, and what the sign-in makes of it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from classbook.accounts import portal_client
from classbook.accounts.actions import entering, linking
from classbook.accounts.actions.linking import Proof
from classbook.accounts.models import Invitation, PortalLink
from classbook.accounts.queries.letters import letter_by_code
from classbook.accounts.queries.linking import is_required_of, must_link
from classbook.cli import cli
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.models import AuditEvent
from classbook.people.models import Account
from classbook.schools.actions.portal import decide_portal, policy_seen, set_portal, set_town
from classbook.schools.models import AcademicYear, Region, School
from classbook.schools.queries import schools_governed, schools_listed
from classbook.schools.rules import PortalPolicy, RegionRow, policy_of
from tests.accounts.test_letters import family, key, printed
from tests.accounts.test_portal_link import ISSUER, OLGA
from tests.conftest import DAY
from tests.world import World

pytestmark = pytest.mark.django_db
SOON = DAY + timedelta(days=10)


@pytest.fixture
def portal(settings: Any) -> None:
    settings.PORTAL_ISSUER = ISSUER
    Invitation.objects.all().delete()


def visitor() -> Client:
    client = Client()
    client.cookies["classbook-language"] = "en"
    return client


def page(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def require(region: Region, first: date, grace: int = 30) -> None:
    set_portal(region.pk, "required", required_on=first, grace_days=grace)


def test_a_region_says_itself_or_as_the_one_above() -> None:
    day = date(2027, 3, 1)
    rows = {
        1: RegionRow(None, "none", None, 30), 2: RegionRow(1, "", None, 30), 3: RegionRow(1, "required", day, 10),
        4: RegionRow(None, "", None, 30), 5: RegionRow(6, "", None, 30), 6: RegionRow(5, "", None, 30),
    }  # fmt: skip
    kinds = [policy_of(region, rows).kind for region in (None, 1, 2, 3, 4, 5)]
    assert kinds == ["offered", "none", "none", "required", "offered", "offered"]
    policy = policy_of(3, rows)
    assert policy.closes_on == date(2027, 3, 11)
    assert [policy.is_closed(date(2027, 3, one)) for one in (1, 10, 11)] == [False, False, True]
    assert not PortalPolicy("offered").is_closed(day)


def test_the_operator_sets_it_and_the_audit_keeps_it(world: World) -> None:
    region = world.region
    for kind, day in (("required", None), ("offered", DAY), ("pigeon", None)):
        with pytest.raises(Refusal):
            set_portal(region.pk, kind, required_on=day, grace_days=30)
    for call in (lambda: set_portal(0, "none", required_on=None, grace_days=1), lambda: set_town(0, "x")):
        with pytest.raises(NotFound):
            call()
    runner = CliRunner()
    done = runner.invoke(cli, ["region", "portal", str(region.pk), "required", "--from", "2027-03-01", "--grace", "14"])
    assert (done.exit_code, done.output) == (0, f"Region {region.pk}: portal required.\n")
    region.refresh_from_db()
    assert (region.portal, region.portal_required_on, region.portal_grace_days) == ("required", date(2027, 3, 1), 14)
    assert runner.invoke(cli, ["region", "portal", "0", "none"]).exit_code == 1
    assert "first day" in runner.invoke(cli, ["region", "portal", str(region.pk), "required"]).output
    assert runner.invoke(cli, ["region", "town", str(world.school.pk), "Залив"]).exit_code == 0
    assert runner.invoke(cli, ["region", "town", "0", "Залив"]).exit_code == 1
    listed = runner.invoke(cli, ["region", "list"]).output
    assert "portal required from 2027-03-01, 14 days of grace" in listed and "Залив, region" in listed
    runner.invoke(cli, ["region", "portal", str(region.pk), "inherited"])
    region.refresh_from_db()
    assert (region.portal, region.portal_required_on) == ("", None)
    assert AuditEvent.objects.filter(kind="region.portal").count() == 2


@pytest.mark.usefixtures("portal")
def test_the_button_is_only_where_the_region_has_the_portal(world: World) -> None:
    client = visitor()
    assert "portal/" in page(client, "/account/login/") and "portal/" in page(client, "/schools/")
    set_portal(world.region.pk, "none", required_on=None, grace_days=30)
    for address in ("/account/login/", "/schools/", "/in/help/"):
        assert "portal/" not in page(client, address)
    assert client.post("/account/portal/").status_code == 404
    # Beside it another region has one: then the sign-in page shows the button, the school's line does not.
    Region.objects.create(name="Another", portal="offered")
    assert "portal/" in page(client, "/account/login/")
    assert "portal/" not in page(client, "/schools/")


@pytest.mark.usefixtures("portal")
def test_nobody_is_linked_where_the_region_has_no_portal(world: World) -> None:
    pupil, mother = family(world)
    found = letter_by_code(printed(world, [key(mother, pupil)])[0].code)
    assert found is not None
    set_portal(world.region.pk, "none", required_on=None, grace_days=30)
    with pytest.raises(Refusal, match="does not use the portal"):
        linking.link(OLGA, Proof(letter=found.uid), "")
    assert not PortalLink.objects.exists()


def test_the_directory_finds_by_name_and_town(world: World, django_assert_num_queries: Any) -> None:
    set_town(world.school.pk, "Ёлкино")
    today = DAY

    def names(text: str) -> list[str]:
        return [one.name for _region, some in schools_listed(text, today).regions for one in some]

    both = [world.school.name, world.other_school.name]
    assert sorted(names("")) == sorted(both)
    assert names("елкино") == names("СРЕДНЯЯ 12") == [world.school.name]
    assert names("日本人") == [world.other_school.name]
    assert names("nowhere") == [] == names("олкино")
    School.objects.bulk_create(School(name=f"Гимназия {number}", region=world.region) for number in range(60))
    with django_assert_num_queries(3):
        found = schools_listed("гимназия", today)
    assert (sum(len(some) for _region, some in found.regions), found.more) == (50, 10)


def test_the_directory_page(world: World) -> None:
    client = visitor()
    body = page(client, "/schools/", q="средняя", next="/today/")
    assert world.school.name in body and world.region.name in body
    assert "connected" in body and "/in/?next=/today/" in body and "/account/login/?next=/today/" in body
    assert "evil.example" not in page(client, "/schools/", next="//evil.example/").partition("<main")[2].partition("</main")[0]
    assert "No school here fits" in page(client, "/schools/", q="<script>")
    AcademicYear.objects.filter(school=world.school).update(starts_on=date(2020, 9, 1), ends_on=date(2021, 5, 31))
    assert "not connected yet" in page(client, "/schools/", q="средняя")


def sign_in(client: Client, login: str, to: str = "") -> Any:
    return client.post("/account/login/", {"login": login, "password": f"demo-{login}", "next": to})


@pytest.mark.usefixtures("portal")
def test_a_region_that_requires_the_portal_tells_waits_and_closes(world: World) -> None:
    require(world.region, SOON, grace=5)
    client = visitor()
    assert f"{world.region.name}: from 29 November 2026 families sign in" in page(client, "/account/login/")
    assert sign_in(client, "parent")["Location"] == "/"
    assert "From 4 December 2026 you sign in through Public Services alone" in client.get("/", follow=True).content.decode()
    # Whoever works at a school, and whoever is linked, is told nothing.
    teacher = visitor()
    sign_in(teacher, "teacher")
    assert "Public Services alone" not in teacher.get("/", follow=True).content.decode()
    require(world.region, DAY - timedelta(days=5), grace=5)
    answer = sign_in(visitor(), "parent")
    assert (answer.status_code, "Your region signs in through the portal" in answer.content.decode()) == (200, True)
    assert sign_in(visitor(), "teacher")["Location"] == "/"
    assert "families sign in through Public Services" in page(visitor(), "/account/login/")
    doctor = visitor()
    doctor.post("/in/help/", {"what": "password", "login": "parent", "password": "demo-parent"})
    assert "Your region signs in through Public Services" in page(doctor, "/in/help/found/")


@pytest.mark.usefixtures("portal")
def test_wrong_passwords_say_nothing_of_the_region(world: World) -> None:
    require(world.region, DAY - timedelta(days=5), grace=0)
    bodies = []
    for login in ("parent", "nobody"):
        answer = visitor().post("/account/login/", {"login": login, "password": "wrong words"})
        bodies.append("Your region" in answer.content.decode())
    assert bodies == [False, False]


@pytest.mark.usefixtures("portal")
def test_passwords_go_on_where_the_portal_cannot_be(world: World, settings: Any) -> None:
    require(world.region, DAY - timedelta(days=5), grace=0)
    parent = world.person("parent").pk
    assert is_required_of(parent)
    # A child at a school of a region that does not ask for it.
    other = Region.objects.create(name="Another")
    School.objects.filter(pk=world.other_school.pk).update(region=other)
    assert not is_required_of(parent)
    School.objects.filter(pk=world.other_school.pk).update(region=world.region)
    settings.READ_ONLY = True
    assert not is_required_of(parent)
    settings.READ_ONLY, settings.PORTAL_ISSUER = False, ""
    assert not is_required_of(parent)


@pytest.mark.usefixtures("portal")
def test_letters_still_link_where_the_portal_is_required(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    require(world.region, DAY - timedelta(days=5), grace=0)
    pupil, mother = family(world)
    code = printed(world, [key(mother, pupil)])[0].code
    found = letter_by_code(code)
    assert found is not None and must_link(found)
    with pytest.raises(Refusal, match="signs in through the portal"):
        entering.enter(found.uid, "четыре слова без смысла")
    client, wanted = visitor(), f"/diary/{pupil.uid}/marks/"
    client.post("/in/", {"code": code, "next": wanted})
    answer = client.post("/in/you/", {"day": "14", "month": "5", "year": "2013"})
    assert answer["Location"] == "/in/portal/"
    assert "this letter links you once" in page(client, "/in/portal/")
    assert client.get("/in/password/")["Location"] == "/in/you/"
    begun = portal_client.Begun("state", "nonce", "verifier")
    monkeypatch.setattr(portal_client, "begin", lambda: (f"{ISSUER}/authorize", begun))
    monkeypatch.setattr(portal_client, "finish", lambda begun, answer: OLGA)
    client.post("/account/portal/", {"next": wanted})
    assert client.get("/account/portal/callback/?code=c&state=state")["Location"] == "/account/portal/check/"
    assert client.post("/account/portal/check/")["Location"] == wanted
    assert PortalLink.objects.get().person == mother
    # Whoever has no letter for it is asked for one, and a letter of a teacher gives a password as before.
    assert visitor().get("/in/portal/")["Location"] == "/in/"


def test_the_page_that_was_asked_for_opens_after_a_password_and_after_a_letter(world: World) -> None:
    Invitation.objects.all().delete()
    wanted = f"/diary/{world.anna.uid}/marks/"
    client = visitor()
    answer = client.get(wanted)
    login = page(client, answer["Location"])
    assert f'href="/in/?next={wanted}"' in login
    assert sign_in(client, "parent", wanted)["Location"] == wanted
    pupil, mother = family(world)
    wanted = f"/diary/{pupil.uid}/marks/"
    client = visitor()
    code = printed(world, [key(mother, pupil)])[0].code
    assert f'name="next" value="{wanted}"' in page(client, "/in/", next=wanted)
    assert 'name="next" value="//' not in page(client, "/in/", next="//evil.example/")
    client.post("/in/", {"code": code, "next": wanted})
    client.post("/in/you/", {"day": "14", "month": "5", "year": "2013"})
    client.post("/in/password/", {"password": "четыре слова без смысла"})
    assert Account.objects.get(person=mother).first_used_at is not None
    assert f'href="{wanted}"' in page(client, "/in/done/")
    assert clock.today("UTC") >= DAY


def decide(
    world: World, kind: str, first: date | None = None, *, login: str = "authority", seen: str = "", region: Any = None
) -> None:
    at = region or world.region
    found = Region.objects.get(pk=at.pk)
    decide_portal(world.actor(login), at, kind, required_on=first, grace_days=10, seen=seen or policy_seen(found))


def test_authority_decides_for_its_own_region_alone_and_in_time(world: World) -> None:
    region = world.region
    decide(world, "required", SOON)
    found = Region.objects.get(pk=region.pk)
    assert (found.portal, found.portal_required_on, found.portal_grace_days) == ("required", SOON, 10)
    audit = AuditEvent.objects.get(kind="region.portal")
    assert audit.actor_id == world.person("authority").pk
    for kind, first, field in (("required", DAY, "required_on"), ("required", None, "required_on"), ("", None, "kind")):
        with pytest.raises(Refusal) as refused:
            decide(world, kind, first)
        assert refused.value.field == field
    # What was announced before may stay as it is, also when it has begun.
    clock.stand_on(clock.now() + timedelta(days=20))
    decide(world, "required", SOON)
    part = Region.objects.create(name="Район", parent=region)
    for login, at in (("head", region), ("office", region), ("authority", part)):
        with pytest.raises(NotFound):
            decide(world, "none", login=login, region=at)
    assert Region.objects.get(pk=region.pk).portal == "required"


def test_of_two_who_decide_at_once_the_second_looks_again(world: World) -> None:
    seen = policy_seen(world.region)
    decide(world, "none", seen=seen)
    with pytest.raises(Refusal, match="in the meantime"):
        decide(world, "offered", seen=seen)
    assert Region.objects.get(pk=world.region.pk).portal == "none"


def test_schools_of_parts_that_say_nothing_are_counted(world: World) -> None:
    region = world.region
    quiet = Region.objects.create(name="Район", parent=region)
    own = Region.objects.create(name="Город", parent=region, portal="none")
    for at in (quiet, own):
        School.objects.create(name="Школа", region=at)
    assert schools_governed(region) == 3


def test_page_says_what_will_happen_before_it_does(world: World, portal: None) -> None:
    client, address = world.client("authority"), f"/authority/{world.region.uid}/portal/"
    form = {"kind": "required", "required_on": "", "grace_days": "30"}
    answer = client.post(address, form)
    assert answer.status_code == 422 and "Please fill this in." in answer.content.decode()
    sure = client.post(address, {**form, "required_on": "2026-12-01"}).content.decode()
    for words in ("It holds for 2 schools.", "From 1 December 2026", "After 30 December 2026 no password"):
        assert words in sure
    assert Region.objects.get(pk=world.region.pk).portal == ""
    found = re.findall(r'name="(operation|seen)" value="([^"]+)"', sure)
    answer = client.post(address, {**form, "required_on": "2026-12-01", "sure": "1", **dict(found)}, follow=True)
    assert "It is set how families of" in answer.content.decode()
    assert Region.objects.get(pk=world.region.pk).portal_required_on == date(2026, 12, 1)
    assert "from 1 December 2026 families sign in" in page(visitor(), "/account/login/")
