"""Which world is in the database, and whether a visitor has entered something in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Q

from classbook.common.clock import now
from classbook.events.models import AuditEvent, Operation
from classbook.homework.models import HomeworkDone

KIND = "demo.built"
# What looking around leaves behind.
LOOKING = Q(kind__startswith="read.") | Q(kind__startswith="reads.") | Q(kind__startswith="account.")


@dataclass(frozen=True, slots=True)
class Kept:
    """What makes one world: the same values, the same people and lessons."""

    day: date
    seed: int
    small: bool


def kept_world() -> Kept | None:
    """The world that is there."""
    built = AuditEvent.objects.filter(kind=KIND).order_by("-pk").first()
    if built is None:
        return None
    return Kept(date.fromisoformat(built.data["day"]), built.data.get("seed", 12), built.data.get("small", False))


def is_touched() -> bool:
    """Was anything entered after the world was built: a lesson, a tick, a pupil moved by the office?"""
    built = AuditEvent.objects.filter(kind=KIND).order_by("-pk").first()
    if built is None:
        return False
    entered = AuditEvent.objects.filter(pk__gt=built.pk).exclude(LOOKING)
    ticked = HomeworkDone.objects.filter(pk__gt=built.data.get("last_tick", 0))
    return entered.exists() or ticked.exists() or Operation.objects.filter(actor_id__gt=0).exists()


def keep(world: Kept) -> None:
    """Remember the world just built."""
    last = HomeworkDone.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    data = {"day": world.day.isoformat(), "seed": world.seed, "small": world.small, "last_tick": last}
    AuditEvent.objects.create(at=now(), kind=KIND, data=data)


def clear_world() -> bool:
    """Remove the demo's own SQLite file and its messages, in which nobody has written; False where the database is another kind."""
    if connection.vendor != "sqlite":
        return False
    path = Path(str(connection.settings_dict["NAME"]))
    connection.close()
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    settings.MESSAGES_FILE.unlink(missing_ok=True)
    return True
