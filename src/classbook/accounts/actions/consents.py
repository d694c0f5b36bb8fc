"""Agree to a text, withdraw it. The row says to which words; the audit keeps every step."""

from __future__ import annotations

from typing import Any

from classbook.accounts.models import Consent, ConsentText
from classbook.accounts.queries.consents import text_of
from classbook.common import clock
from classbook.events.actions import record_audit


def agree(person_id: int, kind: str, language: str, *, about: int, other: int | None = None) -> None:
    """The person has read the text of today and agreed. An earlier consent to the same thing ends. The caller has authorised."""
    shown = text_of(kind, language)
    values = {"valid_from": shown.valid_from, "text": shown.text}
    text, _ = ConsentText.objects.get_or_create(kind=kind, language=shown.language, version=shown.version, defaults=values)
    withdraw(person_id, kind, about=about, other=other)
    Consent.objects.create(person_id=person_id, text=text, about_id=about, other_id=other, given_at=clock.now())
    data: dict[str, Any] = {"text": kind, "language": shown.language, "version": shown.version, "other": other}
    record_audit("consent.given", actor_id=person_id, subject=("person", about), **data)


def withdraw(person_id: int, kind: str, *, about: int, other: int | None = None) -> None:
    """What is agreed about the pupil ends; without one there is nothing to do."""
    rows = Consent.objects.filter(person_id=person_id, text__kind=kind, about_id=about, other_id=other, withdrawn_at=None)
    if Consent.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(withdrawn_at=clock.now()):
        record_audit("consent.withdrawn", actor_id=person_id, subject=("person", about), text=kind, other=other)
