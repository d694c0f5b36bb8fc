"""Who may open what: every door once for the right person, once for the wrong one, once for nothing at all."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from classbook.common.errors import NotFound
from classbook.people.models import AccessBan, Guardianship, Person, TrustedPerson
from classbook.schools import access
from classbook.schools.models import ClassPlacement, TeachingAssignment
from classbook.schools.roles import Permission
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 19)
NOWHERE = uuid.UUID(int=7)

Open = Callable[[World, access.Actor, uuid.UUID], Any]


def door(name: str) -> tuple[Open, Callable[[World], uuid.UUID], str, str]:
    """(opens it, uid of the thing, who may, who may not)."""
    return {
        "student": (lambda w, a, uid: access.open_student(a, uid), lambda w: w.anna.uid, "parent", "stranger"),
        "group": (lambda w, a, uid: access.open_group(a, uid), lambda w: w.group.uid, "teacher", "classteacher"),
        "class": (lambda w, a, uid: access.open_class(a, uid), lambda w: w.school_class.uid, "classteacher", "teacher"),
        "school": (
            lambda w, a, uid: access.open_school(a, uid, Permission.SEE_SCHOOL), lambda w: w.school.uid, "head", "nurse"
        ),
        "region": (lambda w, a, uid: access.open_region(a, uid), lambda w: w.region.uid, "authority", "head"),
        "group to manage": (
            lambda w, a, uid: access.open_group_to_manage(a, w.school, uid), lambda w: w.group.uid, "office", "head"
        ),
        "group to reopen": (
            lambda w, a, uid: access.open_group_to_reopen(a, w.school, uid), lambda w: w.group.uid, "head", "office"
        ),
        "pupil to manage": (
            lambda w, a, uid: access.open_pupil_to_manage(a, w.school, uid), lambda w: w.anna.uid, "office", "head"
        ),
        "pupil to limit": (
            lambda w, a, uid: access.open_pupil_to_limit(a, w.school, uid), lambda w: w.anna.uid, "head", "office"
        ),
    }[name]  # fmt: skip


DOORS = (
    "student", "group", "class", "school", "region", "group to manage", "group to reopen", "pupil to manage", "pupil to limit",
)  # fmt: skip


@pytest.mark.parametrize("name", DOORS)
def test_door_opens_for_the_right_person_only(world: World, name: str) -> None:
    opens, uid_of, right, wrong = door(name)
    uid = uid_of(world)
    assert opens(world, world.actor(right), uid).uid == uid
    for login, key in ((wrong, uid), (right, NOWHERE)):
        with pytest.raises(NotFound):
            opens(world, world.actor(login), key)


def test_person_who_was_never_a_pupil_has_no_diary(world: World) -> None:
    with pytest.raises(NotFound):
        access.open_student(world.actor("teacher"), world.person("teacher").uid)


def test_relations_and_what_follows_from_each(world: World) -> None:
    def rights(login: str, student: Person | None = None) -> Any:
        found = access.pupil_rights(world.actor(login), (student or world.anna).pk)
        return found and (found.relation, found.can_excuse, found.can_sign, found.can_see_contacts, found.can_see_reasons)

    assert rights("pupil") == ("self", False, False, False, False)
    assert rights("parent") == ("guardian", True, True, True, True)
    assert rights("parent2") == ("guardian", False, False, False, False)
    assert rights("classteacher") == ("staff", False, False, True, True)
    assert rights("head") == ("staff", False, False, True, True)
    assert rights("deputy") == ("staff", False, False, True, False)
    for login in ("teacher", "substitute", "office", "it", "nurse", "psychologist", "authority", "stranger", "banned"):
        assert rights(login) is None, login


def test_ban_wins_over_every_relation_but_oneself(world: World) -> None:
    for login in ("parent", "classteacher", "head"):
        AccessBan.objects.create(person=world.person(login), student=world.anna, scope="all", reason="суд", starts_on=DAY)
    for login in ("parent", "classteacher", "head"):
        assert access.pupil_rights(world.actor(login), world.anna.pk) is None
    assert access.pupil_rights(world.actor("pupil"), world.anna.pk) is not None
    assert world.anna not in access.children_of(world.actor("parent"))


@pytest.mark.parametrize(
    "change",
    [{"can_view": False}, {"confirmed_at": None}, {"ends_on": DAY - timedelta(days=1)}, {"starts_on": DAY + timedelta(days=1)}],
)
def test_link_that_does_not_hold_opens_nothing(world: World, change: dict[str, Any]) -> None:
    Guardianship.objects.filter(guardian=world.person("parent"), student=world.anna).update(**change)
    assert access.pupil_rights(world.actor("parent"), world.anna.pk) is None
    assert [child.given_name for child in access.children_of(world.actor("parent"))] == ["Лев"]


def test_trusted_person_reads_and_no_more_for_the_agreed_time(world: World) -> None:
    trust = TrustedPerson.objects.create(
        person=world.person("stranger"), student=world.anna, invited_by=world.person("parent"), starts_on=DAY, ends_on=DAY
    )
    found = access.open_student(world.actor("stranger"), world.anna.uid)
    assert (found.rights.relation, found.rights.can_sign, found.rights.can_see_contacts) == ("trusted", False, False)
    assert world.anna in access.children_of(world.actor("stranger"))
    TrustedPerson.objects.filter(pk=trust.pk).update(can_view=False)
    assert access.pupil_rights(world.actor("stranger"), world.anna.pk) is None


def test_staff_read_only_pupils_who_are_there(world: World) -> None:
    ClassPlacement.objects.filter(student=world.anna).update(ends_on=DAY - timedelta(days=1))
    for login in ("classteacher", "head", "deputy"):
        assert access.pupil_rights(world.actor(login), world.anna.pk) is None
    assert access.pupil_rights(world.actor("parent"), world.anna.pk) is not None
    assert not access.is_pupil(world.actor("pupil"))


def test_class_teacher_without_a_position_opens_nothing(world: World) -> None:
    actor = replace(world.actor("classteacher"), positions=())
    assert access.pupil_rights(actor, world.anna.pk) is None
    with pytest.raises(NotFound):
        access.open_class(actor, world.school_class.uid)


def test_journal_is_written_by_its_teachers_and_read_by_the_head(world: World) -> None:
    assert access.open_group(world.actor("teacher"), world.group.uid).can_write
    assert not access.open_group(world.actor("head"), world.group.uid).can_write
    assert world.group in access.groups_taught_by(world.actor("teacher"))
    TeachingAssignment.objects.filter(group=world.group).update(ends_on=DAY - timedelta(days=1))
    assert not access.teaches(world.actor("teacher"), world.group.pk)
    with pytest.raises(NotFound):
        access.open_group(world.actor("teacher"), world.group.uid)


def test_teacher_whose_position_ended_keeps_no_journal(world: World) -> None:
    actor = replace(world.actor("teacher"), positions=())
    with pytest.raises(NotFound):
        access.open_group(actor, world.group.uid)
    assert list(access.groups_taught_by(actor)) == []


def test_permission_is_of_one_school(world: World) -> None:
    head = world.actor("head")
    assert head.schools_with(Permission.SEE_SCHOOL) == (world.school.pk,)
    assert not head.may(Permission.SEE_SCHOOL, world.other_school.pk)
    assert head.roles == {"head"}
    with pytest.raises(NotFound):
        access.open_group_to_reopen(head, world.other_school, world.group.uid)
    with pytest.raises(NotFound):
        access.open_pupil_to_limit(head, world.other_school, world.anna.uid)


def test_only_the_office_opens_a_person_to_correct(world: World) -> None:
    assert access.open_person_to_correct(world.actor("office"), world.school, world.anna.uid) == world.anna
    for login in ("teacher", "parent", "stranger"):
        with pytest.raises(NotFound):
            access.open_person_to_correct(world.actor(login), world.school, world.anna.uid)
