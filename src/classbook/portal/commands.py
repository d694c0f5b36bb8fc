"""`classbook portal`: the Public Services portal by the command line."""

from __future__ import annotations

import os
import secrets
import sys

import click

HIGHEST = 65_535
PORT = click.IntRange(1, HIGHEST)


def start() -> None:
    """Load the portal's settings and models, whatever settings this process was started with."""
    import django  # noqa: PLC0415 - after the environment is complete

    from classbook.common.env import SettingRefused  # noqa: PLC0415

    os.environ["DJANGO_SETTINGS_MODULE"] = "classbook.portal.settings"
    try:
        django.setup()
    except SettingRefused as error:
        raise click.ClickException(str(error)) from error


@click.group("portal")
def portal_command() -> None:
    """The Public Services portal: a site of its own, with its own database and citizens."""


@portal_command.command("migrate")
def migrate() -> None:
    """Create or update the portal's tables and its signing keys; safe to run again."""
    start()
    _migrate()
    click.echo("The portal's database is up to date.")


def _migrate() -> None:
    from django.core.management import call_command  # noqa: PLC0415 - needs Django set up

    from classbook.common.catalogues import compile_all  # noqa: PLC0415
    from classbook.portal import keys  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    compile_all()
    keys.make_missing()


@portal_command.command("serve")
@click.option("--port", type=PORT, default=8001, show_default=True, help="Port to listen on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes.")
def serve(port: int, host: str, workers: int) -> None:
    """Serve the portal."""
    start()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", str(workers),
        "--blocking-threads", "1", "--log-level", "warning", "--respawn-failed-workers", "classbook.portal.wsgi:application",
    ]  # fmt: skip
    # In the place of this process: who stops it stops the server.
    os.execv(command[0], command)


@portal_command.command("tidy")
def tidy() -> None:
    """Send what has not left, forget what is over. Run it every few minutes."""
    start()
    from classbook.portal.messages import deliver, waiting  # noqa: PLC0415 - needs Django set up
    from classbook.portal.tidying import forget  # noqa: PLC0415

    for pk in waiting():
        deliver(pk)
    click.echo(f"{forget()} forgotten.")


@portal_command.group("keys")
def keys_group() -> None:
    """The keys that sign what clients get."""


@keys_group.command("rotate")
def rotate() -> None:
    """The next key signs from now on; the old one stays published for a day. No restart is needed."""
    start()
    from classbook.portal import keys  # noqa: PLC0415 - needs Django set up

    click.echo(f"The next key signs now; {keys.rotate()} keys are published.")


@portal_command.group("client")
def client_group() -> None:
    """Programs that may ask citizens for their data."""


@client_group.command("add")
@click.argument("client_id")
@click.option("--name", required=True, help="The name that citizens read.")
@click.option(
    "--redirect", "redirects", multiple=True, required=True, help="Where answers may go, to the letter; repeat for several."
)
@click.option("--after-logout", "after", multiple=True, help="Where one may land after signing out; repeat for several.")
@click.option("--scopes", default="openid profile birthdate snils", show_default=True, help="What it may ask for.")
@click.option("--sector", default="", help="Clients with the same sector know a citizen by the same name.")
@click.option("--secret", default="", envvar="PORTAL_CLIENT_SECRET", help="Better left out: a good one is made and shown once.")
def add(
    client_id: str, name: str, redirects: tuple[str, ...], after: tuple[str, ...], scopes: str, sector: str, secret: str
) -> None:
    """Register CLIENT_ID, or replace what is registered under it."""
    # A secret in the environment is for this command, not a setting of the site.
    os.environ.pop("PORTAL_CLIENT_SECRET", None)
    start()
    from classbook.common.errors import Refusal  # noqa: PLC0415 - needs Django set up
    from classbook.portal.actions.clients import add_client  # noqa: PLC0415

    made = secret or secrets.token_urlsafe(32)
    try:
        add_client(client_id, name, list(redirects), list(after), scopes.split(), sector, made)
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    click.echo(f"Client: {client_id}")
    if not secret:
        click.echo(f"Secret: {made}\nIt is shown only now.")


@client_group.command("list")
def list_clients() -> None:
    """Who is registered."""
    start()
    from classbook.portal.queries import clients  # noqa: PLC0415 - needs Django set up

    for client in clients():
        click.echo(f"{client.pk}  {client.name}  {' '.join(client.get_scopes())}  {' '.join(client.get_redirect_uris())}")


@client_group.command("remove")
@click.argument("client_id")
def remove(client_id: str) -> None:
    """Take a client away; its tokens and permissions go with it."""
    start()
    from classbook.common.errors import NotFound  # noqa: PLC0415 - needs Django set up
    from classbook.portal.actions.clients import remove_client  # noqa: PLC0415

    try:
        remove_client(client_id)
    except NotFound:
        raise click.ClickException(f'There is no client "{client_id}". Nothing was changed.') from None
    click.echo(f"{client_id} is removed.")


@portal_command.command("duty")
@click.argument("login")
@click.argument("duty", type=click.Choice(["clerk", "support", "none"]))
def duty(login: str, duty: str) -> None:
    """Make the account LOGIN (telephone, e-mail, SNILS or login) a clerk of a service centre or a supporter."""
    start()
    from classbook.common.errors import NotFound  # noqa: PLC0415 - needs Django set up
    from classbook.portal.actions.clients import set_duty  # noqa: PLC0415

    try:
        set_duty(login, "" if duty == "none" else duty)
    except NotFound:
        raise click.ClickException(f'There is no account "{login}". Nothing was changed.') from None
    click.echo(f"{login}: {duty}. A second factor is asked for at the next visit.")


@portal_command.command("demo")
@click.option("--classbook", required=True, help="Address of the demo's Classbook.")
def demo(classbook: str) -> None:
    """Make the citizens of the demo and its client, and print the table of sign-ins."""
    start()
    from classbook.portal import demo as world  # noqa: PLC0415 - needs Django set up
    from classbook.portal.actions.clients import add_client  # noqa: PLC0415
    from classbook.portal.rules import SCOPES  # noqa: PLC0415

    _migrate()
    world.build()
    add_client(
        "classbook", "Classbook", [f"{classbook}{path}" for path in world.CALLBACKS], [f"{classbook}/"], list(SCOPES), "",
        world.CLIENT_SECRET,
    )  # fmt: skip
    rows = [("Portal", "Name", "Login", "Password", "Look at")]
    rows += [(row.role, row.name, row.login, row.password, row.look) for row in world.sign_ins()]
    widths = [max(len(row[place]) for row in rows) for place in range(4)]
    for row in rows:
        click.echo("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]))
