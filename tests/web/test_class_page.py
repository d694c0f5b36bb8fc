"""The class list: whose reasons and contacts a reader sees."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classbook.attendance.models import AttendanceCode, AttendanceRecord
from classbook.lessons.models import Lesson
from classbook.people.models import AccessBan
from classbook.reports.classroom import PupilLine, class_page
from classbook.schools.models import ClassPlacement, SchoolClass
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 19)


def page(world: World, login: str) -> Any:
    return class_page(
        world.actor(login), SchoolClass.objects.select_related("school", "class_teacher").get(pk=world.school_class.pk)
    )


def anna(world: World, login: str) -> PupilLine | None:
    return next((line for line in page(world, login).pupils if line.uid == world.anna.uid), None)


@pytest.fixture
def ill(world: World) -> World:
    """Anna is ill in the first two lessons of the day and comes late to the third."""
    codes = {code.code: code for code in AttendanceCode.objects.filter(school=world.school)}
    AttendanceRecord.objects.filter(student=world.anna, date=DAY).update(code=None)
    lessons = Lesson.objects.filter(group__enrollments__student=world.anna, date=DAY).order_by("period")
    for lesson, code in zip(lessons, ("б", "б", "о"), strict=False):
        AttendanceRecord.objects.update_or_create(
            lesson=lesson, student=world.anna, defaults={"school": world.school, "date": DAY, "code": codes[code]}
        )
    return world


@pytest.mark.parametrize(("login", "label"), [("classteacher", "болезнь"), ("head", "болезнь"), ("deputy", "")])
def test_confidential_reason_is_for_class_teacher_and_head(ill: World, login: str, label: str) -> None:
    line = anna(ill, login)
    assert line is not None
    assert [(one.last - one.first + 1, one.label, one.kind) for one in line.absences] == [
        (2, label, "absent"),
        (1, "опоздание", "late"),
    ]
    assert line.is_away


def test_ban_of_the_reader_holds_on_the_list(ill: World) -> None:
    teacher = ill.person("classteacher")
    limit = AccessBan.objects.create(person=teacher, student=ill.anna, scope="contacts", reason="суд", starts_on=DAY)
    line = anna(ill, "classteacher")
    assert line is not None
    assert [one.contacts for one in line.guardians] == [(), ()]
    AccessBan.objects.filter(pk=limit.pk).update(scope="reasons")
    line = anna(ill, "classteacher")
    assert line is not None
    assert line.absences[0].label == ""
    assert line.guardians[0].contacts
    AccessBan.objects.filter(pk=limit.pk).update(scope="all")
    assert anna(ill, "classteacher") is None


def test_list_costs_the_same_for_any_number_of_pupils(world: World) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page(world, "classteacher")
        return len(found)

    assert world.school_class.school == world.school
    many = queries()
    ClassPlacement.objects.filter(school_class=world.school_class).exclude(student=world.anna).update(ends_on="2026-11-18")
    assert queries() == many
