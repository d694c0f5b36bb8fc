"""Tasks between lessons."""

from __future__ import annotations

import uuid

from django.db import models

from classbook.lessons.models import Lesson
from classbook.people.models import Person
from classbook.schools.models import School, TeachingGroup


class Homework(models.Model):
    """A task given in a lesson, due at a later lesson of the group or on a date (S65)."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(TeachingGroup, on_delete=models.PROTECT, related_name="homework", db_index=False)
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="homework", db_index=False)
    due_lesson = models.ForeignKey(Lesson, on_delete=models.SET_NULL, null=True, blank=True, related_name="homework_due")
    # Always set: the date of the due lesson, or a date of its own.
    due_on = models.DateField(null=True, blank=True)
    text = models.CharField(max_length=2000, blank=True)
    # Minutes the teacher expects it to take.
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            # One task a lesson for the whole group; tasks of single pupils come with hand-ins.
            models.UniqueConstraint(fields=["lesson"], name="homework_once_per_lesson"),
        ]
        indexes = [
            # Pupil's week: what is due.
            models.Index(fields=["group", "due_on"], name="homework_by_due_date"),
        ]


class HomeworkDone(models.Model):
    """The pupil's own tick. Guardians see it."""

    homework = models.ForeignKey(Homework, on_delete=models.CASCADE, related_name="done", db_index=False)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["homework", "student"], name="homework_done_once")]
