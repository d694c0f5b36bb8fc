"""`classbook worker`: the work that no page waits for."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import click

from classbook.cli import start_django

log = logging.getLogger(__name__)
TIDY_SECONDS = 3600
# A code is on its way within this time after it was asked for.
IDLE_SECONDS = 0.5
# How long to wait when the database does not answer.
PAUSE_SECONDS = 10


def _attempt(job: Callable[[], int]) -> int:
    """One kind of work that fails does not stop the others; a database that is away is everybody's."""
    from django.db import DatabaseError  # noqa: PLC0415 - needs Django set up

    try:
        return job()
    except DatabaseError:
        raise
    except Exception:
        log.exception("The work of %s failed.", job.__module__)
        return 0


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what waits, then stop.")
def worker_command(once: bool) -> None:
    """Do the background work until stopped: send messages, note reads in the audit, end old sessions.

    A database that is away is waited for.
    """
    start_django()
    from django.conf import settings  # noqa: PLC0415 - needs Django set up
    from django.db import DatabaseError, connection  # noqa: PLC0415

    from classbook.accounts.tasks import run_once as answer_recoveries  # noqa: PLC0415
    from classbook.accounts.tasks import tidy  # noqa: PLC0415
    from classbook.events.tasks import forget_old_operations, run_once  # noqa: PLC0415
    from classbook.notifications.actions import forget_old_messages  # noqa: PLC0415
    from classbook.notifications.tasks import deliver_waiting  # noqa: PLC0415
    from classbook.people.sessions import SessionStore  # noqa: PLC0415

    tidied = 0.0
    while True:
        try:
            # Messages first: somebody sits before a page and waits for a code.
            done = sum(_attempt(job) for job in (answer_recoveries, deliver_waiting, run_once))
            if (once or time.monotonic() - tidied > TIDY_SECONDS) and not settings.READ_ONLY:
                forget_old_operations()
                forget_old_messages()
                tidy()
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
            time.sleep(IDLE_SECONDS)
