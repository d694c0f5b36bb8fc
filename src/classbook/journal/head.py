"""What a group's journal is made of: terms, kinds of work, codes, scale, and whether the reader may write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from classbook.attendance.queries import Code
from classbook.common.compact import loads
from classbook.common.errors import NotFound
from classbook.common.prepared import Row, moment
from classbook.grading.queries import Kind
from classbook.grading.rules import Level, Scale
from classbook.journal.statements import JOURNAL
from classbook.schools.access import Actor
from classbook.schools.roles import Permission


@dataclass(frozen=True, slots=True)
class TermSpan:
    """A term of the group. `reopened_until`: until when it is open again for the group."""

    pk: int
    number: int
    kind: str
    name: str
    starts_on: date
    ends_on: date
    closes_at: datetime | None
    reopened_until: datetime | None


@dataclass(frozen=True, slots=True)
class Customs:
    """How a group's work is named, marked and its register kept: data of the school. `scale` None: not marked."""

    kinds: tuple[Kind, ...]
    codes: tuple[Code, ...]
    scale: Scale | None


@dataclass(frozen=True, slots=True)
class JournalHead:
    """A journal that may be read. `year` is its first and last day, `mine` the reader's journals as (id, name)."""

    pk: int
    uid: UUID
    name: str
    school_id: int
    zone: str
    correction_days: int
    year: tuple[date, date]
    can_write: bool
    terms: tuple[TermSpan, ...]
    customs: Customs
    mine: tuple[tuple[UUID, str], ...]


def open_journal(actor: Actor, uid: UUID) -> JournalHead:
    """The journal for its teachers (to write), for head and deputy (to read); as schools.access.open_group. One statement."""
    row = JOURNAL.row(uid, actor.person_id, actor.today)
    if row is None:
        raise NotFound
    pk, name, school_id, zone, correction_days, starts_on, ends_on, teaches = loads(row[0])
    can_write = bool(teaches) and actor.may(Permission.TEACH, school_id)
    if not can_write and not actor.may(Permission.SEE_JOURNALS, school_id):
        raise NotFound
    here = actor.schools_with(Permission.TEACH)
    return JournalHead(
        pk=pk,
        uid=uid,
        name=name,
        school_id=school_id,
        zone=zone,
        correction_days=correction_days,
        year=(date.fromisoformat(starts_on), date.fromisoformat(ends_on)),
        can_write=can_write,
        terms=terms_from(row[1]),
        customs=customs_from(row[2:6]),
        mine=tuple((UUID(group), title) for group, title, school in _rows(row[6]) if school in here),
    )


@lru_cache(maxsize=1024)
def terms_from(cell: str | None) -> tuple[TermSpan, ...]:
    """Terms out of a statement's cell (statements.TERMS). The same text is read once: it seldom changes."""
    return tuple(
        TermSpan(pk, number, kind, name, date.fromisoformat(first), date.fromisoformat(last), _maybe(closes), _maybe(until))
        for pk, number, kind, name, first, last, closes, until in _rows(cell)
    )


@lru_cache(maxsize=1024)
def customs_from(cells: Row) -> Customs:
    """Kinds, codes, scale and levels out of a statement's cells (statements.KINDS, CODES, SCALE, LEVELS)."""
    kinds, codes, scale, levels = cells
    return Customs(
        kinds=tuple(
            Kind(pk, code, name, short or name, Decimal(str(weight)), bool(counts))
            for pk, code, name, short, weight, counts in _rows(kinds)
        ),
        codes=tuple(Code(pk, code, kind, label, bool(ex), bool(conf)) for pk, code, kind, label, ex, conf in _rows(codes)),
        scale=_scale(loads(scale), _rows(levels)) if scale else None,
    )


def _scale(row: list[Any], levels: list[list[Any]]) -> Scale:
    pk, code, kind, best, worst, passing, step = row
    steps = tuple(
        Level(sign, _decimal(score), None if passes is None else bool(passes), band, label)
        for sign, score, passes, band, label in levels
    )
    return Scale(pk, code, kind, _number(best), _number(worst), _number(passing), _decimal(step), steps)


def _number(value: float) -> Decimal:
    return Decimal(str(value))


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else _number(value)


def _maybe(text: str | None) -> datetime | None:
    return moment(text) if text else None


def _rows(cell: str | None) -> list[list[Any]]:
    rows: list[list[Any]] = loads(cell or "[]")
    return rows
