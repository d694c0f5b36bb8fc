"""What a save refuses, cell by cell, and what a body of nonsense gets: nothing is written, and nothing comes to a stop."""

from __future__ import annotations

import uuid
from typing import Any
from unittest.mock import patch

import pytest
from django.db import IntegrityError, OperationalError

from classbook.attendance.models import AttendanceChange, AttendanceRecord
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.models import Operation
from classbook.grading.models import Assessment, GroupScale, Mark
from classbook.journal.actions import CellsRefused, remarks, save
from classbook.journal.book import Door
from classbook.journal.rules import LONGEST, read_save
from classbook.lessons.access import open_lesson
from classbook.lessons.models import Lesson, Remark
from tests.journal.test_save import marks
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(world: World) -> Any:
    return world.client("teacher")


def away(world: World, code: str = "н", seen: int = 0, **parts: Any) -> dict[str, Any]:
    return {"student": str(world.anna.uid), "lesson": str(world.lesson.uid), "code": code, "seen": seen, **parts}


def sentence(answer: Any) -> str:
    """Of the one refused cell, or of the whole body."""
    body = answer.json()
    return str(body["cells"][0]["sentence"] if body.get("cells") else body["sentence"])


def test_the_register_of_a_lesson_to_come_is_not_taken(world: World, client: Any) -> None:
    later = Lesson.objects.filter(group=world.group, date__gt=clock.today(world.school.time_zone)).order_by("date")[0]
    part = {"uid": str(later.uid), "seen": later.version, "register_taken": True}
    answer = world.save(client, world.body(lesson=part))
    assert answer.status_code == 422
    later.refresh_from_db()
    assert later.register_taken_at is None


def test_marks_and_absences_of_nobody_and_of_no_lesson_are_not_found(world: World, client: Any) -> None:
    column, made_up = world.new_column(), str(uuid.uuid4())
    (entry,) = marks(world, column["uid"], ["5"])
    for parts in (
        {"columns": [column], "marks": [entry | {"student": made_up}]},
        {"marks": [entry | {"column": made_up}]},
        {"attendance": [away(world) | {"student": made_up}]},
        {"attendance": [away(world) | {"lesson": made_up}]},
    ):
        assert world.save(client, world.body(**parts)).status_code == 404
    assert not AttendanceRecord.objects.filter(lesson=world.lesson).exists()


def test_a_mark_that_a_colleague_has_given_just_the_same_is_no_conflict(world: World, client: Any) -> None:
    column = world.new_column()
    world.save(client, world.body(columns=[column], marks=marks(world, column["uid"], ["5"])))
    world.save(client, world.body(marks=marks(world, column["uid"], ["4"], seen=1)))
    answer = world.save(client, world.body(marks=marks(world, column["uid"], ["4"], seen=1)))
    assert (answer.status_code, answer.json()["marks"][0]["version"]) == (200, 2)


def test_a_mark_that_claims_an_older_version_than_none_meets_nobody(world: World, client: Any) -> None:
    """The page has seen a version that the server does not know, as after a restored backup."""
    column = world.new_column()
    world.save(client, world.body(columns=[column]))
    answer = world.save(client, world.body(marks=marks(world, column["uid"], ["5"], seen=3)))
    (conflict,) = answer.json()["conflicts"]
    assert (answer.status_code, conflict["theirs"], conflict["by"], conflict["at"]) == (409, "", "", None)


def test_both_absences_are_named_when_a_colleague_was_faster(world: World, client: Any) -> None:
    assert world.save(client, world.body(attendance=[away(world)])).status_code == 200
    other = next(
        code for code in AttendanceRecord.objects.get(lesson=world.lesson, student=world.anna).code.school.attendance_codes.all()
        if code.code != "н"
    )  # fmt: skip
    answer = world.save(client, world.body(attendance=[away(world, other.code)]))
    (conflict,) = answer.json()["conflicts"]
    assert (answer.status_code, conflict["what"]) == (409, "attendance")
    assert (conflict["yours"], conflict["theirs"], conflict["by"]) == (other.code, "н", "Ольга Сергеевна Петрова")
    assert AttendanceChange.objects.filter(record__lesson=world.lesson).count() == 1
    # Of a record that there is not there is nobody to name.
    second = world.pupils()[1]
    answer = world.save(client, world.body(attendance=[away(world, seen=2, student=str(second.uid))]))
    assert (answer.status_code, answer.json()["conflicts"][0]["theirs"]) == (409, "")


def test_a_cancelled_lesson_takes_no_mark_and_no_absence(world: World, client: Any) -> None:
    column = world.new_column()
    world.save(client, world.body(columns=[column]))
    Lesson.objects.filter(pk=world.lesson.pk).update(status=Lesson.Status.CANCELLED)
    for parts in ({"marks": marks(world, column["uid"], ["5"])}, {"attendance": [away(world)]}):
        answer = world.save(client, world.body(**parts))
        assert (answer.status_code, sentence(answer)) == (422, "This lesson was cancelled.")


def test_a_group_without_marks_gets_neither_columns_nor_marks(world: World, client: Any) -> None:
    column = world.new_column()
    world.save(client, world.body(columns=[column]))
    GroupScale.objects.filter(group=world.group).delete()
    answer = world.save(client, world.body(columns=[world.new_column()]))
    assert (answer.status_code, "without marks" in str(answer.json())) == (422, True)
    answer = world.save(client, world.body(marks=marks(world, column["uid"], ["5"])))
    assert (answer.status_code, "without marks" in str(answer.json())) == (422, True)
    assert not Mark.objects.filter(assessment__uid=column["uid"]).exists()


def test_a_column_of_no_lesson_is_neither_made_nor_changed(world: World, client: Any) -> None:
    for part in (world.new_column() | {"lesson": str(uuid.uuid4())}, world.new_column() | {"seen": 1}):
        answer = world.save(client, world.body(columns=[part]))
        assert (answer.status_code, "belongs to no lesson" in str(answer.json())) == (422, True)
        assert not Assessment.objects.filter(uid=part["uid"]).exists()
    scale = world.group.mark_scale.scale  # type: ignore[union-attr]
    closing = Assessment.objects.create(
        school=world.school, group=world.group, kind="exam", scale=scale, date=world.lesson.date
    )  # fmt: skip
    part = world.new_column() | {"uid": str(closing.uid), "seen": 1, "title": "Другое"}
    answer = world.save(client, world.body(columns=[part]))
    assert (answer.status_code, "belongs to no lesson" in str(answer.json())) == (422, True)
    closing.refresh_from_db()
    assert closing.title == ""


def body_of(world: World, **parts: Any) -> bytes:
    import json

    return json.dumps(world.body(**parts)).encode()


@pytest.mark.parametrize(
    "changes",
    [{"topic": 7}, {"topic": "a\x00b"}, {"homework_minutes": True}, {"homework_minutes": -1}, {"seen": 2**40},
     {"no_homework": "yes"}, {"register_taken": 1}],
)  # fmt: skip
def test_a_body_that_no_page_sends_is_not_understood(world: World, changes: dict[str, Any]) -> None:
    part = {"uid": str(world.lesson.uid), "seen": 0, **changes}
    with pytest.raises(Refusal, match="does not understand"):
        read_save(body_of(world, lesson=part))


def test_a_text_that_is_too_long_is_refused_beside_its_field_and_numbers_may_be_typed(world: World) -> None:
    part = {"uid": str(world.lesson.uid), "seen": "0", "topic": "x" * (LONGEST["topic"] + 1)}
    with pytest.raises(Refusal) as refused:
        read_save(body_of(world, lesson=part))
    assert refused.value.field == "topic"
    assert read_save(body_of(world, lesson=part | {"topic": "", "homework_minutes": "15"})).lessons[0].minutes == 15


def test_a_database_that_is_gone_is_not_asked_again_and_again(world: World) -> None:
    import importlib

    module = importlib.import_module("classbook.journal.actions.save")
    tried: list[int] = []

    def gone(*_: Any) -> Any:
        tried.append(1)
        raise OperationalError("the disk is full")

    with patch.object(module, "open_book", gone), pytest.raises(OperationalError):
        save(world.actor("teacher"), Door(group=world.group.uid), read_save(body_of(world)))
    assert (len(tried), Operation.objects.count()) == (1, 0)


def test_the_twin_of_a_double_click_that_was_faster_has_the_answer(world: World) -> None:
    actor, asked = world.actor("teacher"), remarks.NewRemark(uuid.uuid4(), world.anna.uid, "praise", "Помогла соседу")
    opened, real, failed = open_lesson(actor, world.lesson.uid), remarks.store_answer, []

    def faster(*args: Any, **parts: Any) -> Any:
        if not failed:
            failed.append(1)
            raise IntegrityError
        return real(*args, **parts)

    with patch.object(remarks, "store_answer", faster):
        uid = remarks.write_remark(actor, opened, asked)
    assert Remark.objects.filter(lesson=world.lesson).values_list("uid", flat=True).get() == uuid.UUID(uid)


def test_all_that_is_wrong_is_told_by_one_error(world: World) -> None:
    request = read_save(body_of(world, marks=[], attendance=[away(world, "я")]))
    with pytest.raises(CellsRefused):
        save(world.actor("teacher"), Door(group=world.group.uid), request)
    with pytest.raises(NotFound):
        save(world.actor("stranger"), Door(group=world.group.uid), request)
