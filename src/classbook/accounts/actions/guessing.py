"""Wrong passwords at the sign-in page are counted before anything is hashed (quality.md 7.10).

By login, by network address, and for a device that was signed in to the account before by itself: whoever guesses at somebody's
login from elsewhere, or plays in the school's network, keeps nobody out on his own telephone. Right passwords are not counted.
"""

from __future__ import annotations

from datetime import timedelta

from classbook.accounts.actions.limits import Limit, give_back, take

# One a second in the long run. A whole school stands behind one address, and forgets less than this.
OF_ADDRESS = Limit("sign-in.address", 300, timedelta(minutes=5))
OF_OWN_DEVICE = Limit("sign-in.own-device", 10, timedelta(minutes=1))


class Try:
    """One password for a login, from an address; `is_own_device`: on a device that was signed in to the account before."""

    def __init__(self, login: str, address: str, *, is_own_device: bool) -> None:
        self._limit, self._source = (OF_OWN_DEVICE, login.casefold()) if is_own_device else (OF_ADDRESS, address)

    def is_allowed(self) -> bool:
        """Count it; may the password be looked at?"""
        return take(self._limit, self._source)

    def take_back(self) -> None:
        """It was right, or was refused for another reason."""
        give_back(self._limit, self._source)
