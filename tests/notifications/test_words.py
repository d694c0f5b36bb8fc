"""Every kind of message in every language and both forms."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db.transaction import TransactionManagementError
from jinja2 import UndefinedError

from classbook.accounts import actions
from classbook.accounts.actions import factors
from classbook.common.catalogues import LANGUAGES
from classbook.notifications.actions import EMAIL, Address, send_message
from classbook.notifications.rendering import html_of, kinds, split_links, words_of

# What each kind is filled with.
WHEN = {"when": "19 Nov 2026, 12:40"}
APPLICATION = {"school": "Школа № 3", "link": "https://x.example/schools/apply/12345678~y/"}
VALUES: dict[str, dict[str, str]] = {
    **{f"access-{kind}": WHEN | {"school": "Школа № 12"} for kind in ("granted", "question", "refused")},
    "application-code": APPLICATION | {"number": "1234 5678", "code": "8765 4321"},
    "application-granted": APPLICATION,
    "application-new": APPLICATION | WHEN,
    "application-question": APPLICATION | {"question": "Сколько классов?"},
    "application-refused": APPLICATION | {"reason": "Школа закрывается."},
    "contact-code": {"code": "123456"},
    "contact-removed": WHEN,
    "contact-replaced": WHEN,
    "contact-void": WHEN,
    "factor": WHEN | {"what": "factor.printed:codes"},
    "new-device": WHEN | {"device": "Firefox, Android"},
    "password-changed": WHEN,
    "portal-linked": WHEN,
    "portal-unlinked": WHEN,
    "trust-accepted": WHEN | {"person": "Нина Белова"},
    "trust-invitation": {"inviter": "Марина Белова", "code": "K7AH-2M9T-X4PC"},
    "recovery": {"entries": "Your login: belova.m\nlink https://x.example/y/", "short": "login belova.m, code 123456"},
    "recovery-ended": {"logins": "belova.m"},
    "registration": {"login": "belova@example.org", "link": "https://x.example/in/own/link/y/"},
    "registration-taken": {},
}


def test_every_kind_is_tested() -> None:
    assert kinds() == sorted(VALUES)


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("kind", VALUES)
def test_a_kind_says_something_everywhere(kind: str, locale: str) -> None:
    words = words_of(kind, locale, VALUES[kind])
    for said in (words.subject, words.text, words.sms):
        assert said
        assert "{" not in said
        assert "%(" not in said
    # Two parts of a text message are two prices; Cyrillic and kana have 67 signs in each part.
    assert len(words.sms) <= 201
    assert "\n" not in words.subject + words.sms
    html = html_of(words.subject, words.text, locale)
    assert re.sub(r"\s+", "", re.sub(r"<head>.*</head>|<[^>]+>", "", html, flags=re.DOTALL)) == re.sub(
        r"\s+", "", words.text
    ).replace("'", "&#39;")


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_change_of_a_factor_is_said_in_its_own_words(locale: str) -> None:
    """The kinds that accounts.actions writes; one that is not named here would be told as another."""
    whole = (Path(factors.__file__).read_text(), Path(actions.__file__).read_text())
    written = {f"{kind}:{what}" for text in whole for kind, what in re.findall(r'_note\("([\w.]+)", account, "(\w+)"', text)}
    written |= set(re.findall(r'"what": "([\w.:]+)"', " ".join(whole)))
    assert len(written) == 9
    assert len({words_of("factor", locale, WHEN | {"what": what}).subject for what in written}) == len(written)


def test_a_value_that_is_missing_is_an_error_and_not_a_gap() -> None:
    with pytest.raises(UndefinedError):
        words_of("contact-code", "en", {})


def test_a_page_of_a_mail_escapes_what_a_person_typed() -> None:
    assert "<script>" not in html_of("x", "<script>alert(1)</script>", "en")


def test_links_end_before_the_full_stop() -> None:
    assert split_links("See https://a.example/b?c=1. Bye") == [
        ("See ", False),
        ("https://a.example/b?c=1", True),
        (". Bye", False),
    ]


def test_outside_a_transaction_nothing_is_said() -> None:
    """Refused before the database is asked."""
    with pytest.raises(TransactionManagementError):
        send_message(to=Address(EMAIL, "a@b.example"), template="contact-code", locale="en", values={"code": "1"})
