from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from classbook.common.triggers import append_only
from tests.reliability.site import Site, made_site

APPEND_ONLY = (
    "events_auditevent", "grading_markchange", "attendance_attendancechange", "lessons_lessonchange", "accounts_consenttext",
)  # fmt: skip


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server in a process of its own, one for the session; each test makes lessons of its own in it (acting.stage)."""
    with made_site(tmp_path_factory.mktemp("served")) as found:
        found.start(workers=2)
        found.wait()
        yield found


@pytest.fixture
def site(transactional_world: Any, live_server: Any) -> str:
    """Address of the served world."""
    return str(live_server.url).replace("127.0.0.1", "localhost")


@pytest.fixture
def transactional_world(transactional_db: None) -> Iterator[Any]:
    """The world committed, for the server's thread. Afterwards the tables are emptied, so each test has it anew.

    Emptying is what the product's triggers refuse; they are there during the test and away only for the emptying.
    """
    from classbook.people.models import Person
    from tests.world import World

    if not Person.objects.exists():
        _build_again()
    yield World()
    _triggers(on=False)


def _build_again() -> None:
    from classbook.demo.build import build
    from tests.conftest import BUILT, DAY

    if connection.vendor == "sqlite":
        BUILT.backup(connection.connection)
    else:
        _triggers(on=True)
        build(DAY, small=True)


def _triggers(*, on: bool) -> None:
    with connection.schema_editor(atomic=False) as editor:
        for table in APPEND_ONLY:
            operation = append_only(table)
            (operation.code if on else operation.reverse_code)(None, editor)  # type: ignore[misc]
