"""All marks of a term by subject: the first, plain list."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from classbook.diary.queries import chip_of, place_of
from classbook.diary.week import MarkChip
from classbook.grading.models import Assessment, GroupScale, Mark
from classbook.grading.rules import weighted_average
from classbook.people.rules import full_name
from classbook.schools.access import OpenPupil
from classbook.schools.models import Enrollment, Term


@dataclass(frozen=True, slots=True)
class DatedMark:
    on: date
    chip: MarkChip
    author: str


@dataclass(frozen=True, slots=True)
class SubjectMarks:
    subject: str
    marks: tuple[DatedMark, ...]
    average: Decimal | None


@dataclass(frozen=True, slots=True)
class TermLink:
    number: int
    kind: str
    name: str
    here: bool


@dataclass(frozen=True, slots=True)
class MarksPage:
    """`marked` False: the pupil is in a grade without marks."""

    name: str
    class_name: str
    terms: tuple[TermLink, ...]
    subjects: tuple[SubjectMarks, ...]
    marked: bool


def marks_of(student: OpenPupil, number: int | None) -> MarksPage:
    """Marks of the term with that number, else of the term that is on or was last."""
    today = place_of(student, date.max).today
    place = place_of(student, today)
    year = place.placement.school_class.year
    groups = list(
        Enrollment.objects.filter(student_id=student.pk, group__year=year).values_list("group_id", flat=True).distinct()
    )
    terms = list(Term.objects.filter(scheme__groups__in=groups).distinct().order_by("number", "scheme_id"))
    begun = [term for term in terms if term.starts_on <= today]
    chosen = next((t for t in terms if t.number == number), begun[-1] if begun else terms[0] if terms else None)
    return MarksPage(
        name=full_name(student.person.family_name, student.person.given_name),
        class_name=place.placement.school_class.name,
        terms=tuple(TermLink(t.number, t.kind, t.name, t == chosen) for t in terms),
        subjects=_subjects(student, groups, chosen, place.now) if chosen else (),
        marked=GroupScale.objects.filter(group_id__in=groups).exists(),
    )


def _subjects(student: OpenPupil, groups: list[int], term: Term, now: object) -> tuple[SubjectMarks, ...]:
    rows = (
        Mark.objects.filter(
            Q(assessment__visible_from=None) | Q(assessment__visible_from__lte=now),
            assessment__group_id__in=groups,
            assessment__date__range=(term.starts_on, term.ends_on),
            assessment__kind=Assessment.Kind.WORK,
            student_id=student.pk,
        )
        .exclude(status=Mark.Status.WITHDRAWN)
        .select_related("assessment__work_kind", "assessment__group__subject", "assessment__lesson__teacher")
        .order_by("assessment__group__subject__name", "assessment__date", "assessment__position", "pk")
    )
    found: dict[str, list[Mark]] = defaultdict(list)
    for mark in rows:
        found[mark.assessment.group.subject.name].append(mark)
    return tuple(SubjectMarks(subject, tuple(map(_dated, marks)), _average(marks)) for subject, marks in found.items())


def _dated(mark: Mark) -> DatedMark:
    lesson = mark.assessment.lesson
    teacher = lesson.teacher if lesson else None
    author = full_name(teacher.family_name, teacher.given_name, teacher.middle_name) if teacher else ""
    return DatedMark(mark.assessment.date, chip_of(mark), author)


def _average(marks: list[Mark]) -> Decimal | None:
    return weighted_average((m.score, m.assessment.weight) for m in marks if m.counts and m.assessment.counts)
