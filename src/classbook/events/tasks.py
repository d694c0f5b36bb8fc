"""Background work of this package."""

from __future__ import annotations

from django.db import transaction

from classbook.common.clock import now
from classbook.events.models import OutboxEvent
from classbook.events.reading import import_reads

BATCH = 200


def run_once() -> int:
    """Take the next batch of the outbox and the noted reads; answers how many were done.

    Deliveries to families are fanned out here, in the transaction that marks the event as dispatched.
    """
    with transaction.atomic():
        waiting = list(OutboxEvent.objects.filter(dispatched_at=None).order_by("pk")[:BATCH])
        OutboxEvent.objects.filter(pk__in=[event.pk for event in waiting], dispatched_at=None).update(dispatched_at=now())
    return len(waiting) + import_reads()
