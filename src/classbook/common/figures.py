"""Codes of figures that are sent to somebody and typed again."""

from __future__ import annotations

import secrets


def by_lot(length: int) -> str:
    """A code of so many figures."""
    return f"{secrets.randbelow(10**length):0{length}}"


def as_meant(typed: str, length: int) -> str:
    """The figures that were typed, with whatever between them, wide ones of Japanese keyboards too; empty unless so many."""
    figures = "".join(sign for sign in typed if sign.isdecimal())
    return f"{int(figures):0{length}}" if len(figures) == length else ""
