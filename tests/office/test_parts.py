"""A pupil stays in the class and goes to another part of a divided subject; lessons and marks keep their place."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from classbook.common.errors import NotFound, Refusal
from classbook.events.models import AuditEvent
from classbook.grading.models import Mark
from classbook.office import actions
from classbook.office.queries import pupil_page
from classbook.schools.actions.pupils import groups_by_subject
from classbook.schools.models import ClassPlacement, Enrollment, TeachingGroup
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)


def parts(world: World) -> tuple[TeachingGroup, TeachingGroup]:
    """The part of a divided subject in which Anna is, and another one."""
    for groups in groups_by_subject(world.school_class).values():
        mine = Enrollment.objects.filter(student=world.anna, group__in=groups, ends_on=None).first()
        if len(groups) > 1 and mine:
            return mine.group, next(group for group in groups if group != mine.group)
    raise AssertionError


def change(world: World, target: TeachingGroup, day: date = DAY, login: str = "office") -> None:
    actions.change_part(world.actor(login), world.anna, world.school, target, starts_on=day)


def seats(world: World, *groups: TeachingGroup) -> list[tuple[int, date, date | None]]:
    rows = Enrollment.objects.filter(student=world.anna, group__in=groups).order_by("starts_on")
    return [(row.group_id, row.starts_on, row.ends_on) for row in rows]


def test_one_part_ends_the_other_begins_and_the_class_stays(world: World) -> None:
    here, there = parts(world)
    marks = set(Mark.objects.filter(student=world.anna).values_list("pk", "assessment__group_id"))
    places = list(ClassPlacement.objects.filter(student=world.anna).values())
    others = Enrollment.objects.exclude(student=world.anna).count()
    change(world, there)
    first = date(2026, 9, 1)
    assert seats(world, here, there) == [(here.pk, first, DAY - timedelta(days=1)), (there.pk, DAY, None)]
    assert all(row.by_hand for row in Enrollment.objects.filter(student=world.anna, group__in=(here, there)))
    assert set(Mark.objects.filter(student=world.anna).values_list("pk", "assessment__group_id")) == marks
    assert list(ClassPlacement.objects.filter(student=world.anna).values()) == places
    assert Enrollment.objects.exclude(student=world.anna).count() == others
    assert AuditEvent.objects.get(kind="pupil.part_changed").subject_id == world.anna.pk


def test_a_mistake_is_taken_back_with_the_same_day(world: World) -> None:
    here, there = parts(world)
    before = seats(world, here, there)
    change(world, there)
    change(world, here)
    assert seats(world, here, there) == before


def test_what_has_been_recorded_since_keeps_the_part(world: World) -> None:
    here, there = parts(world)
    mark = Mark.objects.filter(student=world.anna, assessment__group=here).order_by("assessment__date").first()
    assert mark is not None
    Enrollment.objects.filter(student=world.anna, group=here).update(starts_on=mark.assessment.date)
    with pytest.raises(Refusal, match="entered since"):
        change(world, there, mark.assessment.date)


def test_refusals_say_what_to_do(world: World) -> None:
    here, there = parts(world)
    for target, day, field in (
        (here, DAY, "target"),
        (there, date(2026, 8, 1), "starts_on"),
        (there, date(2028, 1, 1), "starts_on"),
    ):
        with pytest.raises(Refusal) as refused:
            change(world, target, day)
        assert refused.value.field == field
    with pytest.raises(NotFound):
        change(world, world.group)  # a subject that is not divided
    with pytest.raises(NotFound):
        change(world, there, login="head")


def test_the_pupils_page_knows_the_parts(world: World) -> None:
    here, _ = parts(world)
    page = pupil_page(world.school, world.anna)
    assert here.name in {line.name for line in page.groups if line.part}
    assert world.group.name in {line.name for line in page.groups if not line.part}
    assert page.without_part == ()
    Enrollment.objects.filter(student=world.anna, group=here).update(ends_on=date(2026, 9, 2))
    assert [one.subject for one in pupil_page(world.school, world.anna).without_part] == [here.subject.name]


def test_a_change_before_the_last_one_is_refused_beside_the_day(world: World) -> None:
    here, there = parts(world)
    change(world, there, DAY + timedelta(days=7))
    with pytest.raises(Refusal) as refused:
        change(world, here, DAY)
    assert refused.value.field == "starts_on"
    assert there.name in refused.value.sentence
