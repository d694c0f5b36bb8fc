"""Every write of the school's people: a pupil comes, changes class, leaves; a teacher takes over a group."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import add_to_outbox, raise_versions, record_audit
from classbook.people.models import Person
from classbook.people.rules import sort_key
from classbook.schools.access import Actor, in_force
from classbook.schools.models import ClassPlacement, Enrollment, Position, School, SchoolClass, TeachingAssignment, TeachingGroup
from classbook.schools.roles import Permission


def _require(actor: Actor, school_id: int) -> None:
    if not actor.may(Permission.MANAGE_PEOPLE, school_id):
        raise NotFound


def same_person(family: str, given: str, born: date | None) -> Person | None:
    """Somebody with this name and birth date who is already known: most often the same child typed again."""
    return Person.objects.filter(
        family_name__iexact=family.strip(), given_name__iexact=given.strip(), birth_date=born, birth_date__isnull=False
    ).first()


@transaction.atomic
def add_pupil(
    actor: Actor, school_class: SchoolClass, *, family: str, given: str, middle: str, born: date | None, starts_on: date,
    allow_twin: bool = False,
) -> Person:  # fmt: skip
    """A new pupil of a class, enrolled in its whole-class groups. Raises Refusal for somebody who is known already."""
    _require(actor, school_class.school_id)
    _require_within_year(school_class, starts_on)
    if not allow_twin and same_person(family, given, born):
        raise Refusal(
            _("A person with this name and birth date is already known. If it is somebody else, tick “Another person”."),
            field="family",
            needs="another",
        )
    person = Person.objects.create(
        family_name=family.strip(), given_name=given.strip(), middle_name=middle.strip(), birth_date=born,
        sort_key=sort_key(family, given, middle),
    )  # fmt: skip
    _place(school_class, person.pk, starts_on)
    _tell(actor, school_class.school_id, "pupil.added", person.pk, [school_class.pk])
    return person


@transaction.atomic
def move_pupil(actor: Actor, student: Person, target: SchoolClass, *, starts_on: date) -> None:
    """From `starts_on` the pupil belongs to another class of the school; marks and history stay where they were given."""
    _require(actor, target.school_id)
    _require_within_year(target, starts_on)
    placement = _current(student, target.school_id, starts_on)
    if placement.school_class_id == target.pk:
        raise Refusal(_("The pupil is in this class already. Choose another."), field="target")
    _end(placement, starts_on - timedelta(days=1))
    _place(target, student.pk, starts_on)
    _tell(actor, target.school_id, "pupil.moved", student.pk, [placement.school_class_id, target.pk])


@transaction.atomic
def leave_school(actor: Actor, student: Person, school: School, *, last_day: date, reason: str) -> None:
    """The pupil leaves; nothing that was recorded is lost, the diary stays readable for the family."""
    _require(actor, school.pk)
    placement = _current(student, school.pk, last_day)
    _end(placement, last_day)
    _tell(actor, school.pk, "pupil.left", student.pk, [placement.school_class_id], reason=reason)


@transaction.atomic
def replace_teacher(actor: Actor, group: TeachingGroup, teacher: Person, *, starts_on: date) -> None:
    """From `starts_on` the group has another teacher; what the earlier one wrote keeps his name."""
    _require(actor, group.school_id)
    if not Position.objects.filter(in_force(starts_on), person=teacher, school_id=group.school_id, role="teacher").exists():
        raise Refusal(_("This person is not a teacher of the school on that day."), field="teacher")
    TeachingAssignment.objects.filter(group=group, ends_on=None, starts_on__gte=starts_on).delete()
    TeachingAssignment.objects.filter(group=group, ends_on=None).update(ends_on=starts_on - timedelta(days=1))
    TeachingAssignment.objects.create(group=group, teacher=teacher, starts_on=starts_on)
    record_audit("teacher.replaced", actor_id=actor.person_id, school_id=group.school_id, subject=("group", group.pk))
    add_to_outbox("teacher.replaced", group=group.pk, teacher=teacher.pk, starts_on=starts_on.isoformat())
    raise_versions([("group", group.pk), *([("class", group.school_class_id)] if group.school_class_id else [])])


def _require_within_year(school_class: SchoolClass, day: date) -> None:
    year = school_class.year
    if not year.starts_on <= day <= year.ends_on:
        raise Refusal(
            _("This day lies outside the class's school year (%(first)s to %(last)s). Choose a day within it.")
            % {"first": year.starts_on.isoformat(), "last": year.ends_on.isoformat()},
            field="starts_on",
        )


def _current(student: Person, school_id: int, day: date) -> ClassPlacement:
    found = ClassPlacement.objects.filter(in_force(day), student=student, school_id=school_id).first()
    if found is None:
        raise Refusal(_("The pupil is in no class of this school on that day."), field="starts_on")
    return found


def _place(school_class: SchoolClass, student_id: int, starts_on: date) -> None:
    last = ClassPlacement.objects.filter(school_class=school_class).order_by(F("register_number").desc(nulls_last=True)).first()
    number = (last.register_number or 0) + 1 if last else 1
    ClassPlacement.objects.create(
        school_id=school_class.school_id, school_class=school_class, student_id=student_id, starts_on=starts_on,
        register_number=number,
    )  # fmt: skip
    Enrollment.objects.bulk_create(
        Enrollment(school_id=school_class.school_id, group_id=pk, student_id=student_id, starts_on=starts_on)
        for pk in whole_class_groups(school_class)
    )


def whole_class_groups(school_class: SchoolClass) -> list[int]:
    """The groups that everybody of the class belongs to: those that are not one of several for the same subject."""
    groups: dict[int, list[int]] = {}
    for pk, subject in TeachingGroup.objects.filter(school_class=school_class).values_list("pk", "subject_id"):
        groups.setdefault(subject, []).append(pk)
    return sorted(pks[0] for pks in groups.values() if len(pks) == 1)


def _end(placement: ClassPlacement, last_day: date) -> None:
    ends = max(last_day, placement.starts_on)
    ClassPlacement.objects.filter(pk=placement.pk).update(ends_on=ends)
    open_places = Enrollment.objects.filter(student_id=placement.student_id, school_id=placement.school_id, ends_on=None)
    open_places.filter(starts_on__lte=ends).update(ends_on=ends)
    open_places.filter(starts_on__gt=ends).delete()


def _tell(actor: Actor, school_id: int, kind: str, person_id: int, classes: list[int], **data: str) -> None:
    record_audit(kind, actor_id=actor.person_id, school_id=school_id, subject=("person", person_id), **data)
    add_to_outbox(kind, person=person_id)
    groups = Enrollment.objects.filter(student_id=person_id).values_list("group_id", flat=True)
    raise_versions([("pupil", person_id), *(("class", pk) for pk in classes), *(("group", pk) for pk in set(groups))])


def pupil_of_school(actor: Actor, school: School, uid: UUID) -> Person:
    """A pupil of the school for the office. Raises NotFound for anybody else."""
    _require(actor, school.pk)
    found = Person.objects.filter(uid=uid, placements__school=school).distinct().first()
    if found is None:
        raise NotFound
    return found
