"""Who may open what: one row per route. A route that is not here fails the suite (quality.md 10).

`who` names the personas that get the page (2xx, or a redirect to one); everybody else who is signed in gets 404, and
nobody is sent to the sign-in page. `data` is what a POST sends in the positive control.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from classbook.accounts.actions.applying import token_of
from classbook.accounts.models import AccessRequest, SchoolApplication
from classbook.common import clock
from classbook.people.models import Account, Guardianship, TrustedPerson
from classbook.schools.models import TeachingGroup
from tests.world import World

ALL = frozenset(World.logins)
AUTHORITY = frozenset({"authority"})
STAFF_OF_ANNA = frozenset({"classteacher", "head", "deputy"})
FAMILY_OF_ANNA = frozenset({"parent", "parent2", "pupil"})
# She may see timetable and homework, and nothing else.
TRUSTED = frozenset({"grandma"})


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


def divided(world: World) -> tuple[object, ...]:
    """A part of a subject for which the class is divided."""
    return (world.school.uid, world.anna.uid, _parts(world)[0].uid)


def _parts(world: World) -> list[TeachingGroup]:
    from classbook.schools.actions.pupils import groups_by_subject

    return next(groups for groups in groups_by_subject(world.school_class).values() if len(groups) > 1)


def other_part(world: World, login: str) -> dict[str, str]:
    held = set(world.anna.enrollments.filter(ends_on=None).values_list("group_id", flat=True))
    target = next((group for group in _parts(world) if group.pk not in held), _parts(world)[0])
    return {"target": str(target.uid), "starts_on": "2026-11-23", "sure": "1"}


def new_guardian(world: World, login: str) -> dict[str, str]:
    return {"family": "Орлова", "given": "Нина", "relation": "grandparent", "can_view": "on", "sure": "1"}


def less(world: World, login: str) -> dict[str, str]:
    return {"relation": "mother", "can_view": "on", "sure": "1"}


def _request(world: World, state: str) -> AccessRequest:
    from classbook.common import clock

    values = {"family_name": "Белова", "given_name": "Анна", "born": world.anna.birth_date, "class_name": "7Б", "state": state}
    made, _ = AccessRequest.objects.get_or_create(
        school=world.school, asked_by=world.person("parent2"), relation="father", basis="parent", document="Паспорт",
        defaults={"created_at": clock.now(), **values},
    )  # fmt: skip
    return made


def own_request(world: World) -> tuple[object, ...]:
    """The father has asked, and the office has asked back."""
    return (_request(world, "asked").uid,)


def asked(world: World) -> tuple[object, ...]:
    return (world.school.uid, _request(world, "open").uid)


def asked_pupil(world: World) -> tuple[object, ...]:
    return (*asked(world), world.classmate.uid)


def application(world: World) -> tuple[object, ...]:
    """The school of the demo that waits."""
    return (world.region.uid, SchoolApplication.objects.get().uid)


def connected(world: World) -> tuple[object, ...]:
    row = SchoolApplication.objects.get()
    values = {"administrator": world.person("stranger"), "school": world.school, "closed_by": world.person("authority")}
    SchoolApplication.objects.filter(pk=row.pk).update(state="granted", closed_at=clock.now(), **values)
    Account.objects.filter(login="stranger").update(first_used_at=None)
    return (world.region.uid, row.uid)


def token(world: World) -> tuple[object, ...]:
    return (token_of(SchoolApplication.objects.get().number),)


def code_of_mail(world: World, login: str) -> dict[str, str]:
    from classbook.accounts.actions.applying import _hmac_of

    number = SchoolApplication.objects.get().number
    SchoolApplication.objects.update(code_hmac=_hmac_of(number, "12345678"))
    return {"number": number, "code": "1234 5678"}


def asked_token(world: World) -> tuple[object, ...]:
    SchoolApplication.objects.update(state="asked", question="Сколько?")
    return token(world)


def applying_school(world: World, login: str) -> dict[str, str]:
    return {
        "op": str(uuid.uuid4()), "region": str(world.region.uid), "name": "Школа", "town": "Город", "address": "Улица, 1",
        "head": "Иванов", "email": f"{login}@school.example", "phone": "1", "pupils": "100", "family": "Орлова", "given": "Инна",
        "born": "1990-02-03",
    }  # fmt: skip


def connecting(world: World, login: str) -> dict[str, str]:
    return {
        "school": "", "name": "Школа", "town": "Город", "profile": "russia", "time_zone": "Asia/Tokyo", "family": "Орлова",
        "given": "Инна", "born": "1990-02-03", "sure": "1",
    }  # fmt: skip


def seen_paper(world: World, login: str) -> dict[str, str]:
    return {"relation": "father", "can_view": "on", "basis": "parent", "document": "Паспорт", "sure": "1"}


def asking(world: World, login: str) -> dict[str, str]:
    return {
        "school": str(world.school.uid), "family": "Белова", "given": "Анна", "born": "2013-05-04", "class_name": "7Б",
        "relation": "mother", "basis": "parent", "document": "Паспорт",
    }  # fmt: skip


def trusting(world: World, login: str) -> dict[str, str]:
    return {"family": "Белова", "given": "Нина", "ends_on": "2027-01-31"}


def invitation(world: World) -> tuple[object, ...]:
    from classbook.accounts.models import TrustInvitation
    from classbook.common import clock

    at = clock.now()
    made, _ = TrustInvitation.objects.get_or_create(
        student=world.anna, invited_by=world.person("parent"), family_name="Белова", given_name="Нина", code_hmac="made up",
        defaults={"ends_on": date(2027, 1, 31), "created_at": at, "expires_at": at + timedelta(days=14)},
    )  # fmt: skip
    return (world.anna.uid, made.uid)


def _trust(world: World) -> TrustedPerson:
    made, _ = TrustedPerson.objects.get_or_create(
        person=world.person("stranger"), student=world.anna, invited_by=world.person("parent"),
        defaults={"starts_on": date(2026, 11, 1), "ends_on": date(2027, 1, 31)},
    )  # fmt: skip
    return made


def trusted(world: World) -> tuple[object, ...]:
    return (world.anna.uid, _trust(world).person.uid)


def trusted_of_school(world: World) -> tuple[object, ...]:
    return (world.school.uid, *trusted(world))


def of_adult(world: World) -> tuple[object, ...]:
    pupil = world.person("adultpupil")
    return (pupil.uid, Guardianship.objects.filter(student=pupil, confirmed_at__isnull=False)[0].guardian.uid)


def consent(world: World) -> tuple[object, ...]:
    """The trusted person's own."""
    from classbook.accounts.actions.consents import agree
    from classbook.accounts.models import Consent

    mine = Consent.objects.filter(person=_trust(world).person)
    if not mine.exists():
        agree(_trust(world).person_id, "trusted", "ru", about=world.anna.pk)
    return (mine[0].uid,)


def notice(world: World) -> tuple[object, ...]:
    """For all class teachers."""
    from classbook.common import clock
    from classbook.schools.models import Notice

    at = clock.now()
    values = {"text": "В 12 кабинете", "ends_on": date(2026, 12, 1), "created_at": at, "changed_at": at}
    made, _ = Notice.objects.get_or_create(
        school=world.school, audience="class_teachers", title="Собрание",
        defaults={**values, "written_by": world.person("office")},
    )  # fmt: skip
    return (world.school.uid, made.uid)


def told(world: World, login: str) -> dict[str, str]:
    return {"audience": "staff", "title": "Педсовет", "text": "В среду, в 15:00.", "ends_on": "2026-12-01"}


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


def corrected(world: World, login: str) -> dict[str, str]:
    """The mother's second name is spelled otherwise by each who may."""
    return {"family": "Белова", "given": "Марина", "middle": f"Игоревна-{login}", "sure": "1"}


def line_with_letter(world: World, login: str) -> dict[str, str]:
    from classbook.accounts.models import Invitation

    letter = Invitation.objects.filter(school=world.school).order_by("pk")[0]
    return {"only": f"g:{letter.person.uid}:{letter.student.uid}"}  # type: ignore[union-attr]


def colleague(world: World) -> tuple[object, ...]:
    return (world.school.uid, world.person("teacher").uid)


def somebodys_passkey(world: World) -> tuple[object, ...]:
    """Of an account that is none of the personas'."""
    from allauth.mfa.models import Authenticator

    from classbook.people.models import Account

    found = Authenticator.objects.filter(type="webauthn").first()
    if found is None:
        owner = Account.objects.exclude(login__in=World.logins).order_by("pk")[0]
        found = Authenticator.objects.create(user=owner, type="webauthn", data={"name": "Telephone", "credential": {}})
    return (found.pk,)


LEADS = frozenset({"classteacher"})
# A guardian without limits.
SHARES = frozenset({"parent"})
GROWN_UP = ALL - {"pupil", "adultpupil"}
HEAD = frozenset({"head"})
TELLS = frozenset({"head", "deputy", "office"})
AT_SCHOOL = TELLS | {"teacher", "classteacher", "substitute", "it", "nurse", "psychologist"}
OFFICE = frozenset({"office"})
PRINTERS = frozenset({"office", "it"})
JOURNAL = frozenset({"teacher"})
JOURNAL_READERS = JOURNAL | {"head", "deputy"}

POLICY = (
    Row("home"),
    Row("devices"),
    Row("device-end", who=frozenset(), method="POST", data=lambda w, login: {"device": "0" * 64}),
    Row("devices-end-all", method="POST"),
    Row("security"),
    Row("prove"),
    Row("factor-app"),
    Row("factor-app-remove", who=frozenset()),
    Row("factor-codes"),
    Row("factor-codes-remove", who=frozenset()),
    Row("passkey-add"),
    # Somebody's passkey is nobody else's; whose is whose: tests/accounts/test_factors.py.
    Row("passkey", args=somebodys_passkey, who=frozenset()),
    Row("passkey-remove", args=somebodys_passkey, who=frozenset()),
    Row("passkey-options", method="POST", data=lambda w, login: {"for": "sign-in"}, public=True),
    Row("passkey-in", method="POST", public=True),
    # Nobody is half in: to the first step.
    Row("mfa_authenticate", public=True),
    Row("recover", public=True),
    Row("recover-code", args=recovery, public=True),
    Row("recover-new", args=lambda w: ("made-up",), who=frozenset(), public=True),
    Row("contacts"),
    Row("contact-later", method="POST"),
    Row("contact", args=lambda w: ("email",)),
    Row("contact", args=lambda w: ("pigeon",), who=frozenset()),
    Row("contact-code", args=lambda w: ("email",), who=frozenset()),
    Row("contact-remove", args=lambda w: ("email",), who=frozenset({"parent"})),
    Row("children"),
    Row("access-ask", who=GROWN_UP),
    Row("access-ask", who=GROWN_UP, method="POST", data=asking),
    # Only who asked answers and withdraws.
    Row("access-reply", args=own_request, who=frozenset({"parent2"}), method="POST", data=lambda w, login: {"reply": "Паспорт"}),
    Row("access-withdraw", args=own_request, who=frozenset({"parent2"}), method="POST"),
    Row("consents"),
    Row("consent-withdraw", args=consent, who=frozenset({"stranger"}), method="POST"),
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
    Row("diary", args=anna, who=FAMILY_OF_ANNA | TRUSTED | STAFF_OF_ANNA),
    Row("week", args=week, who=FAMILY_OF_ANNA | TRUSTED | STAFF_OF_ANNA),
    Row("week-go", args=anna, who=FAMILY_OF_ANNA | TRUSTED | STAFF_OF_ANNA, query=lambda w: {"date": "2026-11-18"}),
    Row("marks", args=anna, who=FAMILY_OF_ANNA | STAFF_OF_ANNA),
    Row("subject", args=lambda w: (w.anna.uid, w.group.uid), who=FAMILY_OF_ANNA | STAFF_OF_ANNA),
    Row(
        "homework-done",
        args=task,
        who=frozenset({"pupil"}),
        method="POST",
        data=lambda w, login: {"done": "1", "day": "2026-11-18"},
    ),
    Row("watching", args=anna, who=SHARES),
    Row("trust-invite", args=anna, who=SHARES),
    Row("trust-invite", args=anna, who=SHARES, method="POST", data=trusting),
    Row("trust-withdraw", args=invitation, who=SHARES, method="POST"),
    Row("trust-end", args=trusted, who=SHARES),
    Row("trust-end", args=trusted, who=SHARES, method="POST", data=sure),
    # Only a pupil of full age chooses for the guardians; Anna is thirteen.
    Row("adult-choose", args=lambda w: (w.anna.uid, w.person("parent").uid), who=frozenset()),
    Row("adult-choose", args=of_adult, who=frozenset({"adultpupil"})),
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
    Row("staff-codes", args=school, who=PRINTERS),
    Row("staff-codes-print", args=colleague, who=PRINTERS),
    Row("staff-codes-print", args=colleague, who=PRINTERS, method="POST", data=sure),
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
    Row("invited", public=True),
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
    Row(
        "class-ways",
        args=lambda w: (w.school_class.uid,),
        who=LEADS | OFFICE | {"it"},
        query=lambda w: {"pupil": str(w.anna.uid)},
    ),
    # Nobody there is linked: tests/accounts/test_ways.py.
    Row("ways-unlink", args=lambda w: (w.school_class.uid,), who=frozenset(), method="POST", data=own_line),
    Row("person-data", args=pupil_of_school, who=OFFICE),
    Row("person-data", args=lambda w: (w.school.uid, w.person("parent").uid), who=OFFICE, method="POST", data=corrected),
    Row("schools", public=True, query=lambda w: {"q": "школа"}),
    Row("application-make", public=True),
    Row("application-make", public=True, method="POST", data=applying_school),
    Row("application-find", public=True),
    Row("application-find", public=True, method="POST", data=code_of_mail),
    Row("application", args=token, public=True),
    Row("application-confirm", args=token, public=True, method="POST"),
    Row("application-reply", args=asked_token, public=True, method="POST", data=lambda w, login: {"text": "Двадцать"}),
    Row("application-withdraw", args=token, public=True, method="POST"),
    Row("letter-portal", public=True),
    Row("help-in", public=True),
    Row("help-found", public=True),
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
    Row("pupil-part", args=divided, who=OFFICE),
    Row("pupil-part", args=divided, who=OFFICE, method="POST", data=other_part),
    Row("guardian-find", args=pupil_of_school, who=OFFICE, query=lambda w: {"q": w.person("parent").family_name}),
    Row("guardian-add", args=pupil_of_school, who=OFFICE),
    Row("guardian-add", args=pupil_of_school, who=OFFICE, query=lambda w: {"person": str(w.person("parent").uid)}),
    Row("guardian-add", args=pupil_of_school, who=OFFICE, method="POST", data=new_guardian),
    Row("guardian-change", args=link, who=OFFICE),
    Row("guardian-change", args=link, who=OFFICE, method="POST", data=less),
    Row("guardians", args=school, who=OFFICE, query=lambda w: {"class": "7Б"}),
    Row("guardians-confirm", args=school, who=OFFICE),
    Row("guardian-confirm", args=link, who=OFFICE),
    Row("guardian-end", args=link, who=OFFICE),
    Row("guardian-end", args=link, who=OFFICE, method="POST", data=lambda w, login: {"last_day": "2026-11-18", "sure": "1"}),
    Row("guardian-undo", args=link, who=OFFICE),
    Row("teacher-replace", args=group_of_school, who=OFFICE),
    Row("office-trust-end", args=trusted_of_school, who=OFFICE),
    Row("office-trust-end", args=trusted_of_school, who=OFFICE, method="POST", data=sure),
    Row("access-requests", args=school, who=OFFICE),
    Row("access-request", args=asked, who=OFFICE),
    Row("access-approve", args=asked_pupil, who=OFFICE),
    Row("access-approve", args=asked_pupil, who=OFFICE, method="POST", data=seen_paper),
    Row("access-question", args=asked, who=OFFICE),
    Row("access-question", args=asked, who=OFFICE, method="POST", data=lambda w, login: {"text": "Какой документ?", "sure": "1"}),
    Row("access-refuse", args=asked, who=OFFICE),
    Row("access-refuse", args=asked, who=OFFICE, method="POST", data=lambda w, login: {"text": "Нет документа", "sure": "1"}),
    Row("about", public=True),
    Row("help", public=True, query=lambda w: {"q": "пароль"}),
    Row("help-topic", args=lambda w: ("marks",), public=True),
    Row("tour", args=lambda w: ("family",), public=True),
    Row("instructions", args=school, who=AT_SCHOOL),
    Row("instructions", args=school, who=OFFICE, method="POST", data=lambda w, login: {"text": "Кабинет 3"}),
    Row("notices", args=school, who=TELLS),
    Row("notice-write", args=school, who=TELLS),
    Row("notice-write", args=school, who=TELLS, method="POST", data=told),
    Row("notice", args=notice, who=TELLS),
    Row("notice-change", args=notice, who=TELLS),
    Row("notice-change", args=notice, who=TELLS, method="POST", data=lambda w, login: {**told(w, login), "seen": "1"}),
    Row("notice-read", args=lambda w: notice(w)[1:], who=LEADS, method="POST", teachers=frozenset({"teacher", "substitute"})),
    Row("notice-withdraw", args=notice, who=TELLS, method="POST"),
    Row("nurse", args=school, who=frozenset({"nurse"})),
    Row("psychologist", args=school, who=frozenset({"psychologist"})),
    Row("it", args=school, who=frozenset({"it"})),
    Row("authority", args=lambda w: (w.region.uid,), who=AUTHORITY),
    Row("region-portal", args=lambda w: (w.region.uid,), who=AUTHORITY),
    Row(
        "region-portal",
        args=lambda w: (w.region.uid,),
        who=AUTHORITY,
        method="POST",
        data=lambda w, login: {"kind": "none", "grace_days": "30", "sure": "1", "seen": "//30"},
    ),
    Row("region-applications", args=lambda w: (w.region.uid,), who=AUTHORITY),
    Row("region-application", args=application, who=AUTHORITY),
    Row("region-connect", args=application, who=AUTHORITY),
    Row("region-connect", args=application, who=AUTHORITY, method="POST", data=connecting),
    Row("region-question", args=application, who=AUTHORITY),
    Row(
        "region-question", args=application, who=AUTHORITY, method="POST", data=lambda w, login: {"text": "Сколько?", "sure": "1"}
    ),
    Row("region-refuse", args=application, who=AUTHORITY),
    Row("region-refuse", args=application, who=AUTHORITY, method="POST", data=lambda w, login: {"text": "Нет", "sure": "1"}),
    Row("region-letter", args=connected, who=AUTHORITY, method="POST"),
)
