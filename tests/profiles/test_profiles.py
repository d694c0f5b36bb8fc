"""Customs are data: every profile gives a school a scale, codes, kinds of work, terms and days off that fit together."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from classbook import profiles
from classbook.attendance.models import AttendanceCode
from classbook.grading.models import MarkScale, ScaleLevel, WorkKind
from classbook.grading.queries import scale_from
from classbook.grading.rules import level_for
from classbook.imports.apply_profile import apply_customs, apply_days_off, apply_terms
from classbook.profiles import in_school_year, year_start
from classbook.schools.models import AcademicYear, CalendarDay, School, Term, TermScheme

pytestmark = pytest.mark.django_db

# Profile: typed values that are marks, with what is averaged, and values that are none.
MARKS: dict[str, tuple[dict[str, str | None], tuple[str, ...]]] = {
    "russia": ({"5": "5", "1": "1", "осв": None, "ЗАЧ": None, "незач": None, "н/а": None}, ("6", "0", "4.5", "A")),
    "japan": ({"5": "5", "1": "1"}, ("0", "6")),
    "germany": ({"1": "1", "1+": "0.7", "1-": "1.3", "5-": "5.3", "6": "6"}, ("6+", "6-", "0", "7")),
    "finland": ({"10": "10", "4": "4", "S": None}, ("3", "11", "7.5")),
    "france": ({"20": "20", "0": "0", "12,5": "12.5", "13.25": "13.25"}, ("20.25", "-1", "12.3")),
    "usa": ({"A": "4", "f": "0"}, ("G", "1")),
    "default": ({"A": "5", "e": "1", "F": "0"}, ("G", "5")),
    "percent": ({"100": "100", "0": "0", "87": "87"}, ("101", "-1", "87.55")),
}
CODES = {"russia": ["н", "б", "у", "о"], "japan": ["欠", "病", "忌", "遅", "早"]}


@pytest.fixture(params=sorted(MARKS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def a_year(name: str) -> AcademicYear:
    found = profiles.profile(name)
    school = School.objects.create(name=name, week_days=found.week_days)
    starts = year_start(found, 2026)
    return AcademicYear.objects.create(
        school=school, name="2026", starts_on=starts, ends_on=in_school_year(found.year[1], starts)
    )  # fmt: skip


def test_every_profile_is_tested() -> None:
    assert sorted(MARKS) == profiles.names()


def test_the_scale_knows_its_marks(name: str) -> None:
    scale = scale_from(apply_customs(a_year(name).school, profiles.profile(name)))
    known, unknown = MARKS[name]
    for typed, score in known.items():
        level = level_for(scale, typed)
        assert level is not None, typed
        assert level.score == (None if score is None else Decimal(score)), typed
    assert [typed for typed in unknown if level_for(scale, typed)] == []


def test_bands_and_passing_agree_with_the_scores(name: str) -> None:
    """Band 1 is what does not pass; a better score never has a lower band."""
    scale = scale_from(apply_customs(a_year(name).school, profiles.profile(name)))
    levels = [level for level in scale.levels if level.score is not None]
    better = sorted(levels, key=lambda level: level.score or 0, reverse=scale.best > scale.worst)
    assert all(one.band >= two.band for one, two in pairwise(better))
    lower = scale.best < scale.worst
    for level in levels:
        assert level.score is not None
        assert level.passes == (level.score <= scale.passing if lower else level.score >= scale.passing)
        assert (level.band == 1) == (not level.passes)


def test_codes_are_data(name: str) -> None:
    school = a_year(name).school
    apply_customs(school, profiles.profile(name))
    codes = list(AttendanceCode.objects.filter(school=school).order_by("order").values_list("code", flat=True))
    assert codes == CODES.get(name, codes)
    assert len({code.casefold() for code in codes}) == len(codes) >= 4
    kinds = set(AttendanceCode.objects.filter(school=school).values_list("kind", flat=True))
    assert {"absent", "late"} <= kinds <= set(AttendanceCode.Kind.values)
    assert WorkKind.objects.filter(school=school, weight__gte=1).exists()


def test_terms_follow_each_other_within_the_year(name: str) -> None:
    year = a_year(name)
    schemes = apply_terms(year, profiles.profile(name))
    assert schemes
    for scheme in TermScheme.objects.filter(year=year):
        terms = list(Term.objects.filter(scheme=scheme).order_by("number"))
        assert all(one.ends_on < two.starts_on for one, two in pairwise(terms))
        assert year.starts_on <= terms[0].starts_on
        assert terms[-1].ends_on <= year.ends_on


def test_the_russian_school_has_quarters_and_half_years() -> None:
    schemes = apply_terms(a_year("russia"), profiles.profile("russia"))
    counts = {grade: scheme.terms.count() for grade, scheme in schemes.items()}
    assert counts == dict.fromkeys(range(1, 10), 4) | {10: 2, 11: 2}


def test_days_off_are_public_holidays_and_breaks(name: str) -> None:
    year, found = a_year(name), profiles.profile(name)
    apply_days_off(year, found)
    off = set(CalendarDay.objects.filter(school=year.school, kind="off").values_list("date", flat=True))
    assert bool(off) == bool(found.holidays or found.breaks)
    assert all(year.starts_on <= day <= year.ends_on + timedelta(days=1) for day in off)
    if name == "russia":
        assert {date(2026, 11, 4), date(2026, 10, 26), date(2027, 1, 5), date(2027, 2, 23)} <= off


def test_a_profile_given_twice_changes_nothing(name: str) -> None:
    year, found = a_year(name), profiles.profile(name)

    def counts() -> list[int]:
        apply_customs(year.school, found)
        apply_terms(year, found)
        apply_days_off(year, found)
        return [model.objects.count() for model in (MarkScale, ScaleLevel, AttendanceCode, WorkKind, Term, CalendarDay)]

    assert counts() == counts()


def test_days_that_the_school_has_named_stay() -> None:
    year = a_year("russia")
    CalendarDay.objects.create(school=year.school, date=date(2026, 11, 4), kind="school", name="Рабочий день")
    apply_days_off(year, profiles.profile("russia"))
    assert CalendarDay.objects.get(school=year.school, date=date(2026, 11, 4)).kind == "school"
