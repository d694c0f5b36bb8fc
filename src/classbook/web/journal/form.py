"""The lesson as a plain form: the same action behind it, for browsers without script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from classbook.common.errors import Refusal
from classbook.journal.actions import CellsConflict, CellsRefused, save
from classbook.journal.actions.save import conflict_sentence
from classbook.journal.lesson import LessonPage, RollRow, lesson_page
from classbook.journal.rules import read_save
from classbook.lessons.access import OpenLesson
from classbook.schools.access import Actor


@dataclass(frozen=True, slots=True)
class FormResult:
    """What became of the form. `typed` holds every field as it was sent, so that nothing is lost."""

    saved: bool = False
    sentences: tuple[str, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)


def save_from_form(actor: Actor, opened: OpenLesson, data: Mapping[str, str]) -> FormResult:
    """Save what differs from what stands. Versions come with the form, so a stale form overwrites nothing."""
    page = lesson_page(actor, opened)
    body = {"op": data.get("op") or str(uuid4()), "person": str(actor.uid), **_parts(page, data)}
    typed = {name: value for name, value in data.items() if name != "csrfmiddlewaretoken"}
    try:
        save(actor, opened, read_save(json.dumps(body).encode()))
    except CellsRefused as error:
        return FormResult(sentences=tuple(dict.fromkeys(cell["sentence"] for cell in error.cells)), typed=typed)
    except CellsConflict:
        return FormResult(sentences=(conflict_sentence(),), typed=typed)
    except Refusal as error:
        return FormResult(sentences=(error.sentence,), typed=typed)
    return FormResult(saved=True)


def _parts(page: LessonPage, data: Mapping[str, str]) -> dict[str, Any]:
    reason = data.get("reason", "")
    marks, attendance = [], []
    for row in page.rows:
        marks += _marks(page, row, data, reason)
        name = f"att-{row.uid}"
        if name in data and data[name] != row.attendance:
            attendance.append(
                {"student": str(row.uid), "lesson": str(page.uid), "code": data[name], "reason": reason,
                 "seen": int(data.get(f"attv-{row.uid}") or 0)}
            )  # fmt: skip
    lesson = {
        "uid": str(page.uid), "seen": int(data.get("version") or 0), "topic": data.get("topic", ""),
        "homework": data.get("homework", ""), "no_homework": "no_homework" in data, "register_taken": page.begun,
        "reason": reason,
    }  # fmt: skip
    return {"lesson": lesson, "columns": _columns(page) if marks else [], "marks": marks, "attendance": attendance}


def _marks(page: LessonPage, row: RollRow, data: Mapping[str, str], reason: str) -> list[dict[str, Any]]:
    found = []
    for cell in row.cells:
        name = f"mark-{cell.column}-{row.uid}"
        if name in data and data[name].strip() != cell.code:
            seen = int(data.get(f"v-{cell.column}-{row.uid}") or 0)
            found.append(
                {"student": str(row.uid), "column": str(cell.column), "code": data[name], "seen": seen, "reason": reason}
            )
    return found


def _columns(page: LessonPage) -> list[dict[str, Any]]:
    return [
        {"uid": str(column.uid), "lesson": str(page.uid), "seen": 0, "work_kind": column.kind}
        for column in page.columns
        if column.version == 0
    ]
