"""`classbook demo` as a visitor meets it: a table of sign-ins, a ready line, one key to stop everything."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from classbook.web.demo import LOGINS

# The portal's citizens; its own modules cannot be loaded in this process.
CITIZENS = ("maria", "oleg", "young", "mismatch", "clerk", "support")

# A visitor's demo is on SQLite whatever the suite runs on.
pytestmark = pytest.mark.sqlite

COMMAND = [sys.executable, "-c", "from classbook.cli import main; main()", "demo", "--small"]
# A Saturday.
ASKED = "2026-09-05"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A folder and a port of its own; SQLite, as a visitor has it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL" and not name.startswith("CLASSBOOK_")}
    return kept | {"DATA": str(tmp_path_factory.mktemp("demo")), "PORT": str(port), "DEMO_DATE": ASKED, "LANG": "C.UTF-8"}


def start(environment: dict[str, str]) -> tuple[subprocess.Popen[str], list[str]]:
    """The demo, with what it printed until it was ready."""
    process = subprocess.Popen(
        COMMAND, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    lines: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if line.startswith("Ready:"):
            return process, lines
    raise AssertionError("\n".join(lines))


def alive(environment: dict[str, str]) -> list[str]:
    """Processes that work in the demo's folder: the demo, its server with workers, its worker."""
    told = f"CLASSBOOK_DATA={Path(environment['DATA']).resolve()}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if told in (folder / "environ").read_bytes().split(b"\0"):
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def by_key(process: subprocess.Popen[str]) -> None:
    """Ctrl-C, as a terminal sends it: to every process of the group."""
    os.killpg(process.pid, signal.SIGINT)


def by_kill(process: subprocess.Popen[str]) -> None:
    process.terminate()


@pytest.mark.parametrize("stop", [by_key, by_kill])
def test_ready_and_stopped(environment: dict[str, str], stop: Callable[[subprocess.Popen[str]], None]) -> None:
    built = (Path(environment["DATA"]) / "classbook.sqlite3").exists()
    process, lines = start(environment)
    try:
        assert lines[-1] == f"Ready: http://localhost:{environment['PORT']}"
        assert "There are no lessons on 2026-09-05: the clock of the demo stands on the last school day, 2026-09-04." in lines
        # Once: the second start finds the world there.
        assert any(line.startswith("Building") for line in lines) is not built
        table = [re.split(r" {2,}", line) for line in lines]
        rows = {row[2]: row for row in table if len(row) == 5}
        assert list(rows) == ["Login", *LOGINS, *CITIZENS]
        assert all(rows[login][3] == f"demo-{login}" and all(rows[login]) for login in (*LOGINS, *CITIZENS))
        portal = int(environment["PORT"]) + 1
        assert lines[-2] == f"Public Services portal: http://localhost:{portal}"
        with urllib.request.urlopen(f"http://127.0.0.1:{portal}/account/login/") as page:
            assert "demo-maria" in page.read().decode()
        with urllib.request.urlopen(f"http://127.0.0.1:{environment['PORT']}/account/login/") as page:
            assert "demo-" in page.read().decode()
        # The demo itself does not have the variable in its own first environment; server and worker do.
        assert sum("worker" in line for line in alive(environment)) >= 1
        assert sum("granian" in line for line in alive(environment)) >= 2
    finally:
        stop(process)
    rest = process.communicate(timeout=30)[0]
    assert (process.returncode, rest.splitlines()[-1]) == (0, "Stopped.")
    assert alive(environment) == []


def refused(environment: dict[str, str], **changes: str) -> str:
    done = subprocess.run(COMMAND, env=environment | changes, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]


def test_a_taken_port_is_told(environment: dict[str, str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        told = refused(environment, PORT=str(port))
    assert told == f"Error: Port {port} is taken by another program. Stop it, or choose another port: PORT={port + 1}."


def test_a_taken_port_of_the_portal_is_told(environment: dict[str, str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1] - 1
        told = refused(environment, PORT=str(port))
    assert told == (
        f"Error: Port {port + 1}, which the demo's portal needs, is taken by another program. Stop it, or choose another port: "
        f"PORT={port + 10}."
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"DEMO_DATE": "tomorrow"}, 'Error: "tomorrow" is not a date. Write it as 2026-11-19.'),
        ({"PORT": "70000"}, "Error: Invalid value for '--port': 70000 is not in the range 1<=x<=65535."),
        ({"CLASSBOOK_TIMEZONE": "UTC"}, "Error: Unknown setting: CLASSBOOK_TIMEZONE. Every setting stands in docs/settings.md; "
         "correct the name or remove it."),
        ({"DATA": "/proc/nowhere"}, "Error: The folder /proc/nowhere cannot be used (No such file or directory). "
         "Choose another with CLASSBOOK_DATA, or DATA for the demo."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(environment: dict[str, str], changes: dict[str, str], told: str) -> None:
    assert refused(environment, **changes) == told
