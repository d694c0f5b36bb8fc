"""The head names somebody of the staff who issues letters for the whole school (S15)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from classbook.common.errors import NotFound
from classbook.events.actions import record_audit
from classbook.people.models import Person
from classbook.schools.access import Actor, in_force
from classbook.schools.models import Position, School
from classbook.schools.roles import Permission

ISSUER = "issuer"


def staff_to_appoint(school: School, actor: Actor) -> list[tuple[Person, bool]]:
    """Everybody with a position in the school, and who of them is named."""
    rows = Position.objects.filter(in_force(actor.today), school=school).select_related("person")
    named = {row.person_id for row in rows if row.role == ISSUER}
    people = {row.person_id: row.person for row in rows.order_by("person__sort_key", "pk")}
    return [(person, pk in named) for pk, person in people.items()]


@transaction.atomic
def name_issuer(actor: Actor, school: School, uid: UUID, *, named: bool) -> Person:
    """From today on the person issues letters for the school, or no longer. Doing it twice changes nothing."""
    if not actor.may(Permission.APPOINT, school.pk):
        raise NotFound
    held = Position.objects.filter(in_force(actor.today), person__uid=uid, school=school)
    person = Person.objects.filter(uid=uid).first()
    if person is None or not held.exists():
        raise NotFound
    as_issuer = held.filter(role=ISSUER)
    if named == as_issuer.exists():
        return person
    if named:
        Position.objects.create(person=person, school=school, role=ISSUER, starts_on=actor.today)
    else:
        as_issuer.filter(starts_on__lt=actor.today).update(ends_on=actor.today - timedelta(days=1))
        as_issuer.filter(starts_on=actor.today).delete()
    kind = "position.given" if named else "position.ended"
    record_audit(kind, actor_id=actor.person_id, school_id=school.pk, subject=("person", person.pk), role=ISSUER)
    return person
