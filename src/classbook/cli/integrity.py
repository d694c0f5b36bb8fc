"""`classbook integrity`: does the database agree with its own history?"""

from __future__ import annotations

import sys

import click

from classbook.cli import start_django


@click.command("integrity")
def integrity_command() -> None:
    """Compare each mark and absence with its history; exit 1 when something differs."""
    start_django()
    from classbook.attendance.integrity import problems as attendance_problems  # noqa: PLC0415 - needs Django set up
    from classbook.grading.integrity import problems as mark_problems  # noqa: PLC0415

    found = [*mark_problems(), *attendance_problems()]
    for line in found:
        click.echo(line)
    click.echo(f"{len(found)} problem{'s' * (len(found) != 1)}." if found else "Every mark and absence agrees with its history.")
    sys.exit(1 if found else 0)
