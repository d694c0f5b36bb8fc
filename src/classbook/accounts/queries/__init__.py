"""Reads about accounts and devices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from classbook.accounts.queries.contacts import country_of, locale_of, myself, needs_password
from classbook.common.clock import now
from classbook.people.models import Account, Session
from classbook.people.rules import list_name
from classbook.people.sessions import hash_of
from classbook.schools.access import Actor

__all__ = ["Device", "country_of", "devices_of", "locale_of", "myself", "name_of_login", "names_of_logins", "needs_password"]


@dataclass(frozen=True, slots=True)
class Device:
    """One signed-in device. `name` is empty when the browser did not say what it is."""

    key_hash: str
    name: str
    since: datetime
    seen_at: datetime
    shared: bool
    is_this_one: bool


def devices_of(actor: Actor, session_key: str | None) -> list[Device]:
    """The devices on which the actor is signed in, this one first."""
    here = hash_of(session_key) if session_key else ""
    rows = Session.objects.filter(person_id=actor.person_id, expires_at__gt=now()).order_by("-seen_at")
    found = [
        Device(row.key_hash, row.device, row.created_at, row.seen_at, row.shared_computer, row.key_hash == here) for row in rows
    ]
    return sorted(found, key=lambda device: not device.is_this_one)


def name_of_login(login: str) -> str:
    """The name of the person who signs in with it."""
    return names_of_logins([login])[login]


def names_of_logins(logins: Iterable[str]) -> dict[str, str]:
    """The names of the persons who sign in with them, as in a list."""
    rows = Account.objects.filter(login__in=list(logins)).values_list("login", "person__family_name", "person__given_name")
    return {login: list_name(family, given) for login, family, given in rows}
