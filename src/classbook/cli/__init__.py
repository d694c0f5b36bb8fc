"""The command line: `classbook --help`. Each command's work is done elsewhere; here stand only names and options."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

COMMANDS = {
    "demo": "classbook.demo.commands",
    "serve": "classbook.cli.serve",
    "worker": "classbook.cli.worker",
    "migrate": "classbook.cli.migrate",
    "import": "classbook.cli.importing",
    "guardians": "classbook.cli.importing",
    "account": "classbook.cli.account",
    "letters": "classbook.cli.letters",
    "region": "classbook.cli.region",
    "integrity": "classbook.cli.integrity",
    "portal": "classbook.portal.commands",
}


class Lazy(click.Group):
    """Loads a command's module only when it is asked for, so that `--help` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        from importlib import import_module  # noqa: PLC0415 - the point of the class

        module = import_module(COMMANDS[name])
        command: click.Command = getattr(module, f"{name}_command")
        return command


@click.group(cls=Lazy)
@click.version_option(package_name="classbook")
def cli() -> None:
    """Class journal, school diary, school office and authority view."""


def start_django() -> None:
    """Load settings and models; a refused setting becomes a sentence, not a traceback."""
    import django  # noqa: PLC0415 - after the environment is complete

    from classbook.common.env import SettingRefused  # noqa: PLC0415
    from classbook.config.clock import set_clock  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "classbook.config.settings")
    try:
        django.setup()
        set_clock()
    except SettingRefused as error:
        raise click.ClickException(str(error)) from error


def main(*args: Any) -> None:
    """Entry point of the console script."""
    from django.db import DatabaseError  # noqa: PLC0415 - after --help

    try:
        cli(*args)
    except KeyboardInterrupt:
        sys.exit(130)
    except DatabaseError as error:
        click.echo(f"The database answers: {error}. Nothing was changed.", err=True)
        if "no such table" in str(error) or "does not exist" in str(error):
            click.echo("The tables are missing. Make them with: classbook migrate", err=True)
        sys.exit(1)
