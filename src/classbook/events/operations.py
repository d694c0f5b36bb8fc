"""Operations: a write that the client named before sending happens once, however often it is sent (quality.md 7.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from classbook.common.clock import now
from classbook.common.compact import dumps
from classbook.common.errors import Refusal
from classbook.common.prepared import Statement
from classbook.events.actions import ADD_TO_OUTBOX, RAISE_VERSIONS, add_to_outbox, by_kind, raise_versions
from classbook.events.models import Operation

_INSERT = "INSERT INTO events_operation (uid, actor_id, digest, answer, created_at) VALUES (:uid, :actor, :digest, :answer, :now)"
_KINDS = {"uid": "uuid", "actor": "bigint", "digest": "text", "answer": "jsonb", "now": "timestamptz"}
_STORE = Statement(_INSERT, _KINDS)
# What ends a save in one statement; SQLite has no writes inside WITH and sends the three one after the other.
_FINISH = Statement(
    f"WITH raised AS ({RAISE_VERSIONS}), told AS ({ADD_TO_OUTBOX}) {_INSERT}",
    {"subjects": "jsonb", "kind": "text", "data": "jsonb", **_KINDS},
)


class OperationReused(Refusal):
    """The same operation id came with another body or from another person."""


def answer_of(uid: UUID, *, actor_id: int, digest: str) -> dict[str, Any] | None:
    """The stored answer of an operation that was done before; None: it is new. Raises OperationReused."""
    row = Operation.objects.filter(uid=uid).values_list("actor_id", "digest", "answer").first()
    return stored_answer(row, actor_id=actor_id, digest=digest) if row else None


def stored_answer(row: Sequence[Any], *, actor_id: int, digest: str) -> dict[str, Any]:
    """The answer in an operation's row of (actor_id, digest, answer). Raises OperationReused."""
    by, stood, answer = row
    if by != actor_id or stood != digest:
        raise OperationReused(_("This entry was sent before with other content. Nothing was changed; load the page again."))
    return answer or {}


def store_answer(uid: UUID, *, actor_id: int, digest: str, answer: dict[str, Any]) -> None:
    """Keep the answer in the write's own transaction. A twin that commits first makes this one fail and start again."""
    _STORE.rows(uid, actor_id, digest, dumps(answer), now())


def finish(
    uid: UUID, *, actor_id: int, digest: str, answer: str, subjects: Iterable[tuple[str, int]], kind: str, data: dict[str, Any]
) -> None:
    """The end of an operation: raise_versions, add_to_outbox and store_answer at once. `answer` is JSON already."""
    if connection.vendor == "postgresql":
        _FINISH.rows(by_kind(subjects), kind, dumps(data), uid, actor_id, digest, answer, now())
    else:
        raise_versions(subjects)
        add_to_outbox(kind, **data)
        _STORE.rows(uid, actor_id, digest, answer, now())
