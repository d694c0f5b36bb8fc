"""A pupil comes, changes class, leaves and comes back: the right places in class and groups, and nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from classbook.common.errors import NotFound, Refusal
from classbook.events.models import AuditEvent, Version
from classbook.people.models import Person
from classbook.schools.actions import pupils
from classbook.schools.models import ClassPlacement, Enrollment, SchoolClass, TeachingGroup
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 19)


def add(world: World, **changes: object) -> Person:
    values = {"family": "Новикова", "given": "Ася", "middle": "", "born": None, "starts_on": DAY} | changes
    return pupils.add_pupil(world.actor("office"), world.school_class, **values)  # type: ignore[arg-type]


def open_groups(student: Person) -> set[int]:
    return set(Enrollment.objects.filter(student=student, ends_on=None).values_list("group_id", flat=True))


def divided(school_class: SchoolClass) -> list[list[TeachingGroup]]:
    return [groups for groups in pupils.groups_by_subject(school_class).values() if len(groups) > 1]


def test_new_pupil_joins_whole_class_groups_and_the_chosen_parts(world: World) -> None:
    parts = divided(world.school_class)
    chosen = [groups[1] for groups in parts]
    student = add(world, subgroups=chosen)
    assert parts
    assert open_groups(student) == {*pupils.whole_class_groups(world.school_class), *(group.pk for group in chosen)}
    placement = ClassPlacement.objects.get(student=student)
    others = ClassPlacement.objects.filter(school_class=world.school_class).exclude(pk=placement.pk)
    assert placement.register_number == max(row.register_number or 0 for row in others) + 1
    assert AuditEvent.objects.get(kind="pupil.added").subject_id == student.pk


def test_first_pupil_of_a_class_is_number_one(world: World) -> None:
    empty = SchoolClass.objects.create(school=world.school, year=world.school_class.year, name="7Я")
    student = pupils.add_pupil(
        world.actor("office"), empty, family="Первый", given="Пётр", middle="", born=None, starts_on=DAY
    )  # fmt: skip
    assert ClassPlacement.objects.get(student=student).register_number == 1
    assert open_groups(student) == set()


def test_parts_of_another_class_or_two_of_one_subject_are_refused(world: World) -> None:
    foreign = divided(world.another_class)[0][0]
    with pytest.raises(NotFound):
        add(world, subgroups=[foreign])
    with pytest.raises(NotFound):
        add(world, subgroups=divided(world.school_class)[0])
    assert not Person.objects.filter(family_name="Новикова").exists()


def test_whole_class_group_named_as_a_part_is_not_entered_twice(world: World) -> None:
    whole = TeachingGroup.objects.get(pk=pupils.whole_class_groups(world.school_class)[0])
    student = add(world, subgroups=[whole])
    assert Enrollment.objects.filter(student=student, group=whole).count() == 1


def test_same_child_typed_again_is_named_and_another_person_may_be_added(world: World) -> None:
    born = date(2013, 5, 6)
    add(world, born=born)
    with pytest.raises(Refusal) as refused:
        add(world, born=born, given=" ася ")
    assert (refused.value.field, refused.value.needs) == ("family", "another")
    assert "7Б" in refused.value.sentence
    add(world, born=born, allow_twin=True)
    assert Person.objects.filter(family_name="Новикова").count() == 2


def test_child_known_elsewhere_is_not_named_with_the_school(world: World) -> None:
    leo = Person.objects.get(given_name="Лев", family_name="Белов")
    with pytest.raises(Refusal) as refused:
        add(world, family=leo.family_name, given=leo.given_name, born=leo.birth_date)
    assert world.other_school.name not in refused.value.sentence
    assert "3年" not in refused.value.sentence


@pytest.mark.parametrize("login", ["teacher", "head", "nurse", "parent"])
def test_only_the_office_writes(world: World, login: str) -> None:
    actor, anna, there = world.actor(login), world.anna, world.another_class
    for write in (
        lambda: pupils.add_pupil(actor, there, family="А", given="Б", middle="", born=None, starts_on=DAY),
        lambda: pupils.move_pupil(actor, anna, there, starts_on=DAY),
        lambda: pupils.leave_school(actor, anna, world.school, last_day=DAY, reason=""),
        lambda: pupils.readmit_pupil(actor, anna, there, starts_on=DAY),
    ):
        with pytest.raises(NotFound):
            write()


def test_day_outside_the_year_is_refused(world: World) -> None:
    for day in (date(2026, 8, 31), date(2027, 8, 1)):
        with pytest.raises(Refusal) as refused:
            add(world, starts_on=day)
        assert refused.value.field == "starts_on"


def test_move_ends_one_place_and_begins_the_other(world: World) -> None:
    anna, before = world.anna, open_groups(world.anna)
    versions = dict(Version.objects.filter(kind="pupil").values_list("subject_id", "number"))
    pupils.move_pupil(world.actor("office"), anna, world.another_class, starts_on=DAY)
    places = ClassPlacement.objects.filter(student=anna).order_by("starts_on")
    assert [(row.school_class.name, row.ends_on) for row in places] == [("7Б", date(2026, 11, 18)), ("5В", None)]
    ended = Enrollment.objects.filter(student=anna, ends_on=date(2026, 11, 18)).values_list("group_id", flat=True)
    assert set(ended) == before
    assert open_groups(anna) == set(pupils.whole_class_groups(world.another_class))
    assert Version.objects.get(kind="pupil", subject_id=anna.pk).number > versions.get(anna.pk, 0)


def test_move_into_the_same_class_or_before_the_first_day_is_refused(world: World) -> None:
    office = world.actor("office")
    with pytest.raises(Refusal) as refused:
        pupils.move_pupil(office, world.anna, world.school_class, starts_on=DAY)
    assert refused.value.field == "target"
    with pytest.raises(Refusal) as refused:
        pupils.move_pupil(office, world.anna, world.another_class, starts_on=date(2026, 9, 1))
    assert refused.value.field == "starts_on"


def test_place_that_begins_after_the_last_day_never_was(world: World) -> None:
    anna = world.anna
    group = TeachingGroup.objects.filter(school_class=world.another_class).order_by("pk")[0]
    Enrollment.objects.create(school=world.school, group=group, student=anna, starts_on=date(2026, 12, 1))
    pupils.leave_school(world.actor("office"), anna, world.school, last_day=DAY, reason="переезд")
    assert not Enrollment.objects.filter(student=anna, group=group).exists()
    assert not Enrollment.objects.filter(student=anna, ends_on=None).exists()


def test_leaving_before_the_first_day_or_twice_is_refused(world: World) -> None:
    office = world.actor("office")
    with pytest.raises(Refusal) as refused:
        pupils.leave_school(office, add(world), world.school, last_day=date(2026, 11, 18), reason="")
    assert refused.value.field == "last_day"
    pupils.leave_school(office, world.anna, world.school, last_day=DAY, reason="")
    with pytest.raises(Refusal, match="Take that back"):
        pupils.leave_school(office, world.anna, world.school, last_day=DAY, reason="")
    with pytest.raises(Refusal, match="Take that back"):
        pupils.move_pupil(office, world.anna, world.another_class, starts_on=DAY)


def test_somebody_who_never_was_a_pupil_is_not_found(world: World) -> None:
    office, parent = world.actor("office"), world.person("parent")
    with pytest.raises(NotFound):
        pupils.leave_school(office, parent, world.school, last_day=DAY, reason="")
    with pytest.raises(NotFound):
        pupils.readmit_pupil(office, parent, world.school_class, starts_on=DAY)


def test_pupil_comes_back_as_the_same_person(world: World) -> None:
    office, anna = world.actor("office"), world.anna
    with pytest.raises(Refusal, match="not left"):
        pupils.readmit_pupil(office, anna, world.school_class, starts_on=DAY)
    pupils.leave_school(office, anna, world.school, last_day=DAY, reason="")
    with pytest.raises(Refusal) as refused:
        pupils.readmit_pupil(office, anna, world.school_class, starts_on=DAY)
    assert refused.value.field == "starts_on"
    pupils.readmit_pupil(office, anna, world.school_class, starts_on=date(2026, 12, 1))
    assert ClassPlacement.objects.filter(student=anna, school_class=world.school_class).count() == 2
    assert open_groups(anna) == set(pupils.whole_class_groups(world.school_class))
