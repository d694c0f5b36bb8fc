"""What the head's own pages show: access bans, terms and their reopenings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Max

from classbook.common import clock
from classbook.grading.models import TermReopening
from classbook.grading.rules import is_open
from classbook.people.models import AccessBan, Guardianship, Person
from classbook.people.rules import full_name, list_name
from classbook.schools.access import in_force
from classbook.schools.actions.bans import people_around
from classbook.schools.models import ClassPlacement, Position, School, SchoolClass, TeachingGroup, Term


@dataclass(frozen=True, slots=True)
class BanLine:
    """`state`: in_force, later, ended."""

    pupil: UUID
    pupil_name: str
    class_name: str
    person: UUID
    person_name: str
    relation: str
    scope: str
    reason: str
    set_by: str
    starts_on: date
    ends_on: date | None
    state: str


def bans_of(school: School, today: date, *, student: Person | None = None) -> tuple[BanLine, ...]:
    """Bans about the school's pupils, those in force first."""
    placed = ClassPlacement.objects.filter(school=school)
    rows = AccessBan.objects.filter(student_id__in=placed.values("student_id")).select_related("person", "student", "set_by")
    if student is not None:
        rows = rows.filter(student=student)
    bans = list(rows.order_by("student__sort_key", "person__sort_key", "scope"))
    students = [row.student_id for row in bans]
    classes = dict(placed.filter(in_force(today), student_id__in=students).values_list("student_id", "school_class__name"))
    links = Guardianship.objects.filter(student_id__in=students)
    relations = {
        (guardian, pupil): relation for guardian, pupil, relation in links.values_list("guardian_id", "student_id", "relation")
    }
    lines = [_ban(row, today, classes, relations) for row in bans]
    return tuple(sorted(lines, key=lambda line: ("in_force", "later", "ended").index(line.state)))


def _ban(row: AccessBan, today: date, classes: dict[int, str], relations: dict[tuple[int, int], str]) -> BanLine:
    state = "ended" if row.ends_on is not None and row.ends_on < today else "later" if row.starts_on > today else "in_force"
    by = row.set_by
    return BanLine(
        pupil=row.student.uid,
        pupil_name=list_name(row.student.family_name, row.student.given_name),
        class_name=classes.get(row.student_id, ""),
        person=row.person.uid,
        person_name=full_name(row.person.family_name, row.person.given_name, row.person.middle_name),
        relation=relations.get((row.person_id, row.student_id), ""),
        scope=row.scope,
        reason=row.reason,
        set_by=full_name(by.family_name, by.given_name, by.middle_name) if by else "",
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        state=state,
    )


def people_to_limit(student: Person) -> list[tuple[UUID, str, str]]:
    """(person, name, relation) of everybody who is or was linked with the pupil; no relation: a trusted person."""
    people = Person.objects.filter(people_around(student)).order_by("sort_key", "pk")
    relations = dict(Guardianship.objects.filter(student=student).values_list("guardian_id", "relation"))
    return [(one.uid, full_name(one.family_name, one.given_name, one.middle_name), relations.get(one.pk, "")) for one in people]


@dataclass(frozen=True, slots=True)
class TermLine:
    """`key` names the term within the school's year. `last_day`: until when it is written in; None: no end is set."""

    key: str
    term: Term
    scheme: str
    closed: bool
    last_day: date | None
    groups: int


@dataclass(frozen=True, slots=True)
class ReopeningLine:
    group: UUID
    group_name: str
    teachers: str
    term: TermLine
    until: datetime
    last_day: date
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeputyLine:
    uid: UUID
    name: str
    may_reopen: bool


def terms_of_school(school: School) -> tuple[TermLine, ...]:
    """The terms of the current year, by scheme."""
    today, now = clock.today(school.time_zone), clock.now()
    rows = Term.objects.filter(scheme__year__school=school, scheme__year__starts_on__lte=today, scheme__year__ends_on__gte=today)
    counted: dict[int, int] = {}
    for scheme in TeachingGroup.objects.filter(school=school).values_list("term_scheme_id", flat=True):
        counted[scheme or 0] = counted.get(scheme or 0, 0) + 1
    return tuple(
        _term(term, school, now, counted)
        for term in rows.select_related("scheme__year").order_by("scheme__name", "scheme_id", "number")
    )


def _term(term: Term, school: School, now: datetime, counted: dict[int, int]) -> TermLine:
    closes = term.closes_at
    return TermLine(
        key=f"{term.number}/{term.scheme.name}",
        term=term,
        scheme=term.scheme.name,
        closed=not is_open(closes, None, now),
        last_day=_last_day(closes, school) if closes else None,
        groups=counted.get(term.scheme_id, 0),
    )


def _last_day(closes: datetime, school: School) -> date:
    return (closes.astimezone(clock.zone(school.time_zone)) - timedelta(seconds=1)).date()


def open_reopenings(school: School) -> tuple[ReopeningLine, ...]:
    """Closed terms that are open again at this moment, the one that ends first on top; one line a group and term."""
    terms = {line.term.pk: line for line in terms_of_school(school)}
    rows = TermReopening.objects.filter(group__school=school, open_until__gt=clock.now(), term_id__in=list(terms))
    newest = rows.values("group_id", "term_id").annotate(last=Max("pk")).values_list("last", flat=True)
    lines = rows.filter(pk__in=list(newest)).select_related("group", "by").order_by("open_until", "group__name")
    lines = lines.prefetch_related("group__assignments__teacher")
    return tuple(_reopening(row, school, terms) for row in lines if terms[row.term_id].closed)


def _reopening(row: TermReopening, school: School, terms: dict[int, TermLine]) -> ReopeningLine:
    today = clock.today(school.time_zone)
    names = [
        list_name(one.teacher.family_name, one.teacher.given_name)
        for one in row.group.assignments.all()
        if one.starts_on <= today and (one.ends_on is None or one.ends_on >= today)
    ]
    return ReopeningLine(
        group=row.group.uid,
        group_name=row.group.name,
        teachers=", ".join(names),
        term=terms[row.term_id],
        until=row.open_until,
        last_day=_last_day(row.open_until, school),
        by=full_name(row.by.family_name, row.by.given_name, row.by.middle_name),
        reason=row.reason,
    )


def deputies_of(school: School, today: date) -> tuple[DeputyLine, ...]:
    """The deputies, and which of them the head has named to open closed terms again."""
    rows = Position.objects.filter(in_force(today), school=school, role__in=("deputy", "reopener")).select_related("person")
    named = {row.person_id for row in rows if row.role == "reopener"}
    return tuple(
        DeputyLine(
            row.person.uid,
            full_name(row.person.family_name, row.person.given_name, row.person.middle_name),
            row.person_id in named,
        )
        for row in rows.order_by("person__sort_key")
        if row.role == "deputy"
    )


def groups_of_class(school_class: SchoolClass) -> list[tuple[UUID, str]]:
    """The class's groups by name."""
    return list(TeachingGroup.objects.filter(school_class=school_class).order_by("name").values_list("uid", "name"))
