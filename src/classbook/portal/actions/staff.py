"""What the service centre and the support do. Every look is counted and noted."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from classbook.common.errors import NotFound, Refusal
from classbook.portal.actions.deeds import note
from classbook.portal.limits import allow
from classbook.portal.models import Citizen
from classbook.portal.queries import Found, find_people


def find(staff: Citizen, *, snils: str, family: str, born: date | None) -> list[Found]:
    """Persons by SNILS, or by surname and birth date. Raises Refusal after sixty in an hour."""
    _count(staff)
    return find_people(snils=snils, family=family, born=born)


def look_at(staff: Citizen, person: Citizen) -> None:
    """Note that the page of a person was opened. Raises Refusal after sixty in an hour."""
    _count(staff)
    note("looked-at", person, by=staff)


def _count(staff: Citizen) -> None:
    if not staff.duty:
        raise NotFound
    if not allow("find", str(staff.pk)):
        raise Refusal(
            _("You have looked at sixty persons in this hour. That is more than a desk can serve; wait for the next hour.")
        )
