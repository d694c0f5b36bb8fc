"""`classbook migrate`: bring the database to this version."""

from __future__ import annotations

import click

from classbook.cli import start_django


def migrate(verbosity: int = 1) -> None:
    """Tables, the cache's table, and the translations' binary form. Safe to run again."""
    from django.core.management import call_command  # noqa: PLC0415 - needs Django set up

    from classbook.common.catalogues import compile_all  # noqa: PLC0415

    call_command("migrate", verbosity=verbosity, interactive=False)
    call_command("createcachetable", verbosity=0)
    compile_all()


@click.command("migrate")
def migrate_command() -> None:
    """Create or update the tables; safe to run again."""
    start_django()
    migrate()
    click.echo("The database is up to date.")
