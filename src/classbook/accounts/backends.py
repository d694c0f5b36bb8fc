"""The classic slip at the sign-in page: login and temporary password open the letter, never a session."""

from __future__ import annotations

from typing import Any

from classbook.accounts.models import Invitation
from classbook.accounts.queries.letters import letter_of_slip
from classbook.people.models import Account

# On the account object: the slip that was shown, for the form that goes on with it.
SLIP = "classbook_slip"


class Slip:
    """Asked after the ordinary way has found no account with this password, so the same limits hold."""

    def authenticate(self, request: Any, username: str = "", password: str = "", **_: Any) -> Account | None:
        letter = letter_of_slip(username or "", password or "")
        if letter is None:
            return None
        account = Account.objects.get(person_id=letter.person_id)
        setattr(account, SLIP, letter)
        return account

    def get_user(self, user_id: int) -> Account | None:
        return Account.objects.filter(pk=user_id).first()


def slip_of(account: object) -> Invitation | None:
    """The slip by which the account was found."""
    found: Invitation | None = getattr(account, SLIP, None)
    return found
