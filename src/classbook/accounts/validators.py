"""Passwords that somebody who knows the person would try."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from classbook.accounts.queries.letters import words_about
from classbook.accounts.rules import is_obvious
from classbook.people.models import Account


class NotObvious:
    """Refuses what is made of names, the school, birth dates, runs of keys or a few signs (quality.md 5, row 34)."""

    def validate(self, password: str, user: Account | None = None) -> None:
        words = words_about(user.person_id) if user is not None and user.person_id else ()
        if is_obvious(password, words):
            raise ValidationError(
                _("Somebody who knows you could guess this: it is made of names, the school, a date or a row of keys. "
                  "Take three or four words that only you would put together."),
                code="password_obvious",
            )  # fmt: skip

    def get_help_text(self) -> str:
        return _("No names, no school, no dates, no rows of keys.")
