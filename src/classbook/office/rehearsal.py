"""What a change will do, found out by doing it and taking it back: the sentence before and the deed cannot differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Count

from classbook.common import clock
from classbook.lessons.models import Lesson
from classbook.office.queries import entries_in
from classbook.people.models import Person
from classbook.schools.access import in_force
from classbook.schools.models import ClassPlacement, Enrollment, School, SchoolClass, TeachingGroup


@dataclass(frozen=True, slots=True)
class ClassCount:
    """Pupils of a class on the day, before and after."""

    name: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Effect:
    """`missed`: lessons of the groups joined that are recorded already without the pupil; `left_behind`: entries of
    the pupil from the day on in the groups left, which keep their place in the history and count nowhere any more."""

    name: str
    day: date
    classes: tuple[ClassCount, ...]
    joins: tuple[str, ...]
    leaves: tuple[str, ...]
    missed: int
    left_behind: int


def rehearse(
    school: School, day: date, classes: Iterable[SchoolClass], work: Callable[[], Person], pupil: Person | None
) -> Effect:
    """The effect of `work` on the day, of which nothing stays. Raises whatever the work refuses."""
    watched = list(classes)
    with transaction.atomic():
        counts = _counts(watched, day)
        groups = _groups(pupil, school, day)
        person = work()
        after, now_in = _counts(watched, day), _groups(person, school, day)
        left = {pk: name for pk, name in groups.items() if pk not in now_in}
        joined = {pk: name for pk, name in now_in.items() if pk not in groups}
        effect = Effect(
            name=f"{person.family_name} {person.given_name}".strip(),
            day=day,
            classes=tuple(ClassCount(row.name, counts.get(row.pk, 0), after.get(row.pk, 0)) for row in watched),
            joins=tuple(joined.values()),
            leaves=tuple(left.values()),
            missed=_recorded(joined, day, clock.today(school.time_zone)),
            left_behind=entries_in(person.pk, left, day) if pupil else 0,
        )
        transaction.set_rollback(True)
    return effect


def try_out(work: Callable[[], int]) -> int:
    """A number that a work answers, without its having happened."""
    with transaction.atomic():
        found = work()
        transaction.set_rollback(True)
    return found


def _counts(classes: list[SchoolClass], day: date) -> dict[int, int]:
    rows = ClassPlacement.objects.filter(in_force(day), school_class__in=classes)
    return dict(rows.values("school_class_id").annotate(n=Count("pk")).values_list("school_class_id", "n"))


def _groups(pupil: Person | None, school: School, day: date) -> dict[int, str]:
    if pupil is None:
        return {}
    rows = Enrollment.objects.filter(in_force(day), student=pupil, school=school).order_by("group__name")
    return dict(rows.values_list("group_id", "group__name"))


def _recorded(groups: Iterable[int], first: date, today: date) -> int:
    rows = Lesson.objects.filter(group_id__in=list(groups), date__gte=first, date__lte=today)
    return rows.filter(register_taken_at__isnull=False).count()


@dataclass(frozen=True, slots=True)
class Part:
    """One of several groups of a divided subject, with the pupils it has on the day."""

    group: TeachingGroup
    size: int


@dataclass(frozen=True, slots=True)
class Divided:
    """A subject for which the class is divided; the pupil belongs to one of the parts, or to none yet."""

    subject: str
    parts: tuple[Part, ...]


def divided_subjects(school_class: SchoolClass, day: date) -> tuple[Divided, ...]:
    """The choices that the office has to make for a pupil of the class; the smallest part comes first."""
    groups = TeachingGroup.objects.filter(school_class=school_class).select_related("subject")
    sizes = dict(
        Enrollment.objects.filter(in_force(day), group__in=groups)
        .values("group_id")
        .annotate(n=Count("pk"))
        .values_list("group_id", "n")
    )
    found: dict[str, list[Part]] = {}
    for group in groups.order_by("subject__name", "name", "pk"):
        found.setdefault(group.subject.name, []).append(Part(group, sizes.get(group.pk, 0)))
    return tuple(
        Divided(subject, tuple(sorted(parts, key=lambda part: part.size))) for subject, parts in found.items() if len(parts) > 1
    )
