"""The world that is measured: the demo's two schools, built once in a process of its own. Prints what to ask for."""

from __future__ import annotations

import json
from datetime import date

from classbook.cli import start_django

DAY = date(2026, 11, 19)


def build() -> dict[str, object]:
    """Build the world; answers addresses and ids that the paths need."""
    from classbook.cli.migrate import migrate  # noqa: PLC0415 - needs Django set up
    from classbook.common import clock  # noqa: PLC0415
    from classbook.demo.build import build as build_world  # noqa: PLC0415
    from classbook.demo.build import moment  # noqa: PLC0415
    from classbook.lessons.models import Lesson  # noqa: PLC0415
    from classbook.people.models import Account  # noqa: PLC0415
    from classbook.schools.models import Enrollment, TeachingGroup  # noqa: PLC0415

    migrate(verbosity=0)
    clock.stand_on(moment(DAY))
    build_world(DAY)
    teacher = Account.objects.get(login="teacher").person
    pupil = Account.objects.get(login="pupil").person
    groups = TeachingGroup.objects.filter(assignments__teacher=teacher, mark_scale__isnull=False, school_class__isnull=False)
    group = groups.order_by("pk")[0]
    lesson = Lesson.objects.filter(group=group, date__lte=DAY).exclude(status="cancelled").order_by("-date")[0]
    pupils = Enrollment.objects.filter(group=group, ends_on=None).order_by("pk").values_list("student__uid", flat=True)[:25]
    return {
        "week": f"/diary/{pupil.uid}/week/{DAY}/",
        "marks": f"/diary/{pupil.uid}/marks/",
        "journal": f"/journal/{group.uid}/",
        "save": f"/lesson/{lesson.uid}/save/",
        "lesson": str(lesson.uid),
        "person": str(teacher.uid),
        "pupils": [str(uid) for uid in pupils],
    }


if __name__ == "__main__":
    start_django()
    print(json.dumps(build()))
