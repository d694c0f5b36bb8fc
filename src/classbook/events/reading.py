"""Every read of a child's data by staff is noted: one row per person, page and set of children in ten minutes (S14).

A page does not write to the database for it: the note goes to an append file, fsynced, that the worker imports. So
pages can be read while the database takes no writes. No note is lost and none comes in twice, whoever is killed when:

- Who writes holds the file with a lock, and so does the worker who takes it away by giving it a new name. A line never
  goes to a file that was read before. (Shared locks for the writers would let the worker wait for ever.)
- The worker's file has a name of its own, which is stored as an operation together with its lines. A file that is still
  there after that is only removed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction

from classbook.common.clock import now
from classbook.events.models import AuditEvent, Operation

WINDOW_SECONDS = 600
_log = logging.getLogger(__name__)
# The process's own memory of what it noted in this window: (actor, page, anchor) -> window.
_noted: dict[tuple[int, str, int], int] = {}
_MOST_REMEMBERED = 20_000
COLUMNS = 6
# "Who" of the operations that the worker names: nobody.
WORKER = 0


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
        descriptor = _open_to_write()
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


def _open_to_write() -> int:
    """The file that the worker takes next. While the descriptor is open the worker waits."""
    while True:
        descriptor = os.open(_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if _is_current(descriptor):
            return descriptor
        # The worker took the file between the opening and the lock.
        os.close(descriptor)


def _is_current(descriptor: int) -> bool:
    """Is it still the file that has the name?"""
    try:
        return os.path.samestat(os.fstat(descriptor), _file().stat())
    except FileNotFoundError:
        return False


def import_reads() -> int:
    """Move the noted reads into the audit table; answers how many."""
    _take()
    return sum(_import(path) for path in sorted(_file().parent.glob("reads-*.taken")))


def _take() -> None:
    try:
        descriptor = os.open(_file(), os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if _is_current(descriptor):
            _file().rename(_file().with_name(f"reads-{uuid4()}.taken"))
    finally:
        os.close(descriptor)


def _import(path: Path) -> int:
    uid, data = UUID(path.stem.removeprefix("reads-")), path.read_bytes()
    rows = [row for line in data.decode(errors="replace").splitlines() if (row := _row(line))]
    new = not Operation.objects.filter(uid=uid).exists() and _store(uid, hashlib.sha256(data).hexdigest(), rows)
    path.unlink(missing_ok=True)
    return len(rows) if new else 0


def _store(uid: UUID, digest: str, rows: list[list[Any]]) -> bool:
    try:
        with transaction.atomic():
            Operation.objects.create(uid=uid, actor_id=WORKER, digest=digest, answer={"reads": len(rows)}, created_at=now())
            AuditEvent.objects.bulk_create(
                (
                    AuditEvent(
                        at=datetime.fromisoformat(at), actor_id=actor, school_id=school, kind=kind,
                        subject_type=subject_type, subject_id=subject,
                    )
                    for at, actor, school, kind, subject_type, subject in rows
                ),
                batch_size=2000,
            )  # fmt: skip
    except IntegrityError:
        # Another worker was quicker.
        return False
    return True


def _row(line: str) -> list[Any] | None:
    """A line as it was noted; None for a line that was cut short."""
    try:
        row: list[Any] = json.loads(line)
        datetime.fromisoformat(row[0])
    except (ValueError, TypeError, LookupError):
        return None
    return row if len(row) == COLUMNS else None


def forget_noted() -> None:
    """Start the window anew (tests)."""
    _noted.clear()
