"""`classbook account`: what the operator does about accounts."""

from __future__ import annotations

import click

from classbook.cli import start_django


@click.group("account")
def account_command() -> None:
    """Accounts of this deployment."""


@account_command.command("issue")
@click.argument("login")
def issue(login: str) -> None:
    """Give LOGIN a temporary password and print it once. It is replaced at the first sign-in."""
    start_django()
    from classbook.accounts.actions import issue_password  # noqa: PLC0415 - needs Django set up
    from classbook.common.errors import NotFound  # noqa: PLC0415

    try:
        password = issue_password(login)
    except NotFound:
        raise click.ClickException(f'No account has the login "{login}". Nothing was changed.') from None
    click.echo(f"Login:              {login}\nTemporary password: {password}")
    click.echo("It is shown only now. The person chooses an own one at the first sign-in.")


@account_command.command("role")
@click.argument("login")
@click.argument("role")
@click.option("--school", "school_id", type=int, required=True, help="Number of the school.")
@click.option("--end", is_flag=True, help="Take the role away as of yesterday.")
def role(login: str, role: str, school_id: int, end: bool) -> None:
    """Give LOGIN a ROLE in a school: teacher, head, deputy, office, it, nurse, psychologist. It is noted in the audit."""
    start_django()
    from classbook.common.errors import NotFound, Refusal  # noqa: PLC0415 - needs Django set up
    from classbook.schools.positions import set_position  # noqa: PLC0415

    try:
        set_position(login, role, school_id, end=end)
    except NotFound:
        raise click.ClickException(f'There is no account "{login}" or no school {school_id}. Nothing was changed.') from None
    except Refusal as refused:
        raise click.ClickException(refused.sentence) from None
    click.echo(f"{login} {'no longer has' if end else 'has'} the role {role} in school {school_id}.")
