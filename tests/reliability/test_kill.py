"""A server killed again and again loses and doubles nothing that it acknowledged (quality.md R1 and R4, short form).

Clients write marks one after another and keep a ledger of the acknowledged ones, as the browser's queue does: the
operation id is made before the first try, and the same operation is tried until it is answered. Meanwhile the server is
killed without warning. Afterwards each pupil's history must be his ledger: every entry, once, in order.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.reliability.tool import DAY

CODES = ("5", "4", "3")
TRIES = 2000


@dataclass
class Site:
    """A server of its own with a database of its own."""

    environment: dict[str, str]
    port: int
    facts: dict[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def ask(self, what: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "tests.reliability.tool", what], env=self.environment, capture_output=True, check=True
        )
        return json.loads(done.stdout.splitlines()[-1])

    def start(self, application: str = "classbook.config.wsgi:application") -> None:
        command = [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port),
            "--workers", "1", "--blocking-threads", "1", "--log-level", "critical", application,
        ]  # fmt: skip
        self.process = subprocess.Popen(command, env=self.environment, start_new_session=True)

    def kill(self) -> None:
        """Without warning, with everything that belongs to it."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Teacher:
    """Writes marks of one pupil and remembers what was acknowledged."""

    def __init__(self, site: Site, pupil: str, column: str) -> None:
        self.site, self.pupil, self.column = site, pupil, column
        self.ledger: list[str] = []
        self.token = ""
        self.moved, self.pause = threading.Event(), threading.Event()
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{site.port}", timeout=10)

    def sign_in(self) -> None:
        self.read_token("/account/login/")
        form = {"login": "teacher", "password": "demo-teacher", "csrfmiddlewaretoken": self.token}
        answer = self.client.post("/account/login/", data=form)
        assert answer.status_code == 302, answer.text
        self.read_token("/account/devices/")

    def read_token(self, address: str) -> None:
        page = self.until_answered("GET", address)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert found, page.text
        self.token = found[1]

    def write(self, number: int) -> None:
        """One operation: tried until it is answered, with the same id every time."""
        operation = str(uuid.uuid4())
        lesson = self.site.facts["lesson"]
        body = {
            "op": operation,
            "person": self.site.facts["person"],
            "marks": [
                {
                    "student": self.pupil, "column": self.column, "code": CODES[number % 3], "seen": number,
                    "comment": operation,
                }
            ],
        }  # fmt: skip
        if number == 0:
            body["columns"] = [
                {"uid": self.column, "lesson": lesson, "seen": 0, "work_kind": "answer", "title": "ledger"}
            ]  # fmt: skip
        answer = self.until_answered("POST", f"/lesson/{lesson}/save/", json=body)
        assert answer.status_code == 200, answer.text
        self.ledger.append(operation)
        self.moved.set()

    def until_answered(self, method: str, address: str, **parts: Any) -> httpx.Response:
        for _ in range(TRIES):
            try:
                headers = {"X-CSRFToken": self.token}
                answer = self.client.request(method, address, headers=headers, **parts)
            except httpx.TransportError:
                # Nobody listens while the server starts; asked again as a browser's queue would, only sooner.
                self.pause.wait(0.02)
                continue
            if answer.status_code < 500:
                return answer
        raise AssertionError("The server never came back.")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "CLASSBOOK_DATA": str(tmp_path_factory.mktemp("killed")),
        "CLASSBOOK_DEMO": "yes",
        "CLASSBOOK_DEMO_DATE": DAY.isoformat(),
        "CLASSBOOK_HOSTS": "*",
        "DJANGO_SETTINGS_MODULE": "classbook.config.settings",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    address = environment.get("DATABASE_URL", "")
    name = f"killed_{uuid.uuid4().hex[:12]}"
    if address:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        environment["DATABASE_URL"] = re.sub(r"/postgres\?", f"/{name}?", address)
    found = Site(environment, port)
    found.facts = found.ask("build")
    yield found


def differences(site: Site, teachers: list[Teacher]) -> dict[str, str]:
    """Pupils whose history is not their ledger."""
    stored = site.ask("history")
    found = {}
    for teacher in teachers:
        there = stored.get(teacher.pupil, [])
        if there != teacher.ledger:
            lost = len(set(teacher.ledger) - set(there))
            found[teacher.pupil] = f"{lost} lost, {len(there) - len(set(there))} doubled"
    return found


def run(
    site: Site, pupils: list[str], *, writes: int, kills: int, application: str = "classbook.config.wsgi:application"
) -> list[Teacher]:
    """Teachers write side by side while the server is killed `kills` times, each time after new acknowledged entries."""
    site.start(application)
    teachers = [Teacher(site, pupil, str(uuid.uuid4())) for pupil in pupils]
    faults: list[BaseException] = []

    def work(teacher: Teacher) -> None:
        try:
            for number in range(writes):
                teacher.write(number)
        except BaseException as fault:
            faults.append(fault)
        finally:
            teacher.moved.set()

    for teacher in teachers:
        teacher.sign_in()
    threads = [threading.Thread(target=work, args=(teacher,)) for teacher in teachers]
    for thread in threads:
        thread.start()
    for number in range(kills):
        teacher = teachers[number % len(teachers)]
        teacher.moved.clear()
        teacher.moved.wait(30)
        if faults:
            break
        site.kill()
        site.start(application)
    for thread in threads:
        thread.join()
    site.kill()
    if faults:
        raise faults[0]
    return teachers


def test_kills_lose_and_double_nothing(site: Site) -> None:
    teachers = run(site, site.facts["pupils"][:3], writes=60, kills=6)
    assert [len(teacher.ledger) for teacher in teachers] == [60, 60, 60]
    assert differences(site, teachers) == {}
    assert site.ask("problems") == []


def test_a_server_that_loses_is_caught(site: Site) -> None:
    teachers = run_until_fault(site, site.facts["pupils"][3], "tests.reliability.broken:losing")
    assert differences(site, teachers) == {site.facts["pupils"][3]: "1 lost, 0 doubled"}


def test_a_server_that_doubles_is_caught(site: Site) -> None:
    teachers = run_until_fault(site, site.facts["pupils"][4], "tests.reliability.broken:doubling")
    assert differences(site, teachers) == {site.facts["pupils"][4]: "0 lost, 1 doubled"}


def run_until_fault(site: Site, pupil: str, application: str) -> list[Teacher]:
    """Four writes, the fourth of which goes wrong without a sign."""
    return run(site, [pupil], writes=4, kills=0, application=application)


@pytest.mark.long
def test_many_kills(site: Site) -> None:
    teachers = run(site, site.facts["pupils"][5:9], writes=800, kills=60)
    assert differences(site, teachers) == {}
