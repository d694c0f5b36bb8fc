"""The one save of the journal: what is written, what is refused, what a retry gets."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from classbook.attendance.integrity import problems as attendance_problems
from classbook.attendance.models import AttendanceRecord
from classbook.common import clock
from classbook.common.errors import NotFound
from classbook.events.models import Operation, OutboxEvent, Version
from classbook.grading.integrity import problems as mark_problems
from classbook.grading.models import Assessment, Mark, MarkChange
from classbook.homework.models import Homework
from classbook.journal.book import Door, open_book
from classbook.journal.rules import read_save
from classbook.lessons.access import open_lesson
from classbook.lessons.models import Lesson, LessonChange, LessonTeacher
from classbook.people.models import Session
from classbook.schools.access import open_group
from classbook.schools.models import TeachingAssignment, Term
from classbook.web import hot
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(world: World) -> Any:
    return world.client("teacher")


def marks(world: World, column: str, codes: list[str], *, seen: int = 0) -> list[dict[str, Any]]:
    return [
        {"student": str(pupil.uid), "column": column, "code": code, "seen": seen}
        for pupil, code in zip(world.pupils(), codes, strict=False)
    ]


def test_whole_lesson_is_saved_with_history_and_word_for_the_worker(world: World, client: Any) -> None:
    column = world.new_column()
    absent = str(world.pupils()[5].uid)
    body = world.body(
        lesson={
            "uid": str(world.lesson.uid),
            "seen": world.lesson.version,
            "topic": "Степень",
            "homework": "№ 12",
            "register_taken": True,
        },
        columns=[column],
        marks=marks(world, column["uid"], ["5", "4", "3"]),
        attendance=[{"student": absent, "lesson": str(world.lesson.uid), "code": "н", "seen": 0}],
    )
    answer = world.save(client, body)
    assert answer.status_code == 200, answer.content
    assert [m["version"] for m in answer.json()["marks"]] == [1, 1, 1]
    lesson = Lesson.objects.get(pk=world.lesson.pk)
    assert (lesson.topic, lesson.status, lesson.register_taken_by_id) == ("Степень", "held", world.person("teacher").pk)
    assert Homework.objects.get(lesson=lesson).text == "№ 12"
    stored = Mark.objects.filter(assessment__uid=column["uid"]).order_by("student__sort_key")
    assert [m.code for m in stored] == ["5", "4", "3"]
    assert MarkChange.objects.filter(mark__in=stored).count() == 3
    assert AttendanceRecord.objects.get(lesson=lesson, student__uid=absent).code.code == "н"
    assert LessonChange.objects.filter(lesson=lesson).count() == 1
    assert OutboxEvent.objects.filter(kind="journal.saved").count() == 1
    assert list(mark_problems()) == []
    assert list(attendance_problems()) == []


def test_retry_of_the_same_operation_gets_the_same_answer_and_writes_nothing(world: World, client: Any) -> None:
    column = world.new_column()
    body = world.body(columns=[column], marks=marks(world, column["uid"], ["5"]))
    first = world.save(client, body)
    second = world.save(client, body)
    assert first.content == second.content
    assert Mark.objects.filter(assessment__uid=column["uid"]).count() == 1
    assert Operation.objects.count() == 1


def test_same_operation_with_another_body_is_refused(world: World, client: Any) -> None:
    column = world.new_column()
    body = world.body(columns=[column], marks=marks(world, column["uid"], ["5"]))
    world.save(client, body)
    answer = world.save(client, body | {"marks": marks(world, column["uid"], ["2"])})
    assert (answer.status_code, answer.json()["error"]) == (409, "operation")
    assert Mark.objects.get(assessment__uid=column["uid"]).code == "5"


def test_stale_version_gets_both_values_and_changes_nothing(world: World, client: Any) -> None:
    column = world.new_column()
    world.save(client, world.body(columns=[column], marks=marks(world, column["uid"], ["5", "4"])))
    world.save(client, world.body(marks=marks(world, column["uid"], ["3"], seen=1)))
    answer = world.save(client, world.body(marks=marks(world, column["uid"], ["2", "2"], seen=1)))
    assert answer.status_code == 409
    (conflict,) = answer.json()["conflicts"]
    assert (conflict["yours"], conflict["theirs"], conflict["version"]) == ("2", "3", 2)
    assert conflict["by"] == "Ольга Сергеевна Петрова"
    codes = Mark.objects.filter(assessment__uid=column["uid"]).order_by("student__sort_key").values_list("code", flat=True)
    assert list(codes) == ["3", "4"]


def test_every_bad_cell_is_named_and_nothing_is_saved(world: World, client: Any) -> None:
    column = world.new_column()
    cells = marks(world, column["uid"], ["5", "6", "x"])
    away = {"student": cells[0]["student"], "lesson": str(world.lesson.uid), "code": "я", "seen": 0}
    answer = world.save(client, world.body(columns=[column], marks=cells, attendance=[away]))
    assert answer.status_code == 422
    assert [cell["what"] for cell in answer.json()["cells"]] == ["mark", "mark", "attendance"]
    assert not Mark.objects.filter(assessment__uid=column["uid"]).exists()
    assert Operation.objects.count() == 0


def test_withdrawn_mark_keeps_its_history(world: World, client: Any) -> None:
    column = world.new_column()
    world.save(client, world.body(columns=[column], marks=marks(world, column["uid"], ["5"])))
    world.save(client, world.body(marks=marks(world, column["uid"], [""], seen=1)))
    mark = Mark.objects.get(assessment__uid=column["uid"])
    assert (mark.status, mark.code, mark.version) == ("withdrawn", "", 2)
    assert list(mark.changes.order_by("version").values_list("code", flat=True)) == ["5", ""]


def test_unchanged_mark_adds_no_history(world: World, client: Any) -> None:
    column = world.new_column()
    world.save(client, world.body(columns=[column], marks=marks(world, column["uid"], ["5"])))
    answer = world.save(client, world.body(marks=marks(world, column["uid"], ["5"], seen=1)))
    assert answer.json()["marks"][0]["version"] == 1
    assert MarkChange.objects.filter(mark__assessment__uid=column["uid"]).count() == 1


def test_pupil_who_left_gets_no_mark_of_a_later_day(world: World, client: Any) -> None:
    left = world.group.enrollments.filter(ends_on__lt=world.lesson.date).select_related("student").get().student
    column = world.new_column()
    cell = {"student": str(left.uid), "column": column["uid"], "code": "5", "seen": 0}
    answer = world.save(client, world.body(columns=[column], marks=[cell]))
    assert answer.status_code == 422
    assert answer.json()["cells"][0]["sentence"] == "The pupil was not in this group on that day."


def test_closed_term_refuses_and_says_which(world: World, client: Any) -> None:
    Term.objects.filter(scheme=world.group.term_scheme).update(closes_at=clock.now() - timedelta(days=1))
    answer = world.save(client, world.body(columns=[world.new_column()]))
    assert answer.status_code == 422
    assert "30 December" in answer.json()["sentence"]


def test_old_entry_changes_only_with_a_reason(world: World, client: Any) -> None:
    day = clock.today(world.school.time_zone) - timedelta(days=5)
    mark = Mark.objects.filter(assessment__group=world.group, assessment__date__lt=day, status="recorded").order_by("pk")[0]
    cell = {"student": str(mark.student.uid), "column": str(mark.assessment.uid), "code": "зач", "seen": mark.version}
    refused = world.save(client, world.body(marks=[cell]))
    assert (refused.status_code, refused.json()["cells"][0]["needs"]) == (422, "reason")
    accepted = world.save(client, world.body(marks=[cell | {"reason": "Ошибка переноса"}]))
    assert accepted.status_code == 200
    assert MarkChange.objects.filter(mark=mark).order_by("-version")[0].reason == "Ошибка переноса"


def test_correction_of_long_ago_waits_for_a_fresh_proof(world: World, client: Any) -> None:
    """The queue keeps it and sends the same operation again; what needs no reason needs no proof."""
    day = clock.today(world.school.time_zone) - timedelta(days=5)
    mark = Mark.objects.filter(assessment__group=world.group, assessment__date__lt=day, status="recorded").order_by("pk")[0]
    cell = {"student": str(mark.student.uid), "column": str(mark.assessment.uid), "code": "зач", "seen": mark.version}
    body = world.body(marks=[cell | {"reason": "Ошибка переноса"}])
    clock.stand_on(clock.now() + timedelta(minutes=16))
    waits = world.save(client, body)
    assert (waits.status_code, waits.json()["error"], waits.json()["op"]) == (403, "proof", body["op"])
    assert MarkChange.objects.filter(mark=mark).count() == mark.version
    column = world.new_column()
    assert world.save(client, world.body(columns=[column], marks=marks(world, column["uid"], ["5"]))).status_code == 200
    assert client.post("/account/prove/", {"proof-asked": "get", "proof-password": "demo-teacher"}).status_code == 302
    assert world.save(client, body).status_code == 200
    assert world.save(client, body).status_code == 200
    assert MarkChange.objects.filter(mark=mark).count() == mark.version + 1


def test_marks_of_a_lesson_that_has_not_begun_are_refused(world: World, client: Any) -> None:
    future = Lesson.objects.filter(group=world.group, date__gt=clock.today(world.school.time_zone)).order_by("date")[0]
    column = world.new_column(future)
    answer = world.save(client, world.body(columns=[column], marks=marks(world, column["uid"], ["5"])))
    assert answer.status_code == 422
    planned = {"uid": str(future.uid), "seen": future.version, "topic": "Планы", "homework": "§ 3"}
    assert world.save(client, world.body(lesson=planned)).status_code == 200


def test_entries_of_another_sign_in_are_not_taken(world: World, client: Any) -> None:
    answer = world.save(client, world.body("classteacher"))
    assert (answer.status_code, answer.json()["error"]) == (409, "person")


def test_signed_out_keeps_the_entry_for_later(world: World) -> None:
    answer = world.save(world.client("nobody"), world.body())
    assert (answer.status_code, answer.json()["error"]) == (401, "signed_out")


def test_substitute_writes_the_one_lesson_and_nothing_else_of_the_group(world: World) -> None:
    client = world.client("substitute")
    lesson = world.cover_lesson
    url = f"/lesson/{lesson.uid}/save/"
    part = {"uid": str(lesson.uid), "seen": lesson.version, "topic": "Замена"}
    assert world.save(client, world.body("substitute", lesson=part), url=url).status_code == 200
    other = Lesson.objects.filter(group=lesson.group).exclude(pk=lesson.pk).order_by("pk")[0]
    part = {"uid": str(other.uid), "seen": other.version, "topic": "Чужой урок"}
    assert world.save(client, world.body("substitute", lesson=part), url=url).status_code == 404
    assert world.save(client, world.body("substitute"), url=f"/journal/{lesson.group.uid}/save/").status_code == 404


def test_through_a_lessons_door_no_column_without_a_lesson_is_reached(world: World) -> None:
    lesson = world.cover_lesson
    assert lesson.group.mark_scale is not None
    pupil = lesson.group.enrollments.filter(ends_on=None)[0].student
    for kind in ("exam", "work"):
        closing = Assessment.objects.create(
            school=lesson.school, group=lesson.group, kind=kind, scale=lesson.group.mark_scale.scale, date=lesson.date
        )
        entry = {"student": str(pupil.uid), "column": str(closing.uid), "code": "5", "seen": 0}
        client, url = world.client("substitute"), f"/lesson/{lesson.uid}/save/"
        assert world.save(client, world.body("substitute", marks=[entry]), url=url).status_code == 404
        assert not Mark.objects.filter(assessment=closing).exists()


@pytest.mark.parametrize("what", ["marks", "attendance", "columns"])
def test_a_cell_that_comes_twice_is_refused(world: World, client: Any, what: str) -> None:
    column, pupil = world.new_column(), str(world.pupils()[0].uid)
    part = {
        "marks": {"student": pupil, "column": column["uid"], "code": "5", "seen": 0},
        "attendance": {"student": pupil, "lesson": str(world.lesson.uid), "code": "н", "seen": 0},
        "columns": column,
    }[what]
    client.raise_request_exception = False
    answer = world.save(client, world.body(**({"columns": [column]} | {what: [part, part]})))
    assert (answer.status_code, answer.json()["error"]) == (422, "refused")
    assert world.save(client, world.body(**({"columns": [column]} | {what: [part]}))).status_code == 200


def test_a_column_of_another_group_is_refused_and_stays(world: World, client: Any) -> None:
    other = Assessment.objects.exclude(group=world.group)[0]
    client.raise_request_exception = False
    answer = world.save(client, world.body(columns=[world.new_column() | {"uid": str(other.uid)}]))
    assert (answer.status_code, answer.json()["error"]) == (422, "refused")
    other.refresh_from_db()
    assert (other.group_id == world.group.pk, other.version) == (False, 1)


def test_half_a_sign_is_not_stored(world: World, client: Any) -> None:
    """Browsers cut a smiley in two where a field is full; stored like that, nobody could read the row again."""
    client.raise_request_exception = False
    column = world.new_column()
    (entry,) = marks(world, column["uid"], ["5"])
    lesson = {"uid": str(world.lesson.uid), "seen": world.lesson.version, "topic": "Степень \ud83d", "homework": "№ 12 \ude00"}
    body = world.body(lessons=[lesson], columns=[column], marks=[entry | {"comment": "молодец \ud83d"}])
    assert world.save(client, body).status_code == 200
    assert Mark.objects.get(assessment__uid=column["uid"]).comment == "молодец ?"
    assert Lesson.objects.get(pk=world.lesson.pk).topic == "Степень ?"
    assert world.save(client, world.body(marks=[entry | {"seen": 1, "code": "4"}])).status_code == 200


def test_nonsense_gets_a_sentence(world: World, client: Any) -> None:
    endless = json.dumps(world.body(lesson={"uid": str(world.lesson.uid), "seen": float("inf")})).encode()
    for raw in (b"", b"[]", b"{}", b'{"op": 1}', b"\xff", json.dumps(world.body(marks=[{"student": "x"}])).encode(), endless):
        answer = client.post(f"/journal/{world.group.uid}/save/", raw, content_type="application/json")
        assert (answer.status_code, answer.json()["error"]) == (422, "refused")


@pytest.mark.parametrize(
    "table", ["grading_markchange", "attendance_attendancechange", "lessons_lessonchange", "events_auditevent"]
)
@pytest.mark.parametrize("statement", ["DELETE FROM {0}", "UPDATE {0} SET at = at"])
def test_history_refuses_to_be_changed(world: World, table: str, statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_queries_do_not_depend_on_the_number_of_cells(world: World, client: Any) -> None:
    counts = []
    for codes in (["5"], ["5", "4", "3", "5", "4", "3", "5"]):
        column = world.new_column()
        body = world.body(columns=[column], marks=marks(world, column["uid"], codes))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert world.save(client, body).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_versions_rise_for_the_pupils_and_the_group(world: World, client: Any) -> None:
    column = world.new_column()
    pupil = world.pupils()[0]
    before = dict(Version.objects.filter(kind="pupil", subject_id=pupil.pk).values_list("kind", "number"))
    world.save(client, world.body(columns=[column], marks=marks(world, column["uid"], ["5"])))
    after = Version.objects.get(kind="pupil", subject_id=pupil.pk).number
    assert after == before.get("pupil", 0) + 1


def test_the_short_way_and_the_ordinary_one_give_one_answer(world: World, client: Any) -> None:
    """web.hot answers a save with which nothing is the matter; its retry through the view finds what it stored."""
    column = world.new_column()
    body = world.body(columns=[column], marks=marks(world, column["uid"], ["5", "4"]))
    quick = world.save(client, body)
    with override_settings(MIDDLEWARE=[name for name in settings.MIDDLEWARE if name != "classbook.web.hot.HotPages"]):
        again = world.save(client, body)
    assert quick.status_code == 200
    assert quick.content == again.content
    assert MarkChange.objects.filter(mark__assessment__uid=column["uid"]).count() == 2


def test_the_short_way_checks_where_a_save_comes_from(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies.update(world.client("teacher").cookies)
    assert world.save(strict, world.body(columns=[world.new_column()])).status_code == 403


def test_the_short_way_leaves_the_rest_to_the_view(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger, somebody else's entries, bad cells, a session whose use is to be noted."""
    quick: list[object] = []
    plain = hot.save_quickly
    monkeypatch.setattr(hot, "save_quickly", lambda *args: quick.append(plain(*args)) or quick[-1])
    column = world.new_column()
    assert world.save(world.client("stranger"), world.body("stranger", columns=[column])).status_code == 404
    assert world.save(world.client("teacher"), world.body("classteacher", columns=[column])).status_code == 409
    cells = marks(world, column["uid"], ["77"])
    assert world.save(world.client("teacher"), world.body(columns=[column], marks=cells)).status_code == 422
    client = world.client("teacher")
    Session.objects.update(seen_at=clock.now() - timedelta(days=20))
    assert world.save(client, world.body(columns=[column])).status_code == 200
    assert quick == [None] * 4


def opened(world: World, login: str, door: Door) -> bool:
    """May the persona write through the door? As the statement of the save says it."""
    try:
        open_book(world.actor(login), door, read_save(json.dumps(world.body(login)).encode()))
    except NotFound:
        return False
    return True


def may_write(world: World, login: str, door: Door) -> bool:
    """As lessons.access and schools.access say it."""
    actor = world.actor(login)
    try:
        return (open_lesson(actor, door.lesson) if door.lesson else open_group(actor, door.group or uuid4())).can_write
    except NotFound:
        return False


def test_who_may_save_is_the_same_in_both_spellings(world: World) -> None:
    doors = [
        Door(lesson=one.uid) for one in (world.lesson, world.cover_lesson, Lesson.objects.filter(school=world.other_school)[0])
    ]
    doors += [Door(group=world.group.uid), Door(group=world.cover_lesson.group.uid), Door(lesson=uuid4()), Door(group=uuid4())]
    answers = [(opened(world, login, door), may_write(world, login, door)) for login in world.logins for door in doors]
    assert all(first == second for first, second in answers)
    assert {first for first, _ in answers} == {True, False}
    LessonTeacher.objects.create(lesson=world.lesson, teacher=world.person("substitute"))
    assert opened(world, "substitute", doors[0])
    assert may_write(world, "substitute", doors[0])
    TeachingAssignment.objects.filter(group=world.group).update(ends_on=clock.today(world.school.time_zone) - timedelta(days=1))
    assert not opened(world, "teacher", Door(group=world.group.uid))
    assert not may_write(world, "teacher", Door(group=world.group.uid))
