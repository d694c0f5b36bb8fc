"""A server of its own with a database of its own, on the engine under test, that can be killed and started again."""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.reliability.tool import DAY

APPLICATION = "classbook.config.wsgi:application"
# Asked again as a browser's queue would, only sooner: a server that starts answers within this many tries.
TRIES = 2000
# Times that a connection is tried before it counts as refused; httpx waits longer from one to the next.
CONNECTS = 7


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Site:
    environment: dict[str, str]
    port: int
    facts: dict[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    # Answers tests.journeys.acting.stage.
    stage: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_postgresql(self) -> bool:
        return bool(self.environment.get("DATABASE_URL"))

    def ask(self, what: str, *arguments: str) -> Any:
        """The answer of a command of tests.reliability.tool, run beside the server."""
        command = [sys.executable, "-m", "tests.reliability.tool", what, *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout.splitlines()[-1])

    def start(self, application: str = APPLICATION, *, workers: int = 1, **settings: str) -> None:
        command = [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port),
            "--workers", str(workers), "--blocking-threads", "1", "--log-level", "critical", application,
        ]  # fmt: skip
        with (Path(self.environment["CLASSBOOK_DATA"]) / "server.log").open("ab") as log:
            environment = self.environment | settings
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)

    def wait(self) -> None:
        """Until it answers."""
        with self.browser() as http:
            http.get("/healthz")

    def browser(self) -> httpx.Client:
        """A client that waits for a server which is starting."""
        return httpx.Client(base_url=self.address, timeout=30, transport=httpx.HTTPTransport(retries=CONNECTS))

    def kill(self) -> None:
        """Without warning, with everything that belongs to it."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def processes(self) -> list[int]:
        """The server's process ids: master and workers."""
        assert self.process is not None
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if os.getpgid(int(entry.name)) == self.process.pid:
                        found.append(int(entry.name))
                except ProcessLookupError:
                    continue
        return found


def _common(folder: Path) -> dict[str, str]:
    return {
        "CLASSBOOK_DATA": str(folder),
        "CLASSBOOK_DEMO": "yes",
        "CLASSBOOK_DEMO_DATE": DAY.isoformat(),
        "CLASSBOOK_DEMO_SINCE": str(int(time.time())),
        "CLASSBOOK_HOSTS": "*",
        "DJANGO_SETTINGS_MODULE": "classbook.config.settings",
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]),
    }


@contextmanager
def made_site(folder: Path, *, database: str = "") -> Iterator[Site]:
    """A site whose database is made and filled; it is not started yet. `database`: another server than the suite's."""
    environment = os.environ | _common(folder)
    address = database or environment.get("DATABASE_URL", "")
    found = Site(environment, free_port())
    environment["CLASSBOOK_ADDRESS"] = found.address
    if database:
        environment["DATABASE_URL"] = _created(address)
        found.facts = found.ask("build")
    else:
        found.facts = _copied(environment, folder, address)
    try:
        yield found
    finally:
        found.kill()
        if found.stage is not None:
            found.stage.kill()
            found.stage.wait()


def _created(address: str, template: str = "template1") -> str:
    """A new database on a PostgreSQL server; its address."""
    name = f"site_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return re.sub(r"/postgres\?", f"/{name}?", address)


@cache
def _model(address: str) -> tuple[Path, str, dict[str, Any]]:
    """A filled database that no server is started on: its folder, its address and its facts. Made once, then copied."""
    folder = Path(tempfile.mkdtemp(prefix="classbook-model-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    environment = os.environ | _common(folder) | ({"DATABASE_URL": _created(address)} if address else {})
    return folder, environment.get("DATABASE_URL", ""), Site(environment, 0).ask("build")


def _copied(environment: dict[str, str], folder: Path, address: str) -> dict[str, Any]:
    kept, model, facts = _model(address)
    if address:
        environment["DATABASE_URL"] = _created(address, model.partition("?")[0].rpartition("/")[2])
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    return facts


class Client:
    """A signed-in browser without pages: sends as the queue does, again and again until it is answered."""

    def __init__(self, site: Site, login: str = "teacher") -> None:
        self.site, self.token = site, ""
        self.http = site.browser()
        self.read_token("/account/login/")
        form = {"login": login, "password": f"demo-{login}", "csrfmiddlewaretoken": self.token}
        answer = self.until_answered("POST", "/account/login/", data=form)
        assert answer.status_code == 302, answer.text
        self.read_token("/account/devices/")

    def read_token(self, address: str) -> None:
        page = self.until_answered("GET", address)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert found, page.text
        self.token = found[1]

    def ask(self, method: str, address: str, **parts: Any) -> httpx.Response:
        return self.http.request(method, address, headers={"X-CSRFToken": self.token}, **parts)

    def until_answered(self, method: str, address: str, **parts: Any) -> httpx.Response:
        for _ in range(TRIES):
            try:
                answer = self.ask(method, address, **parts)
            except httpx.TransportError:
                continue
            if answer.status_code < 500:
                return answer
        raise AssertionError("The server never came back.")

    def operation(self, **parts: Any) -> dict[str, Any]:
        return {"op": str(uuid.uuid4()), "person": self.site.facts["person"], **parts}

    def save(self, **parts: Any) -> httpx.Response:
        """One operation into the site's lesson, tried once."""
        address = f"/lesson/{self.site.facts['lesson']}/save/"
        return self.ask("POST", address, json=self.operation(**parts))
