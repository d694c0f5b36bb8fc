"""`classbook demo`: build the world if it is not there yet, then serve it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time as timing
import urllib.request
from datetime import UTC, date, datetime
from pathlib import Path

import click

from classbook.cli import start_django
from classbook.cli.serve import refuse_taken_port, server_command

STARTUP_SECONDS = 60


@click.command("demo")
@click.option("--data", default="data/demo", envvar="DATA", show_default=True, help="Folder of the demo's database.")
@click.option("--port", type=int, default=8000, envvar="PORT", show_default=True)
@click.option("--seed", type=int, default=12, show_default=True, help="Another seed makes other people.")
@click.option("--date", "on", default="", envvar="DEMO_DATE", help="The day on which the world stands, YYYY-MM-DD.")
@click.option("--small", is_flag=True, help="A few classes only, ready in seconds.")
def demo_command(data: str, port: int, seed: int, on: str, small: bool) -> None:
    """Build a believable school world on first use and serve it; Ctrl-C stops everything."""
    refuse_taken_port(port)
    os.environ.update(CLASSBOOK_DEMO="yes", CLASSBOOK_DATA=str(Path(data).resolve()))
    os.environ.setdefault("CLASSBOOK_TIME_ZONE", "Asia/Vladivostok")
    os.environ.setdefault("CLASSBOOK_HOSTS", "*")
    try:
        asked = date.fromisoformat(on) if on else datetime.now(UTC).date()
    except ValueError:
        raise click.ClickException(f'"{on}" is not a date. Write it as 2026-11-19.') from None
    day = _world(asked, seed, small)
    os.environ["CLASSBOOK_DEMO_DATE"] = day.isoformat()
    _serve(port)


def _world(asked: date, seed: int, small: bool) -> date:
    """The day of the world that is there; built when there is none, or when another day is asked for and nothing was typed."""
    start_django()
    from classbook.cli.migrate import migrate  # noqa: PLC0415 - needs Django set up
    from classbook.common import clock  # noqa: PLC0415
    from classbook.demo import keeping  # noqa: PLC0415
    from classbook.demo.build import build, moment, school_day  # noqa: PLC0415

    day = school_day(asked)
    migrate(verbosity=0)
    kept = keeping.kept_world()
    if kept and (kept.day == day or kept.touched):
        if kept.day != day:
            click.echo(f"The world stands on {kept.day}: you have entered something in it. Remove the folder for a fresh one.")
        return kept.day
    if kept:
        if not keeping.clear_world():
            click.echo(f"The world stands on {kept.day}. Empty the database for a fresh one.")
            return kept.day
        click.echo(f"A new day: the untouched world of {kept.day} makes room for {day}.")
        migrate(verbosity=0)
    click.echo("Building the school world. This takes half a minute, once.")
    clock.stand_on(moment(day))
    started = timing.monotonic()
    build(day, seed=seed, small=small)
    keeping.keep(day)
    click.echo(f"Built in {timing.monotonic() - started:.0f} s.")
    return day


def _serve(port: int) -> None:
    # Whoever ends the demo ends everything: a terminated parent would leave the server behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    server = subprocess.Popen(server_command(port, os.cpu_count() or 1, "127.0.0.1"))
    worker = subprocess.Popen([sys.executable, "-c", "from classbook.cli import main; main(['worker'])"])
    try:
        _wait_until_served(port, server)
        _print_sign_ins()
        click.echo(f"Ready: http://localhost:{port}")
        sys.exit(server.wait())
    except KeyboardInterrupt:
        pass
    finally:
        for process in (server, worker):
            process.terminate()
        for process in (server, worker):
            process.wait()


def _wait_until_served(port: int, server: subprocess.Popen[bytes]) -> None:
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


def _print_sign_ins() -> None:
    from classbook.accounts.queries import name_of_login  # noqa: PLC0415 - needs Django set up
    from classbook.web.demo import LOGINS, descriptions  # noqa: PLC0415

    words = descriptions()
    rows = [("Role", "Name", "Login", "Password", "Look at")]
    rows += [(words[login][0], name_of_login(login), login, f"demo-{login}", words[login][1]) for login in LOGINS]
    widths = [max(len(row[place]) for row in rows) for place in range(4)]
    for row in rows:
        click.echo("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]))
