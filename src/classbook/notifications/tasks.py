"""Background work of this package."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from typing import Protocol

from django.conf import settings

from classbook.notifications import actions
from classbook.notifications.channels import Failed, Undeliverable
from classbook.notifications.channels.email import EmailChannel
from classbook.notifications.channels.sms import SmsChannel
from classbook.notifications.models import Delivery

# Between two rounds the worker looks after its other work.
AT_ONCE = 50
log = logging.getLogger(__name__)


class Channel(Protocol):
    def send(self, delivery: Delivery) -> None: ...

    def close(self) -> None: ...


CHANNELS: dict[str, type[Channel]] = {"email": EmailChannel, "sms": SmsChannel}


def deliver_waiting() -> int:
    """Send what waits; answers how many messages were tried. A channel that fails rests until the next round."""
    if settings.READ_ONLY:
        return 0
    tried = 0
    failed: set[str] = set()
    opened: dict[str, Channel] = {}
    with ExitStack() as stack:
        for delivery in actions.claimed_deliveries(AT_ONCE, failed):
            tried += 1
            if delivery.channel not in opened:
                opened[delivery.channel] = CHANNELS[delivery.channel]()
                stack.callback(opened[delivery.channel].close)
            if not _deliver(opened[delivery.channel], delivery):
                failed.add(delivery.channel)
    return tried


def _deliver(channel: Channel, delivery: Delivery) -> bool:
    """False when the channel itself seems to be out of order."""
    if actions.is_stale(delivery):
        actions.give_up(delivery, delivery.error or "too old")
        return True
    try:
        channel.send(delivery)
    except Undeliverable as error:
        log.warning("Message %s (%s) cannot be delivered: %s", delivery.pk, delivery.kind, error)
        actions.give_up(delivery, str(error))
        return True
    except Failed as error:
        log.warning("Message %s (%s) waits: %s", delivery.pk, delivery.kind, error)
        actions.put_back(delivery, str(error))
        return False
    actions.note_sent(delivery)
    return True
