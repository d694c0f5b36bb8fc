"""Remarks and praise from the lesson's page: written once, about the right pupil, taken back by their author."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from classbook.common import clock
from classbook.events.models import AuditEvent, OutboxEvent, Version
from classbook.lessons.models import Lesson, Remark
from classbook.schools.models import Term
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(world: World) -> Any:
    return world.client("teacher")


def form(world: World, **fields: str) -> dict[str, str]:
    return {"op": str(uuid.uuid4()), "student": str(world.anna.uid), "kind": "praise", "text": "Помогла соседу", **fields}


def send(world: World, client: Any, data: dict[str, str], *, lesson: Lesson | None = None, json: bool = True) -> Any:
    headers = {"Accept": "application/json"} if json else {}
    return client.post(f"/lesson/{(lesson or world.lesson).uid}/remarks/", data, headers=headers)


def ours(world: World) -> Any:
    return Remark.objects.filter(lesson=world.lesson)


def test_remark_reaches_the_diary_and_leaves_word(world: World, client: Any) -> None:
    before = Version.objects.filter(kind="pupil", subject_id=world.anna.pk).values_list("number", flat=True).first() or 0
    assert send(world, client, form(world)).status_code == 200
    remark = ours(world).get()
    assert (remark.kind, remark.text, remark.author_id, remark.date) == (
        "praise",
        "Помогла соседу",
        world.person("teacher").pk,
        world.lesson.date,
    )
    assert Version.objects.get(kind="pupil", subject_id=world.anna.pk).number == before + 1
    assert OutboxEvent.objects.get(kind="remark.added").data == {"remark": remark.pk}
    week = world.client("parent").get(f"/diary/{world.anna.uid}/week/{world.lesson.date}/").content.decode()
    assert "Помогла соседу" in week


def test_double_click_writes_one_remark(world: World, client: Any) -> None:
    data = form(world)
    first, second = send(world, client, data), send(world, client, data)
    assert first.json() == second.json()
    assert ours(world).count() == 1


def test_same_number_with_another_text_is_refused(world: World, client: Any) -> None:
    data = form(world)
    send(world, client, data)
    answer = send(world, client, data | {"text": "Другое"})
    assert answer.status_code == 422
    assert ours(world).get().text == "Помогла соседу"


def test_plain_form_leads_back_to_the_lesson(world: World, client: Any) -> None:
    answer = send(world, client, form(world), json=False)
    assert (answer.status_code, answer["Location"]) == (302, f"/lesson/{world.lesson.uid}/")
    assert "Помогла соседу" in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": "  "}, "Write what the family should read."),
        ({"text": "а" * 1001}, "This text is longer than 1000 signs. It is kept here, not yet saved: please shorten it."),
        ({"kind": "blame"}, "Choose whether it is praise, a remark or a note."),
    ],
)
def test_bad_remark_gets_a_sentence(world: World, client: Any, fields: dict[str, str], sentence: str) -> None:
    answer = send(world, client, form(world, **fields))
    assert (answer.status_code, answer.json()["sentence"]) == (422, sentence)
    assert not ours(world).exists()


def test_pupil_who_left_gets_no_remark_about_a_later_day(world: World, client: Any) -> None:
    left = world.group.enrollments.filter(ends_on__lt=world.lesson.date).select_related("student").get().student
    answer = send(world, client, form(world, student=str(left.uid)))
    assert answer.json()["sentence"] == "The pupil was not in this group on that day."


def test_pupil_of_another_group_is_not_known(world: World, client: Any) -> None:
    assert send(world, client, form(world, student=str(world.person("adultpupil").uid))).status_code == 404
    assert send(world, client, form(world, op="7")).status_code == 404


def test_no_remark_in_a_closed_term_a_future_or_a_cancelled_lesson(world: World, client: Any) -> None:
    future = Lesson.objects.filter(group=world.group, date__gt=clock.today(world.school.time_zone)).order_by("date")[0]
    assert send(world, client, form(world), lesson=future).json()["sentence"].startswith("This lesson has not begun yet")
    Lesson.objects.filter(pk=world.lesson.pk).update(status="cancelled")
    assert send(world, client, form(world)).json()["sentence"] == "This lesson was cancelled."
    Lesson.objects.filter(pk=world.lesson.pk).update(status="planned")
    Term.objects.filter(scheme=world.group.term_scheme).update(closes_at=clock.now() - timedelta(days=1))
    assert "is closed" in send(world, client, form(world)).json()["sentence"]
    assert not Remark.objects.filter(lesson__in=[world.lesson, future]).exists()


def test_author_takes_back_and_nobody_else(world: World, client: Any) -> None:
    send(world, client, form(world))
    remark = ours(world).get()
    url = f"/lesson/{world.lesson.uid}/remarks/{remark.uid}/withdraw/"
    for login in ("classteacher", "head", "parent", "stranger"):
        assert world.client(login).post(url).status_code == 404
    remark.refresh_from_db()
    assert remark.withdrawn_at is None
    assert client.post(url).status_code == 302
    assert client.post(url, headers={"Accept": "application/json"}).status_code == 200
    assert AuditEvent.objects.filter(kind="remark.withdrawn", subject_id=remark.pk).count() == 1
    assert "Помогла соседу" not in client.get(f"/lesson/{world.lesson.uid}/").content.decode()
    week = world.client("parent").get(f"/diary/{world.anna.uid}/week/{world.lesson.date}/").content.decode()
    assert "Помогла соседу" not in week


def test_remark_of_a_colleague_is_read_and_not_taken_back(world: World, client: Any) -> None:
    colleague = world.person("classteacher")
    row = Remark.objects.create(
        school=world.school, student=world.anna, lesson=world.lesson, date=world.lesson.date, kind="note", text="Форма",
        author=colleague, created_at=clock.now(),
    )  # fmt: skip
    page = client.get(f"/lesson/{world.lesson.uid}/").content.decode()
    assert "Форма" in page
    assert str(row.uid) in page
    assert f"{row.uid}/withdraw/" not in page
