"""Where teaching happens: regions, schools, years and terms, classes, teaching groups, who belongs to them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from classbook.people.models import ByHand, Origin, Person, unique_origin


def dates_in_order(name: str) -> models.CheckConstraint:
    """A stretch of time that has an end does not end before it starts."""
    return models.CheckConstraint(condition=Q(ends_on=None) | Q(starts_on__lte=F("ends_on")), name=name)


class Region(models.Model):
    """An authority's area; may lie in a larger one. It says whether its families sign in through the portal."""

    class Portal(models.TextChoices):
        NONE = "none"
        OFFERED = "offered"
        # From a day on, with days of grace on which passwords still let in.
        REQUIRED = "required"
        # As the region above; at the top: offered.
        INHERITED = ""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts")
    name = models.CharField(max_length=200)
    portal = models.CharField(max_length=8, choices=Portal, blank=True)
    portal_required_on = models.DateField(null=True, blank=True)
    portal_grace_days = models.PositiveSmallIntegerField(default=30)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(portal="required", portal_required_on__isnull=False)
                | (~Q(portal="required") & Q(portal_required_on=None)),
                name="required_portal_has_a_day",
            ),
        ]


class School(Origin):
    """A school: its clock, its language and how long entries may be corrected without a reason."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="schools")
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=60, blank=True)
    # By which families find the school in the directory.
    town = models.CharField(max_length=120, blank=True)
    # Whom families and staff ask about the diary, in the school's words: a room, a number, hours.
    help_contact = models.CharField(max_length=200, blank=True, default="")
    time_zone = models.CharField(max_length=60, default="UTC")
    locale = models.CharField(max_length=8, default="en")
    # Name of the profile (classbook/profiles/*.toml) whose customs the school took over.
    profile = models.CharField(max_length=40, blank=True)
    # Days after the lesson in which an entry is changed without giving a reason.
    correction_days = models.PositiveSmallIntegerField(default=3)
    # 5 or 6: how many weekdays the diary shows.
    week_days = models.PositiveSmallIntegerField(default=5)

    class Meta:
        constraints = [unique_origin("school_origin_once")]


class AcademicYear(Origin):
    """A school year of one school."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="years", db_index=False)
    name = models.CharField(max_length=40)
    starts_on = models.DateField()
    # The last day, inclusive.
    ends_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "starts_on"], name="year_once"),
            dates_in_order("year_starts_before_it_ends"),
            unique_origin("year_origin_once", within="school"),
        ]


class CalendarDay(models.Model):
    """A date that differs from the ordinary week: holiday, moved working day, shortened day."""

    class Kind(models.TextChoices):
        OFF = "off"
        SCHOOL = "school"
        SHORTENED = "shortened"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="calendar_days", db_index=False)
    date = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=120, blank=True)
    # The day of the timetable's cycle that is taught on this date; null follows the calendar.
    as_cycle_day = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "date"], name="calendar_day_once")]


class TermScheme(models.Model):
    """How a year is cut: quarters for the young, half-years for seniors, side by side."""

    year = models.ForeignKey(AcademicYear, on_delete=models.PROTECT, related_name="term_schemes", db_index=False)
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["year", "name"], name="term_scheme_once")]


class Term(Origin):
    """A stretch of the year that ends with final marks: a quarter, a half-year."""

    class Kind(models.TextChoices):
        QUARTER = "quarter"
        TRIMESTER = "trimester"
        HALF_YEAR = "half_year"
        TERM = "term"

    scheme = models.ForeignKey(TermScheme, on_delete=models.PROTECT, related_name="terms", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    number = models.PositiveSmallIntegerField()
    # Empty: the kind and the number say it.
    name = models.CharField(max_length=80, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    # After this instant marks of the term need a reopening.
    closes_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scheme", "number"], name="term_once"),
            dates_in_order("term_starts_before_it_ends"),
            unique_origin("term_origin_once", within="scheme"),
        ]


class Subject(Origin):
    """What is taught, as the school calls it."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="subjects", db_index=False)
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=160)
    short_name = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "code"], name="subject_code_once"),
            unique_origin("subject_origin_once"),
        ]


class SchoolClass(Origin):
    """A class (form, homeroom) of one year."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="classes")
    year = models.ForeignKey(AcademicYear, on_delete=models.PROTECT, related_name="classes", db_index=False)
    grade_level = models.PositiveSmallIntegerField(null=True, blank=True)
    name = models.CharField(max_length=60)
    class_teacher = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="class_teacher_of")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "name"], name="class_name_once"),
            unique_origin("class_origin_once"),
        ]


class ClassPlacement(ByHand):
    """A pupil's place in a class, for a time. `ends_on` is the last day."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, related_name="placements", db_index=False)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="placements", db_index=False)
    register_number = models.PositiveSmallIntegerField(null=True, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            dates_in_order("placement_starts_before_it_ends"),
            unique_origin("placement_origin_once"),
            models.UniqueConstraint(
                fields=["school_class", "student"], condition=Q(ends_on=None), name="placement_once_while_open"
            ),
        ]
        indexes = [
            # Whose class is this pupil's: heading of the diary, class version.
            models.Index(fields=["student", "school_class"], name="placement_by_pupil"),
            # Class teacher's list.
            models.Index(fields=["school_class", "student"], name="placement_by_class"),
        ]


class TeachingGroup(Origin):
    """Pupils who are taught one subject together. The hub: OneRoster's class, Ed-Fi's section."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="groups")
    year = models.ForeignKey(AcademicYear, on_delete=models.PROTECT, related_name="groups")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="groups")
    term_scheme = models.ForeignKey(TermScheme, on_delete=models.PROTECT, null=True, related_name="groups")
    # Null: pupils of several classes.
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, null=True, blank=True, related_name="groups")
    name = models.CharField(max_length=160)

    class Meta:
        constraints = [unique_origin("group_origin_once")]


class Enrollment(ByHand):
    """A pupil's place in a teaching group. Always explicit, also for whole classes. `ends_on` is the last day."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(TeachingGroup, on_delete=models.PROTECT, related_name="enrollments", db_index=False)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="enrollments", db_index=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            dates_in_order("enrollment_starts_before_it_ends"),
            unique_origin("enrollment_origin_once"),
            models.UniqueConstraint(fields=["group", "student"], condition=Q(ends_on=None), name="enrollment_once_while_open"),
        ]
        indexes = [
            # Pupil's week: which groups.
            models.Index(fields=["student", "group"], name="enrollment_by_pupil"),
            # Register and grid: which pupils.
            models.Index(fields=["group", "student"], name="enrollment_by_group"),
        ]


class TeachingAssignment(ByHand):
    """Who teaches a group, for a time."""

    group = models.ForeignKey(TeachingGroup, on_delete=models.PROTECT, related_name="assignments", db_index=False)
    teacher = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="assignments", db_index=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            dates_in_order("assignment_starts_before_it_ends"),
            unique_origin("assignment_origin_once"),
            models.UniqueConstraint(fields=["group", "teacher"], condition=Q(ends_on=None), name="assignment_once_while_open"),
        ]
        indexes = [
            # My journals.
            models.Index(fields=["teacher", "group"], name="assignment_by_teacher"),
            # Who may open the journal; the office's list of teachers.
            models.Index(fields=["group", "teacher"], name="assignment_by_group"),
        ]


class PlaceTakenOut(models.Model):
    """A place that a package had brought and the school removed: no later package brings it again."""

    class Kind(models.TextChoices):
        CLASS = "class"
        GROUP = "group"
        TEACHER = "teacher"

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    # The class, or the group: no foreign key, because it is one of two tables.
    place = models.BigIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "place", "person"], name="place_taken_out_once")]


class Position(ByHand):
    """A person's role in a school or a region. What a role may do stands in schools/roles.py."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="positions")
    role = models.CharField(max_length=20)
    school = models.ForeignKey(School, on_delete=models.PROTECT, null=True, blank=True, related_name="positions")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True, related_name="positions")
    title = models.CharField(max_length=120, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(school=None, region__isnull=False) | Q(school__isnull=False, region=None),
                name="position_in_a_school_or_a_region",
            ),
            dates_in_order("position_starts_before_it_ends"),
            unique_origin("position_origin_once"),
        ]


class Notice(models.Model):
    """What a school tells many of its people at once; it stands on their first page until each has read it."""

    class Audience(models.TextChoices):
        CLASS_TEACHERS = "class_teachers"
        STAFF = "staff"
        # Pupils and their guardians.
        FAMILIES = "families"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="notices", db_index=False)
    audience = models.CharField(max_length=14, choices=Audience)
    title = models.CharField(max_length=120)
    text = models.CharField(max_length=2000)
    # The last day on which it is shown.
    ends_on = models.DateField()
    # Raised when a change is to be read once more.
    version = models.PositiveIntegerField(default=1)
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # Every page with a navigation asks whether one is there (schools.reader, diary.statements).
            models.Index(fields=["school", "ends_on"], condition=Q(withdrawn_at=None), name="notice_to_show"),
            # The same question, before any school is looked up: does anybody tell anything at all?
            models.Index(fields=["ends_on"], condition=Q(withdrawn_at=None), name="notice_in_time"),
            # The school's own list, the newest first.
            models.Index(fields=["school", "-created_at"], name="notice_of_school"),
        ]


class NoticeRead(models.Model):
    """Somebody has said that he read a notice, in this version."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="reads", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "person"], name="notice_read_once")]
