"""SMS and e-mail. A message is a row, written with the deed it speaks of; it leaves after the answer, so that no page waits for
a gateway and nobody learns from the time whether there was something to send."""

from __future__ import annotations

import json
import logging
import threading
import urllib.request
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import connection, transaction
from django.db.models import F

from classbook.common.clock import now
from classbook.portal.models import Message

logger = logging.getLogger(__name__)
MOST_TRIES = 5
TIMEOUT_SECONDS = 10


def post(address: str, subject: str, text: str) -> None:
    """Write a message; it leaves when the transaction has been stored. Without an address nothing happens."""
    if not address:
        return
    row = Message.objects.create(channel="email" if "@" in address else "sms", address=address, subject=subject, text=text)
    if settings.MESSAGES != "outbox":
        transaction.on_commit(lambda: _later(row.pk))


def _later(pk: int) -> None:
    threading.Thread(target=_in_thread, args=(pk,), daemon=True).start()


def _in_thread(pk: int) -> None:
    try:
        deliver(pk)
    finally:
        connection.close()


def deliver(pk: int) -> None:
    """Send one message; a failure is tried again by `classbook portal tidy`."""
    taken = Message.objects.filter(pk=pk, sent_at=None, tries__lt=MOST_TRIES).update(tries=F("tries") + 1)
    if not taken:
        return
    row = Message.objects.get(pk=pk)
    try:
        TRANSPORTS[settings.MESSAGES](row)
    except Exception as error:
        # Neither the address nor the text go into the log.
        logger.warning("Message %s did not leave: %s", pk, type(error).__name__)
        return
    # A code in clear is not kept longer than it takes to send it.
    Message.objects.filter(pk=pk).update(sent_at=now(), text="")


def waiting() -> list[int]:
    """Messages that have not left yet."""
    return list(Message.objects.filter(sent_at=None, tries__lt=MOST_TRIES).values_list("pk", flat=True))


def _print(row: Message) -> None:
    print(f"[{row.channel} to {row.address}] {row.subject}\n{row.text}\n", flush=True)


def _send(row: Message) -> None:
    if row.channel == "email":
        send_mail(row.subject, row.text, None, [row.address])
        return
    if not settings.SMS_GATEWAY.startswith("https://"):
        raise ValueError("PORTAL_SMS_GATEWAY is not set to an https address")
    body = json.dumps({"to": row.address, "text": row.text}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {settings.SMS_TOKEN}"}
    request = urllib.request.Request(settings.SMS_GATEWAY, body, headers)  # noqa: S310 - https, checked above
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
        pass


TRANSPORTS: dict[str, Any] = {"console": _print, "gateway": _send, "outbox": lambda row: None}
