"""`classbook worker`: the work that no page waits for."""

from __future__ import annotations

import time

import click

from classbook.cli import start_django

TIDY_SECONDS = 3600
# How long to wait when the database does not answer.
PAUSE_SECONDS = 10


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what waits, then stop.")
def worker_command(once: bool) -> None:
    """Do the background work until stopped: note reads in the audit, end old sessions. A database that is away is waited for."""
    start_django()
    from django.conf import settings  # noqa: PLC0415 - needs Django set up
    from django.db import DatabaseError, connection  # noqa: PLC0415

    from classbook.events.tasks import forget_old_operations, run_once  # noqa: PLC0415
    from classbook.people.sessions import SessionStore  # noqa: PLC0415

    tidied = 0.0
    while True:
        try:
            done = run_once()
            if (once or time.monotonic() - tidied > TIDY_SECONDS) and not settings.READ_ONLY:
                forget_old_operations()
                SessionStore.clear_expired()
                tidied = time.monotonic()
        except DatabaseError as error:
            if once:
                raise
            click.echo(f"The database answers: {error}. The work waits {PAUSE_SECONDS} s.", err=True)
            connection.close()
            time.sleep(PAUSE_SECONDS)
            continue
        if once:
            click.echo(f"{done} done.")
            return
        if not done:
            time.sleep(1)
