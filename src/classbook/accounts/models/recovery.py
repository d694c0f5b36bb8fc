"""Getting in again by an address that was confirmed before."""

from __future__ import annotations

import uuid

from django.db import models

from classbook.people.models import Contact, Person


class RecoveryRequest(models.Model):
    """Somebody gave an address and asks to get in. Written alike whether it belongs to anybody; the worker looks that up."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=8, choices=Contact.Kind)
    # The address; a number without its country may mean several.
    values = models.JSONField()
    locale = models.CharField(max_length=8)
    # Index: the worker removes old requests.
    created_at = models.DateTimeField(db_index=True)
    answered_at = models.DateTimeField(null=True)
    # Codes typed on the page.
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            # The worker's next requests.
            models.Index(fields=["id"], condition=models.Q(answered_at=None), name="recovery_waiting"),
        ]


class RecoveryCode(models.Model):
    """A link and a code by which one person chooses a new password, once. Only keyed hashes are kept."""

    request = models.ForeignKey(RecoveryRequest, on_delete=models.CASCADE, related_name="codes", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="recovery_codes")
    token_hmac = models.CharField(max_length=64, unique=True)
    # Empty once the code was typed.
    code_hmac = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        # The page on which the code is typed.
        constraints = [models.UniqueConstraint(fields=["request", "person"], name="recovery_code_once")]
