"""Messages as lines of a file instead of mail and text messages: for the demo, which shows them, and for trying things out."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from classbook.common.clock import now

# The page of the demo shows this many; older lines stay in the file.
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it left: `kind` is "email" or "sms"; a text message has no subject."""

    at: datetime
    kind: str
    to: str
    subject: str
    text: str


def write_message(kind: str, to: str, text: str, *, subject: str = "") -> None:
    """Add a message to the file; whole, also when several processes write."""
    line = json.dumps(asdict(Message(now(), kind, to, subject, text)), ensure_ascii=False, default=datetime.isoformat)
    with os.fdopen(os.open(_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(line + "\n")


def read_messages() -> list[Message]:
    """The latest messages, the newest first."""
    path = _file()
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = [json.loads(line) for line in lines[-SHOWN:] if line]
    return [Message(**row | {"at": datetime.fromisoformat(row["at"])}) for row in reversed(rows)]


def _file() -> Path:
    found: Path = settings.MESSAGES_FILE
    return found


class EmailBackend(BaseEmailBackend):
    """Django's door to the file."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            write_message("email", ", ".join(message.recipients()), str(message.body), subject=str(message.subject))
        return len(email_messages)
