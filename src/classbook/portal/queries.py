"""Reads, shaped for the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from allauth.idp.oidc.models import Client
from django.db.models import Q, QuerySet

from classbook.common.clock import now
from classbook.common.errors import NotFound
from classbook.common.snils import is_snils
from classbook.portal.models import Child, Citizen, Consent, Deed, Message, Proof
from classbook.portal.rules import comparable, phone_number, snils_digits


def citizen_behind(typed: str) -> Citizen | None:
    """Whose account a login, a confirmed e-mail or telephone, or a checked SNILS is."""
    text = typed.strip()
    if "@" in text:
        return Citizen.objects.filter(email=text.lower(), email_confirmed_at__isnull=False).first()
    digits = snils_digits(text)
    if is_snils(digits):
        found = Citizen.objects.filter(snils=digits, snils_checked_at__isnull=False).first()
        if found is not None:
            return found
    number = phone_number(text) if digits.lstrip("+").isdigit() else ""
    if number:
        return Citizen.objects.filter(phone=number, phone_confirmed_at__isnull=False).first()
    return Citizen.objects.filter(login=text.lower()).first()


def citizen_with_contact(address: str) -> Citizen | None:
    """Whose confirmed e-mail or telephone this is."""
    column = "email" if "@" in address else "phone"
    return Citizen.objects.filter(**{column: address, f"{column}_confirmed_at__isnull": False}).first()


def owner_of_snils(snils: str, *, but: Citizen | None = None) -> Citizen | None:
    """Who has proved that this number is his."""
    found = Citizen.objects.filter(snils=snils, snils_checked_at__isnull=False) if snils else Citizen.objects.none()
    return (found.exclude(pk=but.pk) if but else found).first()


def children_of(parent: Citizen) -> list[Child]:
    """With the accounts that were made for them."""
    return list(parent.children.select_related("account").order_by("birth_date", "pk"))


def child_of(parent: Citizen, pk: int) -> Child:
    """A child of this parent's list. Raises NotFound for anybody else's."""
    found = parent.children.select_related("account").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of the page of sign-ins and changes."""

    at: datetime
    kind: str
    device: str
    address: str
    by_other: bool


def deeds_of(citizen: Citizen, most: int = 50) -> list[Happened]:
    """What happened to the account, newest first."""
    rows = Deed.objects.filter(citizen_id=citizen.pk).order_by("-at", "-pk")[:most]
    return [
        Happened(
            row.at, row.kind, row.data.get("device", ""), row.data.get("address", ""), row.actor_id not in (None, citizen.pk)
        )
        for row in rows
    ]


def open_proof(citizen: Citizen) -> Proof | None:
    """The code at the service centre that is still good."""
    return Proof.objects.filter(citizen=citizen, used_at=None, expires_at__gt=now()).first()


@dataclass(frozen=True, slots=True)
class Permission:
    """A consent with the client's name."""

    pk: int
    client: str
    scopes: tuple[str, ...]
    given_at: datetime
    revoked_at: datetime | None


def permissions_of(citizen: Citizen) -> list[Permission]:
    """Open ones first, then the revoked ones."""
    rows = citizen.consents.select_related("client").order_by("revoked_at", "-given_at")
    found = [Permission(row.pk, row.client.name, tuple(row.scopes), row.given_at, row.revoked_at) for row in rows]
    return sorted(found, key=lambda permission: permission.revoked_at is not None)


def open_consent(citizen: Citizen, client: Client) -> Consent | None:
    """What this citizen allows this client now."""
    return Consent.objects.filter(citizen=citizen, client=client, revoked_at=None).first()


def client_called(client_id: str) -> Client | None:
    """A registered client."""
    return Client.objects.filter(pk=client_id).first()


def clients() -> QuerySet[Client]:
    return Client.objects.order_by("name")


@dataclass(frozen=True, slots=True)
class Found:
    """A person as the service centre or the support sees him in a list."""

    uid: UUID
    name: str
    birth_date: date
    level: str


def find_people(*, snils: str = "", family: str = "", born: date | None = None) -> list[Found]:
    """By the whole SNILS, or by surname and birth date together; never by less."""
    wanted = Q(snils=snils) if snils else Q(birth_date=born)
    rows: list[Citizen] = list(Citizen.objects.filter(wanted, duty="", is_active=True).order_by("pk"))
    if not snils:
        # A few hundred people share a birthday; letter case and ё differ between databases and documents.
        rows = [row for row in rows if comparable(row.family_name) == comparable(family)]
    return [
        Found(row.uid, f"{row.family_name} {row.given_name} {row.middle_name}".strip(), row.birth_date, row.level) for row in rows
    ]


def person_by_uid(uid: UUID) -> Citizen:
    """A citizen for the service centre or the support. Raises NotFound; staff are not found either."""
    found = Citizen.objects.filter(uid=uid, duty="", is_active=True).first()
    if found is None:
        raise NotFound
    return found


def messages_sent(most: int = 100) -> list[Message]:
    """For the demo's page of messages."""
    return list(Message.objects.order_by("-pk")[:most])


def names_of_logins(logins: list[str]) -> dict[str, str]:
    """For the table of the demo."""
    rows: list[Any] = list(Citizen.objects.filter(login__in=logins))
    return {row.login: f"{row.family_name} {row.given_name}" for row in rows}
