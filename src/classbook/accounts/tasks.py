"""Background work of this package."""

from __future__ import annotations

from django.conf import settings

from classbook.accounts.actions.contacts import forget_old_codes
from classbook.accounts.actions.limits import forget_old_buckets
from classbook.accounts.actions.recovery import answer_requests, forget_old_requests


def run_once() -> int:
    """Answer those who want to get in again; answers how many. Nothing is written while the site is read-only."""
    return 0 if settings.READ_ONLY else answer_requests()


def tidy() -> None:
    """Remove codes, requests and counts that nobody can use any more."""
    forget_old_codes()
    forget_old_requests()
    forget_old_buckets()
