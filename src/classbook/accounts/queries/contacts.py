"""Reads about a person's own addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings

from classbook.accounts.models import ContactCode
from classbook.common import clock
from classbook.common.errors import NotFound
from classbook.notifications.actions import EMAIL, SMS, can_send
from classbook.people.contacts import normalised, readable
from classbook.people.models import Account, Contact, Person
from classbook.schools.access import Actor, actor_for
from classbook.schools.queries import country_of_school_of, locale_of_school_of


@dataclass(frozen=True, slots=True)
class OwnContact:
    """One kind of address as its owner sees it. `noted` is what the school wrote down and nobody has confirmed."""

    kind: str
    confirmed: str
    noted: tuple[str, ...]


def kinds() -> list[str]:
    """The kinds of addresses that this site can reach."""
    found = {Contact.Kind.EMAIL.value: EMAIL, Contact.Kind.PHONE.value: SMS}
    return [kind for kind, channel in found.items() if can_send(channel)]


def can_register() -> bool:
    """May somebody register with an own e-mail address? It is proved by a mail."""
    return "email" in kinds()


def myself(actor: Actor) -> Person:
    """The actor's own row."""
    return Person.objects.get(pk=actor.person_id)


def own_contacts(actor: Actor) -> list[OwnContact]:
    """E-mail and telephone of the actor, as far as this site can reach them."""
    rows = list(Contact.objects.filter(person_id=actor.person_id).order_by("pk").values_list("kind", "value", "confirmed_at"))
    country = country_of(actor.person_id)
    found = []
    for kind in kinds():
        confirmed = next((value for of, value, at in rows if of == kind and at), "")
        spelled = {normalised(kind, value, country) or value for of, value, at in rows if of == kind and not at}
        # An import brings again what was confirmed in another spelling.
        noted = sorted(readable(kind, value) for value in spelled if value != confirmed)
        found.append(OwnContact(kind, readable(kind, confirmed), tuple(noted)))
    return found


def address_in_proof(actor: Actor, kind: str) -> str:
    """The address to which a code is on its way. Raises NotFound when none is."""
    value = ContactCode.objects.filter(person_id=actor.person_id, kind=kind).values_list("value", flat=True).first()
    if value is None:
        raise NotFound
    return value


def needs_password(actor: Actor) -> bool:
    """Has the actor a password that he can be asked for?"""
    account = Account.objects.filter(person_id=actor.person_id).first()
    return account is not None and account.has_usable_password()


def has_confirmed_contact(person_id: int) -> bool:
    """Could the person get in again by himself?"""
    return Contact.objects.filter(person_id=person_id, kind__in=kinds()).exclude(confirmed_at=None).exists()


def asked_from(account: Account) -> date | None:
    """From which day the account's owner is asked for an address; None: not at all."""
    day = account.ask_contact_on
    return day if day and kinds() and not has_confirmed_contact(account.person_id) else None


def country_of(person_id: int) -> str:
    """Where a number without its country is dialled."""
    return country_of_school_of(_actor(person_id))


def locale_of(person_id: int) -> str:
    """The language in which to write to a person who is not there to say it."""
    actor = _actor(person_id)
    return actor.locale or locale_of_school_of(actor) or settings.LANGUAGE_CODE


def _actor(person_id: int) -> Actor:
    return actor_for(person_id, clock.today(settings.TIME_ZONE))
