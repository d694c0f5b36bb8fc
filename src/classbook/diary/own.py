"""The pupil's own part of a week, and who reads it: what the statements answer, turned into finished values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from classbook.common.compact import loads
from classbook.common.prepared import Row
from classbook.diary.shared import Seat, Spans
from classbook.diary.statements import WEEK_FOR_FAMILY, WEEK_FOR_STAFF
from classbook.diary.week import Absence, Average, Child, MarkChip, OwnWeek, RemarkRow
from classbook.grading.rules import average_of_sums, weight_text
from classbook.people.models import AccessBan
from classbook.people.rules import adult_if_born_by, full_name
from classbook.people.sessions import hash_of
from classbook.schools.access import PupilRights
from classbook.schools.queries import Told, told_from
from classbook.schools.reader import use_is_due


@dataclass(frozen=True, slots=True)
class Pupil:
    """Whose week it is. `shared` names the shared part: it changes with everything that part could show."""

    pk: int
    uid: UUID
    name: str
    class_id: int
    shared: tuple[int, str, int, int]


@dataclass(frozen=True, slots=True)
class FamilyReader:
    """A signed-in member of the family who may read this pupil's diary. `locale` is empty without an own choice."""

    person_id: int
    uid: UUID
    family_name: str
    given_name: str
    locale: str
    school_locale: str
    rights: PupilRights
    # The pupil whose diary the navigation opens: oneself, else the eldest child.
    first: UUID
    # The same for marks; None: nobody's may be seen.
    first_with_marks: UUID | None
    children: tuple[Child, ...]
    # The use of the device is to be noted, which the ordinary way does.
    is_due: bool
    pupil_id: int
    told: tuple[Told, ...] = ()
    tours_over: str = ""


def family_week(session_key: str, pupil: UUID, day: date, *, now: datetime, today: date) -> tuple[FamilyReader, Row] | None:
    """The reader behind a session cookie and the pupil's row; None for everybody whom the ordinary page must answer.

    `today` is the date by which rights are judged (Actor.today), `day` lies in the week asked for. One statement.
    """
    row = WEEK_FOR_FAMILY.row(hash_of(session_key), today, adult_if_born_by(today), pupil, now, *_days(day))
    if row is None or row[0] is None:
        return None
    reader = family_reader(row, now)
    return (reader, row[2:]) if reader else None


def staff_week(pupil: UUID, day: date, *, now: datetime) -> Row | None:
    """The pupil's row for a reader who was let in before; None: never in a class."""
    return WEEK_FOR_STAFF.row(pupil, now, *_days(day))


def _days(day: date) -> tuple[date, ...]:
    monday = day - timedelta(days=day.weekday())
    return (day, monday, *(monday + timedelta(days=n) for n in (4, 5, 6)))


def family_reader(row: Row, now: datetime) -> FamilyReader | None:
    """The reader in a family statement's first three cells; None: this diary is not his to read."""
    me, children, seat = loads(row[0]), loads(row[1] or "[]"), loads(row[2])
    pk, uid, family, given, locale, is_pupil, school_locale, ward, excuse, sign, trust, marks, attendance, bans, *more = me
    tours, told, *times = more
    rights = _rights(
        pk == seat[0],
        (bool(excuse), bool(sign)) if ward is not None else None,
        (bool(marks), bool(attendance)) if trust is not None else None,
        frozenset((bans or "").split()),
    )
    if rights is None:
        return None
    own = UUID(uid)
    first = own if is_pupil else UUID(children[0][1]) if children else own
    with_marks = own if is_pupil else next((UUID(child[1]) for child in children if child[6]), None)
    switcher = _switcher(children, seat, own=is_pupil and pk == seat[0])
    due = use_is_due(*times, now=now)
    return FamilyReader(
        pk, own, family, given, locale, school_locale or "", rights, first, with_marks, switcher, due, seat[0],
        told_from(told), tours,
    )  # fmt: skip


def _switcher(children: list[list[Any]], seat: list[Any], *, own: bool) -> tuple[Child, ...]:
    """The children to choose from, oneself first when one is a pupil too; () when there is no choice."""
    rows = [(seat[0], seat[1], seat[3], seat[5], seat[6], seat[7], True)] if own else []
    rows += [tuple(child) for child in children if child[3]]
    if len(rows) < 2:
        return ()
    return tuple(
        Child(UUID(uid), full_name("", given), f"{in_class} · {short or school}", given[:1], pk == seat[0], bool(marks))
        for pk, uid, given, in_class, short, school, marks in rows
    )


def _rights(
    is_self: bool, guardian: tuple[bool, bool] | None, trusted: tuple[bool, bool] | None, bans: frozenset[str]
) -> PupilRights | None:
    """`guardian`: may excuse, may sign; `trusted`: sees marks, sees attendance."""
    if is_self:
        return PupilRights("self")
    if AccessBan.Scope.ALL in bans:
        return None
    if guardian:
        return PupilRights("guardian", *guardian, AccessBan.Scope.CONTACTS not in bans, AccessBan.Scope.REASONS not in bans)
    return PupilRights("trusted", can_see_marks=trusted[0], can_see_attendance=trusted[1]) if trusted else None


def pupil_of(row: Row) -> Pupil:
    """Whose row it is."""
    pk, uid, family, given, class_id, _name, _short, _school, of_class, of_school = loads(row[0])
    return Pupil(pk, UUID(uid), full_name(family, given), class_id, (class_id, row[1] or "[]", of_class or 0, of_school or 0))


def seat_of(row: Row) -> Seat:
    """What the shared part is made from."""
    spans: Spans = defaultdict(list)
    for group_id, first, last in loads(row[1] or "[]"):
        spans[group_id].append((date.fromisoformat(first), date.fromisoformat(last) if last else None))
    return Seat(loads(row[0])[4], spans)


def own_week(row: Row, rights: PupilRights) -> OwnWeek:
    """The pupil's own cells, as far as the reader may see them; remarks go with the marks."""
    marks, absences, done, remarks, averages = (loads(cell or "[]") for cell in row[2:7])
    if not rights.can_see_marks:
        marks = remarks = averages = []
    if not rights.can_see_attendance:
        absences = []
    return OwnWeek(
        marks=_marks(marks),
        absences={
            lesson: Absence(kind, "" if confidential and not rights.can_see_reasons else label, minutes, bool(excused))
            for lesson, kind, label, confidential, minutes, excused in absences
        },
        done=frozenset(done),
        remarks=_remarks(remarks),
        averages=tuple(
            Average(subject, value, n)
            for subject, total, weights, n in averages
            if (value := average_of_sums(total, weights)) is not None
        ),
    )


def _marks(rows: Iterable[list[Any]]) -> dict[int, list[MarkChip]]:
    found: dict[int, list[MarkChip]] = defaultdict(list)
    for lesson, code, band, weight, short, kind, counts, comment, title, on, *writer in rows:
        chip = MarkChip(
            code,
            band,
            weight_text(weight),
            short or kind or "",
            bool(counts),
            comment,
            title,
            work=kind or "",
            on=date.fromisoformat(on),
            author=full_name(*writer) if writer[0] else "",
        )
        found[lesson].append(chip)
    return found


def _remarks(rows: Iterable[list[Any]]) -> dict[str, list[RemarkRow]]:
    found: dict[str, list[RemarkRow]] = defaultdict(list)
    for on, kind, text, family, given, middle in rows:
        found[on].append(RemarkRow(kind, text, full_name(family, given, middle)))
    return found
