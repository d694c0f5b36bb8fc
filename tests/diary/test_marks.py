"""The page of marks: two ways, one page; the statement against the plain tables."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.conf import settings

from classbook.common import clock
from classbook.diary.marks import YEAR, MarksPage, marks_of, staff_marks
from classbook.diary.own import own_week, staff_week
from classbook.grading.models import Assessment, Mark
from classbook.grading.rules import shown, weighted_average
from classbook.journal.grid import grid_of
from classbook.journal.head import open_journal
from classbook.people.models import Person
from classbook.schools.access import PupilRights
from classbook.schools.models import Enrollment, Term
from tests.diary.test_week import ordinary, text
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("login", ["parent", "parent2", "pupil"])
@pytest.mark.parametrize("term", ["", "?term=1", "?term=2", "?term=year", "?term=77", "?term=x"])
def test_the_short_way_and_the_ordinary_one_are_one_page(world: World, login: str, term: str) -> None:
    client = world.client(login)
    url = f"/diary/{world.anna.uid}/marks/{term}"
    client.get(url)
    assert text(client.get(url)) == text(ordinary(client, url))


def test_strangers_and_the_banned_get_nothing(world: World) -> None:
    for login in ("stranger", "banned"):
        client = world.client(login)
        client.get("/account/devices/")
        assert client.get(f"/diary/{world.anna.uid}/marks/").status_code == 404


def expected(student: Person, term: Term | None) -> dict[str, tuple[list[str], Decimal | None]]:
    groups = Enrollment.objects.filter(student=student).values("group_id")
    marks = Mark.objects.filter(student=student, assessment__group__in=groups, assessment__kind=Assessment.Kind.WORK)
    if term is not None:
        marks = marks.filter(assessment__date__range=(term.starts_on, term.ends_on))
    found: dict[str, list[Mark]] = defaultdict(list)
    rows = marks.exclude(status="withdrawn").exclude(assessment__visible_from__gt=clock.now())
    for mark in rows.select_related("assessment__group__subject").order_by("assessment__date", "assessment__position", "pk"):
        found[mark.assessment.group.subject.name].append(mark)
    return {
        subject: (
            [mark.code for mark in of_subject],
            weighted_average((m.score, m.assessment.weight) for m in of_subject if m.counts and m.assessment.counts),
        )
        for subject, of_subject in found.items()
    }


def test_marks_and_averages_are_those_of_the_tables(world: World) -> None:
    today = clock.today(settings.TIME_ZONE)
    for student in Person.objects.filter(placements__school_class=world.school_class):
        row = staff_marks(student.uid, now=clock.now(), today=today)
        assert row is not None
        terms = {term.number: term for term in Term.objects.filter(scheme=world.group.term_scheme)}
        for number in (YEAR, *terms):
            page = marks_of(row, number)
            found = {s.subject: ([m.chip.code for m in s.marks], s.average) for s in page.subjects}
            assert found == expected(student, terms.get(number))
            assert [link.number for link in page.terms if link.here] == [number]


def test_a_hidden_column_is_not_shown_before_its_time(world: World) -> None:
    mark = Mark.objects.filter(student=world.anna, assessment__kind=Assessment.Kind.WORK, status="recorded")[0]
    row_of = lambda: staff_marks(world.anna.uid, now=clock.now(), today=clock.today(settings.TIME_ZONE))
    count = lambda: sum(len(subject.marks) for subject in marks_of(row_of() or (), YEAR).subjects)
    before = count()
    Assessment.objects.filter(pk=mark.assessment_id).update(visible_from=clock.now())
    assert count() == before
    Assessment.objects.filter(pk=mark.assessment_id).update(visible_from=clock.now().replace(year=2030))
    assert count() == before - 1


def test_marks_of_days_outside_the_group_count_nowhere(world: World) -> None:
    """A back-dated move leaves entries behind: in the history they stay, in no average of family or teacher."""
    client, group = world.client("parent"), world.group
    marks = Mark.objects.filter(student=world.anna, assessment__group=group, status="recorded", assessment__kind="work")
    days = sorted(set(marks.values_list("assessment__date", flat=True)))
    today = clock.today(settings.TIME_ZONE)
    Enrollment.objects.filter(student=world.anna, group=group).update(ends_on=days[-1] - timedelta(days=1))

    def average_of(page: MarksPage) -> tuple[set[date], str]:
        (found,) = [one for one in page.subjects if one.subject == group.subject.name]
        return {mark.on for mark in found.marks}, shown(found.average)

    row = staff_marks(world.anna.uid, now=clock.now(), today=today)
    assert row is not None
    shown_days, average = average_of(marks_of(row, None))
    assert days[-1] not in shown_days
    assert shown_days
    journal = grid_of(open_journal(world.actor("teacher"), group.uid), None)
    assert [one.average for one in journal.rows if one.who.uid == str(world.anna.uid)] == [average]
    week = staff_week(world.anna.uid, days[-1], now=clock.now())
    assert week is not None
    averages = {one.subject: shown(one.value) for one in own_week(week, PupilRights("guardian", can_see_reasons=True)).averages}
    assert averages[group.subject.name] == average
    assert client.get(f"/diary/{world.anna.uid}/marks/").status_code == 200
