"""Run beside the server under test, in a process with its database: build its world, or print what its history holds."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Any

DAY = date(2026, 11, 19)


def build() -> dict[str, object]:
    """A small world; answers what a client needs to write marks into one lesson."""
    from classbook.cli.migrate import migrate
    from classbook.common import clock
    from classbook.demo.build import build as build_world
    from classbook.demo.build import moment

    migrate(verbosity=0)
    clock.stand_on(moment(DAY))
    build_world(DAY, small=True)
    from tests.world import World

    world = World()
    return {
        "lesson": str(world.lesson.uid),
        "past": past(world),
        "pupil": str(world.anna.uid),
        "group": str(world.group.uid),
        "person": str(world.person("teacher").uid),
        "pupils": [str(pupil.uid) for pupil in world.pupils()],
    }


def past(world: Any) -> dict[str, str]:
    """A lesson of the teacher some days ago, young enough to be corrected without a reason, and a pupil of it."""
    from classbook.lessons.models import Lesson

    rows = Lesson.objects.filter(group=world.group, date__lt=DAY, status="held").order_by("-date")
    return {"lesson": str(rows[0].uid), "pupil": str(world.pupils()[0].uid)}


def history() -> dict[str, list[str]]:
    """Comments of each pupil's mark history in the column that the clients write, in the order of versions."""
    from classbook.grading.models import MarkChange

    found: dict[str, list[str]] = {}
    rows = MarkChange.objects.filter(mark__assessment__title="ledger").order_by("mark_id", "version")
    for pupil, comment in rows.values_list("mark__student__uid", "comment"):
        found.setdefault(str(pupil), []).append(comment)
    return found


def problems() -> list[str]:
    """What the product's own check of marks against their history finds."""
    from classbook.grading.integrity import problems as found

    return list(found())


def footprint() -> dict[str, int]:
    """How many rows each table has."""
    from django.apps import apps

    return {model._meta.label: model.objects.count() for model in apps.get_models()}


def audited(kind: str) -> int:
    """How many audit rows of a kind there are when the worker has brought in what was noted in the file."""
    from classbook.events.models import AuditEvent
    from classbook.events.reading import import_reads

    import_reads()
    return AuditEvent.objects.filter(kind=kind).count()


COMMANDS = {command.__name__: command for command in (build, history, problems, footprint, audited)}

if __name__ == "__main__":
    from classbook.cli import start_django

    start_django()
    print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))  # type: ignore[operator]
