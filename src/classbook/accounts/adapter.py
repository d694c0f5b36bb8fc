"""Where Classbook and allauth meet: sign-in by the school's login, no open registration, one named session a device."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.internal.ratelimit import get_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal.flows import did_use_passwordless_login
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from classbook.accounts.actions import note_first_use
from classbook.accounts.actions.factors import SEAL
from classbook.accounts.actions.guessing import Try
from classbook.accounts.actions.notices import tell_of_new_device
from classbook.accounts.backends import over_since, slip_of
from classbook.accounts.carrying import remember_asking
from classbook.accounts.devices import KNOWN_COOKIE, KNOWN_SECONDS, is_known, is_own, remembering
from classbook.accounts.queries.contacts import asked_from
from classbook.accounts.queries.factors import has_factor, required_from
from classbook.accounts.rules import PROOF_MINUTES
from classbook.common import clock
from classbook.common.days import in_words
from classbook.common.devices import name_of
from classbook.common.sealing import seal, unseal
from classbook.events.actions import record_audit
from classbook.events.reading import note_sign_in
from classbook.people.queries import name_of as name_of_person
from classbook.people.sessions import DEVICE, STAFF
from classbook.schools.access import actor_for

# Where a password of one's own is chosen.
CHANGE = "/account/password/change/"


def must_choose(user: object) -> bool:
    """Has somebody else seen this password? Then it opens the page on which it is replaced, and no other."""
    return bool(getattr(user, "must_change_password", False))


# In the session: when its owner last showed that it is he, by a password or a factor.
PROVED = "proved-at"


def note_proof(session: MutableMapping[str, Any]) -> None:
    """The owner has shown just now that it is he who sits there."""
    session[PROVED] = clock.now().isoformat()


def is_proved(session: MutableMapping[str, Any]) -> bool:
    """Was that so short a time ago that nobody else can sit there?"""
    at = session.get(PROVED, "")
    return bool(at) and clock.now() - datetime.fromisoformat(str(at)) < timedelta(minutes=PROOF_MINUTES)


class SecondStep(AuthenticateStage):
    """After the password: a factor, if the account has any. A list of single codes alone is one as well."""

    def _should_handle(self, request: HttpRequest) -> bool:
        user: Any = self.login.user
        return user is not None and has_factor(user.person_id) and not did_use_passwordless_login(request, user)


class FactorAdapter(DefaultMFAAdapter):
    """What allauth asks about second factors."""

    def encrypt(self, text: str) -> str:
        return seal(text, SEAL)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, SEAL)

    def get_totp_issuer(self) -> str:
        return "Classbook"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The site by which devices keep their passkeys apart."""
        return {"id": context.request.get_host().partition(":")[0], "name": "Classbook"}

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        """How the owner's own device names the account."""
        known: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return known | {"display_name": name_of_person(user.person) or user.login, "name": user.login}


class AccountAdapter(DefaultAccountAdapter):
    """Overrides of allauth's defaults."""

    # The same sentence for an unknown login and for a wrong password.
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account has ended. Ask the school office if you think that is wrong."),
        "username_password_mismatch": _("This login and password do not belong together. Check both and try again."),
        "too_many_login_attempts": _("Too many tries for this login. Wait a minute; nothing is locked for longer."),
        "too_many_from_address": _(
            "Many wrong passwords were tried from this network. Wait five minutes, or use a device on which you were signed in "
            "before."
        ),
    }

    def get_login_stages(self) -> list[str]:
        """One step between the proof and the session; allauth's others are of ways in that Classbook has not."""
        return ["classbook.accounts.adapter.SecondStep"]

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts come from the school; letters and the portal are added by their own pages."""
        return False

    # The password that is being tried; None: nothing is counted while nothing can be written.
    _try: Try | None = None

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """A password that is right does not count."""
        user = super().authenticate(request, **credentials)
        if user is not None and self._try is not None:
            self._try.take_back()
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Before anything is hashed: by address first, then by login, and the owner's own device by itself."""
        if settings.READ_ONLY:
            super().pre_authenticate(request, **credentials)
            return
        login, cookie = str(credentials.get("username", "")), request.COOKIES.get(KNOWN_COOKIE, "")
        own = is_own(cookie, login)
        self._try = Try(login, get_ip(request), is_own_device=own)
        if not self._try.is_allowed():
            raise self.validation_error("too_many_login_attempts" if own else "too_many_from_address")
        if own:
            return
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            # Nothing is looked at, so the others of the network have lost nothing.
            self._try.take_back()
            raise

    def login(self, request: HttpRequest, user: Any) -> None:
        """Sign in under a fresh session key; the device gets a name its owner recognises."""
        if slip_of(user) is not None or over_since(user) is not None:
            raise PermissionDenied
        ways = [str(record.get("type") or record["method"]) for record in get_authentication_records(request, user)]
        super().login(request, user)
        note_proof(request.session)
        actor = actor_for(user.person_id, clock.today("UTC"))
        request.session[DEVICE] = name_of(request.headers.get("User-Agent", ""))
        request.session[STAFF] = bool(actor.positions)
        if settings.READ_ONLY:
            note_sign_in(actor.person_id)
        else:
            record_audit("account.signed_in", actor_id=actor.person_id, subject=("person", actor.person_id), by=ways[-2:])
            note_first_use(user.pk)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """After every way in: a device that is new to the account is told of, and known from now on."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        cookie = request.COOKIES.get(KNOWN_COOKIE, "")
        if not settings.READ_ONLY and not is_known(cookie, user.pk):
            tell_of_new_device(user.person_id, request.session.get(DEVICE, ""))
        self._remind_of_factor(request, user)
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

    def _remind_of_factor(self, request: HttpRequest, user: Any) -> None:
        """At each sign-in of the grace: until when it may wait. Afterwards the page that sets it up says it (web)."""
        if settings.REQUIRE_SECOND_FACTOR == "off" or not request.session.get(STAFF):
            return
        actor = actor_for(user.person_id, clock.today(settings.TIME_ZONE))
        since = required_from(actor)
        if since is not None and since > actor.today:
            words = _("From %(day)s on your password alone no longer suffices here. Set up a second step until then: open "
                      "“Sign-in and security” in the menu.")  # fmt: skip
            messages.warning(request, words % {"day": in_words(since)})

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No "signed in" above every first page: the page itself shows it."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """A password that somebody else has seen is replaced before anything else."""
        if must_choose(request.user):
            return CHANGE
        return str(super().get_login_redirect_url(request))
