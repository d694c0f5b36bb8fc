"""Which person a citizen of the portal is."""

from __future__ import annotations

from django.db import models

from classbook.people.models import Person


class PortalLink(models.Model):
    """The portal's name for somebody, (iss, sub), and the person it lets in. Ending it removes the row."""

    iss = models.CharField(max_length=200)
    sub = models.CharField(max_length=255)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="portal_links", db_index=False)
    # What its owner calls it.
    label = models.CharField(max_length=60, blank=True)
    # How well the portal knew the person at the last sign-in.
    level = models.CharField(max_length=20)
    linked_at = models.DateTimeField()
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            # Signing in.
            models.UniqueConstraint(fields=["iss", "sub"], name="portal_link_once"),
            models.UniqueConstraint(fields=["person", "iss"], name="one_portal_link_a_person"),
        ]
