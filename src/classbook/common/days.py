"""A day in a sentence, in the reader's language: 19 November 2026, 19 ноября 2026 г., 2026年11月19日."""

from __future__ import annotations

from datetime import date

from babel import Locale
from babel.dates import format_date
from django.utils import translation


def in_words(day: date) -> str:
    """The day with its year; English as the British write it."""
    language = translation.get_language() or "en"
    name = "en-GB" if language == "en" else language
    return format_date(day, "long", locale=Locale.parse(name, sep="-"))
