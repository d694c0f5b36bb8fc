"""Operations: a write that the client named before sending happens once, however often it is sent (quality.md 7.1)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from classbook.common.clock import now
from classbook.common.errors import Refusal
from classbook.events.models import Operation


class OperationReused(Refusal):
    """The same operation id came with another body or from another person."""


def answer_of(uid: UUID, *, actor_id: int, digest: str) -> dict[str, Any] | None:
    """The stored answer of an operation that was done before; None: it is new. Raises OperationReused."""
    row = Operation.objects.filter(uid=uid).first()
    if row is None:
        return None
    if row.actor_id != actor_id or row.digest != digest:
        raise OperationReused(_("This entry was sent before with other content. Nothing was changed; load the page again."))
    answer: dict[str, Any] = row.answer or {}
    return answer


def store_answer(uid: UUID, *, actor_id: int, digest: str, answer: dict[str, Any]) -> None:
    """Keep the answer in the write's own transaction. A twin that commits first makes this one fail and start again."""
    Operation.objects.create(uid=uid, actor_id=actor_id, digest=digest, answer=answer, created_at=now())
