"""Tell what happened: audit rows, outbox messages, raised versions. Called inside the transaction of the action."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection

from classbook.common.clock import now
from classbook.events.models import AuditEvent, OutboxEvent


def record_audit(
    kind: str,
    *,
    actor_id: int | None,
    school_id: int | None = None,
    subject: tuple[str, int] | None = None,
    **data: Any,
) -> None:
    """One audit row. `subject` is (type, id), such as ("person", 7); `data` holds no names, marks or secrets."""
    subject_type, subject_id = subject or ("", None)
    AuditEvent.objects.create(
        at=now(),
        actor_id=actor_id,
        school_id=school_id,
        kind=kind,
        subject_type=subject_type,
        subject_id=subject_id,
        data=data,
    )


def add_to_outbox(kind: str, **data: Any) -> None:
    """A message that the worker sends after commit; lost with the transaction, never without it."""
    OutboxEvent.objects.create(kind=kind, data=data, created_at=now())


def raise_versions(subjects: Iterable[tuple[str, int]]) -> None:
    """Raise the counters of (kind, subject id) by one, in one statement and in one order.

    The order keeps two writers from locking each other out (performance.md D: the unordered variant deadlocked).
    """
    rows = sorted(set(subjects))
    if not rows:
        return
    values = ", ".join(["(%s, %s, 1)"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO events_version (kind, subject_id, number) VALUES {values} "
            "ON CONFLICT (kind, subject_id) DO UPDATE SET number = events_version.number + 1",
            [value for row in rows for value in row],
        )
