"""`classbook serve`: the web server, granian with one thread a worker and a worker a core."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import click


def refuse_taken_port(port: int) -> None:
    """Stop with a sentence when something else listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError as error:
            raise click.ClickException(
                f"Port {port} is taken by another program. Stop it, or choose another port: PORT={port + 1}."
            ) from error


def server_command(port: int, workers: int, host: str) -> list[str]:
    """The web server as a list of arguments, for a process of its own."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", str(workers), "--blocking-threads", "1", "--log-level", "warning", "--respawn-failed-workers",
        "classbook.config.wsgi:application",
    ]  # fmt: skip


@click.command("serve")
@click.option("--port", type=int, default=8000, envvar="PORT", show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--workers", type=int, default=os.cpu_count() or 1, show_default="one a core")
def serve_command(port: int, host: str, workers: int) -> None:
    """Serve the site."""
    refuse_taken_port(port)
    sys.exit(subprocess.call(server_command(port, workers, host)))
