"""Codes of letters, logins made out of names, and passwords that are too easy to guess: pure functions."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from classbook.people.rules import adult_if_born_by

# Signs that look alike in no alphabet and that a Latin and a Russian keyboard both have: 18^12 = 50 bits.
SIGNS = "23456789ACEHKMPTXY"
LENGTH, GROUP = 12, 4
VALID_DAYS = 14
# Wrong birth dates after which a letter is dead.
MOST_TRIES = 5
SHORTEST = 10

# What people type for a sign of the code: its shape in another alphabet (Cyrillic, Greek), or a look-alike.
_SHAPES = {
    "A": "АΑ", "C": "С", "E": "ЕЁΕ", "H": "НΗ", "K": "КΚ", "M": "МΜ", "P": "РΡ", "T": "ТΤ", "X": "ХΧ", "Y": "УΥ",
    "2": "Z", "3": "З", "4": "Ч", "5": "SЅ", "6": "БG", "8": "BВΒ",
}  # fmt: skip
_ALIKE = {ord(shape): sign for sign, shapes in _SHAPES.items() for shape in shapes}
# Beside every dash and space there is: what Japanese keyboards write for one.
_BETWEEN = frozenset("ー−_.·・'’`")


def code_from(key: bytes, seed: str) -> str:
    """The code that the seed gives under the server's key: 12 evenly spread signs."""
    number = int.from_bytes(hmac.digest(key, f"code:{seed}".encode(), hashlib.sha256), "big")
    signs = []
    # 256 bits against 50: the remainder's lean is far below anything that could be measured.
    for _ in range(LENGTH):
        number, place = divmod(number, len(SIGNS))
        signs.append(SIGNS[place])
    return "".join(signs)


def hash_of_code(key: bytes, code: str) -> str:
    """What is stored of a code."""
    return hmac.new(key, f"stored:{code}".encode(), hashlib.sha256).hexdigest()


def spaced(code: str) -> str:
    """K7AH-2M9T-X4PC, as it is printed."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def folded(typed: str) -> str:
    """The code that was meant, whatever keyboard it was typed on; empty when no code can have been meant."""
    # A long text is no code; folding it would only cost time.
    text = unicodedata.normalize("NFKC", typed[:80]).upper().translate(_ALIKE)
    signs = "".join(sign for sign in text if sign not in _BETWEEN and unicodedata.category(sign)[0] not in "ZPC")
    return signs if len(signs) == LENGTH and set(signs) <= set(SIGNS) else ""


def is_of_full_age(born: date | None, today: date) -> bool:
    """Eighteen or older; not when the birth date is unknown."""
    return born is not None and born <= adult_if_born_by(today)


_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "y", "к": "k",
    "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts",
    "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya", "і": "i", "ї": "i", "є": "e",
    "ґ": "g", "ў": "u", "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i",
}  # fmt: skip
LOGIN_ROOM = 40


def in_latin(name: str) -> str:
    """The name in small Latin letters; empty for scripts that have no plain spelling in it."""
    small = "".join(_CYRILLIC.get(sign, sign) for sign in unicodedata.normalize("NFC", name.casefold()))
    return re.sub(r"[^a-z]", "", unicodedata.normalize("NFKD", small))


def login_from(family: str, given: str) -> str:
    """belova.m; empty when the name does not give one."""
    last, first = in_latin(family), in_latin(given)
    return f"{last[:LOGIN_ROOM]}.{first[0]}" if len(last) > 1 and first else ""


# The Russian keyboard's letters by their keys: a password is as easy to guess on either layout.
_KEYS = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбю", "qwertyuiop[]asdfghjkl;'zxcvbnm,.")
_RUNS = ("01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv", "1q2w3e4r5t6y")
_EVERYBODYS = ("classbook", "password", "parol", "пароль", "дневник", "журнал", "школа", "school", "diary", "パスワード")
# What has to be left of a password without what others know.
LEAST_LEFT, LEAST_SIGNS = 6, 5
SHORTEST_WORD = 4


def is_obvious(password: str, words: Iterable[str]) -> bool:
    """Could somebody who knows the person guess it: names, school, birth dates, runs of keys, few signs?"""
    small = unicodedata.normalize("NFKC", password).casefold()
    if len(set(small)) < LEAST_SIGNS:
        return True
    known = {word.casefold() for word in (*words, *_EVERYBODYS)}
    known |= {in_latin(word) for word in known} | {word.translate(_KEYS) for word in known}
    known = {word for word in known if len(word) >= SHORTEST_WORD or (word and not word.isascii() and len(word) >= 2)}
    return any(len(_without(text, known)) < LEAST_LEFT for text in (small, small.translate(_KEYS)))


def _without(text: str, known: set[str]) -> str:
    """What is left when known words, runs of keys and repeated signs are taken out."""
    for word in sorted(known, key=len, reverse=True):
        text = text.replace(word, " ")
    for run in (*_RUNS, *(run[::-1] for run in _RUNS)):
        for length in range(len(run), 3, -1):
            for at in range(len(run) - length + 1):
                text = text.replace(run[at : at + length], " ")
    return re.sub(r"(.)\1{2,}|\s", "", text)


def dates_as_typed(day: date) -> tuple[str, ...]:
    """The ways in which people put a date into a password."""
    year, month, number = f"{day.year}", f"{day.month:02}", f"{day.day:02}"
    return (
        *(number + month + year, year + month + number, number + month + year[2:]),
        *(f"{number}.{month}.{year}", f"{year}-{month}-{number}", number + month, year),
    )


def by_grade(name: str) -> tuple[int, str]:
    """Sorts 2А before 10А."""
    number = re.match(r"\d+", name)
    return (int(number.group()) if number else 0, name)


# Codes of an app: a step is half a minute; a telephone's clock may be one step off.
STEP_SECONDS, STEPS_OFF = 30, 1
# How long after the first sign-in a second factor may wait where one is required.
GRACE_DAYS = 14
# A proof that the owner sits there counts for so long.
PROOF_MINUTES = 15


def step_of_code(secret: str, figures: str, at: float) -> int | None:
    """The half minute (counted from 1970) whose code this is, near the Unix time `at`; None: of none."""
    here = int(at) // STEP_SECONDS
    for step in range(here - STEPS_OFF, here + STEPS_OFF + 1):
        if figures and hmac.compare_digest(figures, format_hotp_value(hotp_value(secret, step))):
            return step
    return None


def required_on(begins: date | None, first_used: date) -> date:
    """From which day a second factor is required: of a new sign-in not before its grace is over, of none before `begins`."""
    grace = first_used + timedelta(days=GRACE_DAYS)
    return max(grace, begins) if begins else grace
