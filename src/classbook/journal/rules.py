"""One save of the journal as the browser sends it: read strictly, so that the action meets only what it knows."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from classbook.common.compact import loads
from classbook.common.errors import Refusal

Part = TypeVar("Part")
MOST_CELLS = 2000
MOST_MINUTES = 1440
LONGEST = {"topic": 500, "homework": 2000, "comment": 500, "reason": 300, "title": 160, "code": 12}


@dataclass(frozen=True, slots=True)
class LessonPart:
    """None leaves a field as it is; `minutes` None with `sets_minutes` takes the minutes back."""

    uid: str
    seen: int
    topic: str | None
    homework: str | None
    minutes: int | None
    sets_minutes: bool
    no_homework: bool | None
    register_taken: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ColumnPart:
    uid: str
    lesson: str
    seen: int
    work_kind: str
    title: str
    weight: str | None
    counts: bool | None
    comment: str


class MarkPart(NamedTuple):
    """A tuple because dozens come with a save."""

    student: str
    column: str
    code: str
    seen: int
    comment: str | None
    counts: bool | None
    reason: str


@dataclass(frozen=True, slots=True)
class AttendancePart:
    """`sets_minutes`: the minutes were said, if only that there are none."""

    student: str
    lesson: str
    code: str
    minutes: int | None
    sets_minutes: bool
    seen: int
    reason: str


@dataclass(frozen=True, slots=True)
class Save:
    """One operation: all of it is written, or nothing."""

    op: UUID
    person: UUID
    digest: str
    lessons: tuple[LessonPart, ...] = field(default=())
    columns: tuple[ColumnPart, ...] = field(default=())
    marks: tuple[MarkPart, ...] = field(default=())
    attendance: tuple[AttendancePart, ...] = field(default=())

    @property
    def gives_reasons(self) -> bool:
        """Is something corrected for which the school wants a reason: of days long ago, or of a term that is open again?"""
        return any(part.reason for parts in (self.lessons, self.marks, self.attendance) for part in parts)


def read_save(raw: bytes) -> Save:
    """The operation in a request's body. Raises Refusal when it is not one."""
    try:
        body = _read(raw)
        return Save(
            op=UUID(body["op"]),
            person=UUID(body["person"]),
            digest=hashlib.sha256(raw).hexdigest(),
            lessons=_lessons(body),
            columns=_each_once("columns", [_column(part) for part in _list(body, "columns")], lambda part: part.uid),
            marks=_each_once("marks", [_mark(part) for part in _list(body, "marks")], lambda part: (part.student, part.column)),
            attendance=_each_once(
                "attendance", [_attendance(part) for part in _list(body, "attendance")], lambda part: (part.student, part.lesson)
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise not_understood() from error


def _read(raw: bytes) -> Any:
    try:
        return loads(raw)
    except ValueError:
        # Browsers cut signs in two; Python's own reader takes the halves (see _text).
        return json.loads(raw)


def not_understood() -> Refusal:
    """For what no page of ours sends: it is refused, never tried again and again."""
    return Refusal(_("The page sent something that Classbook does not understand. Nothing was changed; load the page again."))


_WRITTEN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


@lru_cache(maxsize=8192)
def _uid(text: Any) -> str:
    """A public id as all code writes it; dozens come with a save, most of them again and again."""
    return text if isinstance(text, str) and _WRITTEN.fullmatch(text) else str(UUID(text))


def _list(body: Mapping[str, Any], name: str) -> list[Any]:
    parts = body.get(name, [])
    if not isinstance(parts, list) or len(parts) > MOST_CELLS:
        raise ValueError(name)
    return parts


def _each_once(name: str, parts: Iterable[Part], key: Callable[[Part], Any]) -> tuple[Part, ...]:
    """A cell has one next state: whoever says two of them has not said what to write."""
    found = tuple(parts)
    if len(set(map(key, found))) < len(found):
        raise ValueError(name)
    return found


def _text(part: Mapping[str, Any], name: str) -> str:
    value = part.get(name)
    if not value:
        return ""
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError(name)
    # Half of a sign of two halves, as browsers cut one off, is in no encoding: once stored nothing could read it.
    value = value.encode(errors="replace").decode().strip()
    if len(value) > LONGEST[name]:
        raise Refusal(
            _("This text is longer than %(most)d signs. It is kept here, not yet saved: please shorten it.")
            % {"most": LONGEST[name]},
            field=name,
        )
    return value


def _number(part: Mapping[str, Any], name: str, most: int = 2**31 - 1) -> int | None:
    value = part.get(name)
    if value is None or value == "":
        return None
    if type(value) is int and 0 <= value <= most:
        return value
    if isinstance(value, bool) or not 0 <= int(value) <= most:
        raise ValueError(name)
    return int(value)


def _flag(part: Mapping[str, Any], name: str) -> bool | None:
    value = part.get(name)
    if value is not None and not isinstance(value, bool):
        raise ValueError(name)
    return value


def _lessons(body: Mapping[str, Any]) -> tuple[LessonPart, ...]:
    """What is said of the lessons themselves: a list; pages of before lists were known stored the one `lesson`."""
    one = [body["lesson"]] if body.get("lesson") else []
    return _each_once("lessons", map(_lesson, [*one, *_list(body, "lessons")]), lambda part: part.uid)


def _lesson(part: Mapping[str, Any]) -> LessonPart:
    return LessonPart(
        uid=_uid(part["uid"]),
        seen=_number(part, "seen") or 0,
        topic=_text(part, "topic") if "topic" in part else None,
        homework=_text(part, "homework") if "homework" in part else None,
        minutes=_number(part, "homework_minutes", MOST_MINUTES),
        sets_minutes="homework_minutes" in part,
        no_homework=_flag(part, "no_homework"),
        register_taken=bool(_flag(part, "register_taken")),
        reason=_text(part, "reason"),
    )


def _column(part: Mapping[str, Any]) -> ColumnPart:
    weight = part.get("weight")
    return ColumnPart(
        uid=_uid(part["uid"]),
        lesson=_uid(part["lesson"]),
        seen=_number(part, "seen") or 0,
        work_kind=str(part["work_kind"])[:40],
        title=_text(part, "title"),
        weight=None if weight in (None, "") else str(weight),
        counts=_flag(part, "counts"),
        comment=_text(part, "comment"),
    )


def _mark(part: Mapping[str, Any]) -> MarkPart:
    return MarkPart(
        student=_uid(part["student"]),
        column=_uid(part["column"]),
        code=str(part["code"]).strip()[:40],
        seen=_number(part, "seen") or 0,
        comment=_text(part, "comment") if "comment" in part else None,
        # Most marks come without these.
        counts=_flag(part, "counts") if "counts" in part else None,
        reason=_text(part, "reason") if "reason" in part else "",
    )


def _attendance(part: Mapping[str, Any]) -> AttendancePart:
    return AttendancePart(
        student=_uid(part["student"]),
        lesson=_uid(part["lesson"]),
        code=str(part["code"]).strip()[:40],
        minutes=_number(part, "minutes", 600),
        sets_minutes="minutes" in part,
        seen=_number(part, "seen") or 0,
        reason=_text(part, "reason"),
    )
