"""Every read of a child's data by staff is noted: one row per person, page and set of children in ten minutes (S14).

A page does not write to the database for it: the note goes to an append file, fsynced, that the worker imports. So
pages can be read while the database takes no writes, and a note is never lost.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from classbook.common.clock import now
from classbook.events.models import AuditEvent

WINDOW_SECONDS = 600
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
    line = json.dumps([at.isoformat(), actor_id, school_id, page, *subject]) + "\n"
    descriptor = os.open(_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if len(_noted) > _MOST_REMEMBERED:
        _noted.clear()
    _noted[key] = window


def _file() -> Path:
    return Path(settings.DATA_DIR) / "reads.log"


def import_reads() -> int:
    """Move the noted reads into the audit table; answers how many. Run by one worker."""
    waiting, taken = _file(), _file().with_suffix(".taken")
    if not taken.exists():
        if not waiting.exists():
            return 0
        waiting.rename(taken)
    rows = [json.loads(line) for line in taken.read_text().splitlines() if line.endswith("]")]
    with transaction.atomic():
        AuditEvent.objects.bulk_create(
            AuditEvent(
                at=datetime.fromisoformat(at), actor_id=actor, school_id=school, kind=f"read.{page}",
                subject_type=kind, subject_id=subject,
            )
            for at, actor, school, page, kind, subject in rows
        )  # fmt: skip
    taken.unlink()
    return len(rows)


def forget_noted() -> None:
    """Start the window anew (tests)."""
    _noted.clear()
