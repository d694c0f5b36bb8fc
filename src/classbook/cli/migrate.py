"""`classbook migrate`: bring the database to this version."""

from __future__ import annotations

import click

from classbook.cli import start_django


def migrate(verbosity: int = 1) -> None:
    """Tables, the cache's table, and the translations' binary form. Safe to run again."""
    from django.core.management import call_command  # noqa: PLC0415 - needs Django set up

    from classbook.common.catalogues import compile_all  # noqa: PLC0415

    _refuse_lossy_server()
    call_command("migrate", verbosity=verbosity, interactive=False)
    call_command("createcachetable", verbosity=0)
    compile_all()


def _refuse_lossy_server() -> None:
    from django.db import connection  # noqa: PLC0415 - needs Django set up

    from classbook.common.databases import refuse_lossy_server  # noqa: PLC0415
    from classbook.common.env import SettingRefused  # noqa: PLC0415

    def ask(name: str) -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting(%s)", [name])
            return str(cursor.fetchone()[0])

    if connection.vendor == "postgresql":
        try:
            refuse_lossy_server(ask)
        except SettingRefused as error:
            raise click.ClickException(str(error)) from error


@click.command("migrate")
def migrate_command() -> None:
    """Create or update the tables; safe to run again."""
    start_django()
    migrate()
    click.echo("The database is up to date.")
