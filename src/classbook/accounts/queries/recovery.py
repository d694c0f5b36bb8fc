"""Reads of getting in again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from classbook.accounts.models import RecoveryRequest
from classbook.common.errors import NotFound
from classbook.people.contacts import readable
from classbook.people.models import Account, Contact

# A mailbox that more people than a large family confirmed is an office's: the message would be a list of logins.
MOST_OWNERS = 12


@dataclass(frozen=True, slots=True)
class Owners:
    """Who confirmed an address, as (person id, login): those who may get in, and those whose account has ended."""

    active: tuple[tuple[int, str], ...]
    ended: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link that holds: whose password it sets."""

    person_id: int
    login: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the one who made it sees it: the address as he wrote it, whether or not it belongs to anybody."""

    uid: UUID
    is_email: bool
    address: str


def owners_of(kind: str, value: str) -> Owners:
    """The accounts that an address lets in."""
    confirmed = Contact.objects.filter(kind=kind, value=value).exclude(confirmed_at=None)
    accounts = Account.objects.filter(person__in=confirmed.values("person")).order_by("login")[:MOST_OWNERS]
    rows = [(account.is_active, (account.person_id, account.login)) for account in accounts]
    return Owners(tuple(who for active, who in rows if active), tuple(who for active, who in rows if not active))


def asked(uid: UUID) -> Asked:
    """What was asked. Raises NotFound."""
    request = RecoveryRequest.objects.filter(uid=uid).first()
    if request is None:
        raise NotFound
    return Asked(request.uid, request.kind == Contact.Kind.EMAIL, readable(request.kind, request.values[0]))
