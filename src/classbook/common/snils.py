"""The checksum of a SNILS, the eleven-digit number that Russia gives to each person."""

from __future__ import annotations

import re

# Up to this number the last two digits are not a checksum.
_LAST_UNCHECKED = 1_001_998


def digits_of(typed: str) -> str:
    """The digits of a number as people write it: 112-034-507 84."""
    return re.sub(r"[\s\-–—.]", "", typed)


def masked(digits: str) -> str:
    """Enough to compare with a paper in the hand, too little to use: •••-•••-507 84."""
    return f"•••-•••-{digits[6:9]} {digits[9:]}" if digits else ""


def is_snils(digits: str) -> bool:
    """Eleven digits whose last two belong to the first nine; the lowest numbers have no checksum."""
    if not re.fullmatch(r"[0-9]{11}", digits):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(9, 0, -1), strict=False))
    return int(digits[:9]) <= _LAST_UNCHECKED or f"{total % 101 % 100:02}" == digits[9:]
