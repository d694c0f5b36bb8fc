"""The only clock of the product. The demo stands on a school day; tests freeze it; otherwise it is the real one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

# Added to the real time. Zero outside the demo.
_offset = timedelta(0)
# While the demo world is built, every instant is the same, so that the same day makes the same world.
_held: datetime | None = None


def now() -> datetime:
    """This instant, in UTC."""
    return _held or datetime.now(UTC) + _offset


@contextmanager
def held_at(instant: datetime) -> Iterator[None]:
    """Stop the clock at `instant` inside the block (building the demo only)."""
    global _held
    before, _held = _held, instant.astimezone(UTC)
    try:
        yield
    finally:
        _held = before


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name."""
    return ZoneInfo(name)


def local_now(zone_name: str) -> datetime:
    """This instant on the clock of a place."""
    return now().astimezone(zone(zone_name))


def today(zone_name: str) -> date:
    """The date on the calendar of a place."""
    return local_now(zone_name).date()


def stand_on(instant: datetime, *, since: datetime | None = None) -> None:
    """Shift the clock so that it showed `instant` at the real time `since`, else now, and goes on from there (demo only)."""
    global _offset
    _offset = instant.astimezone(UTC) - (since or datetime.now(UTC))
