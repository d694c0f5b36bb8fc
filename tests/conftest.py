"""One world for the whole suite: the demo's school in small, built once per database; each test rolls its changes back."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

# Not in pyproject.toml: pytest-django would read the settings from there before these stand.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "classbook.config.settings")
os.environ["CLASSBOOK_DATA"] = tempfile.mkdtemp(prefix="classbook-tests-")
os.environ["CLASSBOOK_SECRET_KEY"] = "only-for-tests-" * 4
os.environ["CLASSBOOK_TIME_ZONE"] = "Asia/Vladivostok"
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

import pytest

# The portal is a site of its own with settings of its own; a process holds those of one site (make test runs both).
collect_ignore = [] if os.environ.get("DJANGO_SETTINGS_MODULE") == "classbook.portal.settings" else ["portal"]

DAY = date(2026, 11, 19)
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
CHROMIUM += ["--disable-component-update", "--disable-sync"]


def pytest_configure(config: pytest.Config) -> None:
    import django

    from classbook.common.catalogues import compile_all

    django.setup()
    compile_all()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """The small demo world, in every test's database from the start."""
    from django.core.management import call_command

    from classbook.demo.build import build

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        call_command("createcachetable", verbosity=0)
        _stand()
        build(DAY, small=True)
        _keep()


# The world of SQLite as it was built, for the tests that empty the tables: to copy it back is much less work than to build it.
BUILT = sqlite3.connect(":memory:", check_same_thread=False)


def _keep() -> None:
    from django.db import connection

    if connection.vendor == "sqlite":
        connection.ensure_connection()
        connection.connection.backup(BUILT)


def _stand() -> None:
    from classbook.common import clock
    from classbook.demo.build import moment

    clock.stand_on(moment(DAY))


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test starts at 12:40 of the world's day, and reads are noted in a file of its own."""
    from classbook.events import reading
    from classbook.web.diary.week import SKELETONS

    _stand()
    reading.forget_noted()
    SKELETONS.forget()
    yield
    _stand()


@pytest.fixture(autouse=True)
def _channels(tmp_path: Path) -> Iterator[None]:
    """Both ways out are there, and lead nowhere: mail into Django's list, text messages into a file."""
    from django.test import override_settings

    with override_settings(CHANNELS=frozenset({"email", "sms"}), SMS="file", MESSAGES_FILE=tmp_path / "messages.jsonl"):
        yield


@pytest.fixture(autouse=True)
def _password_suffices() -> Iterator[None]:
    """As in the demo; tests of the duty switch it on (tests/accounts/test_required.py)."""
    from django.test import override_settings

    with override_settings(REQUIRE_SECOND_FACTOR="off"):
        yield


@pytest.fixture
def world(db: None) -> object:
    """The persons of the sign-in table and what belongs to them."""
    from tests.world import World

    return World()


def chromium() -> str | None:
    """The system's Chromium; None: Playwright's own."""
    return next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists()), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """One Chromium for the session."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM)
        yield found
        found.close()


@pytest.fixture
def page(browser: object) -> Iterator[object]:
    """A fresh browser window; an error of the page's own script fails the test."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1360, "height": 1000})  # type: ignore[attr-defined]
    found = context.new_page()
    errors: list[str] = []
    found.on("pageerror", lambda error: errors.append(str(error)))
    found.on("console", lambda line: errors.append(line.text) if "Content Security" in line.text else None)
    yield found
    context.close()
    assert errors == []
