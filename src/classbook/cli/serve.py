"""`classbook serve`: the web server, granian with one thread a worker and a worker a core."""

from __future__ import annotations

import os
import socket
import sys

import click

from classbook.cli import start_django

HIGHEST = 65_535
PORT = click.IntRange(1, HIGHEST)


def refuse_taken_port(port: int, *, before: int | None = None) -> None:
    """Stop with a sentence when something else listens on the port, or when this user may not use it.

    `before`: the port was not asked for, it is the one after that of the demo.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except PermissionError as error:
            raise click.ClickException(f"This user may not use port {port}. Choose one above 1023, such as PORT=8000.") from error
        except OSError as error:
            other = port + 1 if port < HIGHEST else 8000
            if before is not None:
                raise click.ClickException(
                    f"Port {port}, which the demo's portal needs, is taken by another program. Stop it, or choose another port: "
                    f"PORT={before + 10 if before + 10 < HIGHEST else 8000}."
                ) from error
            raise click.ClickException(
                f"Port {port} is taken by another program. Stop it, or choose another port: PORT={other}."
            ) from error


def server_command(port: int, workers: int, host: str) -> list[str]:
    """The web server as a list of arguments, for a process of its own."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", str(workers), "--blocking-threads", "1", "--log-level", "warning", "--respawn-failed-workers",
        "classbook.config.wsgi:application",
    ]  # fmt: skip


@click.command("serve")
@click.option("--port", type=PORT, default=8000, envvar="PORT", show_default=True, help="Port to listen on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--workers", type=click.IntRange(1, 256), default=os.cpu_count() or 1, show_default="one a core", help="Processes.")
def serve_command(port: int, host: str, workers: int) -> None:
    """Serve the site. Settings that cannot be right are refused before the first page."""
    refuse_taken_port(port)
    start_django()
    command = server_command(port, workers, host)
    # In the place of this process: who stops it stops the server.
    os.execv(command[0], command)
