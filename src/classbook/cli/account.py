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
