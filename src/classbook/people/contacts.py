"""Addresses and numbers in one spelling each, so that equal ones are equal; and as people read them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

LONGEST = 254


def normalised(kind: str, typed: str, country: str = "") -> str:
    """The address in small letters, the number in E.164; empty when it can be neither.

    `country` (RU, JP) is where a number without its + is dialled.
    """
    # Japanese keyboards write wide figures and signs.
    text = unicodedata.normalize("NFKC", typed[: LONGEST + 1]).strip()
    return _email(text) if kind == "email" else _phone(text, country)


def candidates(typed: str, countries: Iterable[str]) -> tuple[str, list[str]]:
    """Kind and spellings of what somebody typed into one field for both; a number may belong to several countries."""
    kind = "email" if "@" in unicodedata.normalize("NFKC", typed) else "phone"
    found = sorted({value for country in ("", *countries) if (value := normalised(kind, typed, country))})
    # 8 900 ... is dialled in Russia; in Japan nobody has such a number.
    given = [value for value in found if kind == "phone" and phonenumbers.is_valid_number(phonenumbers.parse(value))]
    return kind, given or found


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        return ""
    return text.lower() if len(text) <= LONGEST else ""


def _phone(text: str, country: str) -> str:
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def readable(kind: str, value: str) -> str:
    """+7 900 000-00-01; what is no number stays as it is."""
    if kind != "phone" or not value.startswith("+"):
        return value
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return value
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
