"""The demo's processes: the web server and the worker start together, and whoever ends the demo ends both."""

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

Process = subprocess.Popen[bytes]


@contextmanager
def running(port: int) -> Iterator[Process]:
    """The web server, ready to answer, with the worker beside it; both are gone when the block is left."""
    # A closed terminal and a polite kill end the demo as Ctrl-C does: otherwise they would leave the server behind.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    started: list[Process] = []
    try:
        started.append(_start(server_command(port, os.cpu_count() or 1, "127.0.0.1")))
        started.append(_start([sys.executable, "-c", "from classbook.cli import main; main(['worker'])"]))
        _wait_until_served(port, started[0])
        yield started[0]
    finally:
        _stop(started)


def _start(command: list[str]) -> Process:
    # A session of its own: Ctrl-C reaches the demo alone, which then stops the others in order. A server that gets the
    # signal twice may never end.
    return subprocess.Popen(command, start_new_session=True)


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
