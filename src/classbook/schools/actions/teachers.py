"""A teacher takes over a group."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from classbook.common.errors import Refusal
from classbook.events.actions import add_to_outbox, raise_versions, record_audit
from classbook.people.models import Person
from classbook.schools.access import Actor, in_force
from classbook.schools.actions.by_hand import make_places, set_days, take_out
from classbook.schools.actions.pupils import require_manager, require_within
from classbook.schools.models import Position, TeachingAssignment, TeachingGroup


@transaction.atomic
def replace_teacher(actor: Actor, group: TeachingGroup, teacher: Person, *, starts_on: date) -> tuple[int, ...]:
    """From `starts_on` the group has another teacher; what the earlier one wrote keeps his name.

    Answers the ids of the earlier teachers.
    """
    require_manager(actor, group.school_id)
    require_within(group.year, starts_on)
    if not Position.objects.filter(in_force(starts_on), person=teacher, school_id=group.school_id, role="teacher").exists():
        raise Refusal(_("This person is not a teacher of the school on that day."), field="teacher")
    list(TeachingGroup.objects.select_for_update(no_key=True).filter(pk=group.pk).values_list("pk"))
    open_rows = TeachingAssignment.objects.filter(group=group, ends_on=None)
    earlier = tuple(open_rows.values_list("teacher_id", flat=True))
    if earlier == (teacher.pk,) and open_rows.filter(starts_on__lte=starts_on).exists():
        raise Refusal(_("This person teaches the group already. Choose another."), field="teacher")
    # Whoever was to begin on that day or later never does; the others end the day before.
    take_out(open_rows.filter(starts_on__gte=starts_on))
    set_days(open_rows, ends_on=starts_on - timedelta(days=1))
    make_places([TeachingAssignment(group=group, teacher=teacher, starts_on=starts_on)])
    record_audit(
        "teacher.replaced", actor_id=actor.person_id, school_id=group.school_id, subject=("group", group.pk),
        earlier=list(earlier), teacher=teacher.pk, starts_on=starts_on.isoformat(),
    )  # fmt: skip
    add_to_outbox("teacher.replaced", group=group.pk, teacher=teacher.pk, starts_on=starts_on.isoformat())
    raise_versions([("group", group.pk), *([("class", group.school_class_id)] if group.school_class_id else [])])
    return earlier
