"""Every read of a child's data by staff is noted: one row per person, page and set of children in ten minutes (S14).

A page does not write to the database for it: the note goes to an append file, fsynced, that the worker imports. So
pages can be read while the database takes no writes, and a note is never lost.
"""

from __future__ import annotations

import json
import logging
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from classbook.common.clock import now
from classbook.events.models import AuditEvent

WINDOW_SECONDS = 600
_log = logging.getLogger(__name__)
# The process's own memory of what it noted in this window: (actor, page, anchor) -> window.
_noted: dict[tuple[int, str, int], int] = {}
_MOST_REMEMBERED = 20_000


def note_read(actor_id: int, page: str, *, school_id: int | None, subject: tuple[str, int]) -> None:
    """Note that staff read a page about a pupil ("person", id), a class or a group."""
    at = now()
    window = int(at.timestamp()) // WINDOW_SECONDS
    key = (actor_id, page, subject[1])
    if _noted.get(key) == window:
        return
    _append([at.isoformat(), actor_id, school_id, f"read.{page}", *subject])
    if len(_noted) > _MOST_REMEMBERED:
        _noted.clear()
    _noted[key] = window


def note_sign_in(person_id: int) -> None:
    """Note a sign-in while the database takes no writes."""
    _append([now().isoformat(), person_id, None, "account.signed_in", "person", person_id])


def _append(row: list[Any]) -> None:
    """One line, on the disk when this returns. A full disk stops no page: the note goes to the log instead."""
    # The line break in front parts it from a line that a full disk cut short.
    line = f"\n{json.dumps(row)}\n".encode()
    try:
        descriptor = os.open(_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            if os.write(descriptor, line) < len(line):
                raise OSError("written in part")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        _log.error("Could not be noted (%s): %s", error, line.decode().strip())


def _file() -> Path:
    return Path(settings.DATA_DIR) / "reads.log"


def import_reads() -> int:
    """Move the noted reads into the audit table; answers how many. Run by one worker."""
    waiting, taken = _file(), _file().with_suffix(".taken")
    if not taken.exists():
        if not waiting.exists():
            return 0
        waiting.rename(taken)
    rows = [row for line in taken.read_text(errors="replace").splitlines() if (row := _row(line))]
    with transaction.atomic():
        AuditEvent.objects.bulk_create(
            AuditEvent(
                at=datetime.fromisoformat(at), actor_id=actor, school_id=school, kind=kind,
                subject_type=subject_type, subject_id=subject,
            )
            for at, actor, school, kind, subject_type, subject in rows
        )  # fmt: skip
    taken.unlink()
    return len(rows)


def _row(line: str) -> list[Any] | None:
    """A line as it was noted; None for a line that was cut short."""
    try:
        row: list[Any] = json.loads(line)
    except ValueError:
        return None
    return row


def forget_noted() -> None:
    """Start the window anew (tests)."""
    _noted.clear()
