"""What happened, told once: audit, outbox, operations, versions and the chains of history.

Nothing here has a foreign key upwards, so an entry never blocks an erasure and never disappears with one.
"""

from __future__ import annotations

from django.db import models


class AuditEvent(models.Model):
    """Who did or read what, about whom, when (quality.md S14, L1). Append-only: a trigger refuses UPDATE and DELETE."""

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    school_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            # "Who looked at my child" and the incident report of one person.
            models.Index(fields=["subject_type", "subject_id", "at"], name="audit_by_subject"),
            # What one account did and read in a time.
            models.Index(fields=["actor_id", "at"], name="audit_by_actor"),
        ]


class Operation(models.Model):
    """A write as the client named it before sending. A retry gets the stored answer (quality.md 7.1)."""

    uid = models.UUIDField(unique=True)
    actor_id = models.BigIntegerField()
    # SHA-256 of the canonical body: the same uid with another body is refused.
    digest = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField()


class Version(models.Model):
    """A counter that rises in the transaction of each write. ETags and skeletons hang on it."""

    class Kind(models.TextChoices):
        PUPIL = "pupil"
        SCHOOL_CLASS = "class"
        GROUP = "group"
        SCHOOL = "school"

    kind = models.CharField(max_length=8, choices=Kind)
    subject_id = models.BigIntegerField()
    number = models.BigIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject_id"], name="one_version_per_subject")]


class OutboxEvent(models.Model):
    """A message to the world, written in the transaction of the action that causes it (quality.md trap 3)."""

    kind = models.CharField(max_length=60)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # The worker's next batch.
            models.Index(fields=["id"], condition=models.Q(dispatched_at=None), name="outbox_waiting"),
        ]


class Chain(models.Model):
    """Head of the history of one teaching group: each change carries the previous head (quality.md S15)."""

    group_id = models.BigIntegerField(unique=True)
    head = models.CharField(max_length=64, blank=True)
    number = models.BigIntegerField(default=0)


class ChainedChange(models.Model):
    """Base of the append-only histories: who, when, why, and the link into the group's chain.

    The commitment is a salted hash of the values; erasing value and salt keeps the chain valid.
    """

    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    version = models.IntegerField()
    reason = models.CharField(max_length=300, blank=True)
    chain_number = models.BigIntegerField(null=True)
    chain_previous = models.CharField(max_length=64, blank=True)
    commitment = models.CharField(max_length=64, blank=True)
    salt = models.CharField(max_length=32, blank=True)

    class Meta:
        abstract = True
