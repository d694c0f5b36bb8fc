"""The world that is measured: the demo's two schools, built once in a process of its own. Prints what to ask for."""

from __future__ import annotations

import json
import os
import pickle
from datetime import date
from pathlib import Path
from typing import Any

from bench.recording import record
from classbook.cli import start_django

DAY = date(2026, 11, 19)
# Enough for each save of a run to find one that is empty.
COLUMNS = 1000


def build() -> None:
    """Build the demo's world on an empty database."""
    from classbook.cli.migrate import migrate  # noqa: PLC0415 - needs Django set up
    from classbook.common.statistics import refresh_statistics  # noqa: PLC0415
    from classbook.demo.build import build as build_world  # noqa: PLC0415

    migrate(verbosity=0)
    build_world(DAY)
    refresh_statistics()


def grow(worlds: int) -> None:
    """So many copies of the world besides itself."""
    from bench.scale import multiply  # noqa: PLC0415 - needs Django set up
    from classbook.common.statistics import refresh_statistics  # noqa: PLC0415

    multiply(worlds)
    refresh_statistics()


def facts() -> dict[str, Any]:
    """Addresses, cookies and ids that the paths need; the floor's part goes into the data folder."""
    from django.db.models import Count  # noqa: PLC0415

    from classbook.lessons.models import Lesson  # noqa: PLC0415
    from classbook.people.models import Account  # noqa: PLC0415
    from classbook.schools.models import Enrollment, TeachingGroup  # noqa: PLC0415

    teacher = Account.objects.get(login="teacher").person
    pupil = Account.objects.get(login="pupil").person
    groups = TeachingGroup.objects.filter(assignments__teacher=teacher, mark_scale__isnull=False, school_class__isnull=False)
    # The journal with most lessons is read, some 28 pupils by 60 columns in a term; the next one is written, so that its empty
    # columns stand on no page.
    group, written = groups.annotate(n=Count("lessons", distinct=True)).order_by("-n", "pk")[:2]
    held = list(Lesson.objects.filter(group=written, date__lte=DAY).exclude(status="cancelled").order_by("-date")[:40])
    places = Enrollment.objects.filter(group=written, ends_on=None).order_by("pk")
    pupils = dict(places.values_list("student__uid", "student")[:25])
    paths = {
        "week": ("pupil", f"/diary/{pupil.uid}/week/{DAY}/"),
        "marks": ("pupil", f"/diary/{pupil.uid}/marks/?term=year"),
        "journal": ("teacher", f"/journal/{group.uid}/"),
    }
    clients = {login: _browser(login) for login in ("pupil", "teacher")}
    recorded = {name: record(clients[login], path) for name, (login, path) in paths.items()}
    Path(os.environ["CLASSBOOK_DATA"], "recorded.pickle").write_bytes(pickle.dumps(recorded))
    return {
        "paths": paths,
        "cookies": {login: {name: morsel.value for name, morsel in client.cookies.items()} for login, client in clients.items()},
        "save": "/lesson/{}/save/",
        "person": str(teacher.uid),
        "pupils": {str(uid): key for uid, key in pupils.items()},
        "school": written.school_id,
        "columns": empty_columns(held),
    }


def empty_columns(lessons: list[Any]) -> list[tuple[str, str, int]]:
    """Columns without marks as (lesson, uid, key), so that each save fills one: lesson after lesson, a few in each."""
    from classbook.grading.models import Assessment, GroupScale, WorkKind  # noqa: PLC0415 - needs Django set up

    make_table_of_the_floor()
    scale = GroupScale.objects.get(group=lessons[0].group_id).scale_id
    kind = WorkKind.objects.filter(school=lessons[0].school_id).order_by("pk")[0]
    rows = [
        Assessment(
            school_id=lesson.school_id, group_id=lesson.group_id, lesson=lesson, date=lesson.date, position=10 + place,
            scale_id=scale, work_kind=kind, kind=Assessment.Kind.WORK,
        )
        for place in range(COLUMNS // len(lessons) + 1)
        for lesson in lessons
    ]  # fmt: skip
    made = Assessment.objects.bulk_create(rows)
    return [(str(row.lesson.uid), str(row.uid), row.pk) for row in made if row.lesson]


def make_table_of_the_floor() -> None:
    """A table of the marks' own shape, with the same keys and foreign keys, for the floor to write into."""
    from django.db import connection  # noqa: PLC0415 - needs Django set up

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_mark")
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'grading_mark'")
            cursor.execute(cursor.fetchone()[0].replace("grading_mark", "bench_mark"))
            return
        cursor.execute("CREATE TABLE bench_mark (LIKE grading_mark INCLUDING ALL)")
        for column, table in (("school", "schools_school"), ("assessment", "grading_assessment"), ("student", "people_person")):
            cursor.execute(
                f"ALTER TABLE bench_mark ADD FOREIGN KEY ({column}_id) REFERENCES {table} DEFERRABLE INITIALLY DEFERRED"
            )


def _browser(login: str) -> Any:
    from django.test import Client  # noqa: PLC0415 - needs Django set up

    from classbook.people.models import Account  # noqa: PLC0415

    client = Client()
    client.force_login(Account.objects.get(login=login), backend="allauth.account.auth_backends.AuthenticationBackend")
    client.get("/account/devices/")
    return client


def main() -> None:
    """Build unless built, grow to BENCH_WORLDS, and print the facts."""
    start_django()
    from classbook.common import clock  # noqa: PLC0415 - needs Django set up
    from classbook.demo.build import moment  # noqa: PLC0415

    clock.stand_on(moment(DAY))
    folder, worlds = Path(os.environ["CLASSBOOK_DATA"]), int(os.environ.get("BENCH_WORLDS") or 1)
    for mark, needed, work in ((folder / "built", True, build), (folder / "grown", worlds > 1, lambda: grow(worlds))):
        if needed and not mark.exists():
            work()
            mark.touch()
    print(json.dumps(facts()))


if __name__ == "__main__":
    main()
