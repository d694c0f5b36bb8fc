"""A pupil comes, changes class, leaves, comes back. Nothing that was recorded is touched by any of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from classbook.common.days import in_words
from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import add_to_outbox, raise_versions, record_audit
from classbook.people.models import Person
from classbook.people.rules import list_name, sort_key
from classbook.schools.access import Actor
from classbook.schools.actions.by_hand import make_places, set_days, take_out
from classbook.schools.models import AcademicYear, ClassPlacement, Enrollment, School, SchoolClass, TeachingGroup
from classbook.schools.roles import Permission


def require_manager(actor: Actor, school_id: int) -> None:
    """May the actor manage the people of the school? Raises NotFound."""
    if not actor.may(Permission.MANAGE_PEOPLE, school_id):
        raise NotFound


def same_person(family: str, given: str, born: date | None) -> Person | None:
    """Somebody with this name and birth date who is already known: most often the same child typed again."""
    if born is None:
        return None
    # The key folds case in every script, which SQLite's own comparison does not; names with readings are compared as written.
    same = Q(sort_key__startswith=sort_key(family, given)) | Q(family_name=family.strip(), given_name=given.strip())
    return Person.objects.filter(same, birth_date=born).first()


@transaction.atomic
def add_pupil(
    actor: Actor, school_class: SchoolClass, *, family: str, given: str, middle: str, born: date | None, starts_on: date,
    allow_twin: bool = False, subgroups: Sequence[TeachingGroup] = (),
) -> Person:  # fmt: skip
    """A new pupil of a class, enrolled in its whole-class groups and in the chosen parts of the divided ones.

    Raises Refusal for somebody who is known already.
    """
    require_manager(actor, school_class.school_id)
    require_within(school_class.year, starts_on)
    if not allow_twin and (twin := same_person(family, given, born)):
        raise Refusal(_twin_sentence(twin, school_class.school_id), field="family", needs="another")
    person = Person.objects.create(
        family_name=family.strip(), given_name=given.strip(), middle_name=middle.strip(), birth_date=born,
        sort_key=sort_key(family, given, middle),
    )  # fmt: skip
    _place(school_class, person.pk, starts_on, subgroups)
    tell(actor, school_class.school_id, "pupil.added", person.pk, [school_class.pk])
    return person


def _twin_sentence(twin: Person, school_id: int) -> str:
    """The own school's pupil is named with the class; of other schools nothing is told."""
    own = ClassPlacement.objects.filter(student=twin, school_id=school_id).order_by("-starts_on").first()
    if own is None:
        return _("A person with this name and birth date is already known. If it is somebody else, tick “Another person”.")
    return _(
        "%(name)s with this birth date is already known in this school, in class %(class)s. Search for the name to open the "
        "pupil's page. If it is somebody else, tick “Another person”."
    ) % {"name": list_name(twin.family_name, twin.given_name), "class": own.school_class.name}


@transaction.atomic
def move_pupil(
    actor: Actor, student: Person, target: SchoolClass, *, starts_on: date, subgroups: Sequence[TeachingGroup] = ()
) -> None:
    """From `starts_on` the pupil belongs to another class of the school; marks and history stay where they were given."""
    require_manager(actor, target.school_id)
    require_within(target.year, starts_on)
    placement = _open_placement(student, target.school_id)
    if placement.school_class_id == target.pk:
        raise Refusal(_("The pupil is in this class already. Choose another."), field="target")
    if placement.starts_on >= starts_on:
        raise Refusal(_since(placement), field="starts_on")
    _end(placement, starts_on - timedelta(days=1))
    _place(target, student.pk, starts_on, subgroups)
    tell(actor, target.school_id, "pupil.moved", student.pk, [placement.school_class_id, target.pk])


@transaction.atomic
def leave_school(actor: Actor, student: Person, school: School, *, last_day: date, reason: str) -> None:
    """The pupil leaves; nothing that was recorded is lost, the diary stays readable for the family."""
    require_manager(actor, school.pk)
    placement = _open_placement(student, school.pk)
    require_within(placement.school_class.year, last_day, field="last_day")
    if placement.starts_on > last_day:
        raise Refusal(_since(placement), field="last_day")
    _end(placement, last_day)
    tell(actor, school.pk, "pupil.left", student.pk, [placement.school_class_id], reason=reason)


@transaction.atomic
def readmit_pupil(
    actor: Actor, student: Person, target: SchoolClass, *, starts_on: date, subgroups: Sequence[TeachingGroup] = ()
) -> None:
    """A pupil who left comes back: the same person, a new place; the earlier one and its records stay."""
    require_manager(actor, target.school_id)
    require_within(target.year, starts_on)
    lock(student)
    places = ClassPlacement.objects.filter(student=student, school_id=target.school_id)
    if not places.exists():
        raise NotFound
    if places.filter(ends_on=None).exists():
        raise Refusal(_("The pupil has not left: there is a place in a class without an end."), field="starts_on")
    if last := places.filter(ends_on__gte=starts_on).order_by("-ends_on").first():
        raise Refusal(
            _("The pupil is in class %(class)s until %(day)s. Choose a later day.")
            % {"class": last.school_class.name, "day": in_words(last.ends_on or starts_on)},
            field="starts_on",
        )
    _place(target, student.pk, starts_on, subgroups)
    tell(actor, target.school_id, "pupil.readmitted", student.pk, [target.pk])


def require_within(year: AcademicYear, day: date, *, field: str = "starts_on") -> None:
    """Does the day lie in the school year? Raises Refusal."""
    if not year.starts_on <= day <= year.ends_on:
        raise Refusal(
            _("This day lies outside the class's school year (%(first)s to %(last)s). Choose a day within it.")
            % {"first": in_words(year.starts_on), "last": in_words(year.ends_on)},
            field=field,
        )


def _since(placement: ClassPlacement) -> str:
    return _("The pupil is in class %(class)s only since %(day)s. Choose a later day, or correct that day first.") % {
        "class": placement.school_class.name,
        "day": in_words(placement.starts_on),
    }


def lock(student: Person) -> None:
    """Two changes of one pupil wait for each other; marks and absences do not wait."""
    list(Person.objects.select_for_update(no_key=True).filter(pk=student.pk).values_list("pk"))


def _open_placement(student: Person, school_id: int) -> ClassPlacement:
    """The place that has no end yet: whatever is entered next ends it."""
    lock(student)
    rows = ClassPlacement.objects.filter(student=student, school_id=school_id).select_related("school_class__year")
    found = rows.filter(ends_on=None).order_by("-starts_on", "-pk").first()
    if found is not None:
        return found
    last = rows.order_by("-ends_on", "-pk").first()
    if last is None:
        raise NotFound
    raise Refusal(
        _("The pupil leaves class %(class)s on %(day)s. Take that back or correct its day before entering anything else.")
        % {"class": last.school_class.name, "day": in_words(last.ends_on or last.starts_on)}
    )


def _place(school_class: SchoolClass, student_id: int, starts_on: date, subgroups: Sequence[TeachingGroup]) -> None:
    last = ClassPlacement.objects.filter(school_class=school_class).order_by(F("register_number").desc(nulls_last=True)).first()
    number = (last.register_number or 0) + 1 if last else 1
    place = ClassPlacement(
        school_id=school_class.school_id, school_class=school_class, student_id=student_id, starts_on=starts_on,
        register_number=number,
    )  # fmt: skip
    make_places([place])
    groups = [*whole_class_groups(school_class), *_checked(school_class, subgroups)]
    make_places(
        Enrollment(school_id=school_class.school_id, group_id=pk, student_id=student_id, starts_on=starts_on) for pk in groups
    )


def groups_by_subject(school_class: SchoolClass) -> dict[int, list[TeachingGroup]]:
    """The class's groups by subject; a subject with several is divided, and a pupil belongs to one of its parts."""
    found: dict[int, list[TeachingGroup]] = {}
    for group in TeachingGroup.objects.filter(school_class=school_class).select_related("subject").order_by("name", "pk"):
        found.setdefault(group.subject_id, []).append(group)
    return found


def whole_class_groups(school_class: SchoolClass) -> list[int]:
    """The groups that everybody of the class belongs to: those that are not one of several for the same subject."""
    return sorted(groups[0].pk for groups in groups_by_subject(school_class).values() if len(groups) == 1)


def _checked(school_class: SchoolClass, subgroups: Iterable[TeachingGroup]) -> list[int]:
    """One part for each divided subject of this class at most. Raises NotFound for anything else."""
    chosen: dict[int, int] = {}
    for group in subgroups:
        if group.school_class_id != school_class.pk or group.subject_id in chosen:
            raise NotFound
        chosen[group.subject_id] = group.pk
    return [pk for pk in chosen.values() if pk not in whole_class_groups(school_class)]


def places_in_groups(placement: ClassPlacement) -> QuerySet[Enrollment]:
    """The pupil's places in the groups of the year of this placement."""
    return Enrollment.objects.filter(
        student_id=placement.student_id, school_id=placement.school_id, group__year_id=placement.school_class.year_id
    )


def _end(placement: ClassPlacement, last_day: date) -> None:
    set_days(ClassPlacement.objects.filter(pk=placement.pk), ends_on=last_day)
    open_places = places_in_groups(placement).filter(ends_on=None)
    set_days(open_places.filter(starts_on__lte=last_day), ends_on=last_day)
    take_out(open_places.filter(starts_on__gt=last_day))


def tell(actor: Actor, school_id: int, kind: str, person_id: int, classes: list[int], **data: str) -> None:
    """Audit, word to the outside and the versions of every page that shows the pupil."""
    record_audit(kind, actor_id=actor.person_id, school_id=school_id, subject=("person", person_id), **data)
    add_to_outbox(kind, person=person_id)
    groups = Enrollment.objects.filter(student_id=person_id).values_list("group_id", flat=True)
    raise_versions([("pupil", person_id), *(("class", pk) for pk in classes), *(("group", pk) for pk in set(groups))])
