"""The commands of docs/first-school.md on real packages: a school comes in, a lesson is recorded, a family reads it.

The reference data lie outside the repository (CLASSBOOK_SAMPLES); without them these tests are skipped and say so. The
generated packages of test_oneroster.py always run.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import uuid
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.test import Client

from classbook.cli import cli
from classbook.common import clock
from classbook.lessons.models import Lesson
from classbook.people.models import Account, Guardianship, Person
from classbook.schools.models import ClassPlacement, Enrollment, School, SchoolClass, Subject, TeachingAssignment, TeachingGroup

SAMPLES = Path(os.environ.get("CLASSBOOK_SAMPLES", Path(__file__).parents[2].parent / "shared" / "data"))
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not (SAMPLES / "oneroster").is_dir(), reason=f"no reference data in {SAMPLES} (CLASSBOOK_SAMPLES)"),
]
TUESDAY = date(2026, 11, 24)


def run(*words: str) -> str:
    done = CliRunner().invoke(cli, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def refused(*words: str) -> str:
    done = CliRunner().invoke(cli, list(words), catch_exceptions=False)
    assert done.exit_code == 1
    return done.output


def bring(package: str) -> str:
    return run(
        "import", "oneroster", str(SAMPLES / "oneroster" / package), "--year", "2026", "--time-zone", "Asia/Hong_Kong"
    )  # fmt: skip


def school() -> School:
    return School.objects.get(origin="oneroster:gibbon-demo")


def counts() -> dict[str, int]:
    origin = "oneroster:gibbon-demo"
    models = (Person, SchoolClass, TeachingGroup, Subject, ClassPlacement, Enrollment, TeachingAssignment, Guardianship)
    return {model.__name__: model.objects.filter(origin=origin).count() for model in models} | {
        "class teachers": SchoolClass.objects.filter(origin=origin, class_teacher__isnull=False).count(),
        "children with birth date": Person.objects.filter(origin=origin, birth_date__isnull=False).count(),
    }


@pytest.mark.parametrize("package", ["gibbon-demo-v1p1.zip", "gibbon-demo-v1p2.zip", "gibbon-demo-v1p1"])
def test_a_whole_school_comes_in_with_the_counts_of_its_readme(package: str) -> None:
    expected = {
        "Person": 1178, "SchoolClass": 19, "TeachingGroup": 238, "Subject": 127, "ClassPlacement": 391, "Enrollment": 3393,
        "TeachingAssignment": 251, "Guardianship": 806, "class teachers": 19, "children with birth date": 0,
    }  # fmt: skip
    bring(package)
    assert counts() == expected
    assert "Nothing has changed since the last import." in bring(package).splitlines()
    assert counts() == expected


def test_ragged_packages_come_in_or_name_the_row() -> None:
    run("import", "oneroster", str(SAMPLES / "oneroster" / "v1p1-base-csv"), "--year", "2026")
    run("import", "oneroster", str(SAMPLES / "oneroster" / "Test_minimal_data_set.zip"))
    told = refused("import", "oneroster", str(SAMPLES / "oneroster" / "oneroster_test_data.zip"))
    assert (
        'users.csv, row 2, enabledUser "TRUE": It is neither true nor false. Write "true" or "false" in small letters.'
        in told.splitlines()
    )


def sign_in(login: str) -> Client:
    """With the temporary password of the command line, replaced at once as everybody has to."""
    issued = run("account", "issue", login)
    temporary = re.search(r"password: (\S+)", issued)
    assert temporary
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    answer = client.post("/account/login/", {"login": login, "password": temporary[1]})
    assert answer.status_code == 302
    client.post(
        "/account/password/change/",
        {"oldpassword": temporary[1], "password1": "quiet-harbour-lamp-9", "password2": "quiet-harbour-lamp-9"},
    )
    assert not Account.objects.get(login=login).must_change_password
    return client


def play_page() -> list[str]:
    """Every command of docs/first-school.md but the making of the tables, as it stands there."""
    page = (Path(__file__).parents[2] / "docs" / "first-school.md").read_text(encoding="utf-8")
    printed: list[str] = []
    for line in re.findall(r"^classbook (.+)$", page, re.MULTILINE):
        if line != "migrate":
            number = next((found[1] for row in printed if (found := re.match(r"School (\d+): Gibbon", row))), "")
            words = line.replace("$CLASSBOOK_SAMPLES", str(SAMPLES)).replace("$SCHOOL", number)
            printed += run(*shlex.split(words)).splitlines()
    return printed


def test_the_main_job_on_real_input() -> None:
    clock.stand_on(datetime(2026, 11, 24, 13, 0, tzinfo=ZoneInfo("Asia/Hong_Kong")))
    printed = play_page()
    assert "Lessons: 29945 made, 0 replaced, 0 kept." in printed
    assert sum("the school has no such class; the row is left out." in line for line in printed) == 3

    guardian = (
        Person.objects.filter(origin="oneroster:gibbon-demo", wards__student__placements__isnull=False, account__is_active=True)
        .exclude(positions__isnull=False)
        .order_by("pk")
    )
    parent, child, lesson = next(
        (person, link.student, lesson)
        for person in guardian
        if person.wards.count() == 2
        for link in person.wards.select_related("student")
        for lesson in Lesson.objects.filter(
            date=TUESDAY, group__enrollments__student=link.student, teacher__account__is_active=True
        ).order_by("period")[:1]
    )
    teacher = sign_in(lesson.teacher.account.login)
    answer = teacher.get(f"/lesson/{lesson.uid}/")
    assert answer.status_code == 200
    saved = teacher.post(
        f"/lesson/{lesson.uid}/save/",
        json.dumps(
            {
                "op": str(uuid.uuid4()),
                "person": str(lesson.teacher.uid),
                "lesson": {"uid": str(lesson.uid), "seen": 0, "topic": "Vanishing points", "register_taken": True},
            }
        ),
        content_type="application/json",
    )
    assert saved.status_code == 200, saved.content

    family = sign_in(parent.account.login)
    week = family.get(f"/diary/{child.uid}/week/{TUESDAY}/")
    assert week.status_code == 200
    assert "Vanishing points" in week.content.decode()
    other = parent.wards.exclude(student=child).get().student
    assert family.get(f"/diary/{other.uid}/week/{TUESDAY}/").status_code == 200
    stranger = Person.objects.filter(origin="oneroster:gibbon-demo", placements__isnull=False).exclude(
        pk__in=[child.pk, other.pk]
    )
    assert family.get(f"/diary/{stranger[0].uid}/week/{TUESDAY}/").status_code == 404


def test_a_school_that_does_not_exist() -> None:
    told = refused("import", "timetable", str(SAMPLES / "timetable" / "gibbon-demo-timetable.csv"), "--school", "987654")
    assert (
        'gibbon-demo-timetable.csv, --school "987654": There is no such school. Use the number that the import printed.'
        in told.splitlines()
    )
