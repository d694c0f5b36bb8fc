"""First pages of head, deputy, nurse, psychologist, IT and authority: their figures, and nothing beyond."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import Q
from django.urls import reverse

from classbook.attendance.models import AttendanceCode, AttendanceRecord
from classbook.grading.models import TermReopening
from classbook.lessons.models import Lesson, Remark
from classbook.people.models import AccessBan, Guardianship, Person
from classbook.reports.region import region_page
from classbook.reports.school import account_figures, away_today, pupils_to_look_at
from classbook.reports.today import MOST_NAMED, school_day
from classbook.schools.models import Position, Region, School, Term
from tests.web.test_office import hidden, text
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 19)


def school_page(world: World, login: str = "head", **query: str) -> Any:
    return world.client(login).get(reverse("school", args=[world.school.uid]), query)


def test_head_sees_each_open_lesson_once_with_a_link(world: World) -> None:
    body = school_page(world).content.decode()
    day = school_day(world.school)
    assert day.open_total == sum(row.number for row in day.teachers) == sum(one.open for one in day.days)
    assert day.recorded + next(one.open for one in day.days if one.day == DAY) == day.held
    for row in day.teachers:
        for lesson in row.lessons:
            assert body.count(reverse("lesson", args=[lesson.uid])) == 1


def test_filters_of_day_and_teacher_narrow_the_list(world: World) -> None:
    teacher = world.person("teacher")
    mine = school_day(world.school, teacher=teacher.uid)
    assert [row.uid for row in mine.teachers] == [teacher.uid]
    today = school_day(world.school, day=DAY, teacher=teacher.uid)
    assert {one.date for row in today.teachers for one in row.lessons} <= {DAY}
    assert school_day(world.school, day=DAY - timedelta(days=60)).teachers == ()
    assert "Nothing is open here." in text(school_page(world, day="2026-09-01"))
    for nonsense in ({"day": "soon"}, {"teacher": "me"}):
        assert school_page(world, **nonsense).status_code == 200


def test_fresh_school_with_nothing_recorded_fits_one_page(world: World) -> None:
    Lesson.objects.filter(school=world.school).update(register_taken_at=None)
    day = school_day(world.school)
    assert day.share == 0
    assert all(len(row.lessons) <= MOST_NAMED and row.number == len(row.lessons) + row.more for row in day.teachers)
    assert sum(row.number for row in day.teachers) == day.open_total > 50
    most = max(day.teachers, key=lambda row: row.number)
    assert len(school_day(world.school, teacher=most.uid).teachers[0].lessons) == most.number


def test_lesson_without_a_teacher_is_shown_as_such(world: World) -> None:
    Lesson.objects.filter(pk=world.lesson.pk).update(teacher=None, register_taken_at=None)
    assert "No teacher" in text(school_page(world))


def test_office_reads_the_same_page_without_doors_that_are_closed_to_it(world: World) -> None:
    body = school_page(world, "office").content.decode()
    assert "/lesson/" not in body
    assert "/class/" not in body
    assert "/bans/" not in body
    assert "/terms/" not in body


def test_deputy_gets_the_door_to_terms_when_named(world: World) -> None:
    terms = reverse("terms", args=[world.school.uid])
    assert terms not in school_page(world, "deputy").content.decode()
    assert world.client("deputy").get(terms).status_code == 404
    named = reverse("term-deputy", args=[world.school.uid, world.person("deputy").uid])
    head = world.client("head")
    second = head.get(named)
    for _ in range(2):  # a double click names once and does not take it back
        head.post(named, hidden(second) | {"sure": "1"})
    assert Position.objects.filter(role="reopener").count() == 1
    assert terms in school_page(world, "deputy").content.decode()
    assert world.client("deputy").get(terms).status_code == 200
    assert world.client("deputy").get(reverse("term-closing", args=[world.school.uid])).status_code == 404
    head.post(named, hidden(head.get(named)) | {"sure": "1"})
    assert world.client("deputy").get(terms).status_code == 404


def test_head_closes_a_term_and_opens_it_for_one_group(world: World) -> None:
    head, terms = world.client("head"), reverse("terms", args=[world.school.uid])
    key = world.term_key
    assert "No term of this year is closed" in text(head.get(reverse("term-reopen", args=[world.school.uid]), {"class": "7Б"}))
    closing = reverse("term-closing", args=[world.school.uid])
    early = head.post(closing, {"term": key, "last_day": "2026-10-01"})
    assert early.status_code == 422
    second = head.post(closing, {"term": key, "last_day": "2026-10-31"})
    assert "is closed at once for" in text(second)
    head.post(closing, hidden(second) | {"sure": "1"})
    assert Term.objects.get(scheme=world.group.term_scheme, number=1).closes_at is not None
    assert "closed since 31 October 2026" in text(head.get(terms))
    reopen = reverse("term-reopen", args=[world.school.uid])
    assert "For which class?" in text(head.get(reopen))
    data = {"group": str(world.group.uid), "term": key, "last_day": "2026-11-25", "reason": "Болезнь учителя"}
    bad = head.post(reopen + "?class=7Б", data | {"reason": ""})
    assert bad.status_code == 422
    assert "Wednesday, 25 November" in text(head.post(reopen + "?class=7Б", data))
    head.post(reopen + "?class=7Б", data | {"sure": "1"})
    assert TermReopening.objects.get().reason == "Болезнь учителя"
    assert "Болезнь учителя" in text(head.get(terms))
    assert "1 groups in a closed term" in text(school_page(world))
    close = reverse("term-close", args=[world.school.uid, world.group.uid]) + f"?term={key}"
    head.post(close, hidden(head.get(close)) | {"sure": "1"})
    assert "No closed term is open again." in text(head.get(terms))
    assert head.get(close, follow=True).status_code == 404
    assert head.get(close.split("?")[0]).status_code == 404
    second = head.post(closing, {"term": key, "last_day": ""})
    assert "stays open" in text(second)
    head.post(closing, hidden(second) | {"sure": "1"})
    assert Term.objects.get(scheme=world.group.term_scheme, number=1).closes_at is None


def test_ban_is_set_and_ended_with_what_it_means_said_before(world: World) -> None:
    head, bans = world.client("head"), reverse("bans", args=[world.school.uid])
    assert "Решение суда" in text(head.get(bans))
    assert "Белова Анна" in text(head.get(bans, {"q": "белова а"}))
    page = reverse("ban-set", args=[world.school.uid, world.anna.uid])
    mother = world.person("parent")
    data = {"person": str(mother.uid), "scope": "all", "reason": "Суд, 18 ноября", "starts_on": "2026-11-19", "ends_on": ""}
    for change, field in (({"person": ""}, "person"), ({"reason": ""}, "reason"), ({"ends_on": "2026-11-01"}, "ends_on")):
        answer = head.post(page, data | change)
        assert answer.status_code == 422
        assert f'id="id_{field}_error"' in answer.content.decode()
    second = head.post(page, data)
    assert "Марина Игоревна Белова sees nothing of Белова Анна any more" in text(second)
    assert "It holds at once." in text(second)
    week = reverse("week", args=[world.anna.uid, DAY])
    assert world.client("parent").get(week).status_code == 200
    head.post(page, hidden(second) | {"sure": "1"})
    assert world.client("parent").get(week).status_code == 404
    assert "Анна" not in text(world.client("parent").get("/", follow=True))
    end = reverse("ban-end", args=[world.school.uid, world.anna.uid, mother.uid, "all"])
    head.post(end, hidden(head.get(end)) | {"sure": "1"})
    assert world.client("parent").get(week).status_code == 200
    assert head.get(end).status_code == 404
    assert head.get(end.replace("/all/", "/most/")).status_code == 404
    assert head.get(reverse("ban-end", args=[world.school.uid, world.anna.uid, world.school.uid, "all"])).status_code == 404


def test_ban_words_for_each_scope_and_for_a_later_time(world: World) -> None:
    page = reverse("ban-set", args=[world.school.uid, world.anna.uid])
    data = {"person": str(world.person("parent").uid), "reason": "Суд", "starts_on": "2026-12-01", "ends_on": "2026-12-31"}
    for scope, words in (("contacts", "contacts of the other guardians"), ("reasons", "confidential reasons")):
        said = text(world.client("head").post(page, data | {"scope": scope}))
        assert words in said
        assert "It holds from Tuesday, 1 December." in said
        assert "It ends after 31 December 2026." in said


def test_pupil_with_nobody_around_says_so(world: World) -> None:
    alone = Person.objects.filter(placements__school=world.school, placements__ends_on=None).exclude(pk=world.anna.pk)[0]
    Guardianship.objects.filter(student=alone).delete()
    AccessBan.objects.filter(student=alone).delete()
    page = reverse("ban-set", args=[world.school.uid, alone.uid])
    assert "nobody can be limited" in text(world.client("head").get(page))


def test_nurse_reads_one_line_a_pupil_with_all_reasons(world: World) -> None:
    AttendanceRecord.objects.filter(school=world.school, date=DAY).update(code=None)
    codes = {code.code: code for code in AttendanceCode.objects.filter(school=world.school)}
    lessons = Lesson.objects.filter(group__enrollments__student=world.anna, date=DAY).order_by("period")
    for lesson, code in zip(lessons, ("б", "б", "н"), strict=False):
        AttendanceRecord.objects.update_or_create(
            lesson=lesson, student=world.anna, defaults={"school": world.school, "date": DAY, "code": codes[code]}
        )
    page = away_today(world.school)
    assert [(line.name, line.class_name, line.lessons, line.reasons) for line in page.lines] == [
        ("Белова Анна", "7Б", 3, ("болезнь", "причина не указана"))
    ]
    assert page.reasons == (("болезнь", 1),)
    assert [row.name for row in page.at_home] == ["5В"]
    seven = [(row.name, share) for row, share in page.many if row.name == "7Б"]
    size = next(row.pupils for row in school_day(world.school).classes if row.name == "7Б")
    assert bool(seven) == (round(100 / size) >= 20)
    assert "болезнь, причина не указана" in text(world.client("nurse").get(reverse("nurse", args=[world.school.uid])))


def test_psychologist_reads_counts_that_are_whole(world: World) -> None:
    missed = AttendanceRecord.objects.filter(
        student=world.anna, date__gte=DAY - timedelta(days=30), code__counts_as_missed=True
    ).count()
    Remark.objects.create(
        school=world.school, student=world.anna, date=DAY, kind="remark", text="Тайна", author=world.person("classteacher"),
        created_at="2026-11-19T03:00:00+00:00",
    )  # fmt: skip
    line = next(row for row in pupils_to_look_at(world.school).lines if row.name == "Белова Анна")
    assert (line.missed, line.remarks) == (missed, 1)
    assert pupils_to_look_at(world.school, most=0).more > 0
    body = world.client("psychologist").get(reverse("psychologist", args=[world.school.uid])).content.decode()
    assert "Тайна" not in body
    assert "болезнь" not in body


def test_it_reads_numbers_and_no_name_of_a_child(world: World) -> None:
    figures = account_figures(world.school)
    assert figures.pupils[0] == sum(row.pupils for row in figures.classes)
    assert figures.pupils[1] == sum(row.pupils_ready for row in figures.classes)
    assert figures.guardians[0] <= sum(row.guardians for row in figures.classes)
    body = text(world.client("it").get(reverse("it", args=[world.school.uid])))
    assert not [one for one in Person.objects.filter(placements__school=world.school) if one.family_name in body]


def test_authority_reads_schools_of_the_areas_within_and_no_child(world: World) -> None:
    part = Region.objects.create(name="Район", parent=world.region)
    School.objects.filter(pk=world.other_school.pk).update(region=part)
    page = region_page(world.region)
    assert [row.name for row in page.schools] == sorted([world.school.name, world.other_school.name])
    body = text(world.client("authority").get(reverse("authority", args=[world.region.uid])))
    names = Person.objects.filter(Q(placements__isnull=False)).values_list("family_name", flat=True)
    assert not [name for name in set(names) if re.search(rf"\b{re.escape(name)}\b", body)]
    assert world.client("authority").get(reverse("authority", args=[part.uid])).status_code == 404


def test_shares_never_round_up_to_everything_and_hide_small_groups(world: World) -> None:
    week = Lesson.objects.filter(school=world.school, date__gte=DAY - timedelta(days=7), date__lt=DAY)
    week.exclude(status="cancelled").update(register_taken_at="2026-11-18T03:00:00+00:00")
    row = next(one for one in region_page(world.region).schools if one.name == world.school.name)
    assert (row.recorded, row.open) == (100, 0)
    Lesson.objects.filter(pk=week.exclude(status="cancelled").order_by("pk")[0].pk).update(register_taken_at=None)
    page = region_page(world.region)
    row = next(one for one in page.schools if one.name == world.school.name)
    assert (row.recorded, row.open) == (99, 1)
    week.update(register_taken_at=None)
    row = next(one for one in region_page(world.region).schools if one.name == world.school.name)
    assert row.is_low
    assert row in region_page(world.region).to_call
    AttendanceRecord.objects.filter(school=world.school, date__gte=DAY - timedelta(days=7)).update(code=None)
    assert next(one for one in region_page(world.region).schools if one.name == world.school.name).absent is None


def test_empty_region_and_school_without_classes_say_so(world: World) -> None:
    School.objects.update(region=None)
    assert "No school belongs to this region yet." in text(
        world.client("authority").get(reverse("authority", args=[world.region.uid]))
    )
    bare = School.objects.create(name="Новая школа", time_zone="UTC", region=world.region)
    head = world.person("head")
    Position.objects.create(person=head, role="head", school=bare, starts_on=DAY)
    said = text(world.client("head").get(reverse("school", args=[bare.uid])))
    assert "No class in this school year yet." in said
    assert "No lesson has ended in the last 7 days." in said
    assert "The school year has no terms yet." in text(world.client("head").get(reverse("terms", args=[bare.uid])))
    assert "No ban is set." in text(world.client("head").get(reverse("bans", args=[bare.uid])))
    assert region_page(world.region).schools[0].pupils is None
