"""How long a school of 1,000 pupils takes to come in with its timetable year. `make bench` asks `import_seconds`."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MUST = 60.0


def import_seconds(environment: Mapping[str, str]) -> float:
    """Import a generated school into the environment's database, in a process of its own; prints one line, answers seconds."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.importing"], env=dict(environment), check=True, capture_output=True, text=True, cwd=ROOT
    )
    line = done.stdout.splitlines()[-1]
    print(line)
    return float(line.split(":")[1].split()[0])


def main() -> None:
    from classbook.cli import start_django  # noqa: PLC0415 - the environment is complete here

    start_django()
    from classbook import profiles  # noqa: PLC0415 - needs Django set up
    from classbook.cli.migrate import migrate  # noqa: PLC0415
    from classbook.imports.oneroster.run import import_package  # noqa: PLC0415
    from classbook.imports.oneroster.write import Options  # noqa: PLC0415
    from classbook.imports.timetable import import_timetable  # noqa: PLC0415
    from tests.imports.packages import LargeSchool  # noqa: PLC0415

    migrate(verbosity=0)
    school = LargeSchool()
    with tempfile.TemporaryDirectory(prefix="classbook-import-") as folder:
        package, timetable = school.zip(Path(folder) / "package.zip"), school.write_timetable(Path(folder) / "timetable.csv")
        del school
        started = time.monotonic()
        done = import_package(package, Options(profiles.profile("default"), 2026, "Europe/Madrid", "bench"))
        lessons = import_timetable(timetable, done.schools[0][0]).published.made
        seconds = time.monotonic() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    verdict = "ok" if seconds <= MUST else "MISSED"
    print(
        f"import of {done.tallies['persons'].made} persons, {done.tallies['places in groups'].made} places, {lessons} lessons: "
        f"{seconds:.1f} s, must {MUST:.0f} {verdict} (at most {memory} MiB)"
    )


if __name__ == "__main__":
    main()
