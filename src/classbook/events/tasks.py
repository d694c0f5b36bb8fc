"""Background work of this package."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from classbook.common.clock import now
from classbook.events.models import Operation
from classbook.events.reading import import_reads

# A device may lie in a drawer over the summer with entries that were sent and not answered.
OPERATIONS_KEPT = timedelta(days=400)


def run_once() -> int:
    """Bring the noted reads into the audit; answers how many. Nothing is written while the site is read-only.

    The outbox is left alone: its messages wait until there is a channel that delivers them (docs/adr/0009).
    """
    return 0 if settings.READ_ONLY else import_reads()


def forget_old_operations() -> int:
    """Remove the answers that nobody can ask for any more; answers how many."""
    return 0 if settings.READ_ONLY else Operation.objects.filter(created_at__lt=now() - OPERATIONS_KEPT).delete()[0]
