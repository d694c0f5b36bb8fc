"""What adults ask for: to be linked with a child of a school."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from classbook.people.models import Guardianship, LegalPaper, Person
from classbook.schools.models import School


class AccessRequest(models.Model):
    """An adult asks to be linked with a child, as he describes it. Written alike whether there is such a child."""

    class State(models.TextChoices):
        OPEN = "open"
        # The office has asked back.
        ASKED = "asked"
        GRANTED = "granted"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="access_requests")
    family_name = models.CharField(max_length=120)
    given_name = models.CharField(max_length=120)
    born = models.DateField()
    class_name = models.CharField(max_length=40)
    relation = models.CharField(max_length=12, choices=Guardianship.Relation)
    basis = models.CharField(max_length=10, choices=LegalPaper.Basis)
    # The document that the asker can show.
    document = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    # What the office asked, what was replied, why it refused.
    question = models.CharField(max_length=500, blank=True)
    reply = models.CharField(max_length=500, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    # With whom the asker was linked.
    student = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("open", "asked"), closed_at=None, closed_by=None)
                | Q(state__in=("granted", "refused", "withdrawn"), closed_at__isnull=False, closed_by__isnull=False),
                name="closed_request_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(state="granted", student__isnull=False) | (~Q(state="granted") & Q(student=None)),
                name="granted_request_names_the_pupil",
            ),
        ]
        indexes = [
            # What waits for the office.
            models.Index(fields=["school", "state"], name="request_by_school"),
        ]
