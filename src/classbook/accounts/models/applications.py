"""A school that wants its journal to be kept here, in the words of whoever applies for it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from classbook.people.models import Person
from classbook.schools.models import Region, School


class SchoolApplication(models.Model):
    """Somebody who speaks for a school asks to be connected. It reaches the region only when its e-mail address is confirmed."""

    class State(models.TextChoices):
        # The code in the mail was not used yet: nobody of the region sees it.
        NEW = "new"
        OPEN = "open"
        # The region has asked back.
        ASKED = "asked"
        GRANTED = "granted"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"

    # Made by the page before it is sent, so that a form that is sent twice is one application.
    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    # By which the applicant and the region speak of it.
    number = models.CharField(max_length=8, unique=True)
    code_hmac = models.CharField(max_length=64)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    # The one of the directory for which it is; of any other, what the approval made.
    school = models.ForeignKey(School, on_delete=models.PROTECT, null=True, related_name="+")
    school_name = models.CharField(max_length=200)
    town = models.CharField(max_length=120)
    address = models.CharField(max_length=200)
    head_name = models.CharField(max_length=200)
    email = models.CharField(max_length=254)
    phone = models.CharField(max_length=40)
    pupils = models.PositiveIntegerField()
    note = models.CharField(max_length=1000, blank=True)
    # Who will look after the school's people here.
    family_name = models.CharField(max_length=120)
    given_name = models.CharField(max_length=120)
    middle_name = models.CharField(max_length=120, blank=True)
    born = models.DateField()
    locale = models.CharField(max_length=8)
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    # What the region asked, what was replied, why it refused.
    question = models.CharField(max_length=500, blank=True)
    reply = models.CharField(max_length=500, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    # Whom the approval made the school's office.
    administrator = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="new", confirmed_at=None) | (~Q(state="new") & Q(confirmed_at__isnull=False)),
                name="application_is_seen_when_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("new", "open", "asked"), closed_at=None)
                | Q(state__in=("granted", "refused", "withdrawn"), closed_at__isnull=False),
                name="closed_application_says_when",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("granted", "refused"), closed_by__isnull=False)
                | (~Q(state__in=("granted", "refused")) & Q(closed_by=None)),
                name="decided_application_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(state="granted", school__isnull=False, administrator__isnull=False)
                | (~Q(state="granted") & Q(administrator=None)),
                name="granted_application_names_the_school",
            ),
        ]
        indexes = [
            # What waits for the region.
            models.Index(fields=["region", "state"], name="application_by_region"),
        ]
