"""The pupil's own tick beside a task."""

from __future__ import annotations

import uuid

import pytest

from classbook.common.errors import NotFound
from classbook.homework.actions import tick_done
from classbook.homework.models import Homework, HomeworkDone
from classbook.schools.access import open_student
from tests.world import World

pytestmark = pytest.mark.django_db


def test_only_the_pupil_ticks_and_only_a_task_of_the_own_groups(world: World) -> None:
    mine = Homework.objects.filter(group__enrollments__student=world.anna).order_by("pk")[0]
    others = Homework.objects.exclude(group__enrollments__student=world.anna).order_by("pk")[0]
    pupil = world.actor("pupil")
    own = open_student(pupil, world.anna.uid)
    HomeworkDone.objects.filter(student=world.anna).delete()
    for _time in range(2):
        tick_done(pupil, own, mine.uid, done=True)
    assert HomeworkDone.objects.filter(student=world.anna).values_list("homework_id", flat=True).get() == mine.pk
    for uid in (others.uid, uuid.uuid4()):
        with pytest.raises(NotFound):
            tick_done(pupil, own, uid, done=True)
    parent = world.actor("parent")
    with pytest.raises(NotFound):
        tick_done(parent, open_student(parent, world.anna.uid), mine.uid, done=False)
    tick_done(pupil, own, mine.uid, done=False)
    assert not HomeworkDone.objects.filter(student=world.anna).exists()
