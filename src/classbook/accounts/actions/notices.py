"""Notices about an account, to the addresses that its owner confirmed: what another does with it he must learn."""

from __future__ import annotations

from babel.dates import format_datetime
from django.conf import settings
from django.db import transaction

from classbook.accounts.queries import locale_of
from classbook.common import clock
from classbook.notifications.actions import EMAIL, SMS, Address, send_message
from classbook.people.models import Contact

CHANNEL_OF = {Contact.Kind.EMAIL.value: EMAIL, Contact.Kind.PHONE.value: SMS}


def tell(person_id: int, template: str, values: dict[str, str] | None = None, *, by_sms: bool = True) -> None:
    """To the confirmed e-mail address; where there is none, and `by_sms` lets it, to the number."""
    known = dict(Contact.objects.filter(person_id=person_id).exclude(confirmed_at=None).values_list("kind", "value"))
    email, phone = known.get(Contact.Kind.EMAIL), known.get(Contact.Kind.PHONE)
    if email:
        tell_address(person_id, Contact.Kind.EMAIL, email, template, values)
    elif phone and by_sms:
        tell_address(person_id, Contact.Kind.PHONE, phone, template, values)


@transaction.atomic
def tell_of_new_device(person_id: int, device: str) -> None:
    """Somebody came in on a device that was not used for this account before. By mail alone: it happens often."""
    tell(person_id, "new-device", {"device": device or "–"}, by_sms=False)


def tell_address(person_id: int, kind: str, value: str, template: str, values: dict[str, str] | None = None) -> None:
    """To one address, also one that has just been taken away."""
    locale = locale_of(person_id)
    send_message(
        to=Address(CHANNEL_OF[kind], value),
        template=template,
        locale=locale,
        values={"when": _now_in(locale), **(values or {})},
        person_id=person_id,
    )


def _now_in(locale: str) -> str:
    at = clock.local_now(settings.TIME_ZONE)
    return format_datetime(at, "medium", locale=locale or settings.LANGUAGE_CODE).rpartition(":")[0]
