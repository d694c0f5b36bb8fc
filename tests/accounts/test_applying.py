"""A school applies to be connected; the region decides; its administrator comes in by a letter."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from classbook.accounts.actions import applying as actions
from classbook.accounts.actions import entering
from classbook.accounts.actions.applying import Applied
from classbook.accounts.actions.letters import PrintedLetter, print_for_administrator
from classbook.accounts.models import Invitation, SchoolApplication
from classbook.accounts.queries import applying as queries
from classbook.accounts.queries.letters import letter_by_code
from classbook.attendance.models import AttendanceCode
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.models import AuditEvent
from classbook.imports.connecting import Connection, approve
from classbook.people.models import Account, Contact
from classbook.schools.access import Actor, actor_for
from classbook.schools.models import AcademicYear, Position, Region, School, Term
from classbook.schools.queries import guessed_customs, schools_listed
from classbook.schools.roles import Permission
from tests.accounts.mailbox import arrived
from tests.web.test_office import text
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_waits(db: None) -> None:
    """But for the one of the demo."""
    SchoolApplication.objects.all().delete()


MAIL = "school3@town.example"


def said(world: World, **changes: Any) -> Applied:
    assert world.school, "found while there is one with these customs"
    values = Applied(
        region=world.region.uid, school=None, name="Школа № 3", town="Заозёрск", address="Садовая, 4", head="И. И. Иванов",
        email=MAIL, phone="+7 900 000-00-03", pupils=640, note="", family="Орлова", given="Инна", middle="Львовна",
        born=date(1990, 2, 3),
    )  # fmt: skip
    return replace(values, **changes)


def applied(world: World, *, op: uuid.UUID | None = None, confirmed: bool = True, **changes: Any) -> SchoolApplication:
    number = actions.apply(op or uuid.uuid4(), said(world, **changes), "en", "192.0.2.7")
    if confirmed:
        actions.confirm(actions.token_of(number))
    return SchoolApplication.objects.get(number=number)


def chosen(**changes: Any) -> Connection:
    values = Connection(
        school=None, name="Школа № 3", town="Заозёрск", profile="russia", time_zone="Asia/Vladivostok", family="Орлова",
        given="Инна", middle="Львовна", born=date(1990, 2, 3),
    )  # fmt: skip
    return replace(values, **changes)


def listed(world: World, name: str = "Школа № 9") -> School:
    return School.objects.create(name=name, town="Заозёрск", region=world.region, time_zone="Asia/Vladivostok")


def states(world: World, name: str) -> list[bool]:
    found = schools_listed(name, clock.today("Asia/Vladivostok"))
    return [one.connected for _region, some in found.regions for one in some]


def html(answer: Any) -> str:
    return str(answer.content.decode())


def kinds() -> list[tuple[str, int | None]]:
    rows = AuditEvent.objects.filter(kind__startswith="application.").order_by("pk")
    return list(rows.values_list("kind", "actor_id"))


def test_approved_school_is_connected_with_its_customs_and_its_office_comes_in(world: World) -> None:
    clerk, row = world.actor("authority"), applied(world)
    done = approve(clerk, world.region, row.uid, chosen())
    school = done.school
    assert school is not None and (school.region, school.town, school.locale, school.week_days) == (
        world.region, "Заозёрск", "ru", world.school.week_days,
    )  # fmt: skip
    assert states(world, "Школа 3") == [True]
    year = AcademicYear.objects.get(school=school)
    assert year.starts_on <= clock.today(school.time_zone) <= year.ends_on
    assert AttendanceCode.objects.filter(school=school, code="н").exists()
    assert Term.objects.filter(scheme__year=year, kind="quarter").count() == 4
    printed: list[PrintedLetter] = []
    print_for_administrator(clerk, done, printed.extend)
    assert (printed[0].name, printed[0].school, printed[0].role) == ("Инна Львовна Орлова", "Школа № 3", "staff")
    assert printed[0].is_wide and printed[0].issuer
    letter = letter_by_code(printed[0].code)
    assert letter is not None
    with pytest.raises(Refusal):
        entering.check_birth_date(letter.uid, date(1990, 2, 4))
    account = entering.enter(letter.uid, "korotkie-nochi-severa")
    office = actor_for(account.person_id, clock.today("Asia/Vladivostok"))
    assert office.may(Permission.MANAGE_PEOPLE, school.pk) and not office.schools_with(Permission.SEE_PUPILS)
    told = arrived(MAIL)
    assert "is connected" in told[-1]
    assert printed[0].code not in "".join(told)
    assert kinds() == [
        ("application.made", None), ("application.confirmed", None), ("application.granted", clerk.person_id)
    ]  # fmt: skip
    assert queries.letter_state(done).state == "in"
    with pytest.raises(Refusal, match="signed in"):
        print_for_administrator(clerk, done, printed.extend)


def test_region_sees_nothing_before_the_mail_is_answered(world: World) -> None:
    row = applied(world, confirmed=False)
    assert queries.applications_of(world.region) == ()
    with pytest.raises(NotFound):
        actions.open_application(world.actor("authority"), world.region, row.uid)
    (mail,) = arrived(MAIL)
    # Whoever fills in the form writes nothing to strangers by it.
    for word in (row.school_name, row.town, row.head_name, row.given_name):
        assert word not in mail
    number, code = re.search(r"Number: (\d{4} \d{4})\s+(\d{4} \d{4})", mail).groups()  # type: ignore[union-attr]
    assert number.replace(" ", "") == row.number and code.replace(" ", "") not in (row.code_hmac, row.number)
    with pytest.raises(Refusal, match="do not belong together"):
        actions.find(number, "00000000" if code != "0000 0000" else "11111111", "192.0.2.7")
    token = actions.find(number, code, "192.0.2.7")
    assert f"/schools/apply/{token}/" in mail
    actions.confirm(token)
    actions.confirm(token)
    assert [one.state for one in queries.applications_of(world.region)] == ["open"]
    assert [kind for kind, _actor in kinds()].count("application.confirmed") == 1


def test_clerks_of_the_region_and_above_hear_of_it_once(world: World) -> None:
    part = Region.objects.create(name="Район", parent=world.region)
    other = Region.objects.create(name="Другая область")
    Contact.objects.create(person=world.person("authority"), kind="email", value="clerk@region.example", confirmed_at=clock.now())
    applied(world, region=other.uid)
    row = applied(world, region=part.uid)
    actions.confirm(actions.token_of(row.number))
    (told,) = arrived("clerk@region.example")
    assert row.school_name in told
    assert row.number not in told


def test_same_form_sent_twice_is_one_application_and_one_mail(world: World) -> None:
    op = uuid.uuid4()
    first = applied(world, op=op, confirmed=False)
    assert applied(world, op=op, confirmed=False, name="Другая").pk == first.pk
    assert len(arrived(MAIL)) == 1


def test_floods_and_guesses_are_stopped(world: World) -> None:
    for _number in range(3):
        applied(world, confirmed=False)
    with pytest.raises(Refusal, match="Several applications"):
        applied(world)
    row = SchoolApplication.objects.order_by("pk")[0]
    for _try in range(10):
        with pytest.raises(Refusal, match="do not belong"):
            actions.find(row.number, "12345678", "192.0.2.7")
    with pytest.raises(Refusal, match="Too many tries"):
        actions.find(row.number, "12345678", "198.51.100.1")
    # The link of the mail goes past it.
    assert actions.opened(actions.token_of(row.number)).pk == row.pk


@pytest.mark.parametrize("token", ["", "12345678", "12345678~x", "~"])
def test_made_up_link_opens_nothing(world: World, token: str) -> None:
    row = applied(world)
    for one in (token, actions.token_of(row.number)[:-1], f"{row.number}~{actions.token_of('00000000').split('~')[1]}"):
        with pytest.raises(NotFound):
            actions.opened(one)


def test_question_answer_refusal_go_by_mail(world: World) -> None:
    clerk, row = world.actor("authority"), applied(world)
    token = actions.token_of(row.number)
    with pytest.raises(Refusal):
        actions.ask_back(clerk, world.region, row.uid, " ")
    actions.ask_back(clerk, world.region, row.uid, "Сколько классов?")
    assert "Сколько классов?" in arrived(MAIL)[-1]
    assert queries.number_of_applications(world.region) == 0
    actions.reply(token, "Двадцать")
    actions.reply(token, "Двадцать")
    with pytest.raises(Refusal):
        actions.reply(token, "Тридцать")
    assert queries.number_of_applications(world.region) == 1
    actions.refuse(clerk, world.region, row.uid, "Школа закрывается.")
    assert "Школа закрывается." in arrived(MAIL)[-1]
    for late in (
        lambda: actions.refuse(clerk, world.region, row.uid, "x"),
        lambda: approve(clerk, world.region, row.uid, chosen()),
        lambda: actions.withdraw(token),
        lambda: actions.reply(token, "x"),
    ):
        with pytest.raises(Refusal, match="in the meantime"):
            late()
    assert not School.objects.filter(name="Школа № 3").exists()


def test_withdrawn_application_is_not_approved(world: World) -> None:
    row = applied(world)
    actions.withdraw(actions.token_of(row.number))
    actions.withdraw(actions.token_of(row.number))
    with pytest.raises(Refusal, match="in the meantime"):
        approve(world.actor("authority"), world.region, row.uid, chosen())


def test_school_of_the_directory_is_connected_itself_and_once(world: World) -> None:
    school = listed(world)
    clerk = world.actor("authority")
    rows = [applied(world, school=school.uid, name=school.name) for _one in range(2)]
    assert states(world, "Школа 9") == [False]
    approve(clerk, world.region, rows[0].uid, chosen(school=school.uid, name=school.name))
    assert states(world, "Школа 9") == [True]
    with pytest.raises(Refusal, match="connected already"):
        approve(clerk, world.region, rows[1].uid, chosen(school=school.uid))
    assert Position.objects.filter(school=school).count() == 1
    with pytest.raises(Refusal, match="connected already"):
        applied(world, school=school.uid, email="other@town.example")
    with pytest.raises(Refusal, match="connected already"):
        approve(clerk, world.region, rows[1].uid, chosen(school=world.school.uid))


def test_wrong_customs_and_clock_are_refused_beside_their_field(world: World) -> None:
    clerk, row = world.actor("authority"), applied(world)
    for field, value in (("profile", "../x"), ("time_zone", "Mars/Base")):
        with pytest.raises(Refusal) as refused:
            approve(clerk, world.region, row.uid, chosen(**{field: value}))
        assert refused.value.field == field
    assert SchoolApplication.objects.get(pk=row.pk).state == "open"


def test_another_regions_clerk_and_other_roles_see_nothing(world: World) -> None:
    region = world.region
    other = Region.objects.create(name="Другая область")
    part = Region.objects.create(name="Район", parent=region)
    foreign, inner = applied(world, region=other.uid), applied(world, region=part.uid)
    clerk = world.actor("authority")
    assert [one.uid for one in queries.applications_of(region)] == [inner.uid]
    deeds: tuple[Callable[[Actor, Region, uuid.UUID], object], ...] = (
        actions.open_application,
        lambda actor, region, uid: actions.ask_back(actor, region, uid, "x"),
        lambda actor, region, uid: actions.refuse(actor, region, uid, "x"),
        lambda actor, region, uid: approve(actor, region, uid, chosen()),
    )
    for login, row, at in (
        ("authority", foreign, region), ("authority", foreign, other), ("head", inner, region), ("office", inner, region),
    ):  # fmt: skip
        for deed in deeds:
            with pytest.raises(NotFound):
                deed(world.actor(login), at, row.uid)
    done = approve(clerk, world.region, inner.uid, chosen())
    assert done.school is not None and done.school.region == part


def test_administrators_letter_is_the_clerks_and_a_new_one_ends_the_old(world: World) -> None:
    done = approve(world.actor("authority"), world.region, applied(world).uid, chosen())
    letters: list[PrintedLetter] = []
    with pytest.raises(NotFound):
        print_for_administrator(world.actor("office"), done, letters.extend)
    for _time in range(2):
        print_for_administrator(world.actor("authority"), done, letters.extend)
    assert letter_by_code(letters[0].code) is None
    assert letter_by_code(letters[1].code) is not None
    assert letters[0].code != letters[1].code
    assert Invitation.objects.filter(person=done.administrator, ended_why="reprinted").count() == 1


def test_letter_opens_what_two_persons_wanted_and_nothing_more(world: World) -> None:
    done = approve(world.actor("authority"), world.region, applied(world).uid, chosen())
    letters: list[PrintedLetter] = []
    print_for_administrator(world.actor("authority"), done, letters.extend)
    assert done.administrator is not None
    today = clock.today("Asia/Vladivostok")
    more = Position.objects.create(person=done.administrator, school=done.school, role="head", starts_on=today)
    assert letter_by_code(letters[0].code) is None
    Position.objects.filter(pk=more.pk).update(role="teacher")
    assert letter_by_code(letters[0].code) is not None
    # The same role in another school is another right.
    Position.objects.filter(pk=more.pk).update(role="office", school=world.school)
    assert letter_by_code(letters[0].code) is None


def test_what_nobody_confirmed_is_forgotten_after_a_day_and_answers_after_a_year(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied(world, confirmed=False)
    row = applied(world)
    actions.refuse(world.actor("authority"), world.region, row.uid, "Нет")
    start = clock.now()
    for days, left in ((0, 2), (2, 1), (364, 1), (366, 0)):
        clock.stand_on(start + timedelta(days=days))
        actions.forget_old_applications()
        assert SchoolApplication.objects.count() == left


def test_pages_from_the_directory_to_the_letter(world: World) -> None:
    school = listed(world)
    visitor, clerk = world.client("nobody"), world.client("authority")
    assert f"{reverse('application-make')}?school={school.uid}" in html(visitor.get(reverse("schools")))
    address = f"{reverse('application-make')}?school={school.uid}"
    page = html(visitor.get(address))
    assert school.name in page
    data = {
        "op": re.search(r'name="op" value="([^"]+)"', page)[1], "region": str(world.region.uid), "name": school.name,  # type: ignore[index]
        "town": "Заозёрск", "address": "Садовая, 4", "head": "И. И. Иванов", "email": MAIL, "phone": "+7 900 000-00-03",
        "pupils": "много", "family": "Орлова", "given": "Инна", "middle": "", "born": "1990-02-03",
    }  # fmt: skip
    answer = visitor.post(address, data)
    assert answer.status_code == 422 and "Write a number" in text(answer) and "Садовая, 4" in html(answer)
    answer = visitor.post(address, {**data, "pupils": "640"})
    assert answer.status_code == 302
    mail = arrived(MAIL)[0]
    link = re.search(r"/schools/apply/[^/\s]+/", mail)[0]  # type: ignore[index]
    assert "not confirmed yet" in text(visitor.get(link))
    assert queries.applications_of(world.region) == ()
    assert visitor.post(f"{link}confirm/", follow=True).status_code == 200
    row = SchoolApplication.objects.get()
    assert school.name in text(clerk.get(reverse("region-applications", args=[world.region.uid])))
    at = [world.region.uid, row.uid]
    assert "Орлова" in text(clerk.get(reverse("region-application", args=at)))
    form = {
        "school": str(school.uid), "name": school.name, "town": "Заозёрск", "profile": "russia",
        "time_zone": "Asia/Vladivostok", "family": "Орлова", "given": "Инна", "middle": "", "born": "1990-02-03",
    }  # fmt: skip
    sure = html(clerk.post(reverse("region-connect", args=at), form))
    assert "Nothing is changed yet" in sure and SchoolApplication.objects.get().state == "open"
    operation = re.search(r'name="operation" value="([^"]+)"', sure)[1]  # type: ignore[index]
    for _click in range(2):
        answer = clerk.post(reverse("region-connect", args=at), {**form, "sure": "1", "operation": operation})
        assert answer.status_code == 302
    assert Position.objects.filter(school=school, role="office").count() == 1
    pdf = clerk.post(reverse("region-letter", args=at))
    assert pdf.content.startswith(b"%PDF")
    assert "The school is connected" in text(visitor.get(link))


def test_customs_of_the_regions_first_school_are_proposed(world: World) -> None:
    assert guessed_customs(world.region.pk) == ("russia", "Asia/Vladivostok")
    assert guessed_customs(Region.objects.create(name="Пусто").pk) == ("default", settings.TIME_ZONE)


def test_only_whoever_proved_himself_lately_connects_a_school(world: World) -> None:
    row, clerk = applied(world), Client()
    clerk.force_login(Account.objects.get(login="authority"), backend="allauth.account.auth_backends.AuthenticationBackend")
    start = {
        "school": "", "name": "Школа", "town": "Город", "profile": "russia", "time_zone": "UTC", "family": "О", "given": "И",
        "born": "1990-02-03", "sure": "1",
    }  # fmt: skip
    for name in ("region-connect", "region-letter"):
        answer = clerk.post(reverse(name, args=[world.region.uid, row.uid]), start)
        assert answer.status_code == 403 and "proof-asked" in html(answer)
    assert SchoolApplication.objects.get().state == "open"
