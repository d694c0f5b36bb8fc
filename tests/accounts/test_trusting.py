"""A family lets somebody look in: what was chosen, for a time, and no step further; at eighteen the pupil chooses."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from classbook.accounts.actions import trusting as actions
from classbook.accounts.models import Consent, ConsentText, TrustInvitation
from classbook.accounts.queries import consents
from classbook.accounts.queries.trust import invitation_by_code, watching
from classbook.accounts.rules import folded
from classbook.attendance.models import AttendanceCode, AttendanceRecord
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.models import AuditEvent
from classbook.events.reading import forget_noted, import_reads
from classbook.grading.models import Mark
from classbook.homework.models import Homework
from classbook.people.models import AccessBan, Account, Contact, Guardianship, Person, TrustedPerson
from classbook.schools.access import Actor, children_of, open_student, open_student_to_share, pupil_rights
from tests.accounts.mailbox import arrived
from tests.web.test_office import hidden, text
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 19)
PASSWORD = "четыре слова про грибы"


@pytest.fixture(autouse=True)
def nobody_yet(world: World) -> None:
    """The demo's grandmother is another story (tests/access)."""
    TrustedPerson.objects.all().delete()
    Consent.objects.all().delete()


def choice(**changes: Any) -> actions.Choice:
    return actions.Choice(**{"marks": False, "attendance": False, "ends_on": date(2027, 5, 31), **changes})


def invite(world: World, login: str = "parent", email: str = "", **changes: Any) -> str:
    actor = world.actor(login)
    student = open_student_to_share(actor, world.anna.uid)
    return actions.invite(actor, student, family="Белова", given="Нина", choice=choice(**changes), email=email)


def enter(code: str, language: str = "en") -> Account:
    found = invitation_by_code(folded(code))
    assert found is not None
    return actions.enter(found.uid, family="Белова", given="Нина", password=PASSWORD, language=language)


def actor_of(account: Account, world: World, today: date = DAY) -> Actor:
    return replace(world.actor("stranger"), person_id=account.person_id, today=today, positions=())


def client_of(account: Account) -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def week_of(world: World, client: Client) -> Any:
    return client.get(f"/diary/{world.anna.uid}/week/{world.lesson.date}/")


def test_grandmother_sees_what_was_chosen_and_no_step_further(world: World) -> None:
    account = enter(invite(world))
    grandmother, client = actor_of(account, world), client_of(account)
    rights = pupil_rights(grandmother, world.anna.pk)
    assert rights is not None
    assert (rights.relation, rights.can_see_marks, rights.can_see_attendance, rights.can_sign) == ("trusted", False, False, False)
    assert [child.pk for child in children_of(grandmother)] == [world.anna.pk]
    assert week_of(world, client).status_code == 200
    closed = [
        reverse("marks", args=[world.anna.uid]), reverse("watching", args=[world.anna.uid]),
        reverse("trust-invite", args=[world.anna.uid]), reverse("week", args=[world.classmate.uid, world.lesson.date]),
    ]  # fmt: skip
    assert [client.get(address).status_code for address in closed] == [404] * 4
    with pytest.raises(NotFound):
        open_student_to_share(grandmother, world.anna.uid)


@pytest.mark.parametrize("marks", [False, True])
@pytest.mark.parametrize("attendance", [False, True])
def test_week_hides_on_the_server_what_was_not_chosen(world: World, marks: bool, attendance: bool) -> None:
    mark = Mark.objects.filter(student=world.anna, assessment__lesson__isnull=False, status="recorded").order_by(
        "-assessment__date", "pk"
    )[0]
    Mark.objects.filter(pk=mark.pk).update(comment="Особое слово")
    code = AttendanceCode.objects.get(school=world.school, code="о")
    lesson = mark.assessment.lesson
    assert lesson is not None
    AttendanceRecord.objects.update_or_create(
        lesson=lesson, student=world.anna, defaults={"school": world.school, "date": lesson.date, "code": code, "minutes": 13}
    )
    Homework.objects.filter(due_lesson=lesson).update(text="Выучить всё")
    client = client_of(enter(invite(world, marks=marks, attendance=attendance)))
    body = client.get(f"/diary/{world.anna.uid}/week/{lesson.date}/").content.decode()
    assert ("Особое слово" in body) is marks
    assert ("Averages of the term" in body) is marks
    assert ("Late, 13 min" in body) is attendance
    assert (">Marks<" in re.sub(r"\s+", "", body) or "/marks/" in body) is marks
    assert client.get(reverse("marks", args=[world.anna.uid])).status_code == (200 if marks else 404)


def test_one_statement_more_is_the_most_that_a_trusted_person_costs(world: World) -> None:
    """The page of a guardian is one statement; the note of a trusted reading goes to a file."""
    client = client_of(enter(invite(world)))
    week_of(world, client)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert week_of(world, client).status_code == 200
    assert len(queries) <= 2, [query["sql"][:90] for query in queries]


def test_both_ways_to_the_week_say_the_same(world: World) -> None:
    """The short way of web.hot, and the ordinary one that a waiting message leads to."""
    client = client_of(enter(invite(world, attendance=True)))
    short = week_of(world, client).content.decode()
    client.cookies["messages"] = "x"
    ordinary = week_of(world, client).content.decode()
    plain = [re.sub(r'value="[^"]{40,}"', "", body) for body in (short, ordinary)]
    assert plain[0] == plain[1]


def test_code_lets_in_once_and_for_two_weeks(world: World) -> None:
    code = invite(world)
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", code)
    row = TrustInvitation.objects.get()
    assert folded(code) not in row.code_hmac
    assert row.expires_at - row.created_at == timedelta(days=14)
    enter(code)
    assert invitation_by_code(folded(code)) is None
    with pytest.raises(Refusal):
        actions.enter(row.uid, family="Б", given="Н", password=PASSWORD, language="ru")
    over = invite(world)
    TrustInvitation.objects.filter(used_at=None).update(ends_on=DAY - timedelta(days=1))
    with pytest.raises(Refusal):
        enter(over)
    late = invite(world)
    TrustInvitation.objects.filter(used_at=None).update(expires_at=clock.now())
    assert invitation_by_code(folded(late)) is None


def test_withdrawn_invitation_and_one_of_a_guardian_who_lost_the_right_let_nobody_in(world: World) -> None:
    parent = world.actor("parent")
    student, code = open_student_to_share(parent, world.anna.uid), invite(world)
    row = TrustInvitation.objects.get()
    actions.withdraw_invitation(parent, student, row.uid)
    assert invitation_by_code(folded(code)) is None
    with pytest.raises(NotFound):
        actions.withdraw_invitation(parent, student, row.uid)
    code = invite(world)
    Guardianship.objects.filter(guardian=world.person("parent")).update(can_sign=False)
    with pytest.raises(Refusal, match="does not let in"):
        enter(code)
    assert Person.objects.filter(given_name="Нина", family_name="Белова").count() == 1  # the demo's own


def test_weak_password_makes_nobody(world: World) -> None:
    invite(world)
    people = Person.objects.count()
    with pytest.raises(ValidationError):
        actions.enter(TrustInvitation.objects.get().uid, family="Белова", given="Нина", password="Белова Нина", language="ru")
    assert Person.objects.count() == people
    assert TrustInvitation.objects.get().used_at is None


@pytest.mark.parametrize("login", ["parent2", "pupil", "classteacher", "head", "office", "stranger"])
def test_only_a_guardian_without_limits_invites(world: World, login: str) -> None:
    student = open_student_to_share(world.actor("parent"), world.anna.uid)
    with pytest.raises(NotFound):
        actions.invite(world.actor(login), student, family="Б", given="Н", choice=choice(), email="")


@pytest.mark.parametrize(
    ("ends_on", "email", "field"),
    [(DAY - timedelta(days=1), "", "ends_on"), (DAY + timedelta(days=367), "", "ends_on"), (DAY, "no address", "email")],
)
def test_at_most_a_year_and_what_is_wrong_stands_beside_its_field(world: World, ends_on: date, email: str, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        invite(world, email=email, ends_on=ends_on)
    assert refused.value.field == field


def test_trust_is_over_after_its_last_day_without_anybody_doing_anything(world: World) -> None:
    account = enter(invite(world, ends_on=DAY))
    assert pupil_rights(actor_of(account, world), world.anna.pk) is not None
    assert pupil_rights(actor_of(account, world, DAY + timedelta(days=1)), world.anna.pk) is None


@pytest.mark.parametrize("how", ["parent", "office", "herself", "consent"])
def test_it_ends_at_once_by_family_school_or_herself(world: World, how: str) -> None:
    account = enter(invite(world))
    grandmother = actor_of(account, world)
    if how == "consent":
        actions.withdraw_consent(grandmother, Consent.objects.get().uid)
    else:
        actions.end_trust(grandmother if how == "herself" else world.actor(how), world.anna, account.person)
    assert week_of(world, client_of(account)).status_code == 404
    assert children_of(grandmother).count() == 0
    assert AuditEvent.objects.filter(kind="trust.ended", subject_id=world.anna.pk).count() == 1
    assert (Consent.objects.get().withdrawn_at is not None) is (how in {"herself", "consent"})
    with pytest.raises(NotFound):
        actions.end_trust(world.actor("parent"), world.anna, account.person)


@pytest.mark.parametrize("login", ["parent2", "pupil", "classteacher", "head", "stranger"])
def test_nobody_else_ends_it(world: World, login: str) -> None:
    account = enter(invite(world))
    with pytest.raises(NotFound):
        actions.end_trust(world.actor(login), world.anna, account.person)


@pytest.mark.parametrize("how", ["ended", "unconfirmed", "banned", "of age"])
def test_trust_stands_on_the_guardian_who_gave_it(world: World, how: str) -> None:
    account = enter(invite(world))
    mother, links = world.person("parent"), Guardianship.objects.filter(guardian=world.person("parent"), student=world.anna)
    if how == "ended":
        links.update(ends_on=DAY - timedelta(days=1))
    elif how == "unconfirmed":
        links.update(confirmed_at=None)
    elif how == "banned":
        AccessBan.objects.create(person=mother, student=world.anna, scope="all", reason="суд", starts_on=DAY)
    else:
        Person.objects.filter(pk=world.anna.pk).update(birth_date=date(2008, 11, 19))
    assert pupil_rights(actor_of(account, world), world.anna.pk) is None
    assert week_of(world, client_of(account)).status_code == 404
    assert watching(Person.objects.get(pk=world.anna.pk), DAY).trusted == ()


def test_account_that_is_there_gets_the_child_unless_something_is_in_the_way(world: World) -> None:
    invite(world)
    uid = TrustInvitation.objects.get().uid
    for login, sentence in (("pupil", "grown-up"), ("parent2", "already")):
        with pytest.raises(Refusal, match=sentence if login == "pupil" else "school office"):
            actions.accept(world.actor(login), uid, "ru")
    AccessBan.objects.create(person=world.person("banned"), student=world.anna, scope="all", reason="суд", starts_on=DAY)
    with pytest.raises(Refusal, match="school office"):
        actions.accept(world.actor("banned"), uid, "ru")
    with pytest.raises(Refusal, match="guardian of this child"):
        actions.accept(world.actor("parent"), uid, "ru")
    actions.accept(world.actor("stranger"), uid, "ru")
    assert open_student(world.actor("stranger"), world.anna.uid).rights.relation == "trusted"


def test_mail_carries_the_code_and_the_guardian_learns_who_came(world: World) -> None:
    code = invite(world, email="Nina@Example.org")
    (told,) = arrived("nina@example.org")
    assert code in told and "/in/" in told
    assert world.anna.given_name not in told
    enter(code)
    mail = Contact.objects.get(person=world.person("parent"), kind="email").value
    assert any("Нина" in message for message in arrived(mail))


def test_invitations_are_few(world: World) -> None:
    for _ in range(8):
        invite(world)
    with pytest.raises(Refusal, match="Eight people"):
        invite(world)
    for row in TrustInvitation.objects.all():
        actions.withdraw_invitation(world.actor("parent"), open_student_to_share(world.actor("parent"), world.anna.uid), row.uid)
    invite(world)
    invite(world)
    with pytest.raises(Refusal, match="ten times today"):
        invite(world)


def test_family_sees_who_looks_and_when(world: World) -> None:
    account = enter(invite(world, marks=True))
    people = {account.person_id, world.person("classteacher").pk}
    noted = AuditEvent.objects.filter(kind="read.week", subject_id=world.anna.pk, actor_id__in=people)
    import_reads()  # what other tests have read
    before = noted.count()
    forget_noted()
    for client in (client_of(account), world.client("classteacher"), world.client("parent")):
        week_of(world, client)
    import_reads()
    assert noted.count() == before + 2
    page = text(world.client("parent").get(reverse("watching", args=[world.anna.uid])))
    assert "homework, marks and remarks" in page
    assert re.search(r"invited by [^·]+· last looked on 19 November 2026", page)
    assert world.person("parent2").given_name in page
    AccessBan.objects.create(person=world.person("parent2"), student=world.anna, scope="all", reason="суд", starts_on=DAY)
    page = text(world.client("parent").get(reverse("watching", args=[world.anna.uid])))
    assert world.person("parent2").given_name not in page.split("Trusted persons")[0]


def test_whole_way_on_the_pages_without_script(world: World) -> None:
    parent, visitor = world.client("parent"), world.client("nobody")
    wrong = parent.post(
        reverse("trust-invite", args=[world.anna.uid]), {"family": "Белова", "given": "", "ends_on": "2028-01-01"}
    )
    assert wrong.status_code == 422
    made = parent.post(
        reverse("trust-invite", args=[world.anna.uid]), {"family": "Белова", "given": "Нина", "ends_on": "2027-05-31"}
    )
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", text(made))
    assert code
    assert "no-store" in made["Cache-Control"]
    assert visitor.post(reverse("letter"), {"code": code[0].lower()})["Location"] == reverse("invited")
    page = text(visitor.get(reverse("invited")))
    assert "lets you see the school diary of Анна" in page and "Marks" not in page
    data = {"family": "Белова", "given": "Нина", "password": PASSWORD}
    assert visitor.post(reverse("invited"), data).status_code == 422  # not agreed
    short = visitor.post(reverse("invited"), {**data, "password": "short", "agree": "on"})
    assert short.status_code == 422 and 'value="Нина"' in short.content.decode()
    assert visitor.post(reverse("invited"), {**data, "agree": "on"}).status_code == 302
    assert week_of(world, visitor).status_code == 200
    agreed = text(visitor.get(reverse("consents")))
    assert "I see the diary of" in agreed and "Version 1" in agreed
    person = TrustedPerson.objects.get().person
    step = reverse("trust-end", args=[world.anna.uid, person.uid])
    done = parent.post(step, hidden(parent.get(step)) | {"sure": "1"}, follow=True)
    assert "no longer sees the diary" in text(done)
    assert week_of(world, visitor).status_code == 404
    assert visitor.post(reverse("letter"), {"code": code[0]}).status_code == 422


def test_office_sees_trusted_persons_and_ends_them(world: World) -> None:
    account, office = enter(invite(world)), world.client("office")
    page = text(office.get(reverse("pupil", args=[world.school.uid, world.anna.uid])))
    assert "Нина" in page
    step = reverse("office-trust-end", args=[world.school.uid, world.anna.uid, account.person.uid])
    office.post(step, hidden(office.get(step)) | {"sure": "1"})
    assert not TrustedPerson.objects.get().can_view


def test_guardians_rights_end_on_the_eighteenth_birthday_by_rule(world: World) -> None:
    Person.objects.filter(pk=world.anna.pk).update(birth_date=date(2008, 11, 20))
    mother = world.actor("parent")
    assert pupil_rights(mother, world.anna.pk) is not None
    tomorrow = replace(mother, today=date(2026, 11, 20))
    assert pupil_rights(tomorrow, world.anna.pk) is None
    assert world.anna.pk not in {child.pk for child in children_of(tomorrow)}
    Person.objects.filter(pk=world.anna.pk).update(birth_date=DAY.replace(year=2008))
    assert week_of(world, world.client("parent")).status_code == 404
    assert week_of(world, world.client("pupil")).status_code == 200


def test_adult_pupil_lets_a_guardian_in_limits_and_withdraws(world: World) -> None:
    adult, client = world.person("adultpupil"), world.client("adultpupil")
    guardian = Guardianship.objects.filter(student=adult, confirmed_at__isnull=False)[0].guardian
    mother = replace(world.actor("stranger"), person_id=guardian.pk, positions=())
    assert pupil_rights(mother, adult.pk) is None
    page = reverse("watching", args=[adult.uid])
    assert "sees nothing: you are of full age" in text(client.get(page))
    step = reverse("adult-choose", args=[adult.uid, guardian.uid])
    assert client.post(step, {"ends_on": "2028-11-19"}).status_code == 422
    second = client.post(step, {"marks": "on", "ends_on": "2027-06-30"})
    assert "Also your marks" in text(second) and "You are of full age." in text(second)
    client.post(step, hidden(second) | {"sure": "1"})
    rights = pupil_rights(mother, adult.pk)
    assert rights is not None and (rights.can_see_marks, rights.can_see_attendance, rights.is_full) == (True, False, False)
    client.post(step, {"attendance": "on", "ends_on": "2027-06-30", "sure": "1"})
    rights = pupil_rights(mother, adult.pk)
    assert rights is not None and (rights.can_see_marks, rights.can_see_attendance) == (False, True)
    assert "I let" in text(client.get(reverse("consents")))
    client.post(reverse("consent-withdraw", args=[Consent.objects.get(withdrawn_at=None).uid]))
    assert pupil_rights(mother, adult.pk) is None
    # Both consents stay, with their days.
    assert Consent.objects.filter(person=adult, other=guardian, withdrawn_at__isnull=False).count() == 2


def test_only_guardians_of_the_school_are_let_in_by_an_adult_pupil(world: World) -> None:
    actor = world.actor("adultpupil")
    student = open_student_to_share(actor, actor.uid)
    with pytest.raises(NotFound):
        actions.let_guardian_in(actor, student, world.person("stranger"), choice(), "ru")
    with pytest.raises(NotFound):
        minor = open_student(world.actor("pupil"), world.anna.uid)
        actions.let_guardian_in(world.actor("pupil"), minor, world.person("parent"), choice(), "ru")


def test_texts_are_kept_as_they_were_read(world: World) -> None:
    enter(invite(world), "ru")
    text_row = ConsentText.objects.get()
    assert (text_row.language, text_row.text) == ("ru", consents.text_of("trusted", "ru").text)
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsentText.objects.update(text="other")
    assert ConsentText.objects.get().text == text_row.text
    assert consents.text_of("trusted", "de").language == "en"


def test_a_consent_whose_sight_has_ended_already_is_withdrawn_all_the_same(world: World) -> None:
    account = enter(invite(world))
    actor = actor_of(account, world)
    TrustedPerson.objects.filter(person_id=account.person_id).update(can_view=False)
    row = Consent.objects.get(person_id=account.person_id)
    actions.withdraw_consent(actor, row.uid)
    row.refresh_from_db()
    assert row.withdrawn_at is not None
    assert not AuditEvent.objects.filter(kind="trust.ended").exists()
