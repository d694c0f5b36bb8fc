"""What the pages call the portal, and the level it gives."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from classbook.accounts import portal_client
from classbook.schools.queries import portal_is_offered


def portal_name() -> str:
    """Its name on buttons; empty where the site or its regions have none, or no sign-in can be noted at the moment."""
    if not portal_client.is_on() or settings.READ_ONLY or not portal_is_offered():
        return ""
    return settings.PORTAL_NAME or _("Public Services")


def level_name(level: str) -> str:
    """A level in words."""
    return {"simplified": _("simplified"), "standard": _("standard"), "confirmed": _("confirmed in person")}.get(level, level)
