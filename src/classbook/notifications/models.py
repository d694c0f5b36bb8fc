"""Messages on their way to one address each. Like the outbox they know no other table but it, so they never block an erasure."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from classbook.events.models import OutboxEvent


class Delivery(models.Model):
    """One message to one address by one channel: taken with a lease, tried again, and empty of words once it has left."""

    class Channel(models.TextChoices):
        EMAIL = "email"
        SMS = "sms"

    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    channel = models.CharField(max_length=8, choices=Channel)
    # A keyed hash of the address: equal addresses are equal here, also after they are hidden.
    recipient = models.CharField(max_length=64)
    # Whole until the message has left, then hidden (rules.masked).
    address = models.CharField(max_length=254)
    kind = models.CharField(max_length=60)
    locale = models.CharField(max_length=8)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    urgent = models.BooleanField(default=False)
    person_id = models.BigIntegerField(null=True)
    school_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    deliver_after = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    # What the last try met; never an address or a word of the message.
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            # Fan-out of an event happens once.
            models.UniqueConstraint(fields=["event", "recipient", "channel"], name="delivery_once"),
            models.CheckConstraint(condition=Q(sent_at=None) | Q(given_up_at=None), name="delivery_is_sent_or_given_up"),
            # Codes and links are not there to be read afterwards.
            models.CheckConstraint(
                condition=Q(sent_at=None, given_up_at=None) | Q(subject="", text=""), name="closed_delivery_keeps_no_words"
            ),
        ]
        indexes = [
            # The worker's next messages.
            models.Index(fields=["deliver_after"], condition=Q(sent_at=None, given_up_at=None), name="delivery_waiting"),
        ]
