"""The disk is full, the database locked, the clock stepped back: nothing acknowledged is lost, pages open, all heals by itself."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from tests import postgresql
from tests.reliability.site import Client, Site, free_port, made_site

ENTRIES = 2000
LOCKED_SECONDS = 2.0


class Writer:
    """Writes one cell after the other and remembers what was acknowledged."""

    def __init__(self, site: Site, pupil: int) -> None:
        self.client, self.student = Client(site), site.facts["pupils"][pupil]
        self.column = str(uuid.uuid4())
        lesson = site.facts["lesson"]
        column = {"uid": self.column, "lesson": lesson, "seen": 0, "work_kind": "answer", "title": "ledger"}
        self.ledger: list[str] = []
        assert self.client.save(columns=[column]).status_code == 200

    def write(self) -> httpx.Response:
        entry = str(uuid.uuid4())
        mark = {"student": self.student, "column": self.column, "code": "45"[len(self.ledger) % 2]}
        # The comment fills pages of the database quickly, and names the entry.
        answer = self.client.save(marks=[mark | {"seen": len(self.ledger), "comment": entry.ljust(480, ".")}])
        if answer.status_code == 200:
            self.ledger.append(entry)
        return answer

    def stored(self, site: Site) -> list[str]:
        return [comment.rstrip(".") for comment in site.ask("history").get(self.student, [])]


def write_until_refused(writer: Writer) -> None:
    """Nothing but 200 and then 503 with a time to come back."""
    for _ in range(ENTRIES):
        answer = writer.write()
        if answer.status_code != 200:
            assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "15"), answer.text
            return
    raise AssertionError("The disk never filled.")


def trouble_on_the_disk(site: Site, fill: Callable[[], None], free: Callable[[], None]) -> None:
    site.start()
    writer = Writer(site, 0)
    assert [writer.write().status_code for _ in range(3)] == [200, 200, 200]
    fill()
    write_until_refused(writer)
    for address in (f"/lesson/{site.facts['lesson']}/", f"/journal/{site.facts['group']}/", "/today/", "/account/devices/"):
        assert writer.client.ask("GET", address).status_code == 200, address
    assert writer.client.ask("GET", "/healthz").status_code == 200
    free()
    assert writer.client.until_answered("GET", "/readyz").json() == {"status": "ready"}
    assert writer.write().status_code == 200
    site.kill()
    assert writer.stored(site) == writer.ledger
    assert site.ask("problems") == []


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[tuple[Path, Callable[[], None], Callable[[], None]]]:
    """A disk of its own in memory, with what fills and frees it."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("NOT TESTED: a small disk cannot be mounted here. Run as root to test a full disk.")
    ballast = folder / "ballast"

    def fill() -> None:
        file = os.open(ballast, os.O_WRONLY | os.O_CREAT)
        try:
            while True:
                os.write(file, b"\0" * 65536)
        except OSError:
            os.close(file)

    try:
        yield folder, fill, ballast.unlink
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_full_disk() -> None:
    with ExitStack() as stack:
        # Not pytest's folder: PostgreSQL's own user could not get there.
        place = stack.enter_context(tempfile.TemporaryDirectory(prefix="classbook-disk-"))
        os.chmod(place, 0o755)
        folder, fill, free = stack.enter_context(small_disk(Path(place), 320))
        site = site_on(folder, stack)
        trouble_on_the_disk(site, fill, free)


def site_on(folder: Path, stack: ExitStack) -> Site:
    """On PostgreSQL the server's data lie on the small disk, on SQLite the file does."""
    if not os.environ.get("DATABASE_URL"):
        return stack.enter_context(made_site(folder))
    cluster: AbstractContextManager[str] = postgresql.cluster(str(folder))
    return stack.enter_context(made_site(folder, database=stack.enter_context(cluster)))


@pytest.mark.sqlite
def test_files_that_may_not_grow(tmp_path: Path) -> None:
    """What a full disk does, without the right to mount one: the server's files have reached their limit.

    PostgreSQL's files belong to a process of its own, whose limit is not ours to set: test_full_disk is for both.
    """
    with made_site(tmp_path) as site:

        def limit(size: int) -> None:
            for process in site.processes():
                hard = resource.prlimit(process, resource.RLIMIT_FSIZE)[1]
                resource.prlimit(process, resource.RLIMIT_FSIZE, (size, hard))

        trouble_on_the_disk(site, lambda: limit(8192), lambda: limit(resource.RLIM_INFINITY))


@contextmanager
def locked(site: Site) -> Iterator[None]:
    """Somebody else holds the tables: a backup, a long import, a colleague's tool."""
    if site.is_postgresql:
        with psycopg.connect(site.environment["DATABASE_URL"]) as other:
            other.execute("LOCK TABLE grading_mark, events_operation IN EXCLUSIVE MODE")
            yield
        return
    other_file = sqlite3.connect(Path(site.environment["CLASSBOOK_DATA"]) / "classbook.sqlite3", isolation_level=None)
    other_file.execute("BEGIN IMMEDIATE")
    yield
    other_file.execute("ROLLBACK")
    other_file.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with made_site(tmp_path_factory.mktemp("trouble")) as found:
        yield found


def test_locked_database_is_waited_for_and_pages_open(site: Site) -> None:
    # A worker does one thing at a time, so the pages are asked of another server of the same database.
    second = Site(site.environment, free_port(), site.facts)
    site.start()
    second.start()
    writer, reader = Writer(site, 0), Client(second)
    answers: list[httpx.Response] = []
    thread = threading.Thread(target=lambda: answers.append(writer.write()))
    with locked(site):
        thread.start()
        until = time.monotonic() + LOCKED_SECONDS
        while time.monotonic() < until:
            assert reader.ask("GET", f"/lesson/{site.facts['lesson']}/").status_code == 200
        assert answers == []
    thread.join()
    site.kill()
    second.kill()
    assert [answer.status_code for answer in answers] == [200]
    assert writer.stored(site) == writer.ledger


@pytest.mark.long
def test_database_that_stays_locked_is_said_so(site: Site) -> None:
    site.start()
    writer = Writer(site, 1)
    with locked(site):
        answer = writer.write()
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "15")
    assert writer.write().status_code == 200
    site.kill()
    assert writer.stored(site) == writer.ledger


def test_order_does_not_hang_on_the_clock(site: Site) -> None:
    """The server's clock steps back a day between two entries: the later one stays the later one."""
    past = site.facts["past"]
    column = {"uid": str(uuid.uuid4()), "lesson": past["lesson"], "seen": 0, "work_kind": "answer", "title": "clock"}
    student = past["pupil"]
    for number, (day, code) in enumerate((("2026-11-19", "3"), ("2026-11-18", "4"), ("2026-11-20", "5"))):
        site.start(CLASSBOOK_DEMO_DATE=day)
        client = Client(site)
        mark = {"student": student, "column": column["uid"], "code": code, "seen": number}
        entry = client.operation(columns=[] if number else [column], marks=[mark])
        answer = client.ask("POST", f"/lesson/{past['lesson']}/save/", json=entry)
        assert answer.status_code == 200, answer.text
        assert [one["version"] for one in answer.json()["marks"]] == [number + 1]
        history = f"/journal/{site.facts['group']}/history/?student={student}&column={column['uid']}"
        values = [change["value"] for change in client.ask("GET", history).json()["changes"]]
        assert values == ["3", "4", "5"][: number + 1]
        site.kill()
    assert site.ask("problems") == []
