"""Topics and homework of several lessons in one operation, as the journal's right page sends them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from classbook.common import clock
from classbook.events.models import Operation, OutboxEvent, Version
from classbook.homework.models import Homework
from classbook.lessons.models import Lesson, LessonChange
from classbook.schools.models import Term
from classbook.web import hot
from tests.world import World

pytestmark = pytest.mark.django_db
PLAIN = [name for name in settings.MIDDLEWARE if name != "classbook.web.hot.HotPages"]


@pytest.fixture
def client(world: World) -> Any:
    return world.client("teacher")


def lessons(world: World, count: int) -> list[Lesson]:
    """The group's latest lessons that took place."""
    rows = Lesson.objects.filter(group=world.group, date__lte=world.lesson.date).exclude(status="cancelled")
    return list(rows.order_by("-date")[:count])


def parts(rows: list[Lesson], **fields: Any) -> list[dict[str, Any]]:
    return [
        {"uid": str(row.uid), "seen": row.version} | {name: f"{value} {place}" for name, value in fields.items()}
        for place, row in enumerate(rows)
    ]


def written(rows: list[Lesson]) -> list[tuple[str, str]]:
    tasks = dict(Homework.objects.filter(lesson__in=rows).values_list("lesson_id", "text"))
    topics = dict(Lesson.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "topic"))
    return [(topics[row.pk], tasks.get(row.pk, "")) for row in rows]


def test_several_lessons_are_written_together(world: World, client: Any) -> None:
    rows = lessons(world, 3)
    column = world.new_column()
    cell = {"student": str(world.pupils()[0].uid), "column": column["uid"], "code": "5", "seen": 0}
    body = world.body(lessons=parts(rows, topic="Тема", homework="№"), columns=[column], marks=[cell])
    group, school_class = (
        dict(Version.objects.filter(kind=kind).values_list("subject_id", "number")) for kind in ("group", "class")
    )
    answer = world.save(client, body)
    assert answer.status_code == 200, answer.content
    assert written(rows) == [("Тема 0", "№ 0"), ("Тема 1", "№ 1"), ("Тема 2", "№ 2")]
    told = {one["uid"]: one for one in answer.json()["lessons"]}
    assert told == {
        str(row.uid): {"uid": str(row.uid), "version": row.version + 1, "topic": f"Тема {n}", "homework": f"№ {n}"}
        for n, row in enumerate(rows)
    }
    assert [LessonChange.objects.filter(lesson=row, version=row.version + 1).count() for row in rows] == [1, 1, 1]
    event = OutboxEvent.objects.get(kind="journal.saved")
    assert sorted(event.data["lessons"]) == sorted(event.data["homework"]) == sorted(row.pk for row in rows)
    assert Version.objects.get(kind="group", subject_id=world.group.pk).number == group.get(world.group.pk, 0) + 1
    class_id = world.school_class.pk
    assert Version.objects.get(kind="class", subject_id=class_id).number == school_class.get(class_id, 0) + 1


def test_the_short_way_and_the_ordinary_one_write_several_lessons_alike(world: World, client: Any) -> None:
    first, second = lessons(world, 4)[:2], lessons(world, 4)[2:]
    Lesson.objects.filter(pk__in=[row.pk for row in (*first, *second)]).update(version=7)
    for row in (*first, *second):
        row.version = 7
    Homework.objects.filter(lesson__in=[*first, *second]).delete()
    quick_body = world.body(lessons=parts(first, topic="Тема", homework="№"))
    quick = world.save(client, quick_body)
    with override_settings(MIDDLEWARE=PLAIN):
        plain = world.save(client, world.body(lessons=parts(second, topic="Тема", homework="№")))
        again = world.save(client, quick_body)
    assert (quick.status_code, plain.status_code) == (200, 200)
    assert quick.content == again.content
    texts = lambda answer, rows: [
        {**one, "uid": [str(row.uid) for row in rows].index(one["uid"])}
        for one in sorted(answer.json()["lessons"], key=lambda one: one["topic"])
    ]
    assert texts(quick, first) == texts(plain, second)
    assert written(first) == written(second)
    history = [
        list(LessonChange.objects.filter(lesson=row, version=8).values_list("topic", "homework")) for row in (*first, *second)
    ]
    assert history[:2] == history[2:]


def test_an_operation_of_before_the_update_is_taken(world: World, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page stored with the one `lesson` is sent as it was stored, perhaps weeks later."""
    quick: list[object] = []
    plain = hot.save_quickly
    monkeypatch.setattr(hot, "save_quickly", lambda *args: quick.append(plain(*args)) or quick[-1])
    (row,) = lessons(world, 1)
    (part,) = parts([row], topic="Тема")
    body = world.body(lesson=part)
    answer = world.save(client, body)
    assert answer.status_code == 200
    assert answer.json()["lesson"] == {"uid": str(row.uid), "version": row.version + 1, "topic": "Тема 0"}
    assert answer.json()["lessons"] == [answer.json()["lesson"]]
    assert quick[0] is not None
    # A stored answer of before the update is given again as it was.
    old = {"op": body["op"], "lesson": {"uid": str(row.uid), "version": 9}, "marks": [], "attendance": []}
    Operation.objects.filter(uid=body["op"]).update(answer=old)
    assert world.save(client, body).json() == old


def test_one_stale_lesson_keeps_the_others_back_and_says_both_sides(world: World, client: Any) -> None:
    rows = lessons(world, 3)
    before = written(rows)
    asked = parts(rows, topic="Тема")
    world.save(client, world.body(lessons=[asked[1] | {"topic": "Чужая", "homework": "§ 9"}]))
    answer = world.save(client, world.body(lessons=asked))
    assert answer.status_code == 409
    (conflict,) = answer.json()["conflicts"]
    assert (conflict["what"], conflict["lesson"]) == ("lesson", str(rows[1].uid))
    # The homework was not written here, so the choice is not about it.
    assert (conflict["yours"], conflict["theirs"]) == ("Тема 1", "Чужая")
    assert conflict["stands"] == {"topic": "Чужая", "homework": "§ 9", "no_homework": rows[1].no_homework}
    assert conflict["version"] == rows[1].version + 1
    assert written(rows) == [before[0], ("Чужая", "§ 9"), before[2]]


def test_every_locked_lesson_is_named(world: World, client: Any) -> None:
    rows = lessons(world, 2)
    Lesson.objects.filter(pk=rows[1].pk).update(status="cancelled")
    answer = world.save(client, world.body(lessons=parts(rows, topic="Тема")))
    assert (answer.status_code, [cell["lesson"] for cell in answer.json()["cells"]]) == (422, [str(rows[1].uid)])
    assert answer.json()["cells"][0]["sentence"] == "This lesson was cancelled, so it is not recorded."
    Term.objects.filter(scheme=world.group.term_scheme).update(closes_at=clock.now() - timedelta(days=1))
    answer = world.save(client, world.body(lessons=parts(rows, topic="Тема")))
    assert [cell["lesson"] for cell in answer.json()["cells"]] == [str(row.uid) for row in rows]
    assert "is closed. Nothing was changed" in answer.json()["cells"][0]["sentence"]
    assert all(topic != "Тема 0" for topic, _ in written(rows))


def test_what_cannot_be_read_is_refused(world: World, client: Any) -> None:
    (row,) = lessons(world, 1)
    (part,) = parts([row], topic="Тема")
    for wrong in ([part, part], {"0": part}, [part] * 2001, [None], ["x"]):
        raw = json.dumps(world.body(lessons=wrong))
        answer = client.post(f"/journal/{world.group.uid}/save/", raw, content_type="application/json")
        assert (answer.status_code, answer.json()["error"]) == (422, "refused")
    assert not Operation.objects.exists()


def test_lessons_of_another_group_are_not_written(world: World, client: Any) -> None:
    other = Lesson.objects.exclude(group=world.group).filter(school=world.school)[0]
    asked = parts([*lessons(world, 1), other], topic="Тема")
    assert world.save(client, world.body(lessons=asked)).status_code == 404
    assert not Lesson.objects.filter(topic__startswith="Тема ").exists()


def test_a_dash_in_the_journal_is_no_homework_and_a_task_takes_it_back(world: World, client: Any) -> None:
    (row,) = lessons(world, 1)
    part = {"uid": str(row.uid), "seen": row.version}
    world.save(client, world.body(lessons=[part | {"homework": "", "no_homework": True}]))
    assert Lesson.objects.get(pk=row.pk).no_homework
    world.save(client, world.body(lessons=[part | {"seen": row.version + 1, "homework": "№ 1", "no_homework": False}]))
    row.refresh_from_db()
    assert (row.no_homework, written([row])[0][1]) == (False, "№ 1")
