"""Limits of a court or of the head. This module is the only writer of AccessBan, and only the head's screen calls it."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import raise_versions, record_audit
from classbook.people.models import AccessBan, Guardianship, Person, TrustedPerson
from classbook.schools.access import Actor, in_force
from classbook.schools.models import School
from classbook.schools.roles import Permission


def _require(actor: Actor, school: School) -> None:
    if not actor.may(Permission.SET_BANS, school.pk):
        raise NotFound


def people_around(student: Person) -> Q:
    """Who can be limited: everybody who is or was linked with the pupil, confirmed or not."""
    guardians = Guardianship.objects.filter(student=student).values("guardian_id")
    trusted = TrustedPerson.objects.filter(student=student).values("person_id")
    return Q(pk__in=guardians) | Q(pk__in=trusted)


@transaction.atomic
def set_ban(
    actor: Actor, school: School, student: Person, person: Person, *, scope: str, reason: str, starts_on: date,
    ends_on: date | None,
) -> None:  # fmt: skip
    """Limit what a person sees of a pupil. The caller has opened the pupil for the head's screen.

    A ban of the same person, pupil and scope that has ended begins anew: the audit keeps every one of them.
    """
    _require(actor, school)
    today = clock.today(school.time_zone)
    if scope not in AccessBan.Scope.values:
        raise NotFound
    if not Person.objects.filter(people_around(student), pk=person.pk).exists():
        raise NotFound
    if not reason.strip():
        raise Refusal(_("Write the reason, such as the court and the date of its decision."), field="reason")
    if ends_on is not None and ends_on < max(starts_on, today):
        raise Refusal(
            _("The last day lies before the first, or is already over. Choose a later one, or leave it empty."), field="ends_on"
        )
    if starts_on <= today:
        # By the site's calendar, so that it holds at once wherever the server's day has not begun yet.
        starts_on = min(starts_on, actor.today)
    rows = AccessBan.objects.filter(person=person, student=student, scope=scope)
    if rows.filter(Q(ends_on=None) | Q(ends_on__gte=min(today, actor.today))).exists():
        raise Refusal(_("This limit is set already. End it first if its dates or its reason have changed."), field="scope")
    values = {"reason": reason.strip(), "set_by_id": actor.person_id, "starts_on": starts_on, "ends_on": ends_on}
    AccessBan.objects.update_or_create(person=person, student=student, scope=scope, defaults=values)
    _tell(actor, school, "ban.set", student, person, scope, starts_on=starts_on.isoformat(), ends_on=str(ends_on or ""))


@transaction.atomic
def end_ban(actor: Actor, school: School, student: Person, person: Person, scope: str) -> None:
    """The limit ends now; the row stays with its dates."""
    _require(actor, school)
    row = open_ban(student, person, scope, actor.today)
    if row is None:
        raise NotFound
    yesterday = actor.today - timedelta(days=1)
    # One that began today or is still to begin keeps its days in the audit; in the row it has none left.
    AccessBan.objects.filter(pk=row.pk).update(starts_on=min(row.starts_on, yesterday), ends_on=yesterday)
    _tell(actor, school, "ban.ended", student, person, scope)


def open_ban(student: Person, person: Person, scope: str, today: date) -> AccessBan | None:
    """The ban that is in force or still to begin."""
    rows = AccessBan.objects.filter(in_force(today) | Q(starts_on__gt=today), student=student, person=person, scope=scope)
    return rows.exclude(ends_on__lt=today).first()


def _tell(actor: Actor, school: School, kind: str, student: Person, person: Person, scope: str, **data: str) -> None:
    # No word to the outside: whoever is limited learns nothing.
    record_audit(
        kind, actor_id=actor.person_id, school_id=school.pk, subject=("person", student.pk), person=person.pk, scope=scope, **data
    )
    raise_versions([("pupil", student.pk)])
