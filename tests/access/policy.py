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


def link(world: World) -> tuple[object, ...]:
    return (world.school.uid, world.anna.uid, world.person("parent").uid)


def ban(world: World) -> tuple[object, ...]:
    return (world.school.uid, world.anna.uid, world.person("parent2").uid, "contacts")


def deputy(world: World) -> tuple[object, ...]:
    return (world.school.uid, world.person("deputy").uid)


def sure(world: World, login: str) -> dict[str, str]:
    return {"sure": "1"}


def new_pupil(world: World, login: str) -> dict[str, str]:
    return {"family": "Новикова", "given": "Ася", "target": str(world.school_class.uid), "starts_on": "2026-11-20", "sure": "1"}


def move(world: World, login: str) -> dict[str, str]:
    return {"target": str(world.another_class.uid), "starts_on": "2026-11-20", "sure": "1"}


def leave(world: World, login: str) -> dict[str, str]:
    return {"last_day": "2026-11-20", "sure": "1"}


def recovery(world: World) -> tuple[object, ...]:
    from classbook.accounts.actions.recovery import ask
    from classbook.accounts.models import RecoveryRequest

    found = RecoveryRequest.objects.first()
    return (found.uid if found else ask("anybody@example.org", "en", "127.0.0.1"),)


def registration(world: World) -> tuple[object, ...]:
    from classbook.accounts.models import Invitation, Registration
    from classbook.common import clock

    letter = Invitation.objects.filter(school=world.school).order_by("pk")[0]
    found = Registration.objects.first() or Registration.objects.create(
        invitation=letter, email="anybody@example.org", created_at=clock.now()
    )
    return (found.uid,)


def correction(world: World) -> tuple[object, ...]:
    from classbook.accounts.models import Correction, Invitation
    from classbook.common import clock

    letter = Invitation.objects.filter(school=world.school).order_by("pk")[0]
    found = Correction.objects.filter(done_at=None).first() or Correction.objects.create(
        school=world.school, invitation=letter, text="Имя", created_at=clock.now()
    )
    return (world.school.uid, found.uid)


def own_line(world: World, login: str) -> dict[str, str]:
    """Anna's own line on the board of the class."""
    return {"only": f"p:{world.anna.uid}"}


def line_with_letter(world: World, login: str) -> dict[str, str]:
    from classbook.accounts.models import Invitation

    letter = Invitation.objects.filter(school=world.school).order_by("pk")[0]
    return {"only": f"g:{letter.person.uid}:{letter.student.uid}"}  # type: ignore[union-attr]


LEADS = frozenset({"classteacher"})
HEAD = frozenset({"head"})
OFFICE = frozenset({"office"})
JOURNAL = frozenset({"teacher"})
JOURNAL_READERS = JOURNAL | {"head", "deputy"}

POLICY = (
    Row("home"),
    Row("devices"),
    Row("device-end", who=frozenset(), method="POST", data=lambda w, login: {"device": "0" * 64}),
    Row("devices-end-all", method="POST"),
    Row("recover", public=True),
    Row("recover-code", args=recovery, public=True),
    Row("recover-new", args=lambda w: ("made-up",), who=frozenset(), public=True),
    Row("contacts"),
    Row("contact-later", method="POST"),
    Row("contact", args=lambda w: ("email",)),
    Row("contact", args=lambda w: ("pigeon",), who=frozenset()),
    Row("contact-code", args=lambda w: ("email",), who=frozenset()),
    Row("contact-remove", args=lambda w: ("email",), who=frozenset({"parent"})),
    Row("language", method="POST", data=lambda w, login: {"language": "en", "next": "/"}, public=True),
    Row("account_change_password"),
    Row("account_login", public=True),
    Row("account_logout", method="POST", public=True),
    Row("demo-outbox", who=frozenset(), public=True),
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
    Row("class-letters", args=lambda w: (w.school_class.uid,), who=LEADS | OFFICE),
    Row("class-letters-print", args=lambda w: (w.school_class.uid,), who=LEADS | OFFICE, method="POST", data=own_line),
    # The first who ends the letter gets through; then there is none.
    Row(
        "letter-withdraw",
        args=lambda w: (w.school_class.uid,),
        who=LEADS,
        method="POST",
        data=line_with_letter,
        teachers=frozenset({"office"}),
    ),
    Row("letters", args=school, who=OFFICE),
    Row("letters-issue", args=school, who=OFFICE, method="POST"),
    Row("letters-print", args=school, who=OFFICE, method="POST"),
    Row("staff-letters", args=school, who=OFFICE),
    Row("staff-letters-print", args=school, who=OFFICE, method="POST"),
    Row("issuers", args=school, who=HEAD),
    Row(
        "issuer-set",
        args=school,
        who=HEAD,
        method="POST",
        data=lambda w, login: {"person": str(w.person("nurse").uid), "named": "1"},
    ),
    Row("correction-done", args=correction, who=OFFICE, method="POST"),
    # Whoever has no letter is asked for the code.
    Row("letter", public=True),
    Row("letter-bare", public=True),
    Row("letter-you", public=True),
    Row("letter-wrong", public=True),
    Row("letter-password", public=True),
    # Whoever is signed in goes on with the letter on the ordinary page.
    Row("letter-own", public=True),
    Row("letter-own-sent", args=registration, public=True),
    Row("letter-own-link", args=lambda w: ("made-up",), who=frozenset(), public=True),
    Row("letter-reach"),
    # Nobody's code is on its way.
    Row("letter-reach-code", args=lambda w: ("email",), who=frozenset()),
    Row("letter-done"),
    # The suite's site has no portal; with one: tests/journeys/test_portal_link.py, tests/accounts/test_portal_link.py.
    Row("portal-start", who=frozenset(), method="POST", public=True),
    Row("portal-callback", who=frozenset(), public=True),
    Row("portal-link", who=frozenset(), public=True),
    Row("portal-check", who=frozenset(), public=True),
    Row("portal-wrong", who=frozenset(), method="POST", public=True),
    Row("portal-mine", who=frozenset()),
    Row("bans", args=school, who=HEAD, query=lambda w: {"q": w.anna.family_name}),
    Row("ban-set", args=pupil_of_school, who=HEAD),
    Row("ban-end", args=ban, who=HEAD),
    Row("ban-end", args=ban, who=HEAD, method="POST", data=sure),
    Row("terms", args=school, who=HEAD),
    Row("term-closing", args=school, who=HEAD),
    Row("term-reopen", args=school, who=HEAD),
    Row("term-close", args=group_of_school, who=frozenset(), query=lambda w: {"term": w.term_key}),
    Row("term-deputy", args=deputy, who=HEAD),
    Row("term-deputy", args=deputy, who=HEAD, method="POST", data=lambda w, login: {"sure": "1", "seen": "give"}),
    Row("office", args=school, who=OFFICE),
    Row("office", args=school, who=OFFICE, query=lambda w: {"q": w.anna.family_name, "class": "7Б"}),
    Row("pupil", args=pupil_of_school, who=OFFICE),
    Row("pupil-add", args=school, who=OFFICE),
    Row("pupil-add", args=school, who=OFFICE, method="POST", data=new_pupil),
    Row("pupil-move", args=pupil_of_school, who=OFFICE),
    Row("pupil-move", args=pupil_of_school, who=OFFICE, method="POST", data=move),
    Row("pupil-leave", args=pupil_of_school, who=OFFICE),
    Row("pupil-leave", args=pupil_of_school, who=OFFICE, method="POST", data=leave),
    Row("pupil-return", args=pupil_of_school, who=OFFICE),
    Row("pupil-day", args=pupil_of_school, who=OFFICE),
    Row("pupil-day", args=pupil_of_school, who=OFFICE, method="POST", data=lambda w, login: {"day": "2026-09-02", "sure": "1"}),
    Row("pupil-undo", args=pupil_of_school, who=OFFICE),
    Row("pupil-undo", args=pupil_of_school, who=OFFICE, method="POST", data=sure),
    Row("guardians", args=school, who=OFFICE, query=lambda w: {"class": "7Б"}),
    Row("guardians-confirm", args=school, who=OFFICE),
    Row("guardian-confirm", args=link, who=OFFICE),
    Row("guardian-end", args=link, who=OFFICE),
    Row("guardian-end", args=link, who=OFFICE, method="POST", data=lambda w, login: {"last_day": "2026-11-18", "sure": "1"}),
    Row("guardian-undo", args=link, who=OFFICE),
    Row("teacher-replace", args=group_of_school, who=OFFICE),
    Row("nurse", args=school, who=frozenset({"nurse"})),
    Row("psychologist", args=school, who=frozenset({"psychologist"})),
    Row("it", args=school, who=frozenset({"it"})),
    Row("authority", args=lambda w: (w.region.uid,), who=frozenset({"authority"})),
)
