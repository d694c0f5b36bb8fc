"""When a term closes, and which deputies may open one again. Opening itself belongs to grading."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import raise_versions, record_audit
from classbook.people.models import Person
from classbook.schools.access import Actor, in_force
from classbook.schools.models import Position, School, TeachingGroup, Term
from classbook.schools.roles import Permission

REOPENER = "reopener"


def _require(actor: Actor, school: School) -> None:
    if not actor.may(Permission.CLOSE_TERMS, school.pk):
        raise NotFound


def end_of(day: date, school: School) -> datetime:
    """The instant at which the day is over on the school's clock."""
    return datetime.combine(day + timedelta(days=1), time.min, clock.zone(school.time_zone))


@transaction.atomic
def set_closing(actor: Actor, school: School, term: Term, last_day: date | None) -> None:
    """Marks of the term are entered until `last_day`; None: until further notice."""
    _require(actor, school)
    if term.scheme.year.school_id != school.pk:
        raise NotFound
    if last_day is not None and last_day < term.ends_on:
        raise Refusal(_("The term itself lasts longer. Choose its last day or a later one."), field="last_day")
    closes_at = end_of(last_day, school) if last_day else None
    Term.objects.filter(pk=term.pk).update(closes_at=closes_at)
    record_audit(
        "term.closing", actor_id=actor.person_id, school_id=school.pk, subject=("term", term.pk), last_day=str(last_day or "")
    )
    groups = TeachingGroup.objects.filter(term_scheme_id=term.scheme_id).values_list("pk", flat=True)
    raise_versions(("group", pk) for pk in groups)


@transaction.atomic
def name_reopener(actor: Actor, school: School, deputy: Person, *, named: bool) -> None:
    """Let a deputy open closed terms again, or no longer. Doing it twice changes nothing."""
    _require(actor, school)
    positions = Position.objects.filter(in_force(actor.today), person=deputy, school=school)
    if not positions.filter(role="deputy").exists():
        raise NotFound
    held = positions.filter(role=REOPENER)
    if named == held.exists():
        return
    if named:
        Position.objects.create(person=deputy, school=school, role=REOPENER, starts_on=actor.today)
    else:
        held.filter(starts_on__lt=actor.today).update(ends_on=actor.today - timedelta(days=1))
        held.filter(starts_on=actor.today).delete()
    kind = "position.given" if named else "position.ended"
    record_audit(kind, actor_id=actor.person_id, school_id=school.pk, subject=("person", deputy.pk), role=REOPENER)
