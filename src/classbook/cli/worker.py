"""`classbook worker`: sends what waits in the outbox."""

from __future__ import annotations

import time

import click

from classbook.cli import start_django


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what waits, then stop.")
def worker_command(once: bool) -> None:
    """Do the background work until stopped."""
    start_django()
    from classbook.events.tasks import run_once  # noqa: PLC0415 - needs Django set up

    while True:
        done = run_once()
        if once:
            click.echo(f"{done} done.")
            return
        if not done:
            time.sleep(1)
