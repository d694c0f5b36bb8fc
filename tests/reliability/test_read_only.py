"""While Classbook can only be read: every page opens, signing in works, entries wait, and the database really takes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.urls import reverse

from classbook.events.models import OutboxEvent
from tests.access.policy import POLICY, Row
from tests.reliability.site import Client, Site, made_site
from tests.world import World

PAGES = [row for row in POLICY if row.method == "GET"]


@pytest.fixture
def refusing(db: None, settings: Any) -> Iterator[Any]:
    """Called when the test has signed its readers in: from then on the setting is on and the engine refuses writes."""

    def refuse() -> None:
        settings.READ_ONLY = True
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA query_only=ON")
            else:
                # What the test made is checked now, for the check locks rows.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET TRANSACTION READ ONLY")

    yield refuse
    if connection.vendor == "sqlite":
        # Past Django, which asks nothing of a transaction in which something failed.
        connection.connection.execute("PRAGMA query_only=OFF")


@pytest.mark.django_db
@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.name)
def test_every_page_can_be_read(world: World, row: Row, refusing: Any) -> None:
    clients = {login: world.client(login) for login in sorted(row.who)}
    address, query = reverse(row.name, args=row.args(world)), row.query(world)
    refusing()
    for login, client in clients.items():
        assert client.get(address, query).status_code in {200, 302}, login


@pytest.mark.django_db
def test_the_engine_refuses_a_write(world: World, refusing: Any) -> None:
    refusing()
    with pytest.raises(DatabaseError):
        OutboxEvent.objects.create(kind="nothing", data={}, created_at="2026-11-19T00:00:00Z")


@pytest.mark.django_db
def test_a_form_gets_a_sentence(world: World, refusing: Any) -> None:
    office = world.client("office")
    refusing()
    answer = office.post(reverse("pupil-add", args=[world.school.uid]), {"family_name": "X"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "15")
    assert "Nothing can be stored at the moment" in answer.content.decode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with made_site(tmp_path_factory.mktemp("read-only")) as found:
        yield found


def entry(site: Site) -> dict[str, Any]:
    return {"attendance": [{"student": site.facts["pupils"][0], "lesson": site.facts["lesson"], "code": "н", "seen": 0}]}


def test_works_that_stop_all_writing(site: Site) -> None:
    """A running school: somebody is signed in, somebody signs in meanwhile, an entry waits, and all goes on afterwards."""
    site.start()
    before = Client(site)
    counted = site.ask("footprint")
    site.kill()

    site.start(CLASSBOOK_READ_ONLY="yes")
    assert before.until_answered("GET", f"/lesson/{site.facts['lesson']}/").status_code == 200
    meanwhile, parent, pupil = Client(site), Client(site, "parent"), Client(site, "pupil")
    assert parent.ask("GET", f"/diary/{site.facts['pupil']}/week/2026-11-19/").status_code == 200
    assert meanwhile.ask("GET", "/readyz").json() == {"status": "read-only"}
    body = meanwhile.operation(**entry(site))
    answer = meanwhile.ask("POST", f"/lesson/{site.facts['lesson']}/save/", json=body)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "15")
    assert parent.ask("POST", "/account/logout/").status_code == 302
    assert parent.ask("GET", "/account/devices/").status_code == 302
    assert site.ask("footprint") == counted
    site.kill()

    site.start()
    assert meanwhile.until_answered("POST", f"/lesson/{site.facts['lesson']}/save/", json=body).status_code == 200
    assert meanwhile.ask("GET", "/account/devices/").status_code == 200
    assert site.ask("footprint")["people.Session"] > counted["people.Session"]
    # A sign-in of the works ends like any other: with signing out everywhere, before its cookie has become a row.
    assert Client(site, "pupil").ask("POST", "/account/devices/end-all/").status_code == 302
    assert pupil.ask("GET", "/account/devices/").status_code == 302
    # Two before and after, three during the works, which were noted in the file.
    assert site.ask("audited", "account.signed_in") == 5
    site.kill()
