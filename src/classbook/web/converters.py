"""Parts of addresses."""

from __future__ import annotations

from datetime import date

from django.urls import register_converter


class IsoDate:
    """A calendar date; anything that is none is an unknown address."""

    regex = r"(?:19|20)\d{2}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(IsoDate, "iso")
