"""What can be said without asking anybody: shapes of documents, ages, what a level needs."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

import phonenumbers

# Younger children have a simplified account and no other.
OWN_ACCOUNT_AGE = 14
# What a client can ask for.
SCOPES = ("openid", "profile", "birthdate", "snils", "email", "phone")
# What a client may not do without; the citizen can refuse the others one by one.
NEEDED = frozenset({"openid", "profile", "birthdate", "snils"})


def snils_digits(typed: str) -> str:
    """The digits of what was typed; spaces and dashes do not matter."""
    return re.sub(r"[\s\-‐‑–—]", "", unicodedata.normalize("NFKC", typed))


def snils_shown(digits: str) -> str:
    """112-233-445 95."""
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}" if digits else ""


def snils_masked(digits: str) -> str:
    """•••-•••-445 ••: enough to recognise the own number, too little to use it."""
    return f"•••-•••-{digits[6:9]} ••" if digits else ""


def passport_digits(typed: str) -> str:
    """Series and number without spaces and signs between."""
    return re.sub(r"[\s\-№]", "", unicodedata.normalize("NFKC", typed).replace("No", ""))


def passport_masked(digits: str) -> str:
    """•••• ••••56."""
    return f"•••• ••••{digits[-2:]}" if digits else ""


def phone_number(typed: str, region: str = "RU") -> str:
    """The number as E.164, or empty when there is no such number. Without a country it is one of the region."""
    text = re.sub(r"[^\d+]", "", unicodedata.normalize("NFKC", typed))
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    # The demo's 900 555-01-xx belong to nobody, so only the length is asked.
    return (
        phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if phonenumbers.is_possible_number(parsed) else ""
    )


def contact_masked(address: str) -> str:
    """m•••@example.org, +7 ••• •••-42."""
    if "@" in address:
        name, _, host = address.partition("@")
        return f"{name[:1]}•••@{host}"
    return f"{address[:2]} ••• •••-{address[-2:]}" if address else ""


def comparable(name: str) -> str:
    """A name as registers compare it: case, ё and spaces at the ends do not matter, every other letter does."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().replace("ё", "е").split())


def age_on(born: date, day: date) -> int:
    """Full years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def is_small(born: date, day: date) -> bool:
    """Too young for more than a simplified account."""
    return age_on(born, day) < OWN_ACCOUNT_AGE


def full_name(family: str, given: str, middle: str = "") -> str:
    """Белова Марина Игоревна."""
    return " ".join(part for part in (family, given, middle) if part)
