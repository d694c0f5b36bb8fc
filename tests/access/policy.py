"""Who may open what: one row per route. A route that is not here fails the suite (quality.md 10).

`who` names the personas that get the page (2xx, or a redirect to one); everybody else who is signed in gets 404, and
nobody is sent to the sign-in page. `data` is what a POST sends in the positive control.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.world import World

ALL = frozenset(World.logins)
STAFF_OF_ANNA = frozenset({"classteacher", "head", "deputy"})
FAMILY_OF_ANNA = frozenset({"parent", "parent2", "pupil"})


@dataclass(frozen=True)
class Row:
    """A route with the arguments of an object that exists."""

    name: str
    args: Callable[[World], tuple[object, ...]] = lambda world: ()
    who: frozenset[str] = ALL
    method: str = "GET"
    data: Callable[[World, str], dict[str, str]] = lambda world, login: {}
    json: bool = False
    public: bool = False
    query: Callable[[World], dict[str, str]] = lambda world: {}
    teachers: frozenset[str] = field(default_factory=frozenset)


def anna(world: World) -> tuple[object, ...]:
    return (world.anna.uid,)


def week(world: World) -> tuple[object, ...]:
    return (world.anna.uid, world.lesson.date)


def task(world: World) -> tuple[object, ...]:
    from classbook.homework.models import Homework

    found = Homework.objects.filter(group__enrollments__student=world.anna).order_by("pk")[0]
    return (world.anna.uid, found.uid)


def school(world: World) -> tuple[object, ...]:
    return (world.school.uid,)


def group(world: World) -> tuple[object, ...]:
    return (world.group.uid,)


def lesson(world: World) -> tuple[object, ...]:
    return (world.lesson.uid,)


def pupil_of_school(world: World) -> tuple[object, ...]:
    return (world.school.uid, world.anna.uid)


def group_of_school(world: World) -> tuple[object, ...]:
    return (world.school.uid, world.group.uid)


def own_remark(world: World) -> tuple[object, ...]:
    from classbook.lessons.actions.changes import add_remark
    from classbook.lessons.models import Remark

    # Written once a test, so that asking changes nothing by itself.
    found = Remark.objects.filter(author=world.person("teacher"), lesson=world.lesson).first()
    return (
        world.lesson.uid,
        (found or add_remark(world.actor("teacher"), world.lesson, world.anna.pk, "Молодец", kind="praise")).uid,
    )


def remark(world: World, login: str) -> dict[str, str]:
    return {"op": str(uuid.uuid4()), "student": str(world.anna.uid), "kind": "note", "text": "Принести линейку"}


def whole_save(world: World, login: str) -> dict[str, str]:
    return world.body(login)


JOURNAL = frozenset({"teacher"})
JOURNAL_READERS = JOURNAL | {"head", "deputy"}

POLICY = (
    Row("home"),
    Row("devices"),
    Row("device-end", who=frozenset(), method="POST", data=lambda w, login: {"device": "0" * 64}),
    Row("devices-end-all", method="POST"),
    Row("language", method="POST", data=lambda w, login: {"language": "en", "next": "/"}, public=True),
    Row("account_change_password"),
    Row("account_login", public=True),
    Row("account_logout", method="POST", public=True),
    Row("healthz", public=True),
    Row("readyz", public=True),
    Row("account_signup", who=frozenset(), public=True),
    Row("account_reauthenticate", who=frozenset(), public=True),
    Row("account_inactive", who=frozenset(), public=True),
    Row("account_reset_password", who=frozenset(), public=True),
    Row("account_email", who=frozenset(), public=True),
    Row("today"),
    Row("today-on", args=lambda w: (w.lesson.date,)),
    Row("journals"),
    Row("lesson", args=lesson, who=JOURNAL_READERS),
    Row(
        "lesson",
        args=lambda w: (w.cover_lesson.uid,),
        who=frozenset({"substitute", "head", "deputy"}),
        teachers=frozenset({"teacher", "classteacher"}),
    ),
    Row("lesson-save", args=lesson, who=JOURNAL, method="POST", data=whole_save, json=True),
    Row("remark-add", args=lesson, who=JOURNAL, method="POST", data=remark),
    Row("remark-withdraw", args=own_remark, who=JOURNAL, method="POST"),
    Row("journal", args=group, who=JOURNAL_READERS),
    Row("journal-save", args=group, who=JOURNAL, method="POST", data=whole_save, json=True),
    Row(
        "journal-history",
        args=group,
        who=JOURNAL_READERS,
        query=lambda w: {"student": str(w.anna.uid), "lesson": str(w.lesson.uid)},
    ),
    Row("diary", args=anna, who=FAMILY_OF_ANNA | STAFF_OF_ANNA),
    Row("week", args=week, who=FAMILY_OF_ANNA | STAFF_OF_ANNA),
    Row("week-go", args=anna, who=FAMILY_OF_ANNA | STAFF_OF_ANNA, query=lambda w: {"date": "2026-11-18"}),
    Row("marks", args=anna, who=FAMILY_OF_ANNA | STAFF_OF_ANNA),
    Row(
        "homework-done",
        args=task,
        who=frozenset({"pupil"}),
        method="POST",
        data=lambda w, login: {"done": "1", "day": "2026-11-18"},
    ),
    Row("my-class", who=frozenset({"classteacher"}), teachers=frozenset({"teacher", "substitute"})),
    Row("school-class", args=lambda w: (w.school_class.uid,), who=STAFF_OF_ANNA),
    Row("school", args=school, who=frozenset({"head", "deputy", "office"})),
    Row("office", args=school, who=frozenset({"office"})),
    Row("pupil-add", args=school, who=frozenset({"office"})),
    Row("pupil-move", args=pupil_of_school, who=frozenset({"office"})),
    Row("pupil-leave", args=pupil_of_school, who=frozenset({"office"})),
    Row("teacher-replace", args=group_of_school, who=frozenset({"office"})),
    Row("nurse", args=school, who=frozenset({"nurse"})),
    Row("psychologist", args=school, who=frozenset({"psychologist"})),
    Row("it", args=school, who=frozenset({"it"})),
    Row("authority", args=lambda w: (w.region.uid,), who=frozenset({"authority"})),
)
