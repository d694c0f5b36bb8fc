"""Bells, timetables and the lessons of the year. A lesson row holds what will happen; a Substitution what was planned."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from classbook.people.models import Origin, Person, unique_origin
from classbook.schools.models import AcademicYear, School, SchoolClass, TeachingGroup, dates_in_order


def times_in_order(name: str) -> models.CheckConstraint:
    """What has a beginning and an end on one day does not end before it begins."""
    return models.CheckConstraint(condition=Q(starts_at__lte=F("ends_at")), name=name)


class BellSchedule(models.Model):
    """When lessons begin and end on an ordinary day."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="bell_schedules", db_index=False)
    name = models.CharField(max_length=80)
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "name"], name="bell_schedule_once"),
            models.UniqueConstraint(fields=["school"], condition=Q(is_default=True), name="one_default_bell_schedule"),
        ]


class BellPeriod(models.Model):
    """One lesson's time in a bell schedule."""

    schedule = models.ForeignKey(BellSchedule, on_delete=models.CASCADE, related_name="periods", db_index=False)
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40, blank=True)
    starts_at = models.TimeField()
    ends_at = models.TimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schedule", "number"], name="bell_period_once"),
            times_in_order("bell_period_ends_after_it_starts"),
        ]


class Room(Origin):
    """A place in which lessons are held."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="rooms", db_index=False)
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "name"], name="room_once"),
            unique_origin("room_origin_once", within="school"),
        ]


class Timetable(models.Model):
    """A draft until published; publishing makes the lesson rows."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="timetables")
    year = models.ForeignKey(AcademicYear, on_delete=models.PROTECT, related_name="timetables")
    name = models.CharField(max_length=80, blank=True)
    # Names of the cycle's days in order, such as ["Mon", ..., "Fri"] or ["1A", ..., "5B"].
    cycle = models.JSONField(default=list)
    starts_on = models.DateField()
    ends_on = models.DateField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [dates_in_order("timetable_starts_before_it_ends")]


class TimetableEntry(models.Model):
    """One group's place in the cycle. Times are given when the day's bells differ from the school's."""

    timetable = models.ForeignKey(Timetable, on_delete=models.CASCADE, related_name="entries", db_index=False)
    cycle_day = models.CharField(max_length=40)
    period = models.PositiveSmallIntegerField()
    starts_at = models.TimeField(null=True, blank=True)
    ends_at = models.TimeField(null=True, blank=True)
    group = models.ForeignKey(TeachingGroup, on_delete=models.PROTECT, related_name="+")
    teacher = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["timetable", "cycle_day", "period", "group"], name="timetable_slot_once"),
            times_in_order("timetable_slot_ends_after_it_starts"),
        ]


class TimetableEntryTeacher(models.Model):
    """A further teacher of the slot."""

    entry = models.ForeignKey(TimetableEntry, on_delete=models.CASCADE, related_name="co_teachers", db_index=False)
    teacher = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "teacher"], name="entry_teacher_once")]


class Lesson(models.Model):
    """One lesson on one date. Times are the school's local times, copied so that the week needs no bells."""

    class Status(models.TextChoices):
        PLANNED = "planned"
        HELD = "held"
        CANCELLED = "cancelled"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="lessons", db_index=False)
    group = models.ForeignKey(TeachingGroup, on_delete=models.PROTECT, related_name="lessons", db_index=False)
    # The one who answers for it; null until a teacher is found.
    teacher = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="lessons", db_index=False)
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    date = models.DateField()
    period = models.PositiveSmallIntegerField()
    starts_at = models.TimeField()
    ends_at = models.TimeField()
    joined_with = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="joined")
    status = models.CharField(max_length=10, choices=Status, default=Status.PLANNED)
    # Pupils take part from home.
    is_remote = models.BooleanField(default=False)
    topic = models.CharField(max_length=500, blank=True)
    # The teacher said that there is none, so nothing is missing.
    no_homework = models.BooleanField(default=False)
    register_taken_at = models.DateTimeField(null=True, blank=True)
    register_taken_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # Rises with each change of topic, homework or register; two writers meet here.
    version = models.IntegerField(default=0)

    class Meta:
        constraints = [
            # Pupil's week and the journal grid.
            models.UniqueConstraint(fields=["group", "date", "period"], name="lesson_slot_once"),
            times_in_order("lesson_ends_after_it_starts"),
        ]
        indexes = [
            # My day.
            models.Index(fields=["teacher", "date"], name="lesson_by_teacher"),
            # Head's page of lessons not recorded; duty check.
            models.Index(fields=["school", "date"], name="lesson_by_school"),
        ]


class LessonTeacher(models.Model):
    """A co-teacher of one lesson."""

    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="co_teachers", db_index=False)
    teacher = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lesson", "teacher"], name="lesson_teacher_once")]


class Substitution(models.Model):
    """What was planned before a change of teacher, room or a cancellation. Readers never ask "is it amended?"."""

    lesson = models.OneToOneField(Lesson, on_delete=models.CASCADE, related_name="substitution")
    planned_teacher = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    planned_room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # For families: "the gym is being repaired". Never the reason of a teacher's absence.
    note = models.CharField(max_length=300, blank=True)
    # For the school only.
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now())


class LessonChange(models.Model):
    """History of topic and homework of a lesson, append-only."""

    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="changes", db_index=False)
    version = models.IntegerField()
    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    topic = models.CharField(max_length=500, blank=True)
    homework = models.TextField(blank=True)
    register_taken = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lesson", "version"], name="lesson_change_once")]


class Remark(models.Model):
    """A sentence about a pupil for the family: praise, a remark, a request (S70)."""

    class Kind(models.TextChoices):
        PRAISE = "praise"
        REMARK = "remark"
        NOTE = "note"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="remarks", db_index=False)
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, null=True, blank=True, related_name="remarks")
    date = models.DateField()
    kind = models.CharField(max_length=8, choices=Kind)
    text = models.CharField(max_length=1000)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        # Pupil's week.
        indexes = [models.Index(fields=["student", "date"], name="remark_by_pupil")]


class ClassNotice(models.Model):
    """Something that holds for a class on some days: quarantine, lessons from home (S68)."""

    class Kind(models.TextChoices):
        QUARANTINE = "quarantine"
        REMOTE = "remote"
        EVENT = "event"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, related_name="notices", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind)
    title = models.CharField(max_length=200, blank=True)
    text = models.CharField(max_length=1000, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [dates_in_order("class_notice_starts_before_it_ends")]
        # Banner of the pupil's week.
        indexes = [models.Index(fields=["school_class", "starts_on"], name="class_notice_by_class")]
