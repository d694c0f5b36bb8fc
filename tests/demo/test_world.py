"""The demo world holds the stories that the pages should show, and the same day makes the same world."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from django.db import transaction

from classbook.accounts.models import Invitation
from classbook.accounts.queries.letters import letter_by_code, letters_key
from classbook.accounts.rules import code_from
from classbook.attendance.models import AttendanceRecord
from classbook.common.errors import NotFound
from classbook.demo import names
from classbook.demo.build import build, full_school, moment, school_day, small_school
from classbook.demo.people import Cast
from classbook.demo.school import SchoolBuilder
from classbook.grading.models import Assessment, GroupScale, Mark, MarkChange
from classbook.homework.models import Homework
from classbook.lessons.models import ClassNotice, Lesson, Remark, Substitution
from classbook.people.models import AccessBan, Account, Guardianship, Person
from classbook.people.rules import is_east_asian
from classbook.schools.access import open_student, pupil_rights
from classbook.schools.models import ClassPlacement, Enrollment, Region, TeachingGroup, Term
from classbook.web.demo import DEMO_SEED, FATHER_SEED, LOGINS, YOUNG_SEED, descriptions
from tests.conftest import DAY
from tests.demo.digest import digest
from tests.world import World

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db


def test_the_same_day_makes_the_same_world(tmp_path: Path, db: None) -> None:
    """Built again in another process, with another seed for its sets and, under PostgreSQL, on another engine."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"CLASSBOOK_DATA": str(tmp_path), "PYTHONHASHSEED": "7"}
    again = subprocess.run(
        [sys.executable, "-m", "tests.demo.digest", DAY.isoformat()], env=environment, check=True, capture_output=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert json.loads(again.stdout.splitlines()[-1]) == digest()


@pytest.mark.parametrize(
    ("asked", "stands"),
    [
        (date(2026, 11, 19), date(2026, 11, 19)),
        (date(2026, 11, 21), date(2026, 11, 20)),  # Saturday
        (date(2026, 11, 22), date(2026, 11, 20)),  # Sunday
        (date(2026, 11, 4), date(2026, 11, 3)),  # a public holiday
        (date(2026, 11, 1), date(2026, 10, 23)),  # in the autumn holidays
        (date(2027, 1, 5), date(2026, 12, 30)),
        (date(2027, 7, 15), date(2027, 5, 26)),  # summer
    ],
)
def test_a_day_without_lessons_stands_on_the_last_school_day(asked: date, stands: date) -> None:
    assert school_day(asked) == stands


LATER = [pytest.param(day, marks=pytest.mark.long) for day in (date(2027, 9, 6), date(2028, 1, 12), date(2027, 5, 26))]


@pytest.mark.parametrize("day", [date(2027, 9, 1), *LATER])
def test_a_world_can_be_built_on_any_school_day(day: date) -> None:
    """On the first days of a school year nobody has left yet and nothing is marked."""
    with transaction.atomic():
        Invitation.objects.all().delete()
        Account.objects.all().delete()
        assert build(day, small=True).now == moment(day)
        transaction.set_rollback(True)


def staff_and_pupils(school: SchoolBuilder) -> tuple[int, int]:
    return sum(len(unit) for unit in school.built.teachers.values()), sum(len(pupils) for pupils in school.built.pupils.values())


def test_the_full_world_has_the_size_of_a_real_school() -> None:
    region, random = Region.objects.get(), Random("12")
    big, little = (
        SchoolBuilder(region, shape, DAY, random, Cast(random, moment(DAY)))
        for shape in (full_school(small=False), small_school(small=False))
    )
    big.people(names.mixed)
    little.people(names.japanese)
    staff, pupils = staff_and_pupils(big)
    assert 880 <= pupils <= 920
    # And seven of the office, the direction and the health room, who are hired with the personas.
    assert 50 <= staff <= 65
    assert sorted({row.grade_level for row in big.built.classes}) == list(range(1, 12))
    assert staff_and_pupils(little)[1] == 72


def test_one_region_two_schools_two_clocks(world: World) -> None:
    schools = (world.school, world.other_school)
    assert {school.region for school in schools} == {world.region}
    assert [(school.time_zone, school.week_days) for school in schools] == [("Asia/Vladivostok", 5), ("Asia/Tokyo", 6)]
    scales = [GroupScale.objects.filter(group__school=school).values_list("scale__code", flat=True) for school in schools]
    assert [set(found) for found in scales] == [{"five"}, {"five-step"}]
    assert Lesson.objects.filter(school=world.other_school, date__week_day=7).exists()
    assert not Lesson.objects.filter(school=world.school, date__week_day=7).exists()


def test_quarters_for_the_young_and_half_years_for_seniors(world: World) -> None:
    terms = Term.objects.filter(scheme__year__school=world.school)
    kinds = {
        grade: set(terms.filter(scheme__groups__school_class__grade_level=grade).values_list("kind", flat=True))
        for grade in (1, 5, 7, 11)
    }
    assert kinds == {1: {"quarter"}, 5: {"quarter"}, 7: {"quarter"}, 11: {"half_year"}}


def test_grade_1_has_lessons_and_no_marks(world: World) -> None:
    groups = TeachingGroup.objects.filter(school=world.school, school_class__grade_level=1)
    assert Lesson.objects.filter(group__in=groups, status="held").exists()
    assert not GroupScale.objects.filter(group__in=groups).exists()
    assert not Assessment.objects.filter(group__in=groups).exists()


@pytest.mark.parametrize("subject", ["eng", "it"])
def test_languages_and_computing_are_taught_in_subgroups(world: World, subject: str) -> None:
    one, two = TeachingGroup.objects.filter(school_class=world.school_class, subject__code=subject).order_by("pk")
    members = [set(Enrollment.objects.filter(group=group).values_list("student", flat=True)) for group in (one, two)]
    assert members[0] and members[1] and not members[0] & members[1]
    assert {lesson.date for lesson in one.lessons.all()} == {lesson.date for lesson in two.lessons.all()}


def test_lessons_up_to_now_are_filled(world: World) -> None:
    past = Lesson.objects.filter(school=world.school, date__lt=DAY)
    held = past.filter(status="held").exclude(topic="")
    assert held.count() / past.count() > 0.98
    assert Homework.objects.filter(lesson__in=held).count() / held.count() > 0.6
    assert Mark.objects.filter(school=world.school, comment="").exists()
    assert set(Mark.objects.filter(school=world.school).values_list("code", flat=True)) == {"2", "3", "4", "5"}
    weights = set(Assessment.objects.filter(school=world.school).values_list("weight", flat=True))
    assert len(weights) >= 3
    codes = set(AttendanceRecord.objects.filter(school=world.school).values_list("code__code", flat=True))
    assert codes == {"н", "б", "у", "о"}
    assert set(Remark.objects.filter(school=world.school).values_list("kind", flat=True)) == {"praise", "note", "remark"}
    assert not Lesson.objects.filter(school=world.school, date__gt=DAY, status="held").exists()


def test_every_mark_has_its_history(world: World) -> None:
    """One was corrected with a reason."""
    marks = dict(Mark.objects.values_list("pk", "version"))
    assert Counter(MarkChange.objects.values_list("mark_id", flat=True)) == marks
    assert MarkChange.objects.exclude(reason="").count() == 1


def test_todays_changes(world: World) -> None:
    changes = Substitution.objects.filter(lesson__date=DAY, lesson__group__school_class=world.school_class)
    assert (
        changes.filter(lesson__teacher=world.person("substitute")).exclude(planned_teacher=world.person("substitute")).count()
        == 1
    )
    assert changes.filter(lesson__status="cancelled").exclude(note="").count() == 1
    moved = changes.get(lesson__room__name="актовый зал")
    assert moved.planned_room is not None and moved.planned_room != moved.lesson.room


def test_a_class_in_quarantine_is_taught_from_home_this_week() -> None:
    notice = ClassNotice.objects.get(kind="quarantine")
    assert notice.starts_on <= DAY <= notice.ends_on
    lessons = Lesson.objects.filter(group__school_class=notice.school_class)
    week = (notice.starts_on, notice.ends_on)
    assert set(lessons.filter(date__range=week).values_list("is_remote", flat=True)) == {True}
    assert set(lessons.exclude(date__range=week).values_list("is_remote", flat=True)) == {False}


def test_a_mother_with_children_in_two_schools(world: World) -> None:
    wards = Guardianship.objects.filter(guardian=world.person("parent")).values_list("student", flat=True)
    schools = ClassPlacement.objects.filter(student__in=wards).values_list("school", flat=True)
    assert set(schools) == {world.school.pk, world.other_school.pk}


def test_parents_who_live_apart_have_different_rights(world: World) -> None:
    mother, father = (pupil_rights(world.actor(login), world.anna.pk) for login in ("parent", "parent2"))
    assert mother and father
    told = [(r.can_excuse, r.can_sign, r.can_see_contacts, r.can_see_reasons) for r in (mother, father)]
    assert told == [(True, True, True, True), (False, False, False, False)]


def test_a_ban_outweighs_a_guardianship(world: World) -> None:
    ban = AccessBan.objects.get(person=world.person("banned"), scope="all")
    assert Guardianship.objects.filter(guardian=ban.person, student=ban.student, confirmed_at__isnull=False).exists()
    with pytest.raises(NotFound):
        open_student(world.actor("banned"), ban.student.uid)


def test_one_pupil_left_and_one_joined_in_the_middle_of_a_term(world: World) -> None:
    places = ClassPlacement.objects.filter(school_class=world.school_class)
    left = places.get(ends_on__lt=DAY)
    joined = places.get(starts_on__gt=world.school_class.year.starts_on)
    assert left.starts_on < left.ends_on < joined.starts_on < DAY
    for place, outside in ((left, {"date__gt": left.ends_on}), (joined, {"date__lt": joined.starts_on})):
        assert AttendanceRecord.objects.filter(student=place.student, **outside).count() == 0
        marks = Mark.objects.filter(student=place.student)
        assert marks.exists()
        assert marks.filter(**{f"assessment__{name}": day for name, day in outside.items()}).count() == 0
        enrolled = set(Enrollment.objects.filter(student=place.student).values_list("starts_on", "ends_on"))
        assert enrolled == {(place.starts_on, place.ends_on)}


def test_a_pupil_of_age_answers_for_himself(world: World) -> None:
    adult = world.person("adultpupil")
    assert adult.birth_date and adult.birth_date <= DAY - timedelta(days=18 * 365)
    links = Guardianship.objects.filter(student=adult)
    assert links.exists()
    assert not links.filter(ends_on=None).exists()


def test_names_in_three_scripts(world: World) -> None:
    random = Random("names")
    assert {names.mixed(random).family in names.LATIN_FAMILIES for _ in range(200)} == {True, False}
    japanese = Person.objects.filter(placements__school=world.other_school).exclude(family_reading="")
    assert all(is_east_asian(person.family_name) for person in japanese)
    for pool in (names.RUSSIAN_FAMILIES, names.LATIN_FAMILIES, names.JAPANESE_FAMILIES):
        assert len(set(pool)) == len(pool) >= 20


def test_only_the_listed_sign_ins_have_a_password(world: World) -> None:
    with_password = [
        account.login for account in Account.objects.all() if account.has_usable_password() and account.password != "!"
    ]
    assert sorted(with_password) == sorted(LOGINS)
    assert all(Account.objects.get(login=login).check_password(f"demo-{login}") for login in ("teacher", "stranger"))
    assert set(descriptions()) == set(LOGINS)


def test_citizens_of_the_demos_portal_are_the_same_persons_here(world: World) -> None:
    """One letter of one name differs, on purpose: the file of the portal says how the school spells it."""
    citizens = tomllib.loads((ROOT / "src/classbook/portal/data/demo.toml").read_text(encoding="utf-8"))
    maria, mismatch = citizens["maria"], citizens["mismatch"]
    mother = world.person(maria["classbook"])
    assert (mother.family_name, mother.given_name, mother.middle_name) == ("Белова", "Марина", "Игоревна")
    assert (mother.birth_date, mother.snils) == (maria["birth_date"], maria["snils"])
    assert world.anna.snils == maria["child"][0]["snils"]
    found = letter_by_code(code_from(letters_key(), DEMO_SEED))
    assert found is not None
    other = found.person
    assert f"{other.family_name} {other.given_name} {other.middle_name}" == mismatch["spelled"]
    assert other.snils == mismatch["snils"]
    for login, seed in (("oleg", FATHER_SEED), ("young", YOUNG_SEED)):
        citizen, letter = citizens[login], letter_by_code(code_from(letters_key(), seed))
        assert letter is not None and citizen["letter"]
        here = letter.person
        names = {name: citizen[name] for name in ("family_name", "given_name", "middle_name", "birth_date", "snils")}
        assert {name: getattr(here, name) for name in names} == names
        assert not Account.objects.filter(person=here).exists()
    assert Guardianship.objects.filter(
        guardian__snils=citizens["oleg"]["snils"], student__snils=citizens["young"]["snils"]
    ).exists()
