"""Codes that prove an address."""

from __future__ import annotations

from django.db import models

from classbook.people.models import Contact, Person


class ContactCode(models.Model):
    """A code on its way to an address that a person says is his. Only a keyed hash is kept; a new code replaces it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contact_codes", db_index=False)
    kind = models.CharField(max_length=8, choices=Contact.Kind)
    value = models.CharField(max_length=254)
    code_hmac = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    # Index: the worker removes old codes.
    expires_at = models.DateTimeField(db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        # The code page of one kind.
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="one_contact_code_of_a_kind")]
