"""`classbook letters`: the operator prints a class's letters, or those of the staff, into a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from classbook.cli import start_django

if TYPE_CHECKING:
    from classbook.schools.models import School, SchoolClass


@click.command("letters")
@click.option("--school", "school_id", type=int, required=True, help="Number of the school.")
@click.option("--class", "class_name", required=True, help="Name of the class, such as 7B.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The PDF to write; must be new.")
@click.option("--again", is_flag=True, help="Also for those whose letter still holds; the earlier one ends.")
@click.option("--slips", is_flag=True, help="Login and temporary password instead of a code.")
@click.option("--address", default="", help="Address of the site, such as https://diary.example.org. Default: from the settings.")
def letters_command(school_id: int, class_name: str, out: Path, again: bool, slips: bool, address: str) -> None:
    """Print letters for everybody of a class who has neither signed in nor a letter that holds.

    The codes stand in the file alone: print it and delete it. It is noted in the audit.
    """
    start_django()
    from django.conf import settings  # noqa: PLC0415 - needs Django set up

    from classbook.accounts.actions.letters import issue, print_letters  # noqa: PLC0415 - needs Django set up
    from classbook.reports.letters import letters_pdf  # noqa: PLC0415

    school, school_class = _class_of(school_id, class_name)
    file = _new_file(out)
    made = issue(None, school, school_class, again=again, kind="password" if slips else "code")
    if not made:
        out.unlink()
        click.echo(f"Everybody in {class_name} has signed in or has a letter that holds. Nothing was printed.")
        return
    site = address or settings.ADDRESS
    with os.fdopen(file, "wb") as target:
        print_letters(
            None, school, made, lambda texts: target.write(letters_pdf(texts, site, title=class_name)), school_class=school_class
        )
    click.echo(f"{len(made)} letters for {class_name} with the address {site}: {out}")
    click.echo("They hold for two weeks. Print the file, then delete it: nobody can look the codes up again.")


def _class_of(school_id: int, class_name: str) -> tuple[School, SchoolClass]:
    from classbook.schools.models import School  # noqa: PLC0415 - needs Django set up
    from classbook.schools.queries import class_of_year  # noqa: PLC0415

    school = School.objects.filter(pk=school_id).first()
    if school is None:
        raise click.ClickException(f"There is no school with the number {school_id}. Nothing was changed.")
    found = class_of_year(school, class_name)
    if found is None:
        raise click.ClickException(f'The school has no class "{class_name}" this year. Nothing was changed.')
    return school, found


def _new_file(out: Path) -> int:
    """A file that only the operator reads; one that is there is not overwritten."""
    try:
        return os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.ClickException(f"{out} is there already. Choose another name; nothing was printed.") from None
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written ({error.strerror}). Nothing was printed.") from error
