"""The lesson as a plain form: the same action behind it, for browsers without script."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from classbook.common.errors import Refusal
from classbook.journal.actions import CellsConflict, CellsRefused, save
from classbook.journal.actions.save import conflict_sentence
from classbook.journal.book import Door
from classbook.journal.lesson import Cell, ColumnHead, LessonPage, RollRow, lesson_page
from classbook.journal.rules import read_save
from classbook.lessons.access import OpenLesson
from classbook.schools.access import Actor

Data = Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class FormResult:
    """What became of the form. `typed` holds every field as it was sent, so that nothing is lost.

    `beside` has the sentences that belong to one field, by its name; `sentences` all of them, for the top of the page.
    """

    saved: bool = False
    sentences: tuple[str, ...] = ()
    beside: Mapping[str, str] = field(default_factory=dict)
    typed: Data = field(default_factory=dict)

    def value(self, name: str, stands: object) -> str:
        """What a field shows: what was typed, else what stands."""
        return self.typed.get(name, "" if stands is None else str(stands))

    def ticked(self, name: str, stands: bool) -> bool:
        """The same for a box, which sends nothing when it is empty."""
        return name in self.typed if self.typed else stands


def save_from_form(actor: Actor, opened: OpenLesson, data: Data) -> FormResult:
    """Save what differs from what stands. Versions come with the form, so a stale form overwrites nothing."""
    page = lesson_page(actor, opened)
    body = {"op": str(uuid4()), "person": str(actor.uid), **_parts(page, data)}
    typed = {name: value for name, value in data.items() if name != "csrfmiddlewaretoken"}
    try:
        save(actor, Door(lesson=opened.uid), read_save(json.dumps(body).encode()))
    except CellsRefused as error:
        sentences = tuple(dict.fromkeys(cell["sentence"] for cell in error.cells))
        return FormResult(sentences=sentences, beside=_beside(error.cells), typed=typed)
    except CellsConflict as error:
        cells = [cell | {"sentence": _both(cell)} for cell in error.conflicts]
        return FormResult(sentences=(conflict_sentence(),), beside=_beside(cells), typed=typed)
    except Refusal as error:
        return FormResult(sentences=(error.sentence,), typed=typed)
    return FormResult(saved=True)


def _both(cell: dict[str, Any]) -> str:
    who, theirs = cell["by"] or _("Somebody"), cell["theirs"] or _("nothing")
    return _("%(who)s entered %(theirs)s in the meantime. Save again, and yours stays.") % {"who": who, "theirs": theirs}


def _beside(cells: list[dict[str, Any]]) -> dict[str, str]:
    found = {}
    for cell in cells:
        if cell["what"] == "mark":
            found[f"mark-{cell['column']}-{cell['student']}"] = cell["sentence"]
        elif cell["what"] == "attendance":
            found[f"att-{cell['student']}"] = cell["sentence"]
        elif cell["what"] == "column":
            found[f"col-{cell['column']}"] = cell["sentence"]
    return found


def _parts(page: LessonPage, data: Data) -> dict[str, Any]:
    reason = data.get("reason", "")
    marks = [part for row in page.rows for part in _marks(row, data, reason)]
    columns = list(_columns(page, data, {part["column"] for part in marks}))
    attendance = [part for row in page.rows for part in _attendance(page, row, data, reason)]
    lesson = _lesson(page, data, reason)
    return {"lessons": [lesson] if lesson else [], "columns": columns, "marks": marks, "attendance": attendance}


def _lesson(page: LessonPage, data: Data, reason: str) -> dict[str, Any] | None:
    """None when everything stands as it was sent: a form that comes twice is saved once."""
    minutes = data.get("homework_minutes", "").strip()
    found = {
        "topic": _text(data, "topic"),
        "homework": _text(data, "homework"),
        "homework_minutes": minutes,
        "no_homework": "no_homework" in data,
    }
    minutes_stand = "" if page.minutes is None else str(page.minutes)
    stands = {
        "topic": page.topic, "homework": page.homework, "homework_minutes": minutes_stand, "no_homework": page.no_homework
    }  # fmt: skip
    if found == stands and (page.taken or not page.begun):
        return None
    seen = {"uid": str(page.uid), "seen": _seen(data, "version"), "register_taken": page.begun, "reason": reason}
    return found | seen


def _text(data: Data, name: str) -> str:
    # Browsers send the line ends of a text field as two signs.
    return data.get(name, "").replace("\r\n", "\n").strip()


def _seen(data: Data, name: str) -> int:
    value = data.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 10 else 0


def _marks(row: RollRow, data: Data, reason: str) -> Iterator[dict[str, Any]]:
    for cell in row.cells:
        place = f"{cell.column}-{row.uid}"
        if f"mark-{place}" not in data:
            continue
        part = _mark(cell, place, data)
        stands = {"code": cell.code, "comment": cell.comment, "counts": cell.counts}
        if part != {name: stands[name] for name in part}:
            yield part | {
                "student": str(row.uid), "column": str(cell.column), "seen": _seen(data, f"v-{place}"), "reason": reason
            }  # fmt: skip


def _mark(cell: Cell, place: str, data: Data) -> dict[str, Any]:
    part: dict[str, Any] = {"code": data[f"mark-{place}"].strip()}
    # Nothing is said about a mark that is not there.
    if part["code"] and f"say-{place}" in data:
        part |= {"comment": _text(data, f"say-{place}"), "counts": f"free-{place}" not in data}
    return part


def _attendance(page: LessonPage, row: RollRow, data: Data, reason: str) -> Iterator[dict[str, Any]]:
    code = data.get(f"att-{row.uid}", row.attendance)
    minutes = data.get(f"late-{row.uid}", "" if row.minutes is None else str(row.minutes)).strip() if code else ""
    stands = ("" if row.minutes is None else str(row.minutes)) if row.attendance else ""
    if (code, minutes) != (row.attendance, stands):
        yield {
            "student": str(row.uid), "lesson": str(page.uid), "code": code, "minutes": minutes or None, "reason": reason,
            "seen": _seen(data, f"attv-{row.uid}"),
        }  # fmt: skip


def _columns(page: LessonPage, data: Data, marked: set[str]) -> Iterator[dict[str, Any]]:
    """Columns that are changed, that get their first mark, or that were asked for."""
    for column in page.columns:
        part = _column(page, column, data)
        if part != _column(page, column, {}) or (column.version == 0 and str(column.uid) in marked):
            yield part | {"seen": _seen(data, f"col-v-{column.uid}")}
    if "add_column" in data:
        yield {
            "uid": str(UUID(data["new-uid"])) if _is_uid(data.get("new-uid", "")) else str(uuid4()),
            "lesson": str(page.uid),
            "seen": 0,
            "work_kind": data.get("col-kind-new", ""),
            "title": _text(data, "col-title-new"),
            "weight": _text(data, "col-weight-new"),
            "counts": False if "col-free-new" in data else None,
            "comment": _text(data, "col-say-new"),
        }


def _column(page: LessonPage, column: ColumnHead, data: Data) -> dict[str, Any]:
    """The column as the form has it; without a form, as it stands."""
    stands = {
        "uid": str(column.uid), "lesson": str(page.uid), "work_kind": column.kind, "title": column.title,
        "weight": column.weight, "counts": column.counts, "comment": column.comment,
    }  # fmt: skip
    uid = column.uid
    if f"col-kind-{uid}" not in data:
        return stands
    kind, weight = data[f"col-kind-{uid}"], data.get(f"col-weight-{uid}", column.weight).strip()
    counts: bool | None = f"col-free-{uid}" not in data
    if kind != column.kind:
        # Another kind of work brings its own weight, unless one was typed.
        weight, counts = "" if weight == column.weight else weight, None if counts == column.counts else counts
    texts = {"title": _text(data, f"col-title-{uid}"), "comment": _text(data, f"col-say-{uid}")}
    return stands | texts | {"work_kind": kind, "weight": weight, "counts": counts}


def _is_uid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
