"""Writes that touch more than the school's people: mistakes are corrected or taken back, a group gets another teacher."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import ProtectedError, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbook.common.days import in_words
from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import raise_versions
from classbook.lessons.actions.changes import hand_over_lessons
from classbook.office.queries import entries_in, places_of
from classbook.office.rules import ONE_DAY, LastChange, Place, last_change
from classbook.people.models import Person
from classbook.schools.access import Actor, in_force
from classbook.schools.actions import teachers
from classbook.schools.actions.by_hand import make_places, set_days, take_out
from classbook.schools.actions.pupils import groups_by_subject, lock, places_in_groups, require_manager, require_within, tell
from classbook.schools.models import ClassPlacement, Enrollment, School, TeachingGroup


@transaction.atomic
def replace_teacher(actor: Actor, group: TeachingGroup, teacher: Person, *, starts_on: date) -> int:
    """The group and its lessons from the day on get another teacher; answers how many lessons."""
    earlier = teachers.replace_teacher(actor, group, teacher, starts_on=starts_on)
    moved = hand_over_lessons(group.pk, teacher.pk, starts_on, earlier=earlier)
    if group.school_class_id is None:
        classes = ClassPlacement.objects.filter(student__enrollments__group=group, ends_on=None)
        raise_versions(("class", pk) for pk in set(classes.values_list("school_class_id", flat=True)))
    return moved


def _change_of(student: Person, school: School) -> tuple[LastChange, ClassPlacement]:
    lock(student)
    change = last_change(places_of(student.pk, school.pk))
    if change is None:
        raise Refusal(_("There is nothing to correct."))
    return change, ClassPlacement.objects.select_related("school_class__year").get(pk=change.place.pk)


@transaction.atomic
def correct_day(actor: Actor, student: Person, school: School, *, day: date) -> None:
    """The last change was entered with a wrong day: the pupil's places in the class and in all groups follow the right one."""
    require_manager(actor, school.pk)
    change, placement = _change_of(student, school)
    require_within(placement.school_class.year, day, field="day")
    if day == change.day:
        raise Refusal(_("This is the day that is entered already."), field="day")
    places = places_in_groups(placement)
    if change.kind == "left":
        _not_before(day, change.place.starts_on)
        _move_end(placement, places, change.day, day)
    else:
        before = change.before
        if before is not None:
            _not_before(day, (before.starts_on if change.kind == "moved" else before.ends_on or before.starts_on) + ONE_DAY)
        if before is not None and change.kind == "moved":
            old = ClassPlacement.objects.select_related("school_class").get(pk=before.pk)
            _move_end(old, places, change.day - ONE_DAY, day - ONE_DAY)
        started = places.filter(starts_on=change.day)
        _end_not_before(started, day)
        set_days(started, starts_on=day)
        set_days(ClassPlacement.objects.filter(pk=placement.pk), starts_on=day)
    _told(actor, student, school, change, "pupil.day_corrected", day=day.isoformat())


def _not_before(day: date, first: date) -> None:
    if day < first:
        raise Refusal(
            _("This day lies before the pupil's time in the class. Choose %(day)s or later.") % {"day": in_words(first)},
            field="day",
        )


def _end_not_before(started: QuerySet[Enrollment], day: date) -> None:
    """A place in a group that has ended since cannot begin after its end."""
    if started.filter(ends_on__lt=day).exists():
        raise Refusal(_("The pupil has left one of the groups before that day. Choose an earlier one."), field="day")


def _move_end(placement: ClassPlacement, places: QuerySet[Enrollment], was: date, day: date) -> None:
    ended = places.filter(ends_on=was)
    # A group that the pupil had not yet entered on that day was never his.
    take_out(ended.filter(starts_on__gt=day))
    set_days(ended, ends_on=day)
    set_days(ClassPlacement.objects.filter(pk=placement.pk), ends_on=day)


@transaction.atomic
def take_back(actor: Actor, student: Person, school: School) -> None:
    """The last change never was: the places that it began are removed, those that it ended go on.

    Raises Refusal where something has been recorded in the groups that it began.
    """
    require_manager(actor, school.pk)
    change, placement = _change_of(student, school)
    places = places_in_groups(placement)
    if change.kind == "left":
        _reopen(change.place, places, change.day)
    else:
        started = places.filter(starts_on=change.day)
        _nothing_recorded(student, started, change.day)
        take_out(started)
        take_out(ClassPlacement.objects.filter(pk=placement.pk))
        if change.kind == "moved" and change.before is not None:
            _reopen(change.before, places, change.day - ONE_DAY)
    _told(actor, student, school, change, "pupil.taken_back")
    if change.kind == "joined" and change.before is None:
        _forget(student)


@transaction.atomic
def change_part(actor: Actor, student: Person, school: School, target: TeachingGroup, *, starts_on: date) -> None:
    """From `starts_on` the pupil of a divided subject belongs to another part of it, and stays in the class.

    Lessons and marks keep their place. With the first day of the present part that part never was: so a mistake is taken
    back. Raises NotFound for a group that is no part of a divided subject of the pupil's class.
    """
    require_manager(actor, school.pk)
    lock(student)
    placement = ClassPlacement.objects.select_related("school_class__year").filter(
        in_force(starts_on), student=student, school=school, school_class_id=target.school_class_id
    ).first()  # fmt: skip
    if placement is None:
        raise Refusal(_("On that day the pupil is not in the class that this group belongs to."), field="starts_on")
    parts = groups_by_subject(placement.school_class).get(target.subject_id, [])
    if len(parts) < 2:
        raise NotFound
    require_within(placement.school_class.year, starts_on)
    places = Enrollment.objects.filter(student=student, group__in=parts)
    _leave_part(student, places, target, starts_on)
    earlier = places.filter(group=target, ends_on=starts_on - ONE_DAY)
    if earlier.exists():
        set_days(earlier, ends_on=None)
    else:
        make_places([Enrollment(school=school, group=target, student=student, starts_on=starts_on)])
    tell(actor, school.pk, "pupil.part_changed", student.pk, [placement.school_class_id], group=str(target.pk),
         starts_on=starts_on.isoformat())  # fmt: skip


def _leave_part(student: Person, places: QuerySet[Enrollment], target: TeachingGroup, starts_on: date) -> None:
    if places.filter(group=target, ends_on=None).exists():
        raise Refusal(_("The pupil is in this group already. Choose another."), field="target")
    if last := places.filter(Q(starts_on__gt=starts_on) | Q(ends_on__gte=starts_on)).order_by("-starts_on").first():
        raise Refusal(
            _("The pupil's place in %(group)s begins or ends after that day. Choose a later one.") % {"group": last.group.name},
            field="starts_on",
        )
    now = places.filter(ends_on=None)
    begun = now.filter(starts_on=starts_on)
    _nothing_recorded(student, begun, starts_on)
    take_out(begun)
    set_days(now.filter(starts_on__lt=starts_on), ends_on=starts_on - ONE_DAY)


def _nothing_recorded(student: Person, started: QuerySet[Enrollment], day: date) -> None:
    groups = started.values_list("group_id", flat=True)
    found = entries_in(student.pk, groups, day)
    if found:
        sentence = ngettext(
            "%(num)s mark or absence has been entered since. It would lose its place, so the change stays: correct its "
            "day, or enter a new change.",
            "%(num)s marks and absences have been entered since. They would lose their place, so the change stays: correct its "
            "day, or enter a new change.",
            found,
        )
        raise Refusal(sentence % {"num": found})


def _reopen(place: Place, places: QuerySet[Enrollment], last_day: date) -> None:
    ended: list[Enrollment] = list(places.filter(ends_on=last_day))
    taken = set(places.filter(ends_on=None).values_list("group_id", flat=True))
    set_days(Enrollment.objects.filter(pk__in=[row.pk for row in ended if row.group_id not in taken]), ends_on=None)
    set_days(ClassPlacement.objects.filter(pk=place.pk), ends_on=None)


def _forget(student: Person) -> None:
    """A person who was typed by mistake goes too, unless something else hangs on the row."""
    if student.origin_id or ClassPlacement.objects.filter(student=student).exists():
        return
    try:
        with transaction.atomic():
            student.delete()
    except ProtectedError:
        pass


def _told(actor: Actor, student: Person, school: School, change: LastChange, kind: str, **data: str) -> None:
    classes = [change.place.class_id, *([change.before.class_id] if change.before else [])]
    tell(actor, school.pk, kind, student.pk, classes, change=change.kind, was=change.day.isoformat(), **data)
