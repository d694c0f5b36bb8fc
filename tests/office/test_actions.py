"""Mistakes are corrected and taken back; a group's lessons follow its new teacher; a form sent twice is done once."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest

from classbook.common.errors import NotFound, Refusal
from classbook.events.models import AuditEvent
from classbook.lessons.models import Lesson, Substitution, TimetableEntry
from classbook.office import actions
from classbook.office.once import once
from classbook.office.queries import entries_in, pupil_page
from classbook.office.rehearsal import divided_subjects, rehearse, try_out
from classbook.people.models import Guardianship, Person
from classbook.schools.actions import pupils
from classbook.schools.models import ClassPlacement, Enrollment, TeachingAssignment, TeachingGroup
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 19)
LATER = date(2026, 11, 23)


def places(student: Person) -> list[tuple[str, date, date | None]]:
    rows = ClassPlacement.objects.filter(student=student).order_by("starts_on")
    return [(row.school_class.name, row.starts_on, row.ends_on) for row in rows]


def seats(student: Person) -> set[tuple[int, date, date | None]]:
    return set(Enrollment.objects.filter(student=student).values_list("group_id", "starts_on", "ends_on"))


def new_pupil(world: World) -> Person:
    return pupils.add_pupil(
        world.actor("office"), world.school_class, family="Новикова", given="Ася", middle="", born=None, starts_on=DAY
    )


def move(world: World, day: date = DAY) -> None:
    pupils.move_pupil(world.actor("office"), world.anna, world.another_class, starts_on=day)


def leave(world: World, day: date = DAY) -> None:
    pupils.leave_school(world.actor("office"), world.anna, world.school, last_day=day, reason="")


def correct(world: World, student: Person, day: date) -> None:
    actions.correct_day(world.actor("office"), student, world.school, day=day)


def take_back(world: World, student: Person) -> None:
    actions.take_back(world.actor("office"), student, world.school)


def test_wrong_day_of_a_new_pupil_is_corrected_in_class_and_groups(world: World) -> None:
    student = new_pupil(world)
    for day in (LATER, date(2026, 11, 16)):
        correct(world, student, day)
        assert places(student) == [("7Б", day, None)]
        assert {row[1] for row in seats(student)} == {day}
    assert AuditEvent.objects.filter(kind="pupil.day_corrected").count() == 2


def test_wrong_day_of_a_move_is_corrected_on_both_sides(world: World) -> None:
    move(world)
    correct(world, world.anna, LATER)
    assert [row[2] for row in places(world.anna)] == [LATER - timedelta(days=1), None]
    assert {row[1:] for row in seats(world.anna)} == {(date(2026, 9, 1), date(2026, 11, 22)), (LATER, None)}
    with pytest.raises(Refusal) as refused:
        correct(world, world.anna, date(2026, 9, 1))
    assert refused.value.field == "day"


def test_wrong_day_of_leaving_is_corrected(world: World) -> None:
    leave(world)
    correct(world, world.anna, LATER)
    assert places(world.anna)[-1][2] == LATER
    assert {row[2] for row in seats(world.anna)} == {LATER}
    with pytest.raises(Refusal, match="entered already"):
        correct(world, world.anna, LATER)
    with pytest.raises(Refusal):
        correct(world, world.anna, date(2027, 9, 1))


def test_leaving_before_a_group_was_entered_takes_the_place_away(world: World) -> None:
    student = new_pupil(world)
    extra = TeachingGroup.objects.filter(school_class=world.another_class).order_by("pk")[0]
    Enrollment.objects.create(school=world.school, group=extra, student=student, starts_on=LATER)
    pupils.leave_school(world.actor("office"), student, world.school, last_day=LATER, reason="")
    correct(world, student, DAY)
    assert extra.pk not in {row[0] for row in seats(student)}
    with pytest.raises(Refusal):
        correct(world, student, DAY - timedelta(days=1))


def test_first_day_after_the_end_of_a_place_is_refused(world: World) -> None:
    student = new_pupil(world)
    Enrollment.objects.filter(student=student).order_by("pk")[:1].get()
    one = Enrollment.objects.filter(student=student).order_by("pk")[0]
    Enrollment.objects.filter(pk=one.pk).update(ends_on=DAY + timedelta(days=1))
    with pytest.raises(Refusal, match="left one of the groups"):
        correct(world, student, LATER)


def test_wrong_day_of_a_return_lies_after_the_leaving(world: World) -> None:
    leave(world)
    pupils.readmit_pupil(world.actor("office"), world.anna, world.school_class, starts_on=date(2026, 12, 1))
    correct(world, world.anna, DAY + timedelta(days=2))
    with pytest.raises(Refusal):
        correct(world, world.anna, DAY)


def test_move_is_taken_back_without_a_trace_in_the_places(world: World) -> None:
    before = places(world.anna), seats(world.anna)
    move(world, LATER)
    take_back(world, world.anna)
    assert (places(world.anna), seats(world.anna)) == before
    assert AuditEvent.objects.get(kind="pupil.taken_back").data["change"] == "moved"


def test_leaving_is_taken_back(world: World) -> None:
    before = places(world.anna), seats(world.anna)
    leave(world)
    take_back(world, world.anna)
    assert (places(world.anna), seats(world.anna)) == before


def test_place_that_was_entered_anew_is_not_opened_twice(world: World) -> None:
    leave(world)
    group = Enrollment.objects.filter(student=world.anna).order_by("pk")[0].group
    Enrollment.objects.create(school=world.school, group=group, student=world.anna, starts_on=LATER)
    take_back(world, world.anna)
    assert Enrollment.objects.filter(student=world.anna, group=group, ends_on=None).count() == 1


def test_pupil_typed_by_mistake_is_gone(world: World) -> None:
    student = new_pupil(world)
    take_back(world, student)
    assert not Person.objects.filter(pk=student.pk).exists()


def test_person_on_whom_something_hangs_stays_without_a_place(world: World) -> None:
    student = new_pupil(world)
    Guardianship.objects.create(guardian=world.person("parent"), student=student)
    take_back(world, student)
    assert Person.objects.filter(pk=student.pk).exists()
    assert places(student) == []
    with pytest.raises(Refusal, match="nothing to correct"):
        take_back(world, student)


def test_imported_pupil_stays_a_person(world: World) -> None:
    student = new_pupil(world)
    Person.objects.filter(pk=student.pk).update(origin="x", origin_id="1")
    student.refresh_from_db()
    take_back(world, student)
    assert Person.objects.filter(pk=student.pk).exists()


def test_return_is_taken_back_to_having_left(world: World) -> None:
    leave(world)
    pupils.readmit_pupil(world.actor("office"), world.anna, world.school_class, starts_on=date(2026, 12, 1))
    take_back(world, world.anna)
    assert places(world.anna)[-1][2] == DAY


def test_change_since_which_something_was_recorded_is_not_taken_back(world: World) -> None:
    with pytest.raises(Refusal, match="marks and absences"):
        take_back(world, world.anna)
    assert places(world.anna) == [("7Б", date(2026, 9, 1), None)]


@pytest.mark.parametrize("login", ["head", "teacher", "parent"])
def test_only_the_office_corrects(world: World, login: str) -> None:
    with pytest.raises(NotFound):
        actions.correct_day(world.actor(login), world.anna, world.school, day=LATER)
    with pytest.raises(NotFound):
        actions.take_back(world.actor(login), world.anna, world.school)
    with pytest.raises(NotFound):
        actions.replace_teacher(world.actor(login), world.group, world.person("substitute"), starts_on=DAY)


def test_new_teacher_gets_the_lessons_that_nobody_recorded(world: World) -> None:
    old, new = world.person("teacher"), world.person("substitute")
    recorded = Lesson.objects.filter(group=world.group, register_taken_at__isnull=False)
    before = recorded.count()
    moved = actions.replace_teacher(world.actor("office"), world.group, new, starts_on=DAY)
    assert moved == Lesson.objects.filter(group=world.group, date__gte=DAY, register_taken_at=None).count() > 0
    assert not Lesson.objects.filter(group=world.group, date__gte=DAY, register_taken_at=None).exclude(teacher=new).exists()
    assert recorded.filter(teacher=old).count() == before
    rows = TeachingAssignment.objects.filter(group=world.group).order_by("starts_on").values_list("teacher_id", "ends_on")
    assert list(rows) == [(old.pk, DAY - timedelta(days=1)), (new.pk, None)]
    assert not TimetableEntry.objects.filter(group=world.group, teacher=old).exists()


def test_covered_lesson_stays_with_the_colleague(world: World) -> None:
    lesson = world.cover_lesson
    planned = lesson.substitution.planned_teacher
    actions.replace_teacher(world.actor("office"), lesson.group, world.person("teacher"), starts_on=DAY)
    lesson.refresh_from_db()
    assert lesson.teacher == world.person("substitute")
    assert planned != world.person("teacher")
    assert Substitution.objects.get(lesson=lesson).planned_teacher == world.person("teacher")


def test_teacher_who_was_to_begin_never_does(world: World) -> None:
    office, old = world.actor("office"), world.person("teacher")
    actions.replace_teacher(office, world.group, world.person("substitute"), starts_on=LATER)
    actions.replace_teacher(office, world.group, old, starts_on=DAY)
    assert not TeachingAssignment.objects.filter(group=world.group, teacher=world.person("substitute")).exists()
    assert not Lesson.objects.filter(group=world.group, date__gte=DAY, register_taken_at=None).exclude(teacher=old).exists()


@pytest.mark.parametrize(("login", "day"), [("teacher", DAY), ("nurse", DAY), ("substitute", date(2027, 8, 1))])
def test_teacher_who_cannot_take_over_is_refused(world: World, login: str, day: date) -> None:
    with pytest.raises(Refusal):
        actions.replace_teacher(world.actor("office"), world.group, world.person(login), starts_on=day)


def test_group_of_several_classes_tells_all_of_them(world: World) -> None:
    from classbook.events.models import Version

    TeachingGroup.objects.filter(pk=world.group.pk).update(school_class=None)
    group = TeachingGroup.objects.select_related("year").get(pk=world.group.pk)
    before = Version.objects.filter(kind="class", subject_id=world.school_class.pk).values_list("number", flat=True).first() or 0
    actions.replace_teacher(world.actor("office"), group, world.person("substitute"), starts_on=DAY)
    assert Version.objects.get(kind="class", subject_id=world.school_class.pk).number > before


def test_rehearsal_counts_and_leaves_nothing(world: World) -> None:
    anna, watched = world.anna, [world.school_class, world.another_class]
    before = places(anna), seats(anna), AuditEvent.objects.count()

    def work() -> Person:
        move(world)
        return anna

    effect = rehearse(world.school, DAY, watched, work, anna)
    assert (places(anna), seats(anna), AuditEvent.objects.count()) == before
    assert [(one.name, one.after - one.before) for one in effect.classes] == [("7Б", -1), ("5В", 1)]
    assert len(effect.joins) == len(pupils.whole_class_groups(world.another_class))
    assert len(effect.leaves) == len({row[0] for row in before[1]})
    recorded = Lesson.objects.filter(
        group__in=pupils.whole_class_groups(world.another_class), date=DAY, register_taken_at__isnull=False
    )
    assert effect.missed == recorded.count()
    assert effect.left_behind == entries_in(anna.pk, {row[0] for row in before[1]}, DAY)
    assert try_out(lambda: ClassPlacement.objects.filter(student=anna).delete()[0]) == 1
    assert places(anna) == before[0]


def test_divided_subjects_propose_the_smaller_part(world: World) -> None:
    found = divided_subjects(world.school_class, DAY)
    assert found
    for subject in found:
        assert len(subject.parts) > 1
        assert subject.parts[0].size == min(part.size for part in subject.parts)


def test_entries_are_counted_by_group_and_day(world: World) -> None:
    groups = {row[0] for row in seats(world.anna)}
    whole = entries_in(world.anna.pk, groups, date(2026, 9, 1))
    parts = entries_in(world.anna.pk, groups, date(2026, 9, 1), DAY - timedelta(days=1)) + entries_in(world.anna.pk, groups, DAY)
    assert whole == parts > 0
    assert entries_in(world.anna.pk, [], date(2026, 9, 1)) == 0


def test_pupil_page_tells_where_each_link_stands(world: World) -> None:
    links = Guardianship.objects.filter(student=world.anna)
    father = world.person("parent2")
    states: dict[str, dict[str, Any]] = {
        "in_force": {},
        "waiting": {"confirmed_at": None},
        "later": {"starts_on": LATER},
        "ended": {"ends_on": DAY - timedelta(days=1), "starts_on": None},
    }
    confirmed = links.get(guardian=father).confirmed_at
    for state, change in states.items():
        links.filter(guardian=father).update(**({"confirmed_at": confirmed, "starts_on": None, "ends_on": None} | change))
        page = pupil_page(world.school, world.anna)
        line = next(one for one in page.guardians if one.uid == father.uid)
        assert (line.state, line.limited, line.signed_up) == (state, True, True)
    assert (page.class_name, page.is_here, page.has_account) == ("7Б", True, True)
    assert world.group.name in {one.name for one in page.groups}


def test_form_sent_twice_is_done_once(world: World) -> None:
    actor, uid, done = world.person("office").pk, uuid.uuid4(), []

    def work() -> tuple[str, str]:
        done.append(1)
        return "ok", "/there/"

    for _ in range(2):
        assert once(uid, actor_id=actor, address="/here/", work=work) == ("ok", "/there/")
    assert done == [1]
    with pytest.raises(Refusal):
        once(uid, actor_id=actor, address="/elsewhere/", work=work)
    with pytest.raises(Refusal):
        once(uid, actor_id=world.person("head").pk, address="/here/", work=work)
