"""Tell what happened: audit rows, outbox messages, raised versions. Called inside the transaction of the action."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from classbook.common.clock import now
from classbook.common.compact import dumps
from classbook.common.prepared import Statement
from classbook.events.models import AuditEvent


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


def record_audit_of_many(
    kind: str, subjects: Iterable[tuple[int, dict[str, Any]]], *, actor_id: int | None, school_id: int | None
) -> None:
    """One audit row for each (person, data): the same deed about many."""
    rows = (
        AuditEvent(
            at=now(), actor_id=actor_id, school_id=school_id, kind=kind, subject_type="person", subject_id=person, data=data
        )
        for person, data in subjects
    )
    AuditEvent.objects.bulk_create(rows, batch_size=1000)


ADD_TO_OUTBOX = "INSERT INTO events_outboxevent (kind, data, created_at) VALUES (:kind, :data, :now)"
# Two writers take the rows in one order and cannot lock each other out.
RAISE_VERSIONS = """INSERT INTO events_version (kind, subject_id, number)
    SELECT named.key, CAST(given.value AS bigint), 1 FROM @named(:subjects) WHERE true @ordered(1, 2)
    ON CONFLICT (kind, subject_id) DO UPDATE SET number = events_version.number + 1"""
_OUTBOX = Statement(ADD_TO_OUTBOX, {"kind": "text", "data": "jsonb", "now": "timestamptz"})
_VERSIONS = Statement(RAISE_VERSIONS, {"subjects": "jsonb"})


def add_to_outbox(kind: str, **data: Any) -> None:
    """A message that the worker sends after commit; lost with the transaction, never without it."""
    _OUTBOX.rows(kind, dumps(data), now())


def raise_versions(subjects: Iterable[tuple[str, int]]) -> None:
    """Raise the counters of (kind, subject id) by one, in one statement and in one order.

    The order keeps two writers from locking each other out (performance.md D: the unordered variant deadlocked).
    """
    if found := by_kind(subjects):
        _VERSIONS.rows(found)


def by_kind(subjects: Iterable[tuple[str, int]]) -> str:
    """Subjects as RAISE_VERSIONS takes them, in the order in which they are raised: the ids of each kind; empty: none."""
    found: dict[str, list[int]] = {}
    for kind, pk in sorted(set(subjects)):
        found.setdefault(kind, []).append(pk)
    return dumps(found) if found else ""
