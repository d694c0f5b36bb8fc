"""Registering oneself with a letter's code and one's own e-mail address as login."""

from __future__ import annotations

import uuid

from django.db import models

from classbook.accounts.models.invitations import Invitation


class Registration(models.Model):
    """What the holder of a letter chose, until the link in his mailbox is opened; only then is there an account."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="registrations")
    email = models.CharField(max_length=254)
    # Hashed as in the account.
    password = models.CharField(max_length=128)
    locale = models.CharField(max_length=8)
    # Index: the worker removes old ones.
    created_at = models.DateTimeField(db_index=True)
    answered_at = models.DateTimeField(null=True)
    # Made when the mail is written; nothing when the address is somebody else's.
    token_hmac = models.CharField(max_length=64, unique=True, null=True)
    # Passwords typed on the link's page.
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # The worker's next registrations.
            models.Index(fields=["id"], condition=models.Q(answered_at=None), name="registration_waiting"),
        ]
