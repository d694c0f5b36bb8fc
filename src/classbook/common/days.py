"""Days: one in a sentence, and whether a stretch of time holds it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from babel import Locale
from babel.dates import format_date
from django.utils import translation


def in_words(day: date) -> str:
    """19 November 2026, 19 ноября 2026 г., 2026年11月19日: in the reader's language, English as the British write it."""
    language = translation.get_language() or "en"
    name = "en-GB" if language == "en" else language
    return format_date(day, "long", locale=Locale.parse(name, sep="-"))


Spans = Iterable[tuple[date, date | None]]


def within(spans: Spans, day: date) -> bool:
    """Does one of the stretches hold the day? Each is (first day, last day or None: still going on)."""
    for first, last in spans:  # noqa: SIM110 - a generator costs more than the answer
        if first <= day and (last is None or day <= last):
            return True
    return False
