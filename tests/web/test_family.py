"""What each member of the family reads."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classbook.attendance.models import AttendanceCode, AttendanceRecord
from classbook.common import clock
from classbook.diary.own import seat_of, staff_week
from classbook.diary.shared import shared_week
from classbook.grading.models import Assessment, Mark
from classbook.homework.models import Homework, HomeworkDone
from classbook.lessons.models import Lesson
from classbook.people.models import AccessBan, Guardianship, Person
from classbook.web.diary.week import SKELETONS
from tests.world import World

pytestmark = pytest.mark.django_db


def week_html(world: World, login: str, pupil: Person | None = None, day: object = None) -> str:
    found = pupil or world.anna
    answer = world.client(login).get(f"/diary/{found.uid}/week/{day or world.lesson.date}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_mark_entered_by_the_teacher_is_there_at_the_next_load(world: World) -> None:
    column = world.new_column()
    cell = {"student": str(world.anna.uid), "column": column["uid"], "code": "5", "seen": 0, "comment": "Именно так"}
    world.save(world.client("teacher"), world.body(columns=[column], marks=[cell]))
    for login in ("parent", "parent2", "pupil", "classteacher"):
        assert "Именно так" in week_html(world, login)


def test_hidden_column_and_withdrawn_mark_are_not_shown(world: World) -> None:
    mark = Mark.objects.filter(student=world.anna, assessment__lesson__isnull=False, status="recorded").order_by(
        "-assessment__date"
    )[0]
    Mark.objects.filter(pk=mark.pk).update(comment="Видно ли это")
    day = mark.assessment.date
    assert "Видно ли это" in week_html(world, "parent", day=day)
    Assessment.objects.filter(pk=mark.assessment_id).update(visible_from=clock.now() + timedelta(hours=1))
    assert "Видно ли это" not in week_html(world, "parent", day=day)
    Assessment.objects.filter(pk=mark.assessment_id).update(visible_from=None)
    Mark.objects.filter(pk=mark.pk).update(status="withdrawn", code="", score=None)
    assert "Видно ли это" not in week_html(world, "parent", day=day)


def test_confidential_reason_is_for_the_guardian_not_for_the_pupil_or_the_limited_parent(world: World) -> None:
    code = AttendanceCode.objects.get(school=world.school, code="б")
    AttendanceRecord.objects.update_or_create(
        lesson=world.lesson, student=world.anna, defaults={"school": world.school, "date": world.lesson.date, "code": code}
    )
    assert "Absent: болезнь" in week_html(world, "parent")
    for login in ("pupil", "parent2"):
        page = week_html(world, login)
        assert "болезнь" not in page
        assert "Absent" in page


def test_ban_and_unconfirmed_link_close_the_diary_at_once(world: World) -> None:
    url = f"/diary/{world.anna.uid}/week/{world.lesson.date}/"
    client = world.client("parent")
    assert client.get(url).status_code == 200
    link = Guardianship.objects.get(guardian=world.person("parent"), student=world.anna)
    Guardianship.objects.filter(pk=link.pk).update(confirmed_at=None)
    assert client.get(url).status_code == 404
    Guardianship.objects.filter(pk=link.pk).update(confirmed_at=clock.now())
    AccessBan.objects.create(person=world.person("parent"), student=world.anna, starts_on=world.lesson.date, reason="Суд")
    assert client.get(url).status_code == 404


def test_mother_of_two_sees_both_schools_and_the_stranger_none_of_hers(world: World) -> None:
    page = week_html(world, "parent")
    assert "Анна" in page
    assert "日本人小学校" in page
    assert world.client("stranger").get(f"/diary/{world.anna.uid}/").status_code == 404


def test_parents_right_ends_when_the_pupil_is_of_age(world: World) -> None:
    adult = world.person("adultpupil")
    assert world.client("adultpupil").get(f"/diary/{adult.uid}/marks/").status_code == 200
    assert not Guardianship.objects.filter(student=adult, ends_on=None).exists()


def test_changes_are_shown_with_the_original_struck_out(world: World) -> None:
    page = week_html(world, "parent", day=world.cover_lesson.date)
    planned = world.cover_lesson.substitution.planned_teacher
    assert f"<s>{planned.family_name} {planned.given_name}</s>" in page
    assert "Cancelled" in page
    assert "актовый зал" in page
    assert "Больничный" not in page


def test_quarantined_class_has_a_banner_and_lessons_from_home(world: World) -> None:
    pupil = Person.objects.filter(placements__school_class__name="5В").order_by("pk")[0]
    page = week_html(world, "head", pupil=pupil)
    assert "Quarantine: class 5В learns from home" in page
    assert "From home" in page


def test_holiday_week_says_why_there_is_no_school(world: World) -> None:
    page = week_html(world, "parent", day="2027-01-06")
    assert page.count("No school: Зимние каникулы") + page.count("No school:") >= 5
    assert "No lessons in the timetable" not in page


def test_week_outside_the_year_says_so_and_leads_back(world: World) -> None:
    page = week_html(world, "parent", day="2026-06-02")
    assert "These days lie outside the school year" in page
    assert f'<a class="btn" href="/diary/{world.anna.uid}/">' in page
    assert 'class="spread"' not in page
    assert "These days lie outside" not in week_html(world, "parent")


def test_mark_has_author_day_and_kind_beside_it(world: World) -> None:
    column = world.new_column()
    cell = {"student": str(world.anna.uid), "column": column["uid"], "code": "5", "seen": 0}
    world.save(world.client("teacher"), world.body(columns=[column], marks=[cell]))
    page = week_html(world, "pupil")
    assert "Ольга Сергеевна Петрова · 19 November</small>" in page


def test_only_who_may_sign_gets_a_line_for_it(world: World) -> None:
    assert "Parent's signature" in week_html(world, "parent")
    for login in ("pupil", "parent2", "head"):
        assert "signature" not in week_html(world, login)


def lessons_in(pupil: Person, day: date) -> int:
    row = staff_week(pupil.uid, day, now=clock.now())
    assert row is not None
    return sum(len(on.lessons) for on in shared_week(seat_of(row), day).days)


def test_pupil_who_left_keeps_the_weeks_before(world: World) -> None:
    left = Person.objects.filter(placements__ends_on__isnull=False).order_by("pk")[0]
    end = left.placements.get().ends_on
    before, after = (lessons_in(left, end + timedelta(days=days)) for days in (-7, 21))
    assert before > 0
    assert after == 0


def test_tick_is_the_pupils_own_and_the_guardian_sees_it(world: World) -> None:
    task = Homework.objects.filter(group__enrollments__student=world.anna, due_lesson__isnull=False).order_by("-due_on", "-pk")[0]
    url = f"/diary/{world.anna.uid}/homework/{task.uid}/done/"
    assert world.client("parent").post(url, {"done": "1"}).status_code == 404
    HomeworkDone.objects.all().delete()
    answer = world.client("pupil").post(url, {"done": "1"}, headers={"Accept": "application/json"})
    assert answer.json() == {"done": True}
    assert "Done:" in week_html(world, "parent", day=task.due_on)
    world.client("pupil").post(url, {"done": ""})
    assert not HomeworkDone.objects.filter(homework=task).exists()


def test_number_of_queries_does_not_depend_on_the_week(world: World) -> None:
    client = world.client("parent")
    counts = []
    for days in (0, 0, 7):
        url = f"/diary/{world.anna.uid}/week/{world.lesson.date - timedelta(days=days)}/"
        SKELETONS.forget()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    # The first page sets the cookie for forms and goes the ordinary way.
    del counts[0]
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Averages of the term"), ("ru", "Средние баллы за период"), ("ja", "学期の平均")]
)
def test_week_speaks_the_readers_language(world: World, language: str, word: str) -> None:
    Person.objects.filter(pk=world.person("parent").pk).update(locale=language)
    page = week_html(world, "parent")
    assert word in page
    assert f'<html lang="{language}">' in page


def test_marks_page_shows_the_same_average_as_the_journal(world: World) -> None:
    from classbook.journal.grid import grid_of
    from classbook.journal.head import open_journal

    grid = grid_of(open_journal(world.actor("teacher"), world.group.uid), None)
    row = next(row for row in grid.rows if row.who.uid == str(world.anna.uid))
    page = world.client("parent").get(f"/diary/{world.anna.uid}/marks/").content.decode()
    assert row.average != ""
    assert f"<b>{row.average}</b>" in page


def test_first_graders_page_says_that_there_are_no_marks(world: World) -> None:
    pupil = Person.objects.filter(placements__school_class__name="1А").order_by("pk")[0]
    assert "taught without marks" in world.client("head").get(f"/diary/{pupil.uid}/marks/").content.decode()
    assert Lesson.objects.filter(group__school_class__name="1А", assessments__isnull=False).count() == 0
