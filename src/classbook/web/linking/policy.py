"""What families are told when their region asks for the portal: from when, and until when a password still lets in."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from classbook.common import clock
from classbook.schools.queries import regions_that_require
from classbook.schools.rules import PortalPolicy
from classbook.web import dates

ONE_DAY = timedelta(days=1)


def sentence(region: str, policy: PortalPolicy, portal: str, today: date) -> str:
    """The notice of a region; empty while the portal is not required there."""
    if policy.required_on is None or policy.closes_on is None:
        return ""
    words = {
        "region": region, "portal": portal, "first": dates.with_year(policy.required_on),
        "last": dates.with_year(policy.closes_on - ONE_DAY),
    }  # fmt: skip
    if policy.is_closed(today):
        return _("%(region)s: families sign in through %(portal)s. A letter from school links you once.") % words
    if today < policy.required_on:
        return _("%(region)s: from %(first)s families sign in through %(portal)s. A password lets you in until %(last)s.") % words
    return _("%(region)s: families sign in through %(portal)s. A password lets you in until %(last)s.") % words


def notices(portal: str) -> tuple[str, ...]:
    """For the sign-in page: what the regions here have announced."""
    if not portal:
        return ()
    today = clock.today(settings.TIME_ZONE)
    return tuple(sentence(region, policy, portal, today) for region, policy in regions_that_require())


def until_when(day: date, portal: str) -> str:
    """To somebody who has come in by a password and is not linked."""
    words = {"portal": portal, "day": dates.with_year(day)}
    return _("From %(day)s you sign in through %(portal)s alone. Link before: sign out and choose its button.") % words
