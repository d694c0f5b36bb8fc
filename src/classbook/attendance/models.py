"""Who was not there. Only exceptions are stored: present means that the register was taken and no row says otherwise."""

from __future__ import annotations

from django.db import models

from classbook.events.models import ChainedChange
from classbook.lessons.models import Lesson
from classbook.people.models import Person
from classbook.schools.models import School


class AttendanceCode(models.Model):
    """A code of the register as data: н б у о, or A L (standards.md 5)."""

    class Kind(models.TextChoices):
        ABSENT = "absent"
        LATE = "late"
        LEFT_EARLY = "left_early"
        REMOTE = "remote"
        OFF_SITE = "off_site"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="attendance_codes", db_index=False)
    code = models.CharField(max_length=4)
    kind = models.CharField(max_length=10, choices=Kind)
    label = models.CharField(max_length=80)
    excused = models.BooleanField(default=False)
    counts_as_missed = models.BooleanField(default=True)
    # The family of the pupil, class teacher and health staff see the reason; others see "absent".
    confidential = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "code"], name="attendance_code_once")]


class AttendanceRecord(models.Model):
    """An exception of one pupil in one lesson. A row without a code was taken back: the pupil is present."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", db_index=False)
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="attendance", db_index=False)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attendance", db_index=False)
    # The lesson's date, copied for the sums of a month.
    date = models.DateField()
    code = models.ForeignKey(AttendanceCode, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    excused = models.BooleanField(default=False)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lesson", "student"], name="attendance_once")]
        indexes = [
            # Pupil's week and attendance page.
            models.Index(fields=["student", "date"], name="attendance_by_pupil"),
            # Today's absences of the school.
            models.Index(fields=["school", "date"], name="attendance_by_school"),
        ]


class AttendanceChange(ChainedChange):
    """One version of a record, append-only. The code is kept as text, so that the past never moves."""

    record = models.ForeignKey(AttendanceRecord, on_delete=models.PROTECT, related_name="changes", db_index=False)
    code = models.CharField(max_length=4, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    excused = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "version"], name="attendance_change_once")]
