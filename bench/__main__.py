"""`make bench`: CPU of application and database for each request, as a ratio to the floor of the same run."""

from __future__ import annotations

import json
import os
import re
import signal
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

from bench.importing import MUST as IMPORT_MUST
from bench.importing import import_seconds
from bench.letters import MUST as LETTERS_MUST
from bench.letters import letters_seconds
from bench.signin import sign_ins
from bench.world import DAY

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = int(os.environ.get("ROUNDS") or 7)
# The beginning of the names of the paths to measure, such as "save", or "signin"; the import is left out then.
ONLY = os.environ.get("ONLY") or ""
Send = Callable[[httpx.Client], httpx.Response]


@dataclass(frozen=True, slots=True)
class HotPath:
    """A path of the product and its floor; `must` and `wanted` are ratios (performance.md)."""

    name: str
    must: float
    wanted: float
    floor: Send
    send: Send
    requests: int = 100
    # Compared with an empty page of the product rather than with the bare program.
    beside_empty: bool = False


@dataclass(frozen=True, slots=True)
class Served:
    """A running server with one worker: how to ask it, and the process group whose CPU counts."""

    client: httpx.Client
    group: int


def _database() -> int:
    """The process of the PostgreSQL server that is measured; 0 without one."""
    home = os.environ.get("DATABASE_URL", "").partition("?host=")[2]
    return int(Path(home, "data", "postmaster.pid").read_text().split()[0]) if home else 0


DATABASE = _database()


def cpu_seconds(group: int) -> float:
    """CPU that the server's process group and the database's processes have used so far, exact to the nanosecond."""
    total = 0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            parent, own = (folder / "stat").read_text().rsplit(")", 1)[1].split()[1:3]
            if int(own) == group or (DATABASE and int(parent) == DATABASE):
                total += sum(int((task / "schedstat").read_text().split()[0]) for task in (folder / "task").iterdir())
        except OSError:
            continue
    return total / 1e9


@contextmanager
def served(application: str, interface: str, environment: dict[str, str]) -> Iterator[Served]:
    """Start a server, wait until it answers, and end it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "granian", "--interface", interface, "--port", str(port), "--workers", "1",
        "--log-level", "critical", application,
    ]  # fmt: skip
    if interface == "wsgi":
        command += ["--blocking-threads", "1"]
    process = subprocess.Popen(command, env=environment, start_new_session=True, cwd=ROOT)
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=httpx.HTTPTransport(retries=20), timeout=60)
    try:
        client.get("/healthz")
        yield Served(client, process.pid)
    finally:
        client.close()
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _microseconds(server: Served, send: Send, requests: int) -> float:
    before = cpu_seconds(server.group)
    for _ in range(requests):
        answer = send(server.client)
        if answer.status_code not in (200, 304):
            raise SystemExit(f"{answer.request.url}: {answer.status_code} {answer.text[:300]}")
    return (cpu_seconds(server.group) - before) / requests * 1e6


def measured(path: HotPath, floor: Served, product: Served) -> tuple[float, float, float]:
    """Microseconds of the floor and of the product, and their ratio: medians of rounds in which both took their turn."""
    rounds = []
    for turn in range(ROUNDS + 1):
        pair = _microseconds(floor, path.floor, path.requests), _microseconds(product, path.send, path.requests)
        if turn:  # the first one warms up
            rounds.append((*pair, pair[1] / pair[0]))
    low, high, ratio = (statistics.median(column) for column in zip(*rounds, strict=True))
    return low, high, ratio


def asks(path: str, **headers: str) -> Send:
    """A request for a page."""
    return lambda client: client.get(path, headers=headers)


def saves(facts: dict[str, Any], token: str) -> Send:
    """A save of 25 marks into an empty column, so that each writes 25 rows with their history."""
    columns = iter(facts["columns"])

    def send(client: httpx.Client) -> httpx.Response:
        lesson, column, _ = next(columns)
        marks = [{"student": pupil, "column": column, "code": "4", "seen": 0} for pupil in facts["pupils"]]
        body = {"op": str(uuid.uuid4()), "person": facts["person"], "marks": marks}
        return client.post(facts["save"].format(lesson), json=body, headers={"X-CSRFToken": token})

    return send


def bare_saves(facts: dict[str, Any]) -> Send:
    """The same 25 marks for the floor, which need not look anything up."""
    columns = iter(facts["columns"])

    def send(client: httpx.Client) -> httpx.Response:
        marks = [{"student": key, "code": "4", "score": 4} for key in facts["pupils"].values()]
        return client.post("/", json={"school": facts["school"], "column": next(columns)[2], "marks": marks})

    return send


def paths_of(facts: dict[str, Any], product: Served) -> list[tuple[str, HotPath]]:
    """What is measured, each with the sign-in that asks."""
    week, marks, journal = (facts["paths"][name][1] for name in ("week", "marks", "journal"))
    _become(product, facts, "pupil")
    tag = product.client.get(week).headers["ETag"]
    _become(product, facts, "teacher")
    token = _token(product.client.get("/account/devices/"))
    return [
        ("pupil", HotPath("a pupil's week", 5, 2.5, asks("/week"), asks(week))),
        ("pupil", HotPath("unchanged week (304)", 1.5, 1.2, asks(week), asks(week, **{"If-None-Match": tag}), beside_empty=True)),
        ("pupil", HotPath("a pupil's year by subject", 5, 3, asks("/marks"), asks(marks))),
        ("teacher", HotPath("journal grid of a term", 5, 3, asks("/journal"), asks(journal))),
        ("teacher", HotPath("save of 25 marks, durable", 4, 2, bare_saves(facts), saves(facts, token), 40)),
    ]


def _become(product: Served, facts: dict[str, Any], login: str) -> None:
    product.client.cookies.clear()
    product.client.cookies.update(facts["cookies"][login])


def _token(page: httpx.Response) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    if found is None:
        raise SystemExit(f"No form on {page.url}: {page.status_code}")
    return found[1]


def facts_of(environment: dict[str, str]) -> dict[str, Any]:
    """Build or grow the world in a process of its own; answers what to ask for."""
    built = subprocess.run([sys.executable, "-m", "bench.world"], env=environment, check=True, stdout=subprocess.PIPE, cwd=ROOT)
    found: dict[str, Any] = json.loads(built.stdout.splitlines()[-1])
    return found


@contextmanager
def three_servers(environment: dict[str, str], facts: dict[str, Any]) -> Iterator[tuple[Served, Served, Served]]:
    """The floor, the product with an empty page, and the product."""
    with (
        served("bench.floor:application", "rsgi", environment) as floor,
        served("bench.empty:application", "wsgi", environment) as empty,
        served("classbook.config.wsgi:application", "wsgi", environment) as product,
    ):
        empty.client.cookies.update(facts["cookies"]["pupil"])
        yield floor, empty, product


def run(name: str, environment: dict[str, str]) -> bool:
    """Measure one database; answers whether every "must" holds."""
    if ONLY == "signin":
        print(f"\n{name}:")
        return sign_ins(environment)
    facts = facts_of(environment)
    print(f"\n{name}: CPU of application and database, microseconds a request")
    print(f"{'path':30}{'floor':>8}{'us':>8}{'x floor':>9}{'must':>7}{'wanted':>8}")
    good = True
    with three_servers(environment, facts) as (floor, empty, product):
        for login, path in paths_of(facts, product):
            if not path.name.startswith(ONLY):
                continue
            _become(product, facts, login)
            low, high, ratio = measured(path, empty if path.beside_empty else floor, product)
            verdict = "MISSED" if ratio > path.must else "wanted" if ratio <= path.wanted else "ok"
            figures = f"{low:>8.0f}{high:>8.0f}{ratio:>9.2f}{path.must:>7.1f}{path.wanted:>8.1f}"
            print(f"{path.name:30}{figures}  {verdict}", flush=True)
            good = good and ratio <= path.must
    if ONLY:
        return good
    good = import_seconds(environment) <= IMPORT_MUST and good
    good = letters_seconds(environment) <= LETTERS_MUST and good
    return sign_ins(environment) and good


def growth(name: str, environment: dict[str, str], worlds: int) -> bool:
    """What the week costs in one world of two schools and in many, by the same pupil."""
    found = []
    for number in (1, worlds):
        grown = environment | {"BENCH_WORLDS": str(number)}
        facts = facts_of(grown)
        with three_servers(grown, facts) as (floor, _, product):
            (_, path), *_ = paths_of(facts, product)
            _become(product, facts, "pupil")
            found.append(measured(path, floor, product))
            print(
                f"{name}, {2 * number} schools: a pupil's week {found[-1][1]:.0f} us, its floor {found[-1][0]:.0f} us", flush=True
            )
    ratio = found[1][1] / found[0][1]
    print(f"growth of the week: {ratio:.2f}, must 3 {'ok' if ratio <= 3 else 'MISSED'}")
    return ratio <= 3


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="classbook-bench-") as data:
        environment = os.environ | {
            "CLASSBOOK_DATA": os.environ.get("BENCH_DATA") or data, "CLASSBOOK_DEMO": "yes",
            "CLASSBOOK_DEMO_DATE": DAY.isoformat(), "CLASSBOOK_HOSTS": "*", "PYTHONPATH": f"{ROOT}/src:{ROOT}",
        }  # fmt: skip
        name, schools = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite", int(os.environ.get("SCHOOLS") or 2)
        return 0 if (growth(name, environment, schools // 2) if schools > 2 else run(name, environment)) else 1


if __name__ == "__main__":
    sys.exit(main())
