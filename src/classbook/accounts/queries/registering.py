"""Reads of registering oneself."""

from __future__ import annotations

from uuid import UUID

from classbook.accounts.models import Registration
from classbook.common.errors import NotFound
from classbook.people.models import Account, Contact


def belongs_to_another(email: str, person_id: int) -> bool:
    """Is the address somebody else's login, or confirmed by somebody else?"""
    is_login = Account.objects.filter(login__iexact=email).exclude(person_id=person_id).exists()
    confirmed = Contact.objects.filter(kind=Contact.Kind.EMAIL, value=email).exclude(confirmed_at=None)
    return confirmed.exclude(person_id=person_id).exists() or is_login


def address_of(uid: UUID) -> str:
    """The address that was given, as its giver sees it. Raises NotFound."""
    found = Registration.objects.filter(uid=uid).values_list("email", flat=True).first()
    if found is None:
        raise NotFound
    return found
