"""The SNILS checksum by its published vectors, and how names, telephones and documents are read."""

from __future__ import annotations

from datetime import date

import pytest

from classbook.common.snils import is_snils
from classbook.portal.rules import (
    age_on,
    comparable,
    contact_masked,
    is_small,
    passport_digits,
    phone_number,
    snils_digits,
    snils_masked,
)

VALID = [
    "112-233-445 95", "087-654-303 00", "123-456-789 64", "001-001-999 65", "342-932-447 76", "182-818-668 08",
    "689-169-232 65", "100-018-998 99", "100-018-999 00", "100-028-889 00", "100-028-987 00", "102-889-999 00",
    "102-899-995 00", "999-999-999 01", "001-001-998 00", "001-001-998 77", "11223344595", "112 233 445 95", "１１２-233-445 95",
]  # fmt: skip
INVALID = ["112-233-445 96", "123-456-789 01", "001-001-999 00", "987-654-321 98", "112-233-445", "112-233-445 955", "", "abc"]


@pytest.mark.parametrize("typed", VALID)
def test_snils_is_right(typed: str) -> None:
    assert is_snils(snils_digits(typed))


@pytest.mark.parametrize("typed", INVALID)
def test_snils_is_wrong(typed: str) -> None:
    assert not is_snils(snils_digits(typed))


def test_one_wrong_digit_is_always_found() -> None:
    number = "11223344595"
    for place in range(9):
        for digit in "0123456789":
            changed = number[:place] + digit + number[place + 1 :]
            assert is_snils(changed) is (changed == number)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+7 900 555-01-42", "+79005550142"), ("8 (900) 555-01-42", "+79005550142"), ("9005550142", "+79005550142"),
        ("+81 90-1234-5678", "+819012345678"), ("+1 212 555 0100", "+12125550100"), ("12", ""), ("no", ""), ("", ""),
    ],
)  # fmt: skip
def test_telephones_are_kept_in_one_form(typed: str, number: str) -> None:
    assert phone_number(typed) == number


def test_names_compare_by_every_letter() -> None:
    assert comparable(" Семёнова ") == comparable("СЕМЕНОВА")
    assert comparable("Наталия") != comparable("Наталья")


def test_ages() -> None:
    assert age_on(date(2012, 2, 29), date(2026, 2, 28)) == 13
    assert is_small(date(2012, 2, 29), date(2026, 2, 28))
    assert not is_small(date(2012, 2, 29), date(2026, 3, 1))


def test_what_is_masked_cannot_be_used() -> None:
    assert snils_masked("11223344595") == "•••-•••-445 ••"
    assert contact_masked("marina@example.org") == "m•••@example.org"
    assert contact_masked("+79005550142") == "+7 ••• •••-42"
    assert passport_digits("05 12 № 345678") == "0512345678"
