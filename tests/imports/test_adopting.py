"""A package for a school that its region has connected: the school is there once, and goes on from what was made for it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from classbook import profiles
from classbook.cli import cli
from classbook.imports.apply_profile import apply_customs, apply_days_off, apply_terms
from classbook.imports.oneroster.run import import_package
from classbook.imports.oneroster.write import Options
from classbook.imports.problems import ImportRefused
from classbook.people.models import Person
from classbook.schools.models import AcademicYear, Position, School, SchoolClass, Term
from tests.imports.packages import SmallSchool

pytestmark = pytest.mark.django_db


def connected(profile: str = "russia") -> School:
    """As an approval makes it, with its office."""
    school = School.objects.create(name="Escuela", profile=profile, time_zone="Europe/Madrid", town="Soria")
    year = AcademicYear.objects.create(
        school=school, name="2026-2027", starts_on=date(2026, 9, 1), ends_on=date(2027, 5, 25)
    )  # fmt: skip
    customs = profiles.profile(profile)
    apply_customs(school, customs)
    apply_terms(year, customs)
    apply_days_off(year, customs)
    office = Person.objects.create(family_name="Clerk", given_name="Ana", sort_key="clerk")
    Position.objects.create(person=office, role="office", school=school, starts_on=date(2026, 9, 1), by_hand=True)
    return school


def bring(path: Path, school: int, profile: str = "russia") -> None:
    import_package(path, Options(profiles.profile(profile), 2026, "UTC", "", school_id=school))


def fault(path: Path, school: int, profile: str = "russia") -> str:
    with pytest.raises(ImportRefused) as refused:
        bring(path, school, profile)
    return str(refused.value.problems[0])


def test_package_becomes_the_connected_school_and_twice_is_once(tmp_path: Path) -> None:
    school, path, before = connected(), SmallSchool().folder(tmp_path / "p"), School.objects.count()
    for _time in range(2):
        bring(path, school.pk)
        assert School.objects.count() == before
        found = School.objects.get(pk=school.pk)
        assert (found.origin, found.town, found.time_zone) == ("oneroster:tests", "Soria", "Europe/Madrid")
        year = AcademicYear.objects.get(school=school)
        assert (year.starts_on, year.ends_on) == (date(2026, 8, 31), date(2027, 6, 25))
        # The package's own terms, and no more those of the profile.
        assert list(Term.objects.filter(scheme__year=year).order_by("number").values_list("name", flat=True)) == [
            "Autumn",
            "Spring",
        ]
        assert SchoolClass.objects.filter(school=school).count() == 2
        assert Position.objects.filter(school=school, role="office", ends_on=None).count() == 1


def test_package_without_terms_keeps_those_that_were_made(tmp_path: Path) -> None:
    school, package = connected(), SmallSchool()
    package.tables["academicSessions"] = []
    options = Options(profiles.profile("russia"), 2026, "UTC", "", school_id=school.pk)
    import_package(package.folder(tmp_path / "p"), options)
    year = AcademicYear.objects.get(school=school)
    assert Term.objects.filter(scheme__year=year, kind="quarter").count() == 4


def test_what_does_not_fit_is_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    school, path = connected(), SmallSchool().folder(tmp_path / "p")
    assert "customs russia" in fault(path, school.pk, "default")
    assert "no school with the number" in fault(path, 999999)
    assert School.objects.get(pk=school.pk).origin_id == ""
    bring(path, school.pk)
    assert f"as number {school.pk}" in fault(path, connected().pk)
    School.objects.filter(pk=school.pk).update(origin="oneroster:another")
    assert "another source" in fault(path, school.pk)


def test_command_takes_the_number(tmp_path: Path) -> None:
    school, path = connected(), SmallSchool().folder(tmp_path / "p")
    done = CliRunner().invoke(cli, ["import", "oneroster", str(path), "--profile", "russia", "--school", str(school.pk)])
    assert done.exit_code == 0, done.output
    assert f"School {school.pk}: " in done.output
