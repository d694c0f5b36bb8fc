"""A term closes on its day; the head, and a deputy whom the head names, open it again for a group."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.models import AuditEvent
from classbook.grading.actions import close_again, reopen_term
from classbook.grading.models import TermReopening
from classbook.lessons.models import Lesson
from classbook.schools.access import actor_for
from classbook.schools.actions import terms
from classbook.schools.models import Position, Term
from classbook.schools.roles import Permission
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 19)


@pytest.fixture
def first(world: World) -> Term:
    """The first quarter, closed since the end of October."""
    term = Term.objects.select_related("scheme__year").get(scheme=world.group.term_scheme, number=1)
    terms.set_closing(world.actor("head"), world.school, term, date(2026, 10, 31))
    term.refresh_from_db()
    return term


def reopen(world: World, term: Term, login: str = "head", **changes: Any) -> TermReopening:
    values = {"last_day": DAY, "reason": "Больничный учителя"} | changes
    group = values.pop("group", world.group)
    return reopen_term(world.actor(login), world.school, group, term, **values)


def old_lesson(world: World) -> Lesson:
    return Lesson.objects.filter(group=world.group, date__lte=date(2026, 10, 20)).order_by("-date")[0]


def try_topic(world: World) -> int:
    """A teacher writes the topic of a lesson of the first quarter."""
    lesson = old_lesson(world)
    part = {"uid": str(lesson.uid), "seen": lesson.version, "topic": "Позже"}
    return world.save(world.client("teacher"), world.body(lesson=part)).status_code


def test_journal_takes_entries_until_the_closing_day_and_again_while_reopened(world: World, first: Term) -> None:
    assert try_topic(world) == 422
    reopen(world, first)
    assert try_topic(world) == 200
    clock.stand_on(datetime.combine(DAY + timedelta(days=1), datetime.min.time(), clock.zone(world.school.time_zone)))
    assert try_topic(world) == 422


def test_term_closes_when_its_last_day_is_over_at_the_school(world: World, first: Term) -> None:
    assert first.closes_at == terms.end_of(date(2026, 10, 31), world.school)
    assert clock.zone(world.school.time_zone).utcoffset(datetime(2026, 10, 31)) == timedelta(hours=10)
    assert first.closes_at.isoformat() == "2026-10-31T14:00:00+00:00"


def test_closing_is_moved_and_lifted_and_never_lies_in_the_term(world: World, first: Term) -> None:
    head = world.actor("head")
    with pytest.raises(Refusal) as refused:
        terms.set_closing(head, world.school, first, date(2026, 10, 23))
    assert refused.value.field == "last_day"
    terms.set_closing(head, world.school, first, None)
    first.refresh_from_db()
    assert first.closes_at is None
    assert AuditEvent.objects.filter(kind="term.closing").count() == 2


def test_term_of_another_school_is_not_found(world: World) -> None:
    other = Term.objects.select_related("scheme__year").filter(scheme__year__school=world.other_school)[0]
    with pytest.raises(NotFound):
        terms.set_closing(world.actor("head"), world.school, other, None)


@pytest.mark.parametrize("login", ["deputy", "office", "teacher"])
def test_nobody_else_closes_names_or_opens(world: World, first: Term, login: str) -> None:
    actor = world.actor(login)
    for write in (
        lambda: terms.set_closing(actor, world.school, first, None),
        lambda: terms.name_reopener(actor, world.school, world.person("deputy"), named=True),
        lambda: reopen_term(actor, world.school, world.group, first, last_day=DAY, reason="x"),
        lambda: close_again(actor, world.school, world.group, first),
    ):
        with pytest.raises(NotFound):
            write()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"last_day": DAY - timedelta(days=1)}, "last_day"),
        ({"last_day": DAY + timedelta(days=32)}, "last_day"),
        ({"reason": " "}, "reason"),
    ],
)
def test_bad_entries_are_refused_beside_their_field(world: World, first: Term, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        reopen(world, first, **changes)
    assert refused.value.field == field
    assert not TermReopening.objects.exists()


def test_open_term_and_foreign_term_are_not_opened(world: World, first: Term) -> None:
    second = Term.objects.get(scheme=first.scheme, number=2)
    with pytest.raises(Refusal) as refused:
        reopen(world, second)
    assert refused.value.field == "term"
    foreign = Term.objects.exclude(scheme=first.scheme).filter(scheme__year__school=world.school)[0]
    with pytest.raises(Refusal) as refused:
        reopen(world, foreign)
    assert refused.value.field == "term"


def test_group_of_another_school_is_not_opened(world: World, first: Term) -> None:
    with pytest.raises(NotFound):
        reopen_term(world.actor("head"), world.other_school, world.group, first, last_day=DAY, reason="x")


def test_reopening_is_closed_before_its_day(world: World, first: Term) -> None:
    reopen(world, first)
    close_again(world.actor("head"), world.school, world.group, first)
    assert try_topic(world) == 422
    with pytest.raises(NotFound):
        close_again(world.actor("head"), world.school, world.group, first)
    kinds = AuditEvent.objects.filter(kind__startswith="term.").values_list("kind", flat=True)
    assert set(kinds) == {"term.closing", "term.reopened", "term.closed_again"}


def test_named_deputy_opens_as_long_as_named_and_as_long_as_deputy(world: World, first: Term) -> None:
    head, deputy = world.actor("head"), world.person("deputy")
    terms.name_reopener(head, world.school, deputy, named=True)
    terms.name_reopener(head, world.school, deputy, named=True)
    assert Position.objects.filter(person=deputy, role="reopener").count() == 1
    reopen(world, first, "deputy")
    tomorrow = replace(head, today=DAY + timedelta(days=1))
    terms.name_reopener(tomorrow, world.school, deputy, named=False)
    assert Position.objects.get(person=deputy, role="reopener").ends_on == DAY
    assert not actor_for(deputy.pk, DAY + timedelta(days=1)).may(Permission.REOPEN_TERM, world.school.pk)


def test_permission_taken_back_on_its_first_day_leaves_nothing(world: World) -> None:
    head, deputy = world.actor("head"), world.person("deputy")
    terms.name_reopener(head, world.school, deputy, named=True)
    terms.name_reopener(head, world.school, deputy, named=False)
    assert not Position.objects.filter(person=deputy, role="reopener").exists()


def test_permission_without_the_deputys_position_counts_nothing(world: World) -> None:
    deputy = world.person("deputy")
    terms.name_reopener(world.actor("head"), world.school, deputy, named=True)
    assert world.actor("deputy").may(Permission.REOPEN_TERM, world.school.pk)
    Position.objects.filter(person=deputy, role="deputy").update(ends_on=DAY - timedelta(days=1))
    assert not world.actor("deputy").may(Permission.REOPEN_TERM, world.school.pk)


def test_only_a_deputy_can_be_named(world: World) -> None:
    with pytest.raises(NotFound):
        terms.name_reopener(world.actor("head"), world.school, world.person("teacher"), named=True)
