"""Reads about schools that apply to be connected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from classbook.accounts.models import Invitation, SchoolApplication
from classbook.accounts.queries.letters import account_of, open_letters
from classbook.common import clock
from classbook.schools.models import Region
from classbook.schools.queries import regions_within

State = SchoolApplication.State
# What the clerk has to answer first, then what waits for the school, then what is done.
ORDER = (State.OPEN, State.ASKED, State.GRANTED, State.REFUSED, State.WITHDRAWN)
MOST = 100


@dataclass(frozen=True, slots=True)
class ListedApplication:
    """An application in the region's list."""

    uid: UUID
    number: str
    school: str
    town: str
    pupils: int
    state: str
    at: datetime


def applications_of(region: Region) -> tuple[ListedApplication, ...]:
    """What waits for the clerk, the oldest first; then what waits for the school; then the newest answers. Two queries."""
    rows = SchoolApplication.objects.filter(region_id__in=regions_within(region)).exclude(state=State.NEW)
    fields = ("uid", "number", "school_name", "town", "pupils", "state", "confirmed_at", "closed_at")
    listed = [
        ListedApplication(uid, number, name, town, pupils, state, closed or confirmed)
        for uid, number, name, town, pupils, state, confirmed, closed in rows.order_by("-pk").values_list(*fields)[:MOST]
    ]
    waiting = sorted((row for row in listed if row.state in {State.OPEN, State.ASKED}), key=lambda row: row.at)
    done = sorted((row for row in listed if row.state not in {State.OPEN, State.ASKED}), key=lambda row: row.at, reverse=True)
    return tuple(sorted([*waiting, *done], key=lambda row: ORDER.index(State(row.state))))


def number_of_applications(region: Region) -> int:
    """How many wait for the clerk's answer."""
    return SchoolApplication.objects.filter(region_id__in=regions_within(region), state=State.OPEN).count()


def has_come_in(person_id: int) -> bool:
    """Has the person used a letter, or signed in?"""
    account = account_of(person_id)
    used = Invitation.objects.filter(person_id=person_id, used_at__isnull=False)
    return (account is not None and account.first_used_at is not None) or used.exists()


@dataclass(frozen=True, slots=True)
class LetterState:
    """How far the administrator of a connected school is: "in", "open" (until `at`), "over", or "none"."""

    state: str
    at: datetime | None = None


def letter_state(row: SchoolApplication) -> LetterState:
    """The administrator's first letter."""
    if row.administrator_id is None:
        return LetterState("none")
    if has_come_in(row.administrator_id):
        return LetterState("in")
    letter = open_letters().filter(person_id=row.administrator_id, role=Invitation.Role.STAFF, printed_at__isnull=False).first()
    if letter is not None:
        return LetterState("open" if letter.expires_at > clock.now() else "over", letter.expires_at)
    return LetterState("over" if Invitation.objects.filter(person_id=row.administrator_id).exists() else "none")
