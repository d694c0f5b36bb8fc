"""The frame around every page of the portal, and the words for levels, scopes and deeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from classbook.portal.models import Citizen


@dataclass(frozen=True, slots=True)
class Door:
    """An entry of the main navigation."""

    label: str
    address: str
    icon: str
    here: bool = False


@dataclass(frozen=True, slots=True)
class Me:
    """Who is signed in, as the frame shows him."""

    name: str
    initials: str
    title: str


def level_names() -> dict[str, str]:
    """Levels in the reader's language."""
    return {"simplified": _("Simplified"), "standard": _("Standard"), "confirmed": _("Confirmed")}


def deed_names() -> dict[str, str]:
    """What happened, as the citizen's page says it."""
    return {
        "signed-in": _("Sign-in"),
        "registered": _("Account opened"),
        "register-asked": _("The register was asked"),
        "level-standard": _("Level: standard"),
        "level-confirmed": _("Level: confirmed, at a service centre"),
        "identity-changed": _("Name or document changed"),
        "proof-asked": _("Code for the service centre asked for"),
        "proof-refused": _("A wrong code was typed at a service centre"),
        "password-changed": _("Password changed"),
        "password-recovered": _("New password by code"),
        "email-changed": _("E-mail changed"),
        "phone-changed": _("Telephone changed"),
        "sessions-ended": _("Other sessions ended"),
        "snils-typed-elsewhere": _("Somebody typed your SNILS in a registration"),
        "child-added": _("Child added"),
        "child-removed": _("Child removed"),
        "child-account-made": _("Account made for a child"),
        "consent-given": _("Permission given"),
        "consent-revoked": _("Permission taken back"),
        "duty-changed": _("Duty changed by the operator"),
        "looked-at": _("Looked at by a service centre or the support"),
    }


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html."""
    context = visitor_shell(request)
    user: Any = getattr(request, "user", None)
    if isinstance(user, Citizen):
        name = f"{user.given_name} {user.family_name}"
        context["me"] = Me(name, f"{user.given_name[:1]}{user.family_name[:1]}", f"{name} · {_role(user)}")
        context["doors"] = _doors(user, request.path)
    return context


def visitor_shell(request: HttpRequest) -> dict[str, Any]:
    """The same without anybody signed in. It asks no database."""
    return {
        "me": None,
        "doors": (
            Door(_("Services"), reverse("catalogue"), "grid", request.path == reverse("catalogue")),
            Door(_("Help"), reverse("help"), "info", request.path == reverse("help")),
            Door(_("Sign in"), reverse("account_login"), "user", request.path == reverse("account_login")),
        ),
        "languages": settings.LANGUAGES,
        "path": request.get_full_path(),
        "demo": settings.DEMO,
    }


def _role(user: Citizen) -> str:
    if user.duty:
        return _("Service centre") if user.duty == Citizen.Duty.CLERK else _("Support")
    return level_names()[user.level]


def _doors(user: Citizen, path: str) -> tuple[Door, ...]:
    doors = [Door(_("Services"), reverse("catalogue"), "grid", path == reverse("catalogue"))]
    if user.duty == Citizen.Duty.CLERK:
        doors.append(Door(_("Service centre"), reverse("centre"), "building", path.startswith(reverse("centre"))))
    elif user.duty == Citizen.Duty.SUPPORT:
        doors.append(Door(_("Support"), reverse("support"), "tool", path.startswith(reverse("support"))))
    account, permissions = reverse("account"), reverse("permissions")
    doors.append(Door(_("My account"), account, "id", path.startswith(account)))
    doors.append(Door(_("Permissions"), permissions, "shield", path.startswith(permissions)))
    doors.append(Door(_("Help"), reverse("help"), "info", path == reverse("help")))
    return tuple(doors)
