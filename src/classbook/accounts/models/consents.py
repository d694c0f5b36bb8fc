"""What people agree to: the texts by version, and who agreed to which, from when until when."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from classbook.people.models import Person


class ConsentText(models.Model):
    """A text as somebody read it. Append-only: a trigger refuses UPDATE and DELETE on both engines; a change is a new version."""

    class Kind(models.TextChoices):
        # A trusted person: what is seen is not passed on.
        TRUSTED = "trusted"
        # A pupil of full age lets a guardian look in.
        ADULT_VIEW = "adult_view"

    kind = models.CharField(max_length=12, choices=Kind)
    language = models.CharField(max_length=8)
    version = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    text = models.TextField()

    class Meta:
        constraints = [
            # Agreeing.
            models.UniqueConstraint(fields=["kind", "language", "version"], name="consent_text_once"),
        ]


class Consent(models.Model):
    """A person has agreed to a text, about a pupil. Withdrawn it stays; agreeing again is a new row."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consents", db_index=False)
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="+")
    # The pupil whose diary it is about.
    about = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    # Whom a pupil of full age lets look in.
    other = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("given_at")), name="consent_is_given_before_withdrawn"
            ),
        ]
        indexes = [
            # What I agreed to.
            models.Index(fields=["person", "given_at"], name="consent_by_person"),
        ]
