"""Errors that a person can cause. Each has a sentence; one handler turns them into a page or JSON."""

from __future__ import annotations

from django.db import InterfaceError, InternalError, OperationalError

# The database is full, locked, read-only or away: nothing is wrong with what was asked, and later it will be answered.
UNAVAILABLE = (OperationalError, InterfaceError, InternalError)
# After how many seconds it makes sense to ask again.
RETRY_SECONDS = 15


class Refusal(Exception):
    """A request that is understood and refused. The sentence says what happened, what was kept, what to do next."""

    def __init__(self, sentence: str, *, field: str | None = None, needs: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        # The form field or cell beside which the sentence stands.
        self.field = field
        # What would let the request pass, such as "reason".
        self.needs = needs


class NotFound(Exception):
    """Nothing there for this person: not existing and not allowed are one answer (404)."""


class Conflict(Exception):
    """Somebody else wrote in between (409)."""
