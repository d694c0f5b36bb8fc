"""Background work of this package."""

from __future__ import annotations

from django.conf import settings

from classbook.accounts.actions.applying import forget_old_applications
from classbook.accounts.actions.contacts import forget_old_codes
from classbook.accounts.actions.limits import forget_old_buckets
from classbook.accounts.actions.old_logins import forget_old_passwords
from classbook.accounts.actions.recovery import answer_requests, forget_old_requests
from classbook.accounts.actions.registering import answer_registrations, forget_old_registrations


def run_once() -> int:
    """Answer those who want to get in again or register; answers how many. Nothing is written while the site is read-only."""
    return 0 if settings.READ_ONLY else answer_requests() + answer_registrations()


def tidy() -> None:
    """Remove codes, requests and counts that nobody can use any more."""
    forget_old_codes()
    forget_old_applications()
    forget_old_requests()
    forget_old_registrations()
    forget_old_passwords()
    forget_old_buckets()
