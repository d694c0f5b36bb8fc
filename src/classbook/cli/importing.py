"""`classbook import` and `classbook guardians`: a school comes in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from classbook.cli import start_django

if TYPE_CHECKING:
    from classbook.imports.problems import Problem
    from classbook.imports.sync import Tally

T = TypeVar("T")
MOST_PROBLEMS = 100
PACKAGE = click.Path(exists=True, path_type=Path)


@click.group("import")
def import_command() -> None:
    """Bring in a school or its timetable. Everything comes in, or nothing does and every fault is named."""


@import_command.command("oneroster")
@click.argument("path", type=PACKAGE)
@click.option("--dry-run", is_flag=True, help="Do everything, say what would happen, and take it back.")
@click.option("--year", type=click.IntRange(1990, 2100), help="Move the school year to the one that begins in this year.")
@click.option("--profile", "profile_name", default="default", show_default=True, help="Scale, codes and terms; see docs.")
@click.option("--time-zone", default="", help="The school's clock, such as Asia/Tokyo. Only for schools that are new.")
@click.option("--school", "school_id", type=int, help="Number of a school that its region has connected: the package's only one.")
@click.option("--source", default="", help="Name of the system the package comes from; default: what its manifest says.")
def oneroster(
    path: Path, dry_run: bool, year: int | None, profile_name: str, time_zone: str, school_id: int | None, source: str
) -> None:
    """Bring in PATH, a OneRoster CSV package 1.1 or 1.2, folder or zip.

    A second run changes nothing; a changed package updates and says what. Guardians' links sleep until
    `classbook guardians confirm`; nobody has a password until `classbook account issue`.
    """
    start_django()
    from zoneinfo import available_timezones  # noqa: PLC0415 - slow, and only needed here

    from django.conf import settings  # noqa: PLC0415 - needs Django set up

    from classbook import profiles  # noqa: PLC0415
    from classbook.common.statistics import refresh_statistics  # noqa: PLC0415
    from classbook.imports.oneroster.run import import_package  # noqa: PLC0415
    from classbook.imports.oneroster.write import Options  # noqa: PLC0415

    if profile_name not in profiles.names():
        raise click.ClickException(f'There is no profile "{profile_name}". There are: {", ".join(profiles.names())}.')
    if time_zone and time_zone not in available_timezones():
        raise click.ClickException(f'"{time_zone}" is no time zone. Write it as Asia/Tokyo or Europe/Berlin.')
    options = Options(profiles.profile(profile_name), year, time_zone or settings.TIME_ZONE, source, school_id=school_id)
    done = _or_refuse(lambda: import_package(path, options, dry_run=dry_run, tell=_progress))
    refresh_statistics()
    _print_tallies(done.tallies)
    _print_notes(done.notes)
    _print_left(done.left)
    if not done.touched:
        click.echo("Nothing has changed since the last import.")
    click.echo("This was a dry run: nothing is kept." if dry_run else "The package is in.")
    for pk, name in done.schools:
        click.echo(f"School {'(new number at the real run)' if dry_run else pk}: {name}")


@import_command.command("logins")
@click.argument("path", type=PACKAGE)
@click.option("--school", "school_id", type=int, required=True, help="Number of the school, as the import printed it.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day on which they let in. Default: 60 days from today.")
@click.option("--dry-run", is_flag=True, help="Do everything, say what would happen, and take it back.")
def logins(path: Path, school_id: int, until: datetime | None, dry_run: bool) -> None:
    """Bring in PATH, logins and password hashes of an old system as CSV.

    Columns: sourcedId, login, hash. PBKDF2, bcrypt, Argon2 and salted MD5; docs/letters.md has the forms. Each is replaced by
    an own hash at its first use; nobody who has a password of his own gets the old one back.
    """
    start_django()
    from classbook.imports.logins import import_logins  # noqa: PLC0415 - needs Django set up

    day = until.date() if until else None
    done = _or_refuse(lambda: import_logins(path, school_id, day, dry_run=dry_run, tell=_progress))
    _print_tallies({"old logins": done.tally})
    _print_left(done.left)
    click.echo("This was a dry run: nothing is kept." if dry_run else f"They let in until {done.until}. Delete the file now.")


@import_command.command("timetable")
@click.argument("path", type=PACKAGE)
@click.option("--school", "school_id", type=int, required=True, help="Number of the school, as the import printed it.")
@click.option("--cycle-dates", type=PACKAGE, help="CSV with date,dayName: which day of the cycle each date is.")
@click.option("--dry-run", is_flag=True, help="Do everything, say what would happen, and take it back.")
def timetable(path: Path, school_id: int, cycle_dates: Path | None, dry_run: bool) -> None:
    """Bring in PATH, a timetable as CSV, and make the lessons of the school year.

    Columns: dayName, periodName, startTime, endTime, classSourcedId, room, teacherSourcedIds. Days off have no lessons;
    lessons in which something is written stay.
    """
    start_django()
    from classbook.common.statistics import refresh_statistics  # noqa: PLC0415 - needs Django set up
    from classbook.imports.timetable import import_timetable  # noqa: PLC0415

    done = _or_refuse(lambda: import_timetable(path, school_id, cycle_dates, dry_run=dry_run, tell=_progress))
    refresh_statistics()
    _print_notes(done.notes)
    click.echo(f"{done.entries} places in the timetable, {done.days} school days from {done.first} to {done.last}.")
    click.echo(f"Lessons: {done.published.made} made, {done.published.removed} replaced, {done.published.kept} kept.")
    click.echo("This was a dry run: nothing is kept." if dry_run else "The timetable is published.")


@click.group("guardians")
def guardians_command() -> None:
    """Links between guardians and children."""


@guardians_command.command("confirm")
@click.option("--school", "school_id", type=int, required=True, help="Number of the school.")
@click.option("--dry-run", is_flag=True, help="Only say how many there are.")
def confirm(school_id: int, dry_run: bool) -> None:
    """Make the imported links of a school effective, after somebody has checked the lists. It is noted in the audit."""
    start_django()
    from classbook.common.errors import NotFound  # noqa: PLC0415 - needs Django set up
    from classbook.imports.guardians import confirm_links  # noqa: PLC0415

    try:
        found, singly = confirm_links(school_id, dry_run=dry_run)
    except NotFound:
        raise click.ClickException(f"There is no school with the number {school_id}. Nothing was changed.") from None
    verb = "would be confirmed" if dry_run else "confirmed"
    click.echo(f"{found.links} links {verb}: {found.guardians} guardians, {found.children} children.")
    if found.banned:
        click.echo(f"{found.banned} of them are limited by a ban, which goes on.")
    if singly:
        click.echo(f"{singly} more wait for the office, one by one: a link of their pupils was ended by hand.")


def _or_refuse(work: Callable[[], T]) -> T:
    """Do the work; faults are printed one a line and end the command with 1."""
    from classbook.imports.problems import ImportRefused  # noqa: PLC0415 - keeps --help quick

    try:
        return work()
    except ImportRefused as refused:
        _print_problems(refused.problems, refused.more)
        raise


def _progress(text: str) -> None:
    click.echo(f"{text} ...", err=True)


def _print_tallies(tallies: dict[str, Tally]) -> None:
    click.echo(f"{'':20}{'new':>8}{'changed':>9}{'ended':>7}{'as before':>11}{'by hand':>9}")
    for kind, tally in tallies.items():
        click.echo(f"{kind:20}{tally.made:>8}{tally.changed:>9}{tally.ended:>7}{tally.same:>11}{tally.left:>9}")
    for kind, tally in tallies.items():
        if tally.fields:
            told = ", ".join(f"{field.removesuffix('_id').replace('_', ' ')} ({n})" for field, n in sorted(tally.fields.items()))
            click.echo(f"Changed {kind}: {told}")


def _print_notes(notes: Iterable[str]) -> None:
    for note in notes:
        click.echo(f"Note: {note}")


def _print_left(left: Sequence[str]) -> None:
    """What the school set by hand and the package says otherwise."""
    if not left:
        return
    rows = "1 row stays" if len(left) == 1 else f"{len(left)} rows stay"
    click.echo(f"{rows} as the school set them by hand, although the package says something else:")
    for sentence in left[:MOST_PROBLEMS]:
        click.echo(f"  {sentence}")
    if len(left) > MOST_PROBLEMS:
        click.echo(f"  ... and {len(left) - MOST_PROBLEMS} more.")


def _print_problems(problems: list[Problem], more: int) -> None:
    number = len(problems) + more
    for problem in problems[:MOST_PROBLEMS]:
        click.echo(str(problem), err=True)
    if number > MOST_PROBLEMS:
        click.echo(f"... and {number - MOST_PROBLEMS} more.", err=True)
    click.echo(f"Nothing was imported: {number} fault{'s' * (number != 1)}. Correct and run the command again.", err=True)
    sys.exit(1)
