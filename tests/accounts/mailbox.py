"""What arrived: the worker's round, then mail and text messages as their readers see them."""

from __future__ import annotations

import re

from django.core import mail

from classbook.common.messages_file import read_messages
from classbook.notifications.tasks import deliver_waiting


def arrived(to: str) -> list[str]:
    """All messages to an address, subject first, the newest last."""
    while deliver_waiting():
        pass
    mails = [f"{message.subject}\n{message.body}" for message in mail.outbox if to in message.to]
    return mails + [message.text for message in reversed(read_messages()) if message.to == to]


def code_in(text: str) -> str:
    """The figures of a message: six of an address in proof, eight of a way back."""
    found = re.search(r"\b\d{6}\b|\b\d{4} \d{4}\b", text)
    assert found, text
    return found[0].replace(" ", "")
