"""Pure rules of delivery: how an address is hidden, when to try again, when a message is too old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

EMAIL, SMS = "email", "sms"
# A delivery is somebody's for so long; when he dies with it, another one takes it up.
LEASE = timedelta(seconds=60)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=2)
# Nobody waits for a code of yesterday; other messages are tried for three days.
URGENT_FOR, PATIENT_FOR = timedelta(minutes=30), timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes: "email" or "sms", and a normalised e-mail address or a number in E.164."""

    channel: str
    value: str


def masked(value: str) -> str:
    """An address that its owner recognises and nobody else learns: m…@example.org, +7…01."""
    name, sign, domain = value.rpartition("@")
    if sign:
        return f"{name[:1]}…@{domain}"
    return f"{value[:2]}…{value[-2:]}" if len(value) > 6 else "…"


def pause_after(attempts: int) -> timedelta:
    """How long to wait after the so many-th try: 5 s, 15 s, 45 s, and so on, never more than two hours."""
    return min(FIRST_PAUSE * 3 ** min(attempts - 1, 10), LONGEST_PAUSE)


def patience(*, urgent: bool) -> timedelta:
    """How long a message is worth sending."""
    return URGENT_FOR if urgent else PATIENT_FOR
