"""The week's two ways, the short one and the ordinary one, are one page; and what is kept is never shown when it is old."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from classbook.accounts.actions import choose_language, end_session, sign_out_everywhere
from classbook.attendance.models import AttendanceRecord
from classbook.common import clock
from classbook.diary.own import own_week, staff_week
from classbook.grading.models import Assessment, Mark, MarkChange
from classbook.grading.rules import weighted_average
from classbook.lessons.actions.changes import add_remark
from classbook.lessons.models import Lesson
from classbook.people.models import Guardianship, Person, Session
from classbook.people.rules import full_name
from classbook.schools.access import PupilRights
from classbook.schools.models import ClassPlacement, Enrollment, Term
from classbook.web import hot
from classbook.web.diary.week import SKELETONS
from tests.world import World

pytestmark = pytest.mark.django_db

ORDINARY = [name for name in settings.MIDDLEWARE if name != "classbook.web.hot.HotPages"]
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')


def address(pupil: Person, day: date) -> str:
    return f"/diary/{pupil.uid}/week/{day}/"


def warm(world: World, login: str, pupil: Person, day: date | None = None) -> Client:
    """A browser that has opened the week once, so that it holds the cookie for forms."""
    client = world.client(login)
    assert client.get(address(pupil, day or world.lesson.date)).status_code == 200
    return client


def ordinary(client: Client, url: str) -> HttpResponse:
    with override_settings(MIDDLEWARE=ORDINARY):
        other = Client()
        other.cookies = client.cookies
        return other.get(url)  # type: ignore[return-value]


def text(answer: HttpResponse) -> str:
    return TOKEN.sub("", answer.content.decode())


@pytest.mark.parametrize("login", ["parent", "parent2", "pupil", "adultpupil"])
def test_the_short_way_and_the_ordinary_one_are_one_page(world: World, login: str) -> None:
    wards = Guardianship.objects.filter(guardian=world.person(login), can_view=True, confirmed_at__isnull=False, ends_on=None)
    pupils = list(Person.objects.filter(pk__in=wards.values("student_id"))) or [world.person(login)]
    for pupil in pupils:
        client = warm(world, login, pupil)
        for days in (0, -7, 7, -35, 49, -400):
            url = address(pupil, world.lesson.date + timedelta(days=days))
            expected = ordinary(client, url)
            with CaptureQueriesContext(connection) as queries:
                found = client.get(url)
            assert text(found) == text(expected)
            assert found.headers["ETag"] == expected.headers["ETag"]
            # The short way asks Django's cursor only for the shared part, and only when nobody did before.
            assert len(queries) == 0


def test_one_statement_and_no_query_when_a_classmates_page_was_made_before(world: World) -> None:
    warm(world, "parent", world.anna)
    client, url = warm(world, "parent2", world.anna), address(world.anna, world.lesson.date)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    assert len(queries) == 0


def test_who_is_not_family_is_answered_by_the_ordinary_view(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pages: list[object] = []
    monkeypatch.setattr(hot, "week_page", lambda *args: pages.append(args))
    for login in ("head", "classteacher", "stranger", "banned", "teacher"):
        client = world.client(login)
        client.get("/account/devices/")
        client.get(address(world.anna, world.lesson.date))
    assert pages == []


def test_unchanged_week_is_not_sent_again(world: World) -> None:
    client = warm(world, "parent", world.anna)
    url = address(world.anna, world.lesson.date)
    tag = client.get(url).headers["ETag"]
    again = client.get(url, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in again.headers["Vary"]


def mark_of(world: World) -> None:
    column = world.new_column()
    world.save(
        world.client("teacher"),
        world.body(columns=[column], marks=[{"student": str(world.anna.uid), "column": column["uid"], "code": "2", "seen": 0}]),
    )


def topic(world: World) -> None:
    part = {
        "uid": str(world.lesson.uid),
        "seen": world.lesson.version,
        "topic": "Степени",
        "homework": "№ 5",
        "register_taken": True,
    }
    answer = world.save(world.client("teacher"), world.body(lesson=part))
    assert answer.status_code == 200, answer.content


def remark(world: World) -> None:
    add_remark(world.actor("teacher"), world.lesson, world.anna.pk, kind="praise", text="Молодец")


def moved_to_half_past(world: World) -> None:
    later = datetime.combine(clock.today(world.school.time_zone) + timedelta(days=1), datetime.min.time(), clock.zone("UTC"))
    clock.stand_on(later)


def own_language(world: World) -> None:
    choose_language(world.actor("parent"), "ja")


def unmarried(world: World) -> None:
    Guardianship.objects.filter(guardian=world.person("parent"), student=world.anna).update(can_sign=False)


CHANGES: dict[str, Callable[[World], None]] = {
    "a mark": mark_of,
    "topic and homework": topic,
    "a remark": remark,
    "another day": moved_to_half_past,
    "the reader's language": own_language,
    "the reader's rights": unmarried,
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_makes_another_page(world: World, change: str) -> None:
    client = warm(world, "parent", world.anna)
    url = address(world.anna, world.lesson.date)
    before = client.get(url)
    CHANGES[change](world)
    after = client.get(url, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert text(after) == text(ordinary(client, url))
    assert text(after) != text(before)


@pytest.mark.parametrize("end", ["device", "everywhere", "link"])
def test_what_ends_ends_at_the_next_request(world: World, end: str) -> None:
    client = warm(world, "parent", world.anna)
    url = address(world.anna, world.lesson.date)
    tag = client.get(url).headers["ETag"]
    if end == "device":
        end_session(world.actor("parent"), Session.objects.get(person=world.person("parent")).key_hash)
    elif end == "everywhere":
        sign_out_everywhere(world.actor("parent"))
    else:
        Guardianship.objects.filter(guardian=world.person("parent"), student=world.anna).update(
            ends_on=date(2026, 9, 1), starts_on=None
        )
    assert client.get(url, headers={"If-None-Match": tag}).status_code == (404 if end == "link" else 302)


def test_own_cells_of_every_pupil_are_those_of_the_tables(world: World) -> None:
    """The statement against the ORM, for everybody of a class in several weeks."""
    school_class = world.school_class
    for student in Person.objects.filter(placements__school_class=school_class):
        for days in (0, 14, 28):
            day = world.lesson.date - timedelta(days=days)
            row = staff_week(student.uid, day, now=clock.now())
            assert row is not None
            own = own_week(row, PupilRights("guardian", can_see_reasons=True))
            shown = {pk: [(c.code, c.work, c.on, c.author) for c in chips] for pk, chips in own.marks.items()}
            assert shown == expected_marks(student, day)
            assert {a.subject: a.value for a in own.averages} == pytest.approx(expected_averages(student, day))
            assert {pk: (a.kind, a.minutes, a.excused) for pk, a in own.absences.items()} == expected_absences(student, day)


def expected_marks(student: Person, day: date) -> dict[int, list[tuple[str, str, date, str]]]:
    """Code, kind of work, day and the name of who wrote the mark as it stands."""
    monday = day - timedelta(days=day.weekday())
    found: dict[int, list[tuple[str, str, date, str]]] = {}
    lessons = {
        lesson
        for place in Enrollment.objects.filter(student=student)
        for lesson in Lesson.objects.filter(group_id=place.group_id, date__range=(monday, monday + timedelta(days=4)))
        if place.starts_on <= lesson.date <= (place.ends_on or date.max)
    }
    marks = Mark.objects.filter(student=student, assessment__lesson__in=lessons).exclude(status="withdrawn")
    for mark in marks.exclude(assessment__visible_from__gt=clock.now()).order_by("assessment__position", "pk"):
        column = mark.assessment
        writer = Person.objects.get(pk=mark.changes.get(version=mark.version).by_id)
        author = full_name(writer.family_name, writer.given_name, writer.middle_name)
        line = (mark.code, column.work_kind.name if column.work_kind else "", column.date, author)
        found.setdefault(column.lesson_id or 0, []).append(line)
    return found


def expected_absences(student: Person, day: date) -> dict[int, tuple[str, int | None, bool]]:
    monday = day - timedelta(days=day.weekday())
    records = AttendanceRecord.objects.filter(student=student, date__range=(monday, monday + timedelta(days=6)))
    return {record.lesson_id: (record.code.kind, record.minutes, record.excused) for record in records if record.code}


def test_author_of_a_corrected_mark_is_who_corrected_it(world: World) -> None:
    change = MarkChange.objects.filter(mark__student=world.anna, version=2).get()
    week = staff_week(world.anna.uid, change.mark.assessment.date, now=clock.now())
    assert week is not None
    writer = Person.objects.get(pk=change.by_id)
    chips = own_week(week, PupilRights("guardian", can_see_reasons=True)).marks[change.mark.assessment.lesson_id or 0]
    assert full_name(writer.family_name, writer.given_name, writer.middle_name) in {chip.author for chip in chips}


def expected_averages(student: Person, day: date) -> dict[str, object]:
    groups = list(Enrollment.objects.filter(student=student).values_list("group_id", flat=True))
    year = ClassPlacement.objects.filter(student=student).latest("starts_on").school_class.year
    terms = Term.objects.filter(scheme__groups__in=groups, scheme__year=year).order_by("scheme_id", "number").distinct()
    monday = day - timedelta(days=day.weekday())
    term = next((t for t in terms if t.starts_on <= monday + timedelta(days=4) and monday <= t.ends_on), None)
    if term is None:
        return {}
    entries: dict[str, list[tuple[object, object]]] = {}
    columns = Assessment.objects.filter(group__in=groups, date__range=(term.starts_on, term.ends_on), kind="work", counts=True)
    marks = Mark.objects.filter(student=student, assessment__in=columns, status="recorded", counts=True)
    for mark in marks.select_related("assessment__group__subject").exclude(assessment__visible_from__gt=clock.now()):
        entries.setdefault(mark.assessment.group.subject.name, []).append((mark.score, mark.assessment.weight))
    averages = {subject: weighted_average(of_subject) for subject, of_subject in entries.items()}  # type: ignore[arg-type]
    return {subject: average for subject, average in averages.items() if average is not None}


def test_skeletons_of_other_moments_are_thrown_away(world: World) -> None:
    client = warm(world, "parent", world.anna)
    url = address(world.anna, clock.today(world.school.time_zone))
    client.get(url)
    clock.stand_on(clock.now() - timedelta(hours=4))
    assert text(client.get(url)) == text(ordinary(client, url))
    SKELETONS.forget()
    assert "now-on" in text(client.get(url)) or "now-on" not in text(ordinary(client, url))
