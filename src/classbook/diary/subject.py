"""A subject of one pupil: how the average grew, topics and homework, works to come, what is owed (S63, S145)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q

from classbook.attendance.models import AttendanceRecord
from classbook.common import clock
from classbook.common.days import within
from classbook.common.errors import NotFound
from classbook.diary.marks import YEAR, TermLink
from classbook.diary.week import MarkChip
from classbook.grading.forecast import growth
from classbook.grading.models import Assessment, Mark
from classbook.grading.queries import Kind, scale_of_group, work_kinds_of
from classbook.grading.rules import Scale, weight_text, weighted_average
from classbook.homework.models import Homework, HomeworkDone
from classbook.lessons.models import Lesson
from classbook.people.rules import full_name
from classbook.schools.access import OpenPupil
from classbook.schools.models import Enrollment, TeachingAssignment, TeachingGroup, Term

# Lessons told of what was done in them; the week tells of all.
LATEST = 8
# Those who were asked, at least: a mark that half of the group has is not one of a few.
HALF = 2

Span = tuple[date, date | None]


@dataclass(frozen=True, slots=True)
class Step:
    """A mark and the average after it; `average` None while nothing counts yet, `score` None where the mark never does."""

    on: date
    chip: MarkChip
    work: str
    about: str
    author: str
    score: Decimal | None
    weight: Decimal
    average: Decimal | None


@dataclass(frozen=True, slots=True)
class Work:
    """A column: announced, or given while the pupil has no mark in it. `absent`: he was away that day."""

    on: date
    title: str
    kind: str
    weight: str
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    uid: UUID
    due: date
    text: str
    minutes: int | None
    topic: str
    done: bool


@dataclass(frozen=True, slots=True)
class Taught:
    on: date
    topic: str


@dataclass(frozen=True, slots=True)
class SubjectPage:
    """`scale` None: the group is taught without marks. `entries` are what the average is made of, for asking what if."""

    group: UUID
    subject: str
    name: str
    teachers: tuple[str, ...]
    today: date
    terms: tuple[TermLink, ...]
    scale: Scale | None
    kinds: tuple[Kind, ...]
    steps: tuple[Step, ...]
    entries: tuple[tuple[Decimal | None, Decimal], ...]
    to_come: tuple[Work, ...]
    owed: tuple[Work, ...]
    tasks: tuple[Task, ...]
    taught: tuple[Taught, ...]

    @property
    def average(self) -> Decimal | None:
        return weighted_average(self.entries)


def subject_of(student: OpenPupil, group_uid: UUID, asked: int | None, *, now: datetime) -> SubjectPage:
    """The subject of a teaching group, with all the pupil's groups of that subject in that year.

    `asked` chooses the time as in diary.marks: a term's number, 0 the year, None the current term. Raises NotFound for a group
    that was never the pupil's.
    """
    group = _group(student, group_uid)
    spans = _spans(student, group)
    today = clock.today(group.school.time_zone)
    terms, (first, last) = _time(group, asked, today)
    steps = _steps(student, spans, first, last, now)
    scale = scale_of_group(group.pk)
    return SubjectPage(
        group=group.uid,
        subject=group.subject.name,
        name=full_name(student.person.family_name, student.person.given_name),
        teachers=_teachers(spans, today),
        today=today,
        terms=terms,
        scale=scale,
        kinds=tuple(kind for kind in work_kinds_of(group.school_id) if kind.counts and kind.weight > 0),
        steps=steps,
        entries=tuple((step.score, step.weight) for step in steps if step.score is not None),
        to_come=_to_come(spans, today, now),
        owed=_owed(student, spans, (first, min(last, today)), now),
        tasks=_tasks(student, spans, today),
        taught=_taught(spans, today),
    )


def _group(student: OpenPupil, uid: UUID) -> TeachingGroup:
    rows = TeachingGroup.objects.select_related("subject", "school", "year", "term_scheme")
    group = rows.filter(uid=uid, enrollments__student_id=student.pk).first()
    if group is None:
        raise NotFound
    return group


def _spans(student: OpenPupil, group: TeachingGroup) -> dict[int, list[Span]]:
    """When the pupil was in which group of the subject."""
    found: dict[int, list[Span]] = {}
    rows = Enrollment.objects.filter(student_id=student.pk, group__subject_id=group.subject_id, group__year_id=group.year_id)
    for pk, first, last in rows.order_by("starts_on").values_list("group_id", "starts_on", "ends_on"):
        found.setdefault(pk, []).append((first, last))
    return found


def _time(group: TeachingGroup, asked: int | None, today: date) -> tuple[tuple[TermLink, ...], tuple[date, date]]:
    terms = list(Term.objects.filter(scheme_id=group.term_scheme_id).order_by("number")) if group.term_scheme_id else []
    begun = [term for term in terms if term.starts_on <= today]
    usual = begun[-1] if begun else terms[0] if terms else None
    named = next((term for term in terms if term.number == asked), usual)
    chosen = None if asked == YEAR else named
    links = [TermLink(term.number, term.kind, term.name, term is chosen) for term in terms]
    days = (chosen.starts_on, chosen.ends_on) if chosen else (group.year.starts_on, group.year.ends_on)
    return ((*links, TermLink(YEAR, "year", "", chosen is None)) if links else ()), days


def _visible(now: datetime) -> Q:
    return Q(visible_from=None) | Q(visible_from__lte=now)


def _columns(spans: Iterable[int], now: datetime) -> Q:
    return Q(group_id__in=list(spans), kind=Assessment.Kind.WORK) & _visible(now)


def _steps(student: OpenPupil, spans: dict[int, list[Span]], first: date, last: date, now: datetime) -> tuple[Step, ...]:
    columns = Assessment.objects.filter(_columns(spans, now), date__range=(first, last))
    rows = Mark.objects.filter(student_id=student.pk, assessment__in=columns).exclude(status=Mark.Status.WITHDRAWN)
    rows = rows.select_related("assessment__work_kind", "assessment__lesson__teacher")
    marks = [
        mark
        for mark in rows.order_by("assessment__date", "assessment__position", "pk")
        if within(spans[mark.assessment.group_id], mark.assessment.date)
    ]
    scores = [mark.score if mark.counts and mark.assessment.counts else None for mark in marks]
    averages = growth([(score, mark.assessment.weight) for score, mark in zip(scores, marks, strict=True)])
    return tuple(_step(mark, score, average) for mark, score, average in zip(marks, scores, averages, strict=True))


def _step(mark: Mark, score: Decimal | None, average: Decimal | None) -> Step:
    column = mark.assessment
    kind, lesson = column.work_kind, column.lesson
    teacher = lesson.teacher if lesson else None
    counts = mark.counts and column.counts
    weight = weight_text(float(column.weight))
    return Step(
        on=column.date,
        chip=MarkChip(mark.code, mark.band, weight, "", counts, mark.comment, column.title),
        work=kind.name if kind else "",
        about=column.title or (lesson.topic if lesson else ""),
        author=full_name(teacher.family_name, teacher.given_name, teacher.middle_name) if teacher else "",
        score=score if column.weight > 0 else None,
        weight=column.weight,
        average=average,
    )


def _work(column: Assessment, *, absent: bool = False) -> Work:
    kind = column.work_kind
    return Work(column.date, column.title, kind.name if kind else "", weight_text(float(column.weight)), absent)


def _to_come(spans: dict[int, list[Span]], today: date, now: datetime) -> tuple[Work, ...]:
    rows = (
        Assessment.objects.filter(_columns(spans, now), date__gt=today).select_related("work_kind").order_by("date", "position")
    )
    return tuple(_work(row) for row in rows if within(spans[row.group_id], row.date))


def _owed(student: OpenPupil, spans: dict[int, list[Span]], days: tuple[date, date], now: datetime) -> tuple[Work, ...]:
    """Works of these days in which half of the group has a mark and the pupil has none."""
    marked = Q(marks__status=Mark.Status.RECORDED)
    rows = (
        Assessment.objects.filter(_columns(spans, now), date__range=days, counts=True, weight__gt=0)
        .exclude(marks__in=Mark.objects.filter(student_id=student.pk).exclude(status=Mark.Status.WITHDRAWN))
        .annotate(marked=Count("marks", filter=marked))
        .filter(marked__gt=0)
        .select_related("work_kind")
        .order_by("date", "position")
    )
    columns = [row for row in rows if within(spans[row.group_id], row.date)]
    if not columns:
        return ()
    places = Enrollment.objects.filter(group_id__in=spans, ends_on=None).values("group_id").annotate(n=Count("pk"))
    size = {row["group_id"]: row["n"] for row in places}
    columns = [row for row in columns if row.marked * HALF >= size.get(row.group_id, 0)]
    away = set(_away(student, [row.lesson_id for row in columns if row.lesson_id]))
    return tuple(_work(row, absent=row.lesson_id in away) for row in columns)


def _away(student: OpenPupil, lessons: Sequence[int]) -> Iterable[int]:
    if not student.rights.can_see_attendance:
        return ()
    rows = AttendanceRecord.objects.filter(student_id=student.pk, lesson_id__in=lessons, code__kind="absent")
    return rows.values_list("lesson_id", flat=True)


def _tasks(student: OpenPupil, spans: dict[int, list[Span]], today: date) -> tuple[Task, ...]:
    rows = Homework.objects.filter(group_id__in=spans, due_on__gte=today).exclude(text="").select_related("lesson")
    tasks = [row for row in rows.order_by("due_on", "pk") if row.due_on and within(spans[row.group_id], row.due_on)]
    done = set(HomeworkDone.objects.filter(student_id=student.pk, homework__in=tasks).values_list("homework_id", flat=True))
    return tuple(Task(t.uid, t.due_on, t.text, t.minutes, t.lesson.topic, t.pk in done) for t in tasks if t.due_on)


def _taught(spans: dict[int, list[Span]], today: date) -> tuple[Taught, ...]:
    rows = Lesson.objects.filter(group_id__in=spans, date__lte=today).exclude(topic="").exclude(status=Lesson.Status.CANCELLED)
    found = rows.order_by("-date", "-period").values_list("group_id", "date", "topic")[: LATEST * 2]
    return tuple(Taught(on, topic) for group, on, topic in found if within(spans[group], on))[:LATEST]


def _teachers(spans: dict[int, list[Span]], today: date) -> tuple[str, ...]:
    current = [pk for pk, stretches in spans.items() if within(stretches, today)] or list(spans)
    rows = TeachingAssignment.objects.filter(group_id__in=current).select_related("teacher").order_by("pk")
    names = (
        full_name(row.teacher.family_name, row.teacher.given_name, row.teacher.middle_name)
        for row in rows
        if within([(row.starts_on or date.min, row.ends_on)], today)
    )
    return tuple(dict.fromkeys(names))
