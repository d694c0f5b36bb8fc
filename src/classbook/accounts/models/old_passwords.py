"""Passwords that a school brought from another system."""

from __future__ import annotations

from django.db import models

from classbook.people.models import Account


class OldPassword(models.Model):
    """An old system's hash, good until a day; it goes with the first sign-in, or with any new password."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="old_password")
    # A form of common.old_hashes; MD5 only wrapped in Argon2.
    encoded = models.CharField(max_length=300)
    # The last day. Index: the sign-in page says until when.
    until = models.DateField(db_index=True)
    imported_at = models.DateTimeField()
