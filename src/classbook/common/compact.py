"""JSON as statements and operations carry it. A save spells and reads dozens of rows some fifteen times: here by a library that
costs a tenth of Python's own (docs/performance.md)."""

from __future__ import annotations

from typing import Any

import orjson

# Raises ValueError for anything but JSON, also for half of a sign of two halves, which no encoding knows.
loads = orjson.loads


def dumps(value: Any) -> str:
    """The value as compact text; dates and UUIDs as their usual texts. Raises TypeError for what JSON does not know."""
    return orjson.dumps(value).decode()


def dumps_sorted(value: Any) -> str:
    """The same with each object's names in order, so that equal values are equal texts."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
