"""A timetable that is published again keeps the lessons that are as it wants them, colleagues who teach along included."""

from __future__ import annotations

from datetime import timedelta

import pytest

from classbook.common import clock
from classbook.lessons.actions.publishing import publish_timetable
from classbook.lessons.models import Lesson, LessonTeacher, Timetable, TimetableEntry, TimetableEntryTeacher
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_colleague_who_teaches_along_comes_into_the_lessons_and_they_are_kept_the_next_time(world: World) -> None:
    table = Timetable.objects.filter(school=world.school, entries__group=world.group).distinct().get()
    entry = TimetableEntry.objects.filter(timetable=table, group=world.group).order_by("pk")[0]
    tomorrow = clock.today(world.school.time_zone) + timedelta(days=1)
    publish_timetable(table, by_id=None, from_date=tomorrow)
    TimetableEntryTeacher.objects.create(entry=entry, teacher=world.person("classteacher"))
    changed = publish_timetable(table, by_id=None, from_date=tomorrow)
    assert changed.made == changed.removed > 0
    along = LessonTeacher.objects.filter(lesson__group=world.group, teacher=world.person("classteacher"))
    assert set(along.values_list("lesson__period", flat=True)) == {entry.period}
    before = set(Lesson.objects.filter(group=world.group).values_list("uid", flat=True))
    again = publish_timetable(table, by_id=None, from_date=tomorrow)
    assert (again.made, again.removed) == (0, 0)
    assert set(Lesson.objects.filter(group=world.group).values_list("uid", flat=True)) == before
