"""How long 1,000 letters take from nothing to paper. `make bench` asks `letters_seconds`."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MUST, NUMBER = 20.0, 1000


def letters_seconds(environment: Mapping[str, str]) -> float:
    """Issue and print letters in the environment's database, in a process of its own; prints one line, answers seconds."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.letters"], env=dict(environment), check=True, capture_output=True, text=True, cwd=ROOT
    )
    line = done.stdout.splitlines()[-1]
    print(line)
    return float(line.split(":")[1].split()[0])


def main() -> None:
    from classbook.cli import start_django  # noqa: PLC0415 - the environment is complete here

    start_django()
    from bench.world import DAY  # noqa: PLC0415
    from classbook.accounts.actions.letters import issue, print_waiting  # noqa: PLC0415 - needs Django set up
    from classbook.cli.migrate import migrate  # noqa: PLC0415
    from classbook.people.models import Person  # noqa: PLC0415
    from classbook.reports.letters import letters_pdf  # noqa: PLC0415
    from classbook.schools.models import AcademicYear, ClassPlacement, Region, School, SchoolClass  # noqa: PLC0415

    migrate(verbosity=0)
    region = Region.objects.create(name="Bench")
    school = School.objects.create(region=region, name="Средняя школа № 1", locale="ru")
    first, last = DAY.replace(month=9, day=1), DAY.replace(year=DAY.year + 1, month=5, day=31)
    year = AcademicYear.objects.create(school=school, name="bench", starts_on=first, ends_on=last)
    for number in range(NUMBER // 25):
        row = SchoolClass.objects.create(school=school, year=year, name=f"{number + 1}Б")
        people = Person.objects.bulk_create(
            Person(family_name=f"Громова-{number}", given_name=f"Нина {place}", sort_key=f"громова {number} {place}")
            for place in range(25)
        )
        ClassPlacement.objects.bulk_create(
            ClassPlacement(school=school, school_class=row, student=person, starts_on=first) for person in people
        )
    started = time.monotonic()
    made = issue(None, school)
    size = sum(
        len(pdf) for _, pdf in print_waiting(None, school, lambda _, texts: letters_pdf(texts, "https://diary.example.org"))
    )
    seconds = time.monotonic() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    verdict = "ok" if seconds <= MUST else "MISSED"
    print(
        f"{len(made)} letters issued and printed: {seconds:.1f} s, must {MUST:.0f} {verdict} "
        f"({size // 1024} KiB of PDF, at most {memory} MiB)"
    )


if __name__ == "__main__":
    main()
