"""The portal's own world: its made-up citizens, once per database; each test rolls its changes back."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

import pytest

from tests.portal.served import CALLBACK, SECRET, Portal, made_portal


@pytest.fixture(scope="session")
def django_db_setup(
    _settings: None, django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None
) -> Iterator[None]:
    """In the place of Classbook's world: the tables, the keys, the citizens of the demo and a client."""
    from django.core.management import call_command
    from django.test.utils import setup_databases, teardown_databases

    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        _fill()
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session", autouse=True)
def _settings() -> None:
    """As the demo has them. pytest-django loads settings before this file, so the environment comes too late."""
    from django.conf import settings

    settings.DATA_DIR = tempfile.mkdtemp(prefix="portal-tests-")
    settings.DEMO, settings.MESSAGES = True, "outbox"
    settings.REGISTER = "classbook.portal.register.SimulatedRegister"
    settings.CLASSBOOK = "http://localhost:8000"


def _fill() -> None:
    from classbook.portal import demo, keys
    from classbook.portal.actions.clients import add_client
    from classbook.portal.rules import SCOPES

    keys.make_missing()
    demo.build()
    add_client("classbook", "Classbook", [CALLBACK], ["http://localhost:8000/"], list(SCOPES), "", SECRET)


@pytest.fixture(autouse=True)
def _clock() -> None:
    """The portal's clock is the real one."""


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal in a process of its own."""
    with made_portal(tmp_path_factory.mktemp("portal")) as found:
        yield found
