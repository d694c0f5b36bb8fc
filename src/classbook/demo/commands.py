"""`classbook demo`: build the world if it is not there yet, then serve it."""

from __future__ import annotations

import os
import time as timing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from classbook.cli import start_django
from classbook.cli.serve import HIGHEST, PORT, refuse_taken_port
from classbook.demo.serving import PORTAL_SECRET, prepare_portal, running

if TYPE_CHECKING:
    from classbook.demo.keeping import Kept


@click.command("demo")
@click.option("--data", default="data/demo", envvar="DATA", show_default=True, help="Folder of the demo's database.")
@click.option(
    "--port", type=PORT, default=8000, envvar="PORT", show_default=True, help="Port to listen on; the portal takes the next one."
)
@click.option("--seed", type=int, default=12, show_default=True, help="Another seed makes other people.")
@click.option("--date", "on", default="", envvar="DEMO_DATE", help="The day on which the world stands, YYYY-MM-DD.")
@click.option("--small", is_flag=True, help="A few classes only, ready in seconds.")
def demo_command(data: str, port: int, seed: int, on: str, small: bool) -> None:
    """Build a believable school world on first use and serve it; Ctrl-C stops everything."""
    if port == HIGHEST:
        raise click.ClickException(f"The portal needs the port after {port}, and there is none. Choose another: PORT=8000.")
    refuse_taken_port(port)
    refuse_taken_port(port + 1, before=port)
    os.environ.update(CLASSBOOK_DEMO="yes", CLASSBOOK_DATA=str(Path(data).resolve()))
    os.environ.setdefault("CLASSBOOK_TIME_ZONE", "Asia/Vladivostok")
    os.environ.setdefault("CLASSBOOK_HOSTS", "*")
    os.environ.setdefault("CLASSBOOK_ADDRESS", f"http://localhost:{port}")
    os.environ.setdefault("CLASSBOOK_PORTAL_ISSUER", f"http://localhost:{port + 1}")
    os.environ.setdefault("CLASSBOOK_PORTAL_SECRET", PORTAL_SECRET)
    try:
        asked = date.fromisoformat(on) if on else datetime.now(UTC).date()
    except ValueError:
        raise click.ClickException(f'"{on}" is not a date. Write it as 2026-11-19.') from None
    day = _world(asked, seed, small)
    os.environ["CLASSBOOK_DEMO_DATE"] = day.isoformat()
    _serve(port)


def _world(asked: date, seed: int, small: bool) -> date:
    """The day of the world that is there; built when there is none, or when another one is asked for and nothing was typed."""
    start_django()
    from classbook.cli.migrate import migrate  # noqa: PLC0415 - needs Django set up
    from classbook.demo import keeping  # noqa: PLC0415
    from classbook.demo.build import school_day  # noqa: PLC0415

    day = school_day(asked)
    if day != asked:
        click.echo(f"There are no lessons on {asked}: the clock of the demo stands on the last school day, {day}.")
    migrate(verbosity=0)
    wanted = keeping.Kept(day, seed, small)
    kept = keeping.kept_world()
    if kept == wanted:
        return day
    if kept and keeping.is_touched():
        click.echo(f"The world stands on {kept.day}: you have entered something in it. Remove the folder for a fresh one.")
        return kept.day
    if kept:
        if not keeping.clear_world():
            click.echo(f"The world stands on {kept.day}. Empty the database for a fresh one.")
            return kept.day
        click.echo(f"Nothing was entered in the world of {kept.day}; it makes room for a new one.")
        migrate(verbosity=0)
    _build(wanted)
    return day


def _build(wanted: Kept) -> None:
    """The world and the note that it is there, or neither: a start that is broken off leaves nothing half made."""
    from django.db import transaction  # noqa: PLC0415 - needs Django set up

    from classbook.common import clock  # noqa: PLC0415
    from classbook.common.statistics import refresh_statistics  # noqa: PLC0415
    from classbook.demo import keeping  # noqa: PLC0415
    from classbook.demo.build import build, moment  # noqa: PLC0415

    click.echo("Building the school world. This takes half a minute, once.")
    clock.stand_on(moment(wanted.day))
    started = timing.monotonic()
    with transaction.atomic():
        build(wanted.day, seed=wanted.seed, small=wanted.small)
        keeping.keep(wanted)
    refresh_statistics()
    click.echo(f"Built in {timing.monotonic() - started:.0f} s.")


def _serve(port: int) -> None:
    os.environ["CLASSBOOK_DEMO_SINCE"] = str(int(timing.time()))
    try:
        table = prepare_portal(port)
        with running(port, port + 1) as server:
            _print_sign_ins()
            click.echo(f"Mail and text messages: http://localhost:{port}/demo/outbox/")
            click.echo(table, nl=False)
            click.echo(f"Public Services portal: http://localhost:{port + 1}")
            click.echo(f"Ready: http://localhost:{port}")
            raise click.exceptions.Exit(server.wait())
    except KeyboardInterrupt:
        click.echo("Stopped.")


def _print_sign_ins() -> None:
    from classbook.accounts.queries import name_of_login  # noqa: PLC0415 - needs Django set up
    from classbook.web.demo import LOGINS, descriptions  # noqa: PLC0415

    words = descriptions()
    rows = [("Role", "Name", "Login", "Password", "Look at")]
    rows += [(words[login][0], name_of_login(login), login, f"demo-{login}", words[login][1]) for login in LOGINS]
    widths = [max(len(row[place]) for row in rows) for place in range(4)]
    for row in rows:
        click.echo("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]))
