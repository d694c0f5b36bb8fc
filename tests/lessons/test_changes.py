"""The plan of a lesson changes: substitute, room, cancelled, back again; remarks are withdrawn by their author."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from classbook.common import clock
from classbook.common.errors import Conflict, NotFound, Refusal
from classbook.events.models import AuditEvent, OutboxEvent, Version
from classbook.lessons.actions import changes
from classbook.lessons.actions.recording import LessonWrite, record_lesson
from classbook.lessons.models import Lesson, LessonChange, Room, Substitution
from classbook.schools.models import Enrollment, TeachingGroup
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def lesson(world: World) -> Lesson:
    """The group's next lesson, of which nothing is recorded."""
    future = Lesson.objects.filter(group=world.group, date__gt=clock.today(world.school.time_zone), substitution=None)
    return future.select_related("group").order_by("date", "period")[0]


def version_of(kind: str, pk: int) -> int:
    return Version.objects.filter(kind=kind, subject_id=pk).values_list("number", flat=True).first() or 0


def test_a_substitute_holds_the_lesson_and_the_plan_is_kept(world: World, lesson: Lesson) -> None:
    planned, substitute = lesson.teacher_id, world.person("substitute")
    before = version_of("class", world.school_class.pk)
    changes.substitute_teacher(world.actor("deputy"), lesson, substitute, reason="Болезнь", note="Урок ведёт другой учитель")
    lesson.refresh_from_db()
    row = Substitution.objects.get(lesson=lesson)
    assert (lesson.teacher, row.planned_teacher_id, row.reason) == (substitute, planned, "Болезнь")
    assert AuditEvent.objects.get(kind="lesson.substituted").subject_id == lesson.pk
    assert OutboxEvent.objects.filter(kind="lesson.substituted", data__lesson=lesson.pk).count() == 1
    assert version_of("class", world.school_class.pk) == before + 1


def test_later_changes_keep_the_first_plan_and_restoring_takes_all_back(world: World, lesson: Lesson) -> None:
    planned = (lesson.teacher_id, lesson.room_id)
    deputy, room = world.actor("deputy"), Room.objects.create(school=world.school, name="Актовый зал")
    changes.substitute_teacher(deputy, lesson, world.person("substitute"), reason="Болезнь")
    lesson.refresh_from_db()
    changes.move_room(deputy, lesson, room, note="В актовом зале")
    lesson.refresh_from_db()
    changes.cancel_lesson(deputy, lesson, note="Урока не будет")
    lesson.refresh_from_db()
    row = Substitution.objects.get(lesson=lesson)
    assert (lesson.status, lesson.room) == (Lesson.Status.CANCELLED, room)
    assert ((row.planned_teacher_id, row.planned_room_id), row.note, row.reason) == (planned, "Урока не будет", "Болезнь")
    changes.restore_lesson(deputy, lesson)
    lesson.refresh_from_db()
    assert ((lesson.teacher_id, lesson.room_id), lesson.status) == (planned, Lesson.Status.PLANNED)
    assert not Substitution.objects.filter(lesson=lesson).exists()
    kinds = (
        AuditEvent.objects.filter(subject_id=lesson.pk, kind__startswith="lesson.").order_by("pk").values_list("kind", flat=True)
    )
    assert list(kinds) == ["lesson.substituted", "lesson.moved", "lesson.cancelled", "lesson.restored"]


def test_a_lesson_that_was_cancelled_without_a_plan_is_restored_too(world: World, lesson: Lesson) -> None:
    Lesson.objects.filter(pk=lesson.pk).update(status=Lesson.Status.CANCELLED)
    changes.restore_lesson(world.actor("deputy"), lesson)
    lesson.refresh_from_db()
    assert lesson.status == Lesson.Status.PLANNED


DEEDS: tuple[Callable[[World, str, Lesson], None], ...] = (
    lambda world, login, lesson: changes.substitute_teacher(world.actor(login), lesson, world.person("substitute")),
    lambda world, login, lesson: changes.cancel_lesson(world.actor(login), lesson, note="x"),
    lambda world, login, lesson: changes.restore_lesson(world.actor(login), lesson),
)


@pytest.mark.parametrize("login", ["teacher", "parent", "stranger", "authority"])
def test_nobody_else_changes_the_plan(world: World, lesson: Lesson, login: str) -> None:
    for deed in DEEDS:
        with pytest.raises(NotFound):
            deed(world, login, lesson)
    assert not Substitution.objects.filter(lesson=lesson).exists()


def test_what_is_recorded_keeps_its_plan(world: World, lesson: Lesson) -> None:
    Lesson.objects.filter(pk=lesson.pk).update(register_taken_at=clock.now())
    lesson.refresh_from_db()
    for deed in DEEDS:
        with pytest.raises(Refusal, match="already recorded"):
            deed(world, "deputy", lesson)


def test_a_group_of_no_class_stands_in_the_weeks_of_its_pupils_classes(world: World, lesson: Lesson) -> None:
    mixed = TeachingGroup.objects.create(
        school=world.school, year=world.group.year, subject=world.group.subject, name="Хор", school_class=None
    )
    for pupil in world.pupils()[:2]:
        Enrollment.objects.create(school=world.school, group=mixed, student=pupil, starts_on=world.group.year.starts_on)
    lesson.group = mixed
    assert changes.classes_of_group(lesson) == [world.school_class.pk]


def test_a_remark_that_is_not_there_or_another_s_is_not_withdrawn(world: World) -> None:
    remark = changes.add_remark(world.actor("teacher"), world.lesson, world.anna.pk, "Молодец", kind="praise")
    for login, uid in (("teacher", uuid.uuid4()), ("classteacher", remark.uid)):
        with pytest.raises(NotFound):
            changes.withdraw_remark(world.actor(login), world.lesson, uid)
    remark.refresh_from_db()
    assert remark.withdrawn_at is None


def test_who_writes_on_an_older_version_of_a_lesson_changes_nothing(world: World) -> None:
    write = LessonWrite(world.lesson.pk, world.lesson.version + 1, topic="Чужая тема")
    with pytest.raises(Conflict):
        record_lesson(world.lesson, write, by_id=world.person("teacher").pk, at=clock.now())
    world.lesson.refresh_from_db()
    assert world.lesson.topic != "Чужая тема"
    assert not LessonChange.objects.filter(lesson=world.lesson, topic="Чужая тема").exists()
