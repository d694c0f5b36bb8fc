"""Write a message in the transaction of what it tells; take it, send it once, empty it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.crypto import salted_hmac

from classbook.common.clock import now
from classbook.events.models import OutboxEvent
from classbook.notifications.models import Delivery
from classbook.notifications.rendering import words_of
from classbook.notifications.rules import EMAIL, LEASE, SMS, Address, masked, patience, pause_after

__all__ = ["EMAIL", "SMS", "Address", "can_send", "send_message"]
# Kind of the outbox events that are messages to one person.
KIND = "message"
KEPT = timedelta(days=30)


def can_send(channel: str) -> bool:
    """Has this site a way out for "email" or "sms"? Pages offer only what it has."""
    return channel in settings.CHANNELS


def send_message(
    *,
    to: Address,
    template: str,
    locale: str,
    values: dict[str, str],
    person_id: int | None = None,
    school_id: int | None = None,
    urgent: bool = False,
) -> None:
    """Tell one address something, with the transaction: rolled back it is never sent, committed it is never lost.

    `template` is a file of templates/messages, `values` fill it. The worker sends it about a second after the commit; `urgent`
    goes first and is dropped after half an hour (codes). Does nothing where the site has no such channel (`can_send`).
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A message belongs into the transaction of what it tells.")
    words = words_of(template, locale, values)
    if not can_send(to.channel):
        return
    at = now()
    event = OutboxEvent.objects.create(kind=KIND, data={"kind": template}, created_at=at, dispatched_at=at)
    Delivery.objects.create(
        event=event,
        channel=to.channel,
        recipient=recipient_of(to),
        address=to.value,
        kind=template,
        locale=locale,
        subject=words.subject if to.channel == EMAIL else "",
        text=words.text if to.channel == EMAIL else words.sms,
        urgent=urgent,
        person_id=person_id,
        school_id=school_id,
        created_at=at,
        deliver_after=at,
    )


def recipient_of(to: Address) -> str:
    """Equal for equal addresses and of no use to whoever steals the table."""
    return salted_hmac("classbook.notifications", f"{to.channel}:{to.value}", algorithm="sha256").hexdigest()


def claimed_deliveries(most: int, skip: Collection[str]) -> Iterator[Delivery]:
    """What waits, urgent first, each taken just before it is handed out; channels in `skip` wait for the next time."""
    at = now()
    free = Q(claimed_until=None) | Q(claimed_until__lte=at)
    waiting = Delivery.objects.filter(free, sent_at=None, given_up_at=None, deliver_after__lte=at)
    for pk in waiting.order_by("-urgent", "deliver_after", "pk").values_list("pk", flat=True)[:most]:
        # A conditional update takes the row on both engines; SQLite has no SKIP LOCKED.
        mine = Delivery.objects.filter(free, pk=pk, sent_at=None, given_up_at=None).exclude(channel__in=skip)
        if mine.update(claimed_until=now() + LEASE, attempts=F("attempts") + 1):
            yield Delivery.objects.get(pk=pk)


def is_stale(delivery: Delivery) -> bool:
    """Would nobody be helped by it any more?"""
    return now() - delivery.created_at > patience(urgent=delivery.urgent)


def note_sent(delivery: Delivery) -> None:
    """It has left: the words go, kind, time and the hidden address stay."""
    _close(delivery, sent_at=now(), error="")


def give_up(delivery: Delivery, error: str) -> None:
    """It will never arrive: nobody can receive it, or it is too old."""
    _close(delivery, given_up_at=now(), error=error[:200])


def _close(delivery: Delivery, **values: object) -> None:
    _mine(delivery).update(address=masked(delivery.address), subject="", text="", claimed_until=None, **values)


def put_back(delivery: Delivery, error: str) -> None:
    """It did not work this time: again after a pause."""
    _mine(delivery).update(claimed_until=None, deliver_after=now() + pause_after(delivery.attempts), error=error[:200])


def _mine(delivery: Delivery) -> QuerySet[Delivery]:
    # Whoever took it up after the lease has another time in the row.
    return Delivery.objects.filter(pk=delivery.pk, claimed_until=delivery.claimed_until, sent_at=None, given_up_at=None)


def forget_old_messages() -> int:
    """Remove the messages of more than a month ago, with their deliveries; answers how many rows."""
    return OutboxEvent.objects.filter(kind=KIND, created_at__lt=now() - KEPT).delete()[0]
