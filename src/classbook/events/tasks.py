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
    if settings.READ_ONLY:
        return 0
    cut = now() - OPERATIONS_KEPT
    old = Operation.objects.filter(created_at__lt=cut)
    # They came in the order of their keys: an index by time would cost each save, and serve only here.
    first_kept = Operation.objects.filter(created_at__gte=cut).order_by("pk").values_list("pk", flat=True).first()
    return (old if first_kept is None else old.filter(pk__lt=first_kept)).delete()[0]
