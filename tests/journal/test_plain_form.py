"""The lesson's page without script: what the form saves, refuses and keeps."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classbook.attendance.models import AttendanceRecord
from classbook.common import clock
from classbook.grading.models import Assessment, Mark
from classbook.homework.models import Homework
from classbook.lessons.models import Lesson, LessonChange
from classbook.schools.models import Term
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(world: World) -> Any:
    return world.client("teacher")


def test_a_reason_is_sent_on_once_it_is_proved_who_sits_there(world: World, client: Any) -> None:
    clock.stand_on(clock.now() + timedelta(minutes=16))
    address = f"/lesson/{world.lesson.uid}/"
    data = {"topic": "Дроби", "reason": "Описка", "version": "0"}
    asked = client.post(address, data)
    assert (asked.status_code, 'name="topic" value="Дроби"' in asked.content.decode()) == (403, True)
    assert not LessonChange.objects.filter(lesson=world.lesson, topic="Дроби").exists()
    assert client.post(address, data | {"proof-asked": "post", "proof-password": "demo-teacher"}).status_code == 302
    assert Lesson.objects.get(pk=world.lesson.pk).topic == "Дроби"
    assert client.post(address, data | {"reason": "", "topic": "Дроби 2", "version": "1"}).status_code == 302


def filled(page: str) -> dict[str, str]:
    """The lesson's form as a browser would send it."""
    form = page.split('<form class="lesson-form"')[1].split("</form>")[0]
    data = {}
    for tag in re.findall(r"<input [^>]*>", form):
        found = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        is_box = found.get("type") in {"radio", "checkbox"}
        if "name" in found and found.get("form") is None and (not is_box or " checked" in tag):
            data[found["name"]] = found.get("value", "on")
    for name, text in re.findall(r'<textarea [^>]*name="(\w+)"(?![^>]*form=)[^>]*>([^<]*)</textarea>', form):
        data[name] = text
    for name, body in re.findall(r'<select name="([\w-]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)"[^>]* selected', body) or re.search(r'value="([^"]*)"', body)
        assert chosen
        data[name] = chosen[1]
    return data


def address(world: World) -> str:
    return f"/lesson/{world.lesson.uid}/"


def opened(world: World, client: Any) -> dict[str, str]:
    return filled(client.get(address(world)).content.decode())


def column_of(data: dict[str, str]) -> str:
    return next(name.removeprefix("col-v-") for name in data if name.startswith("col-v-"))


def test_whole_lesson_is_saved(world: World, client: Any) -> None:
    data = opened(world, client)
    column, (first, second, *_) = column_of(data), world.pupils()
    data |= {"topic": "Корень", "homework": "№ 5", "homework_minutes": "25", f"mark-{column}-{first.uid}": "4"}
    data |= {f"say-{column}-{first.uid}": "Хорошо", f"free-{column}-{first.uid}": "on"}
    data |= {f"att-{second.uid}": "о", f"late-{second.uid}": "8"}
    assert client.post(address(world), data).status_code == 302
    lesson = Lesson.objects.get(pk=world.lesson.pk)
    assert (lesson.topic, lesson.status) == ("Корень", "held")
    task = Homework.objects.get(lesson=lesson)
    assert (task.text, task.minutes) == ("№ 5", 25)
    stored = Mark.objects.get(assessment__lesson=lesson)
    assert (stored.code, stored.comment, stored.counts) == ("4", "Хорошо", False)
    record = AttendanceRecord.objects.get(lesson=lesson)
    assert (record.code.code, record.minutes) == ("о", 8)


def test_form_that_comes_twice_is_saved_once(world: World, client: Any) -> None:
    data = opened(world, client) | {
        "topic": "Корень",
        "homework": "№ 5",
        "add_column": "1",
        "col-kind-new": "test",
        "col-weight-new": "",
    }
    for _click in range(2):
        assert client.post(address(world), data).status_code == 302
    assert LessonChange.objects.filter(lesson=world.lesson).count() == 1
    assert Assessment.objects.filter(lesson=world.lesson).count() == 1


def test_column_is_added_and_changed(world: World, client: Any) -> None:
    data = opened(world, client) | {
        "add_column": "1",
        "col-kind-new": "dictation",
        "col-title-new": "Слова",
        "col-weight-new": "1,5",
    }
    assert client.post(address(world), data).status_code == 302
    row = Assessment.objects.get(lesson=world.lesson)
    assert (row.work_kind.code, row.title, str(row.weight), row.counts) == ("dictation", "Слова", "1.50", True)
    data = opened(world, client)
    assert data[f"col-weight-{row.uid}"] == "1.5"
    data |= {f"col-title-{row.uid}": "Диктант", f"col-free-{row.uid}": "on", f"col-say-{row.uid}": "без оценок в четверть"}
    assert client.post(address(world), data).status_code == 302
    row.refresh_from_db()
    assert (row.title, str(row.weight), row.counts, row.comment, row.version) == (
        "Диктант",
        "1.50",
        False,
        "без оценок в четверть",
        2,
    )


def test_other_kind_of_work_brings_its_own_weight(world: World, client: Any) -> None:
    data = opened(world, client) | {"add_column": "1", "col-kind-new": "answer", "col-weight-new": ""}
    client.post(address(world), data)
    row = Assessment.objects.get(lesson=world.lesson)
    client.post(address(world), opened(world, client) | {f"col-kind-{row.uid}": "practice"})
    row.refresh_from_db()
    assert (row.work_kind.code, row.weight, row.counts) == ("practice", 0, False)


def test_unchanged_form_changes_nothing(world: World, client: Any) -> None:
    data = opened(world, client)
    column = column_of(data)
    client.post(address(world), data | {"topic": "Корень", f"mark-{column}-{world.pupils()[0].uid}": "5"})
    assert client.post(address(world), opened(world, client)).status_code == 302
    assert LessonChange.objects.filter(lesson=world.lesson).count() == 1
    assert Assessment.objects.get(lesson=world.lesson).version == 1
    assert Mark.objects.get(assessment__lesson=world.lesson).version == 1


def test_bad_mark_is_named_beside_its_pupil_and_all_that_was_typed_stays(world: World, client: Any) -> None:
    data = opened(world, client)
    name = f"mark-{column_of(data)}-{world.pupils()[2].uid}"
    answer = client.post(address(world), data | {"topic": "Корень", name: "9"})
    assert answer.status_code == 422
    page = answer.content.decode()
    row = page.split(f'<li data-student="{world.pupils()[2].uid}"')[1].split("</li>")[0]
    assert "“9” is not a mark of this group&#39;s scale." in row
    again = filled(page)
    assert (again["topic"], again[name]) == ("Корень", "9")
    assert not Mark.objects.filter(assessment__lesson=world.lesson).exists()
    assert Lesson.objects.get(pk=world.lesson.pk).topic == world.lesson.topic


def test_bad_weight_is_named_beside_its_column(world: World, client: Any) -> None:
    answer = client.post(
        address(world), opened(world, client) | {"add_column": "1", "col-kind-new": "test", "col-weight-new": "much"}
    )
    assert answer.status_code == 422
    assert "A weight is a number from 0 to 100." in answer.content.decode().split("data-new-column")[1].split("</details>")[0]


def test_stale_form_overwrites_nothing_and_names_the_other_value(world: World, client: Any) -> None:
    stale = opened(world, client)
    name = f"mark-{column_of(stale)}-{world.pupils()[0].uid}"
    client.post(address(world), stale | {name: "3"})
    answer = client.post(address(world), stale | {name: "5"})
    assert answer.status_code == 422
    assert "Ольга Сергеевна Петрова entered 3 in the meantime." in answer.content.decode()
    assert Mark.objects.get(assessment__lesson=world.lesson).code == "3"
    client.post(address(world), filled(answer.content.decode()))
    assert Mark.objects.get(assessment__lesson=world.lesson).code == "5"


def test_nonsense_versions_are_no_error_of_the_server(world: World, client: Any) -> None:
    data = opened(world, client)
    data |= {"version": "x", "topic": "Корень", "new-uid": "7", "add_column": "1", "col-kind-new": "?"}
    assert client.post(address(world), data).status_code == 422


def test_closed_term_is_said_before_anything_is_typed(world: World, client: Any) -> None:
    Term.objects.filter(scheme=world.group.term_scheme).update(closes_at=clock.now() - timedelta(days=1))
    page = client.get(address(world)).content.decode()
    assert "The term that ended on 30 December is closed, so this lesson can only be read." in page
    assert "data-locked" in page
    assert "This term is closed and can only be read." in client.get(f"/journal/{world.group.uid}/").content.decode()


def test_read_only_mode_keeps_what_was_typed(world: World, client: Any, settings: Any) -> None:
    data = opened(world, client) | {"topic": "Корень"}
    settings.READ_ONLY = True
    answer = client.post(address(world), data)
    assert answer.status_code == 422
    assert filled(answer.content.decode())["topic"] == "Корень"
    assert Lesson.objects.get(pk=world.lesson.pk).topic == world.lesson.topic


def test_queries_of_the_page_do_not_depend_on_what_is_in_it(world: World, client: Any) -> None:
    client.get(address(world))  # What a first visit notes is not the page's.
    counts = []
    for add in (False, True):
        if add:
            data = opened(world, client)
            column = column_of(data)
            data |= {f"mark-{column}-{pupil.uid}": "5" for pupil in world.pupils()[:3]} | {
                "add_column": "1",
                "col-kind-new": "test",
            }
            assert client.post(address(world), data).status_code == 302
        with CaptureQueriesContext(connection) as queries:
            client.get(address(world))
        counts.append(len(queries))
    assert counts[0] == counts[1]
