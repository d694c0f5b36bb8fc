"""The made-up citizens of the demo: built once, named on the sign-in page."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from classbook.common.clock import now
from classbook.portal.models import Child, Citizen
from classbook.portal.queries import names_of_logins

FILE = Path(__file__).resolve().parent / "data" / "demo.toml"
# Known to everybody who reads this file, which is why the demo alone uses it.
TOTP_SECRET = "DEMODEMODEMODEMODEMODEMODEMODEMO"
LOGINS = ("maria", "oleg", "young", "mismatch", "clerk", "support")


@dataclass(frozen=True, slots=True)
class SignIn:
    """A row of the table. The password is "demo-" and the login."""

    login: str
    name: str
    role: str
    look: str

    @property
    def password(self) -> str:
        return f"demo-{self.login}"


def sign_ins() -> tuple[SignIn, ...]:
    """The table on the sign-in page; nothing outside the demo."""
    if not settings.DEMO:
        return ()
    words, names = _descriptions(), names_of_logins(list(LOGINS))
    return tuple(SignIn(login, names.get(login, ""), *words[login]) for login in LOGINS)


def _descriptions() -> dict[str, tuple[str, str]]:
    return {
        "maria": (_("Mother of two, confirmed"), _("Her account, her children, the permission for the school diary")),
        "oleg": (
            _("Father, standard"),
            _("One step from the confirmed level; with the school's letter he opens his daughter's diary"),
        ),
        "young": (
            _("Pupil of 12, simplified"),
            _("Made by the father; with her own letter she opens her diary"),
        ),
        "mismatch": (
            _("Mother whose name the school spells otherwise"),
            _("One letter differs: what the school's diary says to it"),
        ),
        "clerk": (_("Clerk of a service centre"), _("Confirms a person; the second factor is shown on the next page")),
        "support": (_("Support"), _("The state of an account, never a document; the second factor is shown on the next page")),
    }


def current_code() -> str:
    """The second factor of the demo's staff at this moment; empty outside the demo."""
    if not settings.DEMO:
        return ""
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(TOTP_SECRET, counters[len(counters) // 2]))


@cache
def people() -> dict[str, dict[str, Any]]:
    """The citizens of the file by login."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@transaction.atomic
def build() -> None:
    """Make whoever is not there yet. Safe to run again."""
    for login, entry in people().items():
        if not Citizen.objects.filter(login=login).exists():
            _make(login, entry)


def _make(login: str, entry: dict[str, Any]) -> None:
    columns = ("family_name", "given_name", "middle_name", "birth_date", "snils", "passport", "email", "phone", "level", "duty")
    citizen = Citizen(
        login=login, password=make_password(f"demo-{login}"), **{name: entry[name] for name in columns if name in entry}
    )
    citizen.email_confirmed_at = now() if citizen.email else None
    citizen.phone_confirmed_at = now() if citizen.phone else None
    if citizen.level != Citizen.Level.SIMPLIFIED:
        citizen.snils_checked_at = citizen.passport_checked_at = now()
    parent = Citizen.objects.get(login=entry["made_by"]) if "made_by" in entry else None
    citizen.made_by = parent
    citizen.save()
    for child in entry.get("child", ()):
        Child.objects.create(parent=citizen, **child)
    if parent:
        names = {name: entry[name] for name in ("family_name", "given_name", "middle_name", "birth_date", "snils")}
        Child.objects.create(parent=parent, account=citizen, **names)
    if citizen.duty and not Authenticator.objects.filter(user=citizen).exists():
        TOTP.activate(citizen, TOTP_SECRET)


# How the demo's Classbook is known; on a real portal each client has a secret of its own, shown once.
CLIENT_SECRET = "demo-client-secret-known-to-everybody"
# Where it takes answers: its own address, or that of the library it is built with.
CALLBACKS = ("/account/portal/callback/", "/account/oidc/portal/login/callback/")
