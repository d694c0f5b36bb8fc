"""Where the portal and allauth meet: no open sign-up of allauth's own, every sign-in is noted."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from classbook.common.devices import name_of
from classbook.portal.actions.deeds import note


class AccountAdapter(DefaultAccountAdapter):
    """Overrides of allauth's defaults."""

    # The same sentence for an unknown name, a wrong password and an account that has ended.
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("This name and password do not belong together. Check both and try again."),
        "account_inactive": _("This name and password do not belong together. Check both and try again."),
        "too_many_login_attempts": _("Too many tries for this name. Wait a minute; nothing is locked for longer."),
        "incorrect_password": _("This password is not right. Try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """The portal has a registration of its own."""
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        note(
            "signed-in",
            user,
            device=name_of(request.headers.get("User-Agent", "")),
            address=self.get_client_ip(request) or "",
        )

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No "signed in" above every first page: the page itself shows it."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """allauth's own mails are not in the portal's words; what happened stands in the list of sign-ins and changes."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """allauth's second factor in the portal's words."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right. Codes change every 30 seconds and work once: type the next one."),
    }
