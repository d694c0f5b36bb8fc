"""Frequent questions, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its answer."""

    name: str
    question: str
    answer: str


def questions() -> tuple[Question, ...]:
    """In the order in which people meet them."""
    return (*_beginning(), *_without(), *_trouble())


def _beginning() -> tuple[Question, ...]:
    return (
        Question(
            "start",
            _("How do I begin?"),
            _(
                "Press “Register”, fill in the form, and type the code that comes by SMS or e-mail. With "
                "that you are in; everything else can follow later."
            ),
        ),
        Question(
            "levels",
            _("What are the three levels?"),
            _(
                "Simplified: your telephone or e-mail is confirmed. Standard: the register knows your SNILS "
                "and passport. Confirmed: a service centre has seen you with your document."
            ),
        ),
        Question(
            "diary",
            _("What do I need for the school diary?"),
            _(
                "As a parent: the standard level and the code from the school, or the confirmed level. As a "
                "pupil: the simplified level and the code from the school."
            ),
        ),
    )


def _without() -> tuple[Question, ...]:
    return (
        Question(
            "no-snils",
            _("I have no SNILS, no patronymic or no passport of this country"),
            _(
                "Leave the field empty: the account opens all the same. With a SNILS and a document of "
                "another country a service centre can confirm you. Until you have a SNILS the level stays "
                "simplified; the school's letter still lets you into the diary."
            ),
        ),
        Question(
            "child",
            _("How does a child get an account?"),
            _(
                "A child with a telephone or e-mail registers like everybody. For a child under 14 without "
                "either, a parent with the standard level opens the account under “My account”. It stays "
                "simplified until 14."
            ),
        ),
    )


def _trouble() -> tuple[Question, ...]:
    return (
        Question(
            "forgotten",
            _("I have forgotten my password or my name"),
            _(
                "Press “I cannot sign in”, enter your telephone or e-mail and type the code. Your name is "
                "your telephone, your e-mail or your SNILS."
            ),
        ),
        Question(
            "lost", _("I have neither the telephone nor the e-mail any more"), _("Come to a service centre with your document.")
        ),
        Question(
            "changed",
            _("My surname or passport has changed"),
            _("Enter it under “Name and documents”. The data are checked again; until then the level is a simplified one."),
        ),
        Question(
            "twice",
            _("I got a message that I cannot register a second time"),
            _("An account with your SNILS, telephone or e-mail exists. Sign in, or press “I cannot sign in”."),
        ),
        Question(
            "permissions",
            _("What does a service learn about me?"),
            _(
                "Only what its page names before you allow it. Under “Permissions” you see what you have "
                "allowed and take it back."
            ),
        ),
    )
