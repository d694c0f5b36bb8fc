"""How a region lets families in through its portal: pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

NONE, OFFERED, REQUIRED = "none", "offered", "required"


@dataclass(frozen=True, slots=True)
class PortalPolicy:
    """`required_on`: from this day families sign in through the portal; so many days more a password lets in, with a notice."""

    kind: str = OFFERED
    required_on: date | None = None
    grace_days: int = 0

    @property
    def closes_on(self) -> date | None:
        """From this day no password opens a family's diary."""
        return self.required_on + timedelta(days=self.grace_days) if self.required_on else None

    @property
    def is_offered(self) -> bool:
        """Is there a button?"""
        return self.kind != NONE

    def is_closed(self, today: date) -> bool:
        """Is the portal the only way, but for a letter that links?"""
        return self.kind == REQUIRED and self.closes_on is not None and today >= self.closes_on


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A region as its row says; an empty `kind`: as the region above."""

    parent: int | None
    kind: str
    required_on: date | None
    grace_days: int


def policy_of(region: int | None, rows: dict[int, RegionRow]) -> PortalPolicy:
    """What holds in a region: its own word, else that of the region above, else the portal is offered."""
    seen: set[int] = set()
    while region is not None and region in rows and region not in seen:
        row = rows[region]
        if row.kind:
            return PortalPolicy(row.kind, row.required_on, row.grace_days)
        seen.add(region)
        region = row.parent
    return PortalPolicy()
