"""The demo's processes: web server, worker and portal start together, and whoever ends the demo ends all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time as timing
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import click

from classbook.cli.serve import server_command

STARTUP_SECONDS = 60
# How long a process may take to end in peace; then it is ended.
PATIENCE_SECONDS = 5

# Known to everybody who reads it, as in portal/demo.py: the two sites share no code.
PORTAL_SECRET = "demo-client-secret-known-to-everybody"

Process = subprocess.Popen[bytes]


@contextmanager
def running(port: int, portal_port: int) -> Iterator[Process]:
    """The web server, ready to answer, with worker and portal beside it; all are gone when the block is left."""
    # A closed terminal and a polite kill end the demo as Ctrl-C does: otherwise they would leave the server behind.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    started: list[Process] = []
    try:
        started.append(_start(server_command(port, os.cpu_count() or 1, "127.0.0.1")))
        started.append(_start([sys.executable, "-c", "from classbook.cli import main; main(['worker'])"]))
        started.append(_start(portal_command("serve", "--port", str(portal_port)), portal_environment(port)))
        _wait_until_served(port, started[0])
        _wait_until_served(portal_port, started[-1])
        yield started[0]
    finally:
        _stop(started)


def portal_command(*arguments: str) -> list[str]:
    """A command of the portal for a process of its own: one process holds the settings of one site."""
    return [sys.executable, "-c", f"from classbook.cli import main; main({['portal', *arguments]!r})"]


def portal_environment(port: int) -> dict[str, str]:
    """The portal beside the demo's Classbook: the same folder, a database of its own, everything simulated."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "DJANGO_SETTINGS"))}
    return kept | {
        "PORTAL_DATA": os.environ["CLASSBOOK_DATA"],
        "PORTAL_DEMO": "yes",
        "PORTAL_HOSTS": os.environ["CLASSBOOK_HOSTS"],
        "PORTAL_TIME_ZONE": os.environ["CLASSBOOK_TIME_ZONE"],
        "PORTAL_MESSAGES": "outbox",
        "PORTAL_REGISTER": "classbook.portal.register.SimulatedRegister",
        "PORTAL_CLASSBOOK": f"http://localhost:{port}",
        # The issuer, by one name whatever the browser types.
        "PORTAL_ADDRESS": f"http://localhost:{port + 1}",
    }


def prepare_portal(port: int) -> str:
    """The portal's tables and citizens; answers its table of sign-ins."""
    command = portal_command("demo", "--classbook", f"http://localhost:{port}")
    done = subprocess.run(command, env=portal_environment(port), capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"The portal could not be prepared. {done.stderr.strip()}")
    return done.stdout


def _start(command: list[str], environment: dict[str, str] | None = None) -> Process:
    # A session of its own: Ctrl-C reaches the demo alone, which then stops the others in order. A server that gets the
    # signal twice may never end.
    return subprocess.Popen(command, start_new_session=True, env=environment)


def _stop(processes: list[Process]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for process in processes:
        process.terminate()
    deadline = timing.monotonic() + PATIENCE_SECONDS
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - timing.monotonic()))
        # The whole group: a server's workers outlive a server that is killed.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_until_served(port: int, server: Process) -> None:
    deadline = timing.monotonic() + STARTUP_SECONDS
    while timing.monotonic() < deadline:
        if server.poll() is not None:
            raise click.ClickException("The web server stopped at once; its message stands above.")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return
        except OSError:
            timing.sleep(0.2)
    raise click.ClickException("The web server did not answer within a minute.")
