"""The demo's outbox: what mail and text messages would have told their readers. A real site has no such page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from classbook.common.messages_file import read_messages
from classbook.notifications.rendering import split_links


@dataclass(frozen=True, slots=True)
class Shown:
    """A message; its paragraphs are lists of (piece, is it a link)."""

    at: datetime
    is_email: bool
    to: str
    subject: str
    paragraphs: tuple[tuple[tuple[str, bool], ...], ...]


def demo_outbox(request: HttpRequest) -> HttpResponse:
    """All messages of the demo, the newest first."""
    if not settings.DEMO:
        raise Http404
    shown = [
        Shown(
            message.at,
            message.kind == "email",
            message.to,
            message.subject,
            tuple(tuple(split_links(part)) for part in message.text.split("\n\n")),
        )
        for message in read_messages()
    ]
    return render(request, "account/outbox.html", {"shown": shown})
