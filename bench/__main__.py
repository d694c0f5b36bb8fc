"""`make bench`: CPU of application and database for each request, as a ratio to the floor of the same run."""

from __future__ import annotations

import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.world import DAY

ROOT = Path(__file__).resolve().parent.parent
ROUNDS, REQUESTS, SAVES = 3, 150, 60


@dataclass(frozen=True, slots=True)
class HotPath:
    """A path of the product: what must hold, as a ratio to the floor (performance.md)."""

    name: str
    must: float
    send: Callable[[httpx.Client, int], httpx.Response]
    requests: int = REQUESTS


def cpu_seconds(group: int) -> float:
    """CPU that the server's process group and every PostgreSQL backend have used so far, exact to the nanosecond."""
    total = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            words = (folder / "stat").read_text().rsplit(")", 1)
            if int(words[1].split()[2]) == group or words[0].split("(", 1)[1] == "postgres":
                total += sum(int((task / "schedstat").read_text().split()[0]) for task in (folder / "task").iterdir())
        except OSError:
            continue
    return total / 1e9


@contextmanager
def served(application: str, environment: dict[str, str]) -> Iterator[tuple[httpx.Client, int]]:
    """A server with one worker; answers a client and the process group to count."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "1", "--blocking-threads",
        "1", "--log-level", "critical", application,
    ]  # fmt: skip
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=httpx.HTTPTransport(retries=20), timeout=60)
    try:
        client.get("/healthz")
        yield client, process.pid
    finally:
        client.close()
        process.terminate()
        process.wait()


def measured(path: HotPath, client: httpx.Client, group: int) -> float:
    """Microseconds of CPU per request: the median of some rounds, after a round that warms up."""
    found = []
    for turn in range(ROUNDS + 1):
        before = cpu_seconds(group)
        for number in range(path.requests):
            answer = path.send(client, number)
            if answer.status_code not in (200, 304):
                raise SystemExit(f"{path.name}: {answer.status_code} {answer.text[:300]}")
        if turn:
            found.append((cpu_seconds(group) - before) / path.requests * 1e6)
    return statistics.median(found)


def sign_in(client: httpx.Client, login: str) -> str:
    """Sign in; answers the token for writes."""
    client.cookies.clear()
    form = {"login": login, "password": f"demo-{login}", "csrfmiddlewaretoken": _token(client.get("/account/login/"))}
    client.post("/account/login/", data=form)
    return _token(client.get("/account/devices/"))


def _token(page: httpx.Response) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    if found is None:
        raise SystemExit(f"No form on {page.url}: {page.status_code}")
    return found[1]


def saver(facts: dict[str, Any], token: str) -> Callable[[httpx.Client, int], httpx.Response]:
    """Saves of 25 marks each: a new column, so that every save writes 25 rows with their history."""

    def send(client: httpx.Client, number: int) -> httpx.Response:
        column = str(uuid.uuid4())
        body = {
            "op": str(uuid.uuid4()),
            "person": facts["person"],
            "columns": [{"uid": column, "lesson": facts["lesson"], "seen": 0, "work_kind": "answer"}],
            "marks": [{"student": pupil, "column": column, "code": "4", "seen": 0} for pupil in facts["pupils"]],
        }
        return client.post(facts["save"], json=body, headers={"X-CSRFToken": token})

    return send


def run(name: str, environment: dict[str, str]) -> bool:
    """Measure one database; answers whether every "must" holds."""
    built = subprocess.run([sys.executable, "-m", "bench.world"], env=environment, check=True, capture_output=True, cwd=ROOT)
    facts = json.loads(built.stdout.splitlines()[-1])
    with served("bench.floor:application", environment) as (client, group):
        floor = measured(HotPath("floor", 1, lambda http, _: http.get("/")), client, group)
    rows = []
    with served("classbook.config.wsgi:application", environment) as (client, group):
        sign_in(client, "pupil")
        for path in (
            HotPath("a pupil's week", 5, lambda http, _: http.get(facts["week"])),
            HotPath("a pupil's term by subject", 5, lambda http, _: http.get(facts["marks"])),
        ):
            rows.append((path, measured(path, client, group)))
        token = sign_in(client, "teacher")
        for path in (
            HotPath("journal grid of a term", 5, lambda http, _: http.get(facts["journal"])),
            HotPath("save of 25 marks, durable", 4, saver(facts, token), SAVES),
        ):
            rows.append((path, measured(path, client, group)))
    print(f"\n{name}: CPU of application and database, microseconds a request; floor {floor:.0f}")
    print(f"{'path':30}{'us':>8}{'x floor':>9}{'must':>7}")
    for path, used in rows:
        verdict = "ok" if used / floor <= path.must else "MISSED"
        print(f"{path.name:30}{used:>8.0f}{used / floor:>9.1f}{path.must:>7.1f}  {verdict}")
    return all(used / floor <= path.must for path, used in rows)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="classbook-bench-") as data:
        environment = os.environ | {
            "CLASSBOOK_DATA": data, "CLASSBOOK_DEMO": "yes", "CLASSBOOK_DEMO_DATE": DAY.isoformat(), "CLASSBOOK_HOSTS": "*",
            "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        return 0 if run("PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite", environment) else 1


if __name__ == "__main__":
    sys.exit(main())
