"""Other ways at the sign-in page: the classic slip, which opens the letter and never a session; logins of an old system."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings

from classbook.accounts.actions.old_logins import old_password_of, upgrade
from classbook.accounts.models import Invitation
from classbook.accounts.queries.letters import letter_of_slip
from classbook.common import clock
from classbook.people.models import Account

# On the account object: the slip that was shown, for the form that goes on with it.
SLIP = "classbook_slip"
# On the account object: since when the old password is over.
OVER = "classbook_old_password_over"


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


class OldLogin:
    """Login and password of an old system, asked last. One that is over finds the account only for the sentence about it."""

    def authenticate(self, request: Any, username: str = "", password: str = "", **_: Any) -> Account | None:
        found = old_password_of(username or "", password or "")
        if found is None or not found[0].is_active:
            return None
        account, until = found
        if until < clock.today(settings.TIME_ZONE):
            setattr(account, OVER, until)
        else:
            upgrade(account, password)
        return account

    def get_user(self, user_id: int) -> Account | None:
        return Account.objects.filter(pk=user_id).first()


def over_since(account: object) -> date | None:
    """The last day of the old password by which the account was found."""
    found: date | None = getattr(account, OVER, None)
    return found
