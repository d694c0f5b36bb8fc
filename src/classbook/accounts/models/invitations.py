"""Letters by which the school lets a person in, and what a family says is wrong in one."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from classbook.people.models import Person
from classbook.schools.models import School

_OPEN = Q(used_at=None, ended_at=None)


class Invitation(models.Model):
    """A letter with a code: for one person in one role, once, for two weeks. Only a keyed hash of the code is kept."""

    class Role(models.TextChoices):
        PUPIL = "pupil"
        GUARDIAN = "guardian"
        STAFF = "staff"

    class Kind(models.TextChoices):
        # A code that is typed or scanned.
        CODE = "code"
        # The classic slip: the login and a temporary password.
        PASSWORD = "password"

    class Why(models.TextChoices):
        REPRINTED = "reprinted"
        WITHDRAWN = "withdrawn"
        # The birth date was wrong too often.
        TRIES = "tries"
        OPEN = ""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="invitations", db_index=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=8, choices=Role)
    # Whose guardian the letter is for.
    student = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    # Of a member of staff: the roles beyond the own journals that two persons wanted the letter to open, with spaces between.
    opens = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.CODE)
    # Gives the code together with the server's key, until the letter is printed; empty afterwards.
    seed = models.CharField(max_length=32, blank=True)
    code_hmac = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField()
    printed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    # Another person than the letter's when the child was added to an account that was there.
    used_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=10, choices=Why, blank=True)
    # Wrong birth dates.
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "school", "role"], condition=_OPEN & Q(student=None), name="one_open_letter_a_role"
            ),
            models.UniqueConstraint(
                fields=["person", "student"], condition=_OPEN & Q(student__isnull=False), name="one_open_letter_a_child"
            ),
            models.CheckConstraint(
                condition=Q(role="guardian", student__isnull=False) | (~Q(role="guardian") & Q(student=None)),
                name="guardians_letter_names_the_pupil",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_why="") | (Q(ended_at__isnull=False) & ~Q(ended_why="")),
                name="ended_letter_says_why",
            ),
            models.CheckConstraint(condition=Q(used_at=None) | Q(ended_at=None), name="used_letter_has_not_ended"),
            models.CheckConstraint(
                condition=Q(used_at=None, used_by=None) | Q(used_at__isnull=False, used_by__isnull=False),
                name="used_letter_says_by_whom",
            ),
            models.CheckConstraint(condition=Q(printed_at=None) | Q(seed=""), name="printed_letter_keeps_no_seed"),
        ]
        indexes = [
            # The board of a class or school: the letters of these persons.
            models.Index(fields=["person", "student"], name="letter_by_person"),
            # What is still to be printed in a school.
            models.Index(fields=["school", "printed_at"], name="letter_to_print"),
        ]


class Correction(models.Model):
    """What the holder of a letter says is wrong in it; the office answers."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", db_index=False)
    invitation = models.ForeignKey(Invitation, on_delete=models.PROTECT, related_name="corrections")
    # "This letter is not for me", or data that are wrong.
    is_other = models.BooleanField(default=False)
    text = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    # What the office says to it; read by whoever shows the letter again.
    answer = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False, done_by__isnull=False),
                name="correction_says_who_dealt_with_it",
            ),
        ]
        indexes = [
            # What waits for the office.
            models.Index(fields=["school", "done_at"], name="correction_by_school"),
        ]
