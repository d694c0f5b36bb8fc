"""Scales, columns and marks. One mark table: a final mark is a mark in a closing column."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from classbook.events.models import ChainedChange
from classbook.lessons.models import Lesson
from classbook.people.models import Origin, Person, unique_origin
from classbook.schools.models import School, TeachingGroup, Term


class MarkScale(models.Model):
    """A marking scale as data (standards.md 6). Used levels are never edited; a change is a new scale."""

    class Kind(models.TextChoices):
        LEVELS = "levels"
        POINTS = "points"

    # Null: shipped with Classbook.
    owner = models.ForeignKey(School, on_delete=models.PROTECT, null=True, blank=True, related_name="scales", db_index=False)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind)
    # Scores: the best, the worst and the last one that passes. best < worst where lower is better (Germany).
    best = models.DecimalField(max_digits=7, decimal_places=3)
    worst = models.DecimalField(max_digits=7, decimal_places=3)
    passing = models.DecimalField(max_digits=7, decimal_places=3)
    # Points: the step between two marks, such as 0.5.
    step = models.DecimalField(max_digits=7, decimal_places=3, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "code"], name="scale_once"),
            # On its own: to a database two missing owners are not the same one.
            models.UniqueConstraint(fields=["code"], condition=Q(owner=None), name="shipped_scale_once"),
        ]


class ScaleLevel(models.Model):
    """A value that a scale knows, with the number that is averaged."""

    scale = models.ForeignKey(MarkScale, on_delete=models.PROTECT, related_name="levels", db_index=False)
    code = models.CharField(max_length=12)
    label = models.CharField(max_length=80, blank=True)
    # Null: not averaged (released, pass/fail).
    score = models.DecimalField(max_digits=7, decimal_places=3, null=True, blank=True)
    passes = models.BooleanField(null=True)
    # 4 best to 1 not enough, 0 neither: how families' pages draw it.
    band = models.PositiveSmallIntegerField(default=0)
    order = models.SmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scale", "code"], name="scale_level_once")]


class GroupScale(models.Model):
    """The scale of a teaching group. None: the group is not marked (grade 1)."""

    group = models.OneToOneField(TeachingGroup, on_delete=models.PROTECT, related_name="mark_scale")
    scale = models.ForeignKey(MarkScale, on_delete=models.PROTECT, related_name="+")


class WorkKind(models.Model):
    """A kind of work and its usual weight: answer in class 1, test 3."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="work_kinds", db_index=False)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    # One word under a mark in the diary.
    short_name = models.CharField(max_length=30, blank=True)
    weight = models.DecimalField(max_digits=5, decimal_places=2, default=1)
    # False: shown, but never in an average.
    counts = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "code"], name="work_kind_once")]


class Assessment(Origin):
    """A column of the journal: a piece of work in a lesson, or the closing column of a term or year."""

    class Kind(models.TextChoices):
        WORK = "work"
        TERM = "term"
        EXAM = "exam"
        YEAR = "year"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", db_index=False)
    group = models.ForeignKey(TeachingGroup, on_delete=models.PROTECT, related_name="assessments", db_index=False)
    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, null=True, blank=True, related_name="assessments")
    term = models.ForeignKey(Term, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=4, choices=Kind, default=Kind.WORK)
    work_kind = models.ForeignKey(WorkKind, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    scale = models.ForeignKey(MarkScale, on_delete=models.PROTECT, related_name="+", db_index=False)
    title = models.CharField(max_length=160, blank=True)
    comment = models.CharField(max_length=500, blank=True)
    date = models.DateField()
    # Place among several columns of one lesson.
    position = models.PositiveSmallIntegerField(default=0)
    weight = models.DecimalField(max_digits=5, decimal_places=2, default=1)
    # False: an optional column whose marks count for nobody.
    counts = models.BooleanField(default=True)
    # Families see the column from here on; null: at once.
    visible_from = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "term"], condition=Q(kind="term"), name="one_term_column_per_group"),
            models.UniqueConstraint(fields=["group"], condition=Q(kind="year"), name="one_year_column_per_group"),
            models.CheckConstraint(condition=~Q(kind="term") | Q(term__isnull=False), name="term_column_names_its_term"),
            models.CheckConstraint(condition=Q(kind="work") | Q(lesson=None), name="only_work_belongs_to_a_lesson"),
            models.CheckConstraint(condition=Q(weight__gte=0), name="weight_is_not_negative"),
            unique_origin("assessment_origin_once"),
        ]
        indexes = [
            # Pupil's week and the journal grid.
            models.Index(fields=["group", "date"], name="assessment_by_group"),
        ]


class Mark(models.Model):
    """A pupil's mark in a column. Never deleted: withdrawn. Written by grading.actions alone."""

    class Status(models.TextChoices):
        RECORDED = "recorded"
        EXEMPT = "exempt"
        MISSING = "missing"
        WITHDRAWN = "withdrawn"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", db_index=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="marks", db_index=False)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="marks", db_index=False)
    status = models.CharField(max_length=9, choices=Status, default=Status.RECORDED)
    # What was shown and what is averaged, both copied, so that the past never moves.
    code = models.CharField(max_length=12, blank=True)
    score = models.DecimalField(max_digits=7, decimal_places=3, null=True, blank=True)
    band = models.PositiveSmallIntegerField(default=0)
    # False: an optional mark, shown and not averaged.
    counts = models.BooleanField(default=True)
    comment = models.CharField(max_length=500, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "student"], name="mark_once"),
            models.CheckConstraint(
                condition=(Q(status="recorded") & ~Q(code="")) | (~Q(status="recorded") & Q(code="", score=None)),
                name="recorded_mark_has_a_code",
            ),
        ]


class MarkChange(ChainedChange):
    """One version of a mark, append-only: a trigger refuses UPDATE and DELETE on both engines."""

    mark = models.ForeignKey(Mark, on_delete=models.PROTECT, related_name="changes", db_index=False)
    status = models.CharField(max_length=9, choices=Mark.Status)
    code = models.CharField(max_length=12, blank=True)
    score = models.DecimalField(max_digits=7, decimal_places=3, null=True, blank=True)
    counts = models.BooleanField(default=True)
    comment = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mark", "version"], name="mark_change_once")]


class TermReopening(models.Model):
    """A closed term open again for one group, with a reason and an end (permission `reopen_term`)."""

    group = models.ForeignKey(TeachingGroup, on_delete=models.PROTECT, related_name="reopenings", db_index=False)
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+")
    open_until = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        # Is the term open: every save of a mark.
        indexes = [models.Index(fields=["group", "term"], name="reopening_by_group")]
