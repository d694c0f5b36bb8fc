"""A school comes in by the region's approval: the school, its customs and year, the position of its first person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.translation import gettext as _

from classbook.accounts.actions import applying
from classbook.accounts.actions.letters import ADMINISTRATOR
from classbook.accounts.models import SchoolApplication
from classbook.common import clock
from classbook.common.errors import Refusal
from classbook.events.actions import record_audit
from classbook.imports.apply_profile import apply_customs, apply_days_off, apply_terms
from classbook.people.models import Person
from classbook.people.rules import sort_key
from classbook.profiles import Profile, in_school_year, names, profile, year_start
from classbook.schools.access import Actor
from classbook.schools.models import AcademicYear, Position, Region, School
from classbook.schools.queries import is_connected, schools_to_connect


@dataclass(frozen=True, slots=True)
class Connection:
    """What the clerk decides. `school`: one that stands in the directory already; None: it is made."""

    school: UUID | None
    name: str
    town: str
    profile: str
    time_zone: str
    family: str
    given: str
    middle: str
    born: date


@transaction.atomic
def approve(actor: Actor, region: Region, uid: UUID, chosen: Connection) -> SchoolApplication:
    """Connect the school of an application. Raises Refusal and NotFound; then nothing was written."""
    row = applying.taken(actor, region, uid)
    if chosen.profile not in names():
        raise Refusal(_("Please choose one."), field="profile")
    if chosen.time_zone not in available_timezones():
        raise Refusal(_("There is no such time zone. Write it as Asia/Tokyo or Europe/Berlin."), field="time_zone")
    customs = profile(chosen.profile)
    school = _school(row, region, chosen, customs)
    _year(school, customs)
    person = _administrator(actor, school, chosen)
    record_audit("school.connected", actor_id=actor.person_id, school_id=school.pk, subject=("school", school.pk))
    applying.grant(actor, row, school, person.pk)
    return applying.open_application(actor, region, uid)


def _school(row: SchoolApplication, region: Region, chosen: Connection, customs: Profile) -> School:
    values = {
        "name": chosen.name.strip(), "town": chosen.town.strip(), "profile": customs.code, "locale": customs.locale,
        "time_zone": chosen.time_zone, "week_days": customs.week_days, "correction_days": customs.correction_days,
    }  # fmt: skip
    if chosen.school is None:
        school = School.objects.create(region_id=row.region_id, **values)
    else:
        known = [one.pk for one in schools_to_connect(region)]
        found = School.objects.select_for_update(of=("self",)).filter(uid=chosen.school, pk__in=known).first()
        # Two applications for one school: the second clerk waited for the lock.
        if found is None or is_connected(found):
            raise Refusal(_("This school is connected already, or is listed here no longer."), field="school")
        School.objects.filter(pk=found.pk).update(**values)
        school = School.objects.get(pk=found.pk)
    apply_customs(school, customs)
    return school


def _year(school: School, customs: Profile) -> AcademicYear:
    """The school year that is on, else the next, with terms and days off of the profile."""
    today = clock.today(school.time_zone)
    starts = year_start(customs, today.year - 1)
    while in_school_year(customs.year[1], starts) < today:
        starts = year_start(customs, starts.year + 1)
    ends = in_school_year(customs.year[1], starts)
    year = AcademicYear.objects.create(school=school, name=f"{starts.year}-{ends.year}", starts_on=starts, ends_on=ends)
    apply_days_off(year, customs)
    apply_terms(year, customs)
    return year


def _administrator(actor: Actor, school: School, chosen: Connection) -> Person:
    """Always a new person: equal names never match by themselves."""
    person = Person.objects.create(
        family_name=chosen.family.strip(), given_name=chosen.given.strip(), middle_name=chosen.middle.strip(),
        birth_date=chosen.born, sort_key=sort_key(chosen.family, chosen.given, chosen.middle),
    )  # fmt: skip
    # Judged by the site's day, which may be yesterday at the school.
    starts = min(actor.today, clock.today(school.time_zone))
    Position.objects.create(person=person, school=school, role=ADMINISTRATOR, starts_on=starts, by_hand=True)
    record_audit(
        "position.given", actor_id=actor.person_id, school_id=school.pk, subject=("person", person.pk), role=ADMINISTRATOR
    )
    return person
