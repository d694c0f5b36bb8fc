"""Columns of marks: several in a lesson, changed, refused, in conflict; what is said about a single mark."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from classbook.attendance.models import AttendanceChange, AttendanceRecord
from classbook.common import clock
from classbook.events.models import AuditEvent
from classbook.grading.models import Assessment, Mark, MarkChange
from classbook.homework.models import Homework
from classbook.lessons.models import Lesson
from classbook.schools.models import Term
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(world: World) -> Any:
    return world.client("teacher")


def mark(world: World, column: dict[str, Any], code: str, *, seen: int = 0, **more: Any) -> dict[str, Any]:
    return {"student": str(world.pupils()[0].uid), "column": column["uid"], "code": code, "seen": seen, **more}


def test_lesson_has_as_many_columns_as_are_made_in_their_order(world: World, client: Any) -> None:
    first, second = (
        world.new_column(),
        world.new_column() | {"work_kind": "test", "title": "Корни", "weight": "2,5", "comment": "до перемены"},
    )
    assert (
        world.save(
            client, world.body(columns=[first, second], marks=[mark(world, first, "5"), mark(world, second, "3")])
        ).status_code
        == 200
    )
    rows = list(Assessment.objects.filter(lesson=world.lesson).order_by("position"))
    assert [str(row.uid) for row in rows] == [first["uid"], second["uid"]]
    assert (rows[1].title, rows[1].weight, rows[1].comment) == ("Корни", Decimal("2.5"), "до перемены")
    assert [row.marks.get().code for row in rows] == ["5", "3"]


def test_changed_column_keeps_its_marks_and_leaves_word_in_the_audit(world: World, client: Any) -> None:
    column = world.new_column()
    world.save(client, world.body(columns=[column], marks=[mark(world, column, "4")]))
    changed = column | {"seen": 1, "work_kind": "test", "weight": "3", "counts": False}
    answer = world.save(client, world.body(columns=[changed]))
    assert answer.json()["columns"] == [{"uid": column["uid"], "version": 2}]
    row = world.column(column["uid"])
    assert (row.work_kind.code, row.weight, row.counts, row.marks.get().code) == ("test", 3, False, "4")
    assert AuditEvent.objects.get(kind="column.changed").data["weight"] == ["1.00", "3.00"]


def test_column_that_somebody_changed_meanwhile_gets_both_sides(world: World, client: Any) -> None:
    column = world.new_column()
    world.save(client, world.body(columns=[column]))
    world.save(client, world.body(columns=[column | {"seen": 1, "work_kind": "test"}]))
    answer = world.save(client, world.body(columns=[column | {"seen": 1, "work_kind": "dictation", "title": "Слова"}]))
    assert answer.status_code == 409
    (conflict,) = answer.json()["conflicts"]
    assert (conflict["yours"], conflict["theirs"]) == ("Диктант, Слова, ×2", "Контрольная работа, ×3")
    assert world.column(column["uid"]).work_kind.code == "test"


def test_second_tab_that_makes_the_same_column_otherwise_is_asked(world: World, client: Any) -> None:
    column = world.new_column()
    world.save(client, world.body(columns=[column]))
    assert world.save(client, world.body(columns=[column], marks=[mark(world, column, "5")])).status_code == 200
    answer = world.save(client, world.body(columns=[column | {"work_kind": "test"}]))
    assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
    assert world.column(column["uid"]).version == 1


@pytest.mark.parametrize("weight", ["-1", "101", "many", "NaN", "1e9"])
def test_refused_column_takes_its_marks_along(world: World, client: Any, weight: str) -> None:
    column = world.new_column() | {"weight": weight}
    answer = world.save(client, world.body(columns=[column], marks=[mark(world, column, "5")]))
    assert answer.status_code == 422
    assert [cell["what"] for cell in answer.json()["cells"]] == ["column", "mark"]
    assert {cell["sentence"] for cell in answer.json()["cells"]} == {
        "A weight is a number from 0 to 100. The column was not changed."
    }
    assert not Assessment.objects.filter(uid=column["uid"]).exists()


def test_closed_term_refuses_a_change_of_a_column(world: World, client: Any) -> None:
    column = world.new_column()
    world.save(client, world.body(columns=[column]))
    Term.objects.filter(scheme=world.group.term_scheme).update(closes_at=clock.now() - timedelta(days=1))
    answer = world.save(client, world.body(columns=[column | {"seen": 1, "weight": "5"}]))
    assert answer.status_code == 422
    assert "closed" in answer.json()["sentence"]
    assert world.column(column["uid"]).weight == 1


def test_cancelled_lesson_has_no_new_column(world: World, client: Any) -> None:
    Lesson.objects.filter(pk=world.lesson.pk).update(status="cancelled")
    answer = world.save(client, world.body(columns=[world.new_column()]))
    assert answer.json()["sentence"] == "This lesson was cancelled."


def test_comment_and_not_counting_are_kept_until_the_mark_goes(world: World, client: Any) -> None:
    column = world.new_column()
    said = mark(world, column, "4", comment="Аккуратно", counts=False)
    world.save(client, world.body(columns=[column], marks=[said]))
    world.save(client, world.body(marks=[mark(world, column, "5", seen=1)]))
    stored = Mark.objects.get(assessment__uid=column["uid"])
    assert (stored.code, stored.comment, stored.counts) == ("5", "Аккуратно", False)
    world.save(client, world.body(marks=[mark(world, column, "", seen=2)]))
    world.save(client, world.body(marks=[mark(world, column, "3", seen=3)]))
    stored.refresh_from_db()
    assert (stored.code, stored.comment, stored.counts) == ("3", "", True)
    assert list(MarkChange.objects.filter(mark=stored).order_by("version").values_list("comment", flat=True)) == [
        "Аккуратно",
        "Аккуратно",
        "",
        "",
    ]


def test_uncounted_mark_stays_out_of_the_average(world: World, client: Any) -> None:
    page = client.get(f"/journal/{world.group.uid}/").content.decode()
    column = world.new_column()
    world.save(client, world.body(columns=[column], marks=[mark(world, column, "1", counts=False)]))
    name = world.pupils()[0]
    assert average(client.get(f"/journal/{world.group.uid}/").content.decode(), str(name.uid)) == average(page, str(name.uid))


def average(page: str, student: str) -> str:
    row = page.split(f'data-student="{student}"')[1].split("</tr>")[0]
    return row.split("data-avg>")[1].split("<")[0]


def test_minutes_of_lateness_are_set_and_taken_back(world: World, client: Any) -> None:
    part = {"student": str(world.pupils()[1].uid), "lesson": str(world.lesson.uid), "code": "о", "seen": 0}
    world.save(client, world.body(attendance=[part | {"minutes": 12}]))
    record = AttendanceRecord.objects.get(lesson=world.lesson, student=world.pupils()[1])
    assert record.minutes == 12
    assert world.save(client, world.body(attendance=[part | {"seen": 1}])).json()["attendance"][0]["version"] == 1
    world.save(client, world.body(attendance=[part | {"seen": 1, "minutes": None}]))
    record.refresh_from_db()
    assert (record.code.code, record.minutes, record.version) == ("о", None, 2)
    assert list(AttendanceChange.objects.filter(record=record).order_by("version").values_list("minutes", flat=True)) == [
        12,
        None,
    ]


def test_minutes_of_homework_stay_when_only_its_text_changes(world: World, client: Any) -> None:
    part = {"uid": str(world.lesson.uid), "seen": world.lesson.version}
    world.save(client, world.body(lesson=part | {"homework": "№ 1", "homework_minutes": 20}))
    world.save(client, world.body(lesson=part | {"seen": part["seen"] + 1, "homework": "№ 1, 2"}))
    task = Homework.objects.get(lesson=world.lesson)
    assert (task.text, task.minutes) == ("№ 1, 2", 20)
    world.save(client, world.body(lesson=part | {"seen": part["seen"] + 2, "homework_minutes": None}))
    task.refresh_from_db()
    assert (task.text, task.minutes) == ("№ 1, 2", None)


def test_history_names_before_and_after_of_mark_and_absence_in_one_cell(world: World, client: Any) -> None:
    column = world.new_column()
    pupil = world.pupils()[0]
    away = {"student": str(pupil.uid), "lesson": str(world.lesson.uid), "code": "о", "seen": 0, "minutes": 5}
    world.save(client, world.body(columns=[column], marks=[mark(world, column, "3")], attendance=[away]))
    world.save(client, world.body(marks=[mark(world, column, "4", seen=1, comment="Исправил", counts=False, reason="Пересдача")]))
    asked = {"student": str(pupil.uid), "column": column["uid"], "lesson": str(world.lesson.uid)}
    changes = client.get(f"/journal/{world.group.uid}/history/", asked).json()["changes"]
    assert [(c["what"], c["before"], c["value"], c["more"]) for c in changes] == [
        ("mark", "", "3", []),
        ("attendance", "", "о", ["5 min"]),
        ("mark", "3", "4", ["not in the average", "“Исправил”"]),
    ]
    assert (changes[-1]["by"], changes[-1]["reason"]) == ("Ольга Сергеевна Петрова", "Пересдача")
