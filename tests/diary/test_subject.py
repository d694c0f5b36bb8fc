"""The page of one subject: the figures of the other pages, what if, what is owed, and whose it is."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from classbook.attendance.models import AttendanceCode, AttendanceRecord
from classbook.common import clock
from classbook.diary.subject import SubjectPage, subject_of
from classbook.diary.whatif import forecast
from classbook.grading.models import Assessment, GroupScale, Mark
from classbook.grading.rules import shown
from classbook.homework.models import Homework
from classbook.journal.grid import grid_of
from classbook.journal.head import open_journal
from classbook.schools.access import open_student
from classbook.schools.models import Enrollment, TeachingGroup
from tests.world import World

pytestmark = pytest.mark.django_db


def page_of(world: World, asked: int | None = None, login: str = "pupil") -> SubjectPage:
    student = open_student(world.actor(login), world.anna.uid)
    return subject_of(student, world.group.uid, asked, now=clock.now())


def address(world: World, group: TeachingGroup | None = None) -> str:
    return f"/diary/{world.anna.uid}/subject/{(group or world.group).uid}/"


def answers(client: Client, url: str, **asked: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(url, asked, headers={"Accept": "application/json"}).json()
    return found


def test_the_average_is_that_of_the_teachers_journal(world: World) -> None:
    journal = grid_of(open_journal(world.actor("teacher"), world.group.uid), None)
    (average,) = [row.average for row in journal.rows if row.who.uid == str(world.anna.uid)]
    page = page_of(world)
    assert shown(page.average) == average != ""
    assert [step.average for step in page.steps if step.score is not None][-1] == page.average


def test_what_if_is_the_average_after_that_mark(world: World) -> None:
    url, column = address(world), world.new_column()
    client = world.client("pupil")
    promised = answers(client, url, mark="2", kind="test")["result"]
    before = shown(page_of(world).average)
    mark = {"student": str(world.anna.uid), "column": column["uid"], "code": "2", "seen": 0}
    saved = world.save(world.client("teacher"), world.body(columns=[column | {"work_kind": "test"}], marks=[mark]))
    assert saved.status_code == 200
    assert shown(page_of(world).average) == promised != before
    assert f"<output>{promised}</output>" in client.get(url).content.decode()


def test_the_same_without_script(world: World) -> None:
    client, url = world.client("pupil"), address(world)
    seen = answers(client, url, mark="3", kind="test", goal="4,90")
    text = client.get(url, {"mark": "3", "kind": "test", "goal": "4,90"}).content.decode()
    assert f"<output data-result>{seen['result']}</output>" in text
    assert all(f"<b data-need>{words}</b>" in text for words in seen["needs"])
    assert 'value="4.90"' in text


@pytest.mark.parametrize("goal", ["9", "-1", "1e9", "NaN", "4.999", "much"])
def test_a_goal_that_is_none_is_said_beside_the_field(world: World, goal: str) -> None:
    text = world.client("pupil").get(address(world), {"goal": goal}).content.decode()
    assert "Type an average of this scale" in text
    assert 'aria-invalid="true"' in text
    assert f'value="{goal}"' in text, "what was typed stays"


def test_a_mark_that_never_counts_has_no_average_after_it(world: World) -> None:
    found = forecast(page_of(world), mark="осв", kind="nothing", goal="")
    assert found is not None
    assert found.average is None
    # The heaviest kind stands first: what is asked most is a test.
    assert found.kind.weight == max(kind.weight for kind in page_of(world).kinds)
    assert answers(world.client("pupil"), address(world), mark="осв")["result"] == "–"


def test_a_work_that_most_have_a_mark_for_is_owed(world: World) -> None:
    column = world.new_column() | {"work_kind": "test", "title": "Equations"}
    others = [pupil for pupil in world.pupils() if pupil != world.anna]
    marks = [{"student": str(one.uid), "column": column["uid"], "code": "4", "seen": 0} for one in others]
    few = len(world.pupils()) // 2 - 1
    world.save(world.client("teacher"), world.body(columns=[column], marks=marks[:few]))
    assert "Equations" not in {work.title for work in page_of(world).owed}
    world.save(world.client("teacher"), world.body(marks=marks[few:]))
    (owed,) = [work for work in page_of(world).owed if work.title == "Equations"]
    assert not owed.absent
    code = AttendanceCode.objects.filter(school=world.school, kind="absent")[0]
    AttendanceRecord.objects.update_or_create(
        lesson=world.lesson, student=world.anna, defaults={"school": world.school, "date": world.lesson.date, "code": code}
    )
    (owed,) = [work for work in page_of(world).owed if work.title == "Equations"]
    assert owed.absent
    Assessment.objects.filter(uid=column["uid"]).update(visible_from=clock.now() + timedelta(days=1))
    assert "Equations" not in {work.title for work in page_of(world).owed}


def test_works_to_come_and_homework(world: World) -> None:
    page = page_of(world)
    day = page.today + timedelta(days=3)
    column = Assessment.objects.filter(group=world.group, kind="work")[0]
    column.pk, column.uid = None, world.new_column()["uid"]
    column.origin_id, column.lesson, column.date, column.title, column.visible_from = "", None, day, "The great test", None
    column.save()
    task, _ = Homework.objects.update_or_create(
        lesson=world.lesson,
        defaults={
            "school": world.school, "group": world.group, "due_on": day, "text": "No. 9 to 12", "given_at": clock.now(), "due_lesson": None
        },
    )  # fmt: skip
    page = page_of(world)
    assert [(work.title, work.on) for work in page.to_come] == [("The great test", day)]
    (found,) = [one for one in page.tasks if one.text == "No. 9 to 12"]
    assert not found.done
    client = world.client("pupil")
    ticked = {"done": "1", "group": str(world.group.uid)}
    answer = client.post(f"/diary/{world.anna.uid}/homework/{task.uid}/done/", ticked)
    assert (answer.status_code, answer.headers["Location"]) == (302, address(world))
    (found,) = [one for one in page_of(world).tasks if one.text == "No. 9 to 12"]
    assert found.done


def test_hidden_columns_and_days_outside_the_group_count_nowhere(world: World) -> None:
    page = page_of(world)
    last = page.steps[-1]
    mark = Mark.objects.filter(student=world.anna, assessment__group=world.group, assessment__date=last.on).order_by(
        "-assessment__position", "-pk"
    )[0]
    Assessment.objects.filter(pk=mark.assessment_id).update(visible_from=clock.now() + timedelta(days=1))
    assert len(page_of(world).steps) == len(page.steps) - 1
    Enrollment.objects.filter(student=world.anna, group=world.group).update(ends_on=page.steps[0].on)
    assert {step.on for step in page_of(world).steps} == {page.steps[0].on}


def test_the_year_holds_all_terms(world: World) -> None:
    year, terms = page_of(world, 0), page_of(world).terms
    by_term = [page_of(world, link.number).steps for link in terms if link.number]
    assert sum(map(len, by_term)) == len(year.steps) > len(by_term[0])
    assert [link.number for link in year.terms if link.here] == [0]


def test_a_group_without_marks_has_topics_and_homework_only(world: World) -> None:
    GroupScale.objects.filter(group=world.group).delete()
    page = page_of(world)
    assert forecast(page, mark="5", kind="test", goal="") is None
    assert answers(world.client("pupil"), address(world)) == {"result": "", "needs": []}
    assert "taught without marks" in world.client("pupil").get(address(world)).content.decode()


def test_whose_subject_it_is(world: World) -> None:
    assert world.client("parent").get(address(world)).status_code == 200
    for login in ("stranger", "banned", "grandma"):
        assert world.client(login).get(address(world)).status_code == 404, login
    foreign = TeachingGroup.objects.exclude(enrollments__student=world.anna)[0]
    assert world.client("parent").get(address(world, foreign)).status_code == 404
    assert world.client("nobody").get(address(world)).status_code in {302, 404}


def test_number_of_queries_is_fixed(world: World, django_assert_max_num_queries: Any) -> None:
    client = world.client("parent")
    client.get(address(world))
    with django_assert_max_num_queries(24):
        client.get(address(world))


def test_points_are_typed(world: World) -> None:
    """A scale of points offers a field, and its answers are those of the same sums."""
    from classbook.grading.models import MarkScale

    percent = MarkScale.objects.create(code="of-100", name="Percent", kind="points", best=100, worst=0, passing=50, step=1)
    GroupScale.objects.filter(group=world.group).update(scale=percent)
    Mark.objects.filter(student=world.anna, assessment__group=world.group).update(score=Decimal(80))
    text = world.client("pupil").get(address(world)).content.decode()
    assert 'id="what-mark"' in text
    assert 'value="85.00"' in text
