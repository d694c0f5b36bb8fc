"""Which day the world in the database stands on, and whether a visitor has typed something in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import connection

from classbook.common.clock import now
from classbook.events.models import AuditEvent, Operation

KIND = "demo.built"


@dataclass(frozen=True, slots=True)
class Kept:
    day: date
    touched: bool


def kept_world() -> Kept | None:
    """The world that is there; `touched`: something was entered after it was built."""
    built = AuditEvent.objects.filter(kind=KIND).order_by("-pk").first()
    if built is None:
        return None
    return Kept(date.fromisoformat(built.data["day"]), Operation.objects.exists())


def keep(day: date) -> None:
    """Remember the day of the world just built."""
    AuditEvent.objects.create(at=now(), kind=KIND, data={"day": day.isoformat()})


def clear_world() -> bool:
    """Remove the demo's own SQLite file, which nobody has written in; False where the database is another kind."""
    if connection.vendor != "sqlite":
        return False
    path = Path(str(connection.settings_dict["NAME"]))
    connection.close()
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return True
