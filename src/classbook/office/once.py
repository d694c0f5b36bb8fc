"""A form that is sent twice (a double click, a page loaded again) is done once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from uuid import UUID

from django.db import IntegrityError, transaction

from classbook.events.operations import answer_of, store_answer


def once(uid: UUID, *, actor_id: int, address: str, work: Callable[[], tuple[str, str]]) -> tuple[str, str]:
    """What `work` answers, (sentence, where to go on); the twin of a form that was sent gets the same answer.

    Raises what the work refuses, and OperationReused for the id of another form.
    """
    digest = hashlib.sha256(address.encode()).hexdigest()
    try:
        with transaction.atomic():
            found = _stored(uid, actor_id, digest)
            if found is None:
                found = work()
                store_answer(uid, actor_id=actor_id, digest=digest, answer={"said": found[0], "to": found[1]})
            return found
    except IntegrityError:
        # The twin came first.
        found = _stored(uid, actor_id, digest)
        if found is None:
            raise
        return found


def _stored(uid: UUID, actor_id: int, digest: str) -> tuple[str, str] | None:
    answer = answer_of(uid, actor_id=actor_id, digest=digest)
    return None if answer is None else (answer["said"], answer["to"])
