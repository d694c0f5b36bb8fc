"""Where Classbook and allauth meet: sign-in by the school's login, no open registration, one named session a device."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from classbook.accounts.actions import note_first_use
from classbook.accounts.actions.notices import tell_of_new_device
from classbook.accounts.backends import over_since, slip_of
from classbook.accounts.carrying import remember_asking
from classbook.accounts.devices import KNOWN_COOKIE, KNOWN_SECONDS, is_known, remembering
from classbook.accounts.queries.contacts import asked_from
from classbook.common import clock
from classbook.common.devices import name_of
from classbook.events.actions import record_audit
from classbook.events.reading import note_sign_in
from classbook.people.sessions import DEVICE, STAFF
from classbook.schools.access import actor_for

# Where a password of one's own is chosen.
CHANGE = "/account/password/change/"


def must_choose(user: object) -> bool:
    """Has somebody else seen this password? Then it opens the page on which it is replaced, and no other."""
    return bool(getattr(user, "must_change_password", False))


class AccountAdapter(DefaultAccountAdapter):
    """Overrides of allauth's defaults."""

    # The same sentence for an unknown login and for a wrong password.
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account has ended. Ask the school office if you think that is wrong."),
        "username_password_mismatch": _("This login and password do not belong together. Check both and try again."),
        "too_many_login_attempts": _("Too many tries for this login. Wait a minute; nothing is locked for longer."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts come from the school; letters and the portal are added by their own pages."""
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        """Sign in under a fresh session key; the device gets a name its owner recognises."""
        if slip_of(user) is not None or over_since(user) is not None:
            raise PermissionDenied
        super().login(request, user)
        actor = actor_for(user.person_id, clock.today("UTC"))
        request.session[DEVICE] = name_of(request.headers.get("User-Agent", ""))
        request.session[STAFF] = bool(actor.positions)
        if settings.READ_ONLY:
            note_sign_in(actor.person_id)
        else:
            record_audit("account.signed_in", actor_id=actor.person_id, subject=("person", actor.person_id))
            note_first_use(user.pk)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """After every way in: a device that is new to the account is told of, and known from now on."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        cookie = request.COOKIES.get(KNOWN_COOKIE, "")
        if not settings.READ_ONLY and not is_known(cookie, user.pk):
            tell_of_new_device(user.person_id, request.session.get(DEVICE, ""))
        response.set_cookie(
            KNOWN_COOKIE,
            remembering(cookie, user.pk),
            max_age=KNOWN_SECONDS,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
        remember_asking(request, response, asked_from(user))
        return response

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No "signed in" above every first page: the page itself shows it."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """A password that somebody else has seen is replaced before anything else."""
        if must_choose(request.user):
            return CHANGE
        return str(super().get_login_redirect_url(request))
