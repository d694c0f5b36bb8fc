"""Invitations by which a family lets somebody look in."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from classbook.people.models import Person


class TrustInvitation(models.Model):
    """A code that a guardian passes on: once, for two weeks, for what was chosen. Only a keyed hash of the code is kept."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="trust_invitations")
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    # As the inviter calls the one who is invited.
    family_name = models.CharField(max_length=120)
    given_name = models.CharField(max_length=120)
    can_see_marks = models.BooleanField(default=False)
    can_see_attendance = models.BooleanField(default=False)
    # The last day on which the diary can be seen.
    ends_on = models.DateField()
    code_hmac = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(used_at=None, used_by=None) | Q(used_at__isnull=False, used_by__isnull=False, ended_at=None),
                name="used_trust_invitation_says_by_whom",
            ),
        ]
