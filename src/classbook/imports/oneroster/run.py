"""One import of a package: read, check, write; all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from classbook.events.actions import raise_versions, record_audit
from classbook.imports.oneroster.adopting import adopt_school
from classbook.imports.oneroster.marks import write_marks
from classbook.imports.oneroster.package import read_package
from classbook.imports.oneroster.people import write_people
from classbook.imports.oneroster.places import write_places
from classbook.imports.oneroster.records import Roster, read_roster
from classbook.imports.oneroster.references import Known, check_references, role_notes
from classbook.imports.oneroster.write import Options, Writer, write_classes, write_schools
from classbook.imports.oneroster.years import plan_years
from classbook.imports.problems import Faults, ImportRefused, Problem
from classbook.imports.sync import Tally
from classbook.people.models import Person
from classbook.schools.models import ClassPlacement, Enrollment, School, SchoolClass, TeachingGroup


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: rows by kind, what was left out or helped out, and the schools with their numbers.

    `left`: a sentence for each row that stays as the school set it by hand, although the package says something else.
    """

    tallies: dict[str, Tally]
    notes: tuple[str, ...]
    left: tuple[str, ...]
    schools: tuple[tuple[int, str], ...]

    @property
    def touched(self) -> int:
        return sum(tally.touched for tally in self.tallies.values())


def import_package(
    path: Path, options: Options, *, dry_run: bool = False, tell: Callable[[str], None] = lambda _: None
) -> Imported:
    """Bring a OneRoster package in. Raises ImportRefused with every fault; then nothing was written.

    A second run changes nothing. `dry_run` does the whole work and takes it back.
    """
    tell("Reading the package")
    package = read_package(path)
    found = Faults()
    roster = read_roster(package, found)
    notes = list(package.notes)
    origin = f"oneroster:{options.source or package.source}"[:60]
    tell("Checking what points where")
    check_references(roster, _known(origin, roster), found, notes)
    plans = plan_years(roster, options.profile, options.year, found, notes)
    if not roster.orgs and not package.delta:
        found.append(Problem("orgs.csv", 0, "", "", "There is no school.", "A package needs at least one org."))
    _refuse(found)
    notes += role_notes(roster)
    with transaction.atomic():
        work = Writer(roster, plans, options, origin, tell)
        _write(work, found)
        _refuse(found)
        schools = tuple(sorted((school.pk, school.name) for school in work.schools.values()))
        done = Imported(work.tallies, tuple(notes), tuple(work.left), schools)
        if done.touched:
            _tell_others(work, done)
        if dry_run:
            transaction.set_rollback(True)
    return done


def _write(work: Writer, found: Faults) -> None:
    roster = work.roster
    work.tell("Writing schools, years and terms")
    if work.options.school_id is not None:
        adopt_school(work, work.options.school_id, found)
        _refuse(found)
    write_schools(work)
    if not work.schools:
        found.append(Problem("orgs.csv", 0, "", "", "No org is a school.", 'Give one the type "school".'))
        return
    work.tell(f"Writing {len(roster.users)} persons")
    write_people(work, found)
    work.tell(f"Writing {len(roster.classes)} classes")
    write_classes(work)
    work.tell(f"Writing {len(roster.places)} places")
    write_places(work)
    if roster.line_items:
        work.tell(f"Writing {len(roster.results)} marks")
        write_marks(work, found)


def _refuse(found: Faults) -> None:
    if found:
        raise ImportRefused(sorted(found, key=lambda problem: (problem.file, problem.row, problem.column)), found.more)


def _known(origin: str, roster: Roster) -> Known:
    """Only a delta may point at what an earlier import brought."""
    if not roster.package.delta:
        return Known()
    models: dict[str, tuple[Any, ...]] = {
        "orgs": (School,), "classes": (SchoolClass, TeachingGroup), "users": (Person,)
    }  # fmt: skip
    return Known(
        {
            table: {key for model in kinds for key in model.objects.filter(origin=origin).values_list("origin_id", flat=True)}
            for table, kinds in models.items()
        }
    )


def _tell_others(work: Writer, done: Imported) -> None:
    """Pages that families and teachers hold are old now; the audit says what came."""
    schools = [school.pk for school in work.schools.values()]
    classes = SchoolClass.objects.filter(school_id__in=schools).values_list("pk", flat=True)
    groups = TeachingGroup.objects.filter(school_id__in=schools).values_list("pk", flat=True)
    pupils = set(ClassPlacement.objects.filter(school_id__in=schools).values_list("student_id", flat=True))
    pupils |= set(Enrollment.objects.filter(school_id__in=schools).values_list("student_id", flat=True))
    subjects = [*(("class", pk) for pk in classes), *(("group", pk) for pk in groups), *(("pupil", pk) for pk in pupils)]
    for start in range(0, len(subjects), 5000):
        raise_versions(sorted(subjects)[start : start + 5000])
    counts = {kind: [tally.made, tally.changed, tally.ended, tally.left] for kind, tally in done.tallies.items() if tally.touched}
    for pk in schools:
        record_audit("import.oneroster", actor_id=None, school_id=pk, rows=counts)
