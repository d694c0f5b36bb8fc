"""Who may be linked with whom, what a link ends, and where a sign-in may lead."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from classbook.accounts import portal_client
from classbook.accounts.actions import entering, linking
from classbook.accounts.actions.letters import PrintedLetter
from classbook.accounts.actions.linking import Proof, proof_by_password
from classbook.accounts.matching import Identity, differences, is_enough
from classbook.accounts.models import ContactCode, Invitation, PortalLink
from classbook.accounts.portal_client import Citizen
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.common.snils import is_snils
from classbook.events.models import AuditEvent, OutboxEvent
from classbook.people.models import Account, Contact, Guardianship, Person, Session
from tests.accounts.test_letters import family, key, printed
from tests.world import World

pytestmark = pytest.mark.django_db
ISSUER = "https://portal.example"
OLGA = Citizen(ISSUER, "olga", "standard", "Громова", "Ольга", "", "1985-01-01", "11203450784", "11203450784", "", "")
MARIA = Citizen(ISSUER, "maria", "confirmed", "Белова", "Марина", "Игоревна", "1987-03-14", "11203450784", "11203450784", "", "")


@pytest.fixture(autouse=True)
def _portal(settings: Any) -> None:
    settings.PORTAL_ISSUER = ISSUER
    Invitation.objects.all().delete()


def proof_of(letter: PrintedLetter) -> Proof:
    from classbook.accounts.queries.letters import letter_by_code

    found = letter_by_code(letter.code)
    assert found is not None
    return Proof(letter=found.uid)


def olgas(world: World) -> tuple[Person, Proof]:
    pupil, mother = family(world)
    return mother, proof_of(printed(world, [key(mother, pupil)])[0])


def refused(citizen: Citizen, proof: Proof) -> str:
    """The sentence; nothing was linked and the letter is not used."""
    with pytest.raises(Refusal) as error:
        linking.link(citizen, proof, "")
    assert not PortalLink.objects.exists()
    assert not Invitation.objects.exclude(used_at=None).exists()
    return error.value.sentence


@pytest.mark.parametrize(
    "number", ["11223344595", "08765430300", "12345678964", "00100199965", "10001899899", "10002898700", "00100199812"]
)
def test_a_snils_by_its_sum(number: str) -> None:
    assert is_snils(number)


@pytest.mark.parametrize("number", ["11223344596", "12345678901", "00100199900", "1122334459", "1122334459５", ""])
def test_no_snils(number: str) -> None:
    assert not is_snils(number)


def test_what_differs() -> None:
    school = Identity("Семёнова", "Наталья", "Павловна", "1986-11-30", "12045673125")
    assert differences(school, replace(school, family="СЕМЕНОВА ")) == ()
    assert differences(school, replace(school, given="Наталия")) == ("name",)
    assert differences(school, replace(school, middle="")) == ("name",)
    assert differences(school, replace(school, born="", snils="")) == ("born", "snils")
    assert differences(replace(school, born="", snils=""), school) == ()


def test_how_well_the_portal_must_know_somebody() -> None:
    rows = [
        (level, role, code, same)
        for level in ("", "simplified", "standard", "confirmed")
        for role in ("pupil", "guardian")
        for code in (True, False)
        for same in (True, False)
        if is_enough(level, roles=[role], by_code=code, same_snils=same)
    ]
    assert {(level, role) for level, role, code, _ in rows if code} == {
        ("simplified", "pupil"), ("standard", "pupil"), ("confirmed", "pupil"), ("standard", "guardian"), ("confirmed", "guardian"),
    }  # fmt: skip
    assert {(level, same) for level, _, code, same in rows if not code} == {("confirmed", True)}


def test_a_link_ends_whatever_was_there_before(world: World, django_capture_on_commit_callbacks: Any) -> None:
    mother, proof = olgas(world)
    account = Account.objects.create(person=mother, login="gromova.o", first_used_at=clock.now())
    account.set_password("somebody else's words")
    account.save()
    stale = Client()
    stale.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    at = clock.now()
    ContactCode.objects.create(person=mother, kind="email", value="x@example.org", created_at=at, expires_at=at)
    for kind, value in (("email", "olga@example.org"), ("phone", "+79001112233")):
        Contact.objects.create(person=mother, kind=kind, value=value, confirmed_at=at)
    linking.link(replace(OLGA, email="Olga@example.org"), proof, "Нина")
    account.refresh_from_db()
    assert not account.has_usable_password()
    assert not Session.objects.filter(person=mother).exists()
    assert stale.get("/account/devices/").status_code == 302
    assert not ContactCode.objects.exists()
    # The one that the portal vouches for stays.
    assert [row.value for row in Contact.objects.filter(person=mother).exclude(confirmed_at=None)] == ["olga@example.org"]
    assert AuditEvent.objects.filter(kind="account.linked", subject_id=mother.pk).count() == 1
    assert OutboxEvent.objects.filter(kind="message").count() == 1
    assert linking.sign_in_linked(OLGA) == account
    # Name and level may change at the portal: the link is by (iss, sub).
    assert linking.sign_in_linked(replace(OLGA, family="Иванова", level="confirmed")) == account
    assert PortalLink.objects.get().level == "confirmed"
    assert linking.sign_in_linked(replace(OLGA, iss="https://other.example")) is None
    assert linking.sign_in_linked(replace(OLGA, sub="another")) is None


def test_a_letter_links_once(world: World) -> None:
    mother, proof = olgas(world)
    linking.link(OLGA, proof, "")
    for citizen in (OLGA, replace(OLGA, sub="another")):
        with pytest.raises(Refusal):
            linking.link(citizen, proof, "")
    pupil = Guardianship.objects.get(guardian=mother).student
    later = proof_of(printed(world, [key(mother, pupil)])[0])
    with pytest.raises(Refusal, match="linked with another account"):
        linking.link(replace(OLGA, sub="another"), later, "")
    # A letter that lets in by itself ends the link: whoever had it has to show the next letter.
    entering.enter(later.letter, "четыре слова без смысла")  # type: ignore[arg-type]
    assert not PortalLink.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [{"given": "Олга"}, {"middle": "Петровна"}, {"family": ""}, {"claimed_snils": "12045673125"}, {"claimed_snils": ""}],
)
def test_other_data_are_refused(world: World, changes: dict[str, str]) -> None:
    mother, proof = olgas(world)
    Person.objects.filter(pk=mother.pk).update(snils="11203450784")
    assert "differ" in refused(replace(OLGA, **changes), proof)


def test_a_pupils_account_is_not_the_mothers(world: World) -> None:
    pupil, mother = family(world)
    Person.objects.filter(pk=mother.pk).update(given_name=pupil.given_name)
    own = proof_of(printed(world, [f"p:{pupil.uid}"])[0])
    # Even where mother and daughter bear one name.
    assert "differ" in refused(replace(OLGA, given=pupil.given_name), own)
    assert pupil.birth_date == date(2013, 5, 14)
    linking.link(replace(OLGA, given=pupil.given_name, born="2013-05-14", level="simplified"), own, "")


def test_levels_letters_and_lapsed_proofs(world: World) -> None:
    mother, proof = olgas(world)
    assert "standard level" in refused(replace(OLGA, level="simplified"), proof)
    assert "standard level" in refused(replace(OLGA, level="made-up"), proof)
    Invitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert "does not let in any more" in refused(OLGA, proof)
    Guardianship.objects.filter(guardian=mother).update(confirmed_at=None)
    Invitation.objects.update(expires_at=clock.now() + timedelta(days=1))
    assert "does not let in any more" in refused(OLGA, proof)


def test_login_and_password_need_a_confirmed_citizen_with_the_schools_snils(world: World) -> None:
    account = Account.objects.get(login="parent")
    proof = proof_by_password(account)
    assert "portal has confirmed you" in refused(replace(MARIA, level="standard"), proof)
    assert "portal has confirmed you" in refused(replace(MARIA, snils=""), proof)
    Person.objects.filter(pk=account.person_id).update(snils="")
    assert "portal has confirmed you" in refused(MARIA, proof)
    Person.objects.filter(pk=account.person_id).update(snils="11203450784")
    account.set_password("another one by now")
    account.save()
    assert "once more" in refused(MARIA, proof)
    linking.link(MARIA, proof_by_password(account), "")
    account.refresh_from_db()
    assert account.check_password("another one by now")
    linking.unlink(world.actor("parent"))
    assert linking.sign_in_linked(MARIA) is None
    with pytest.raises(NotFound):
        linking.unlink(world.actor("parent"))


def test_staff_and_unconfirmed_accounts_are_never_linked(world: World) -> None:
    for login, told in (("teacher", "works at a school"), ("head", "works at a school")):
        account = Account.objects.get(login=login)
        person = account.person
        citizen = replace(MARIA, family=person.family_name, given=person.given_name, middle=person.middle_name)
        Person.objects.filter(pk=person.pk).update(birth_date=None)
        assert told in refused(citizen, proof_by_password(account))
    alone = Person.objects.create(family_name="Белова", given_name="Марина", middle_name="Игоревна", snils="11203450784")
    account = Account.objects.create(person=alone, login="selfmade")
    assert "has not confirmed" in refused(MARIA, proof_by_password(account))


def test_an_ended_account_stays_out(world: World) -> None:
    mother, proof = olgas(world)
    linking.link(OLGA, proof, "")
    Account.objects.filter(person=mother).update(is_active=False)
    with pytest.raises(Refusal, match="This account has ended"):
        linking.sign_in_linked(OLGA)


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/account/devices/", "/account/devices/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("devices", "/"),
    ],
)
def test_a_sign_in_leads_to_pages_of_this_site_alone(world: World, monkeypatch: pytest.MonkeyPatch, asked: str, led: str) -> None:
    mother, proof = olgas(world)
    linking.link(OLGA, proof, "")
    begun = portal_client.Begun("state", "nonce", "verifier")
    monkeypatch.setattr(portal_client, "begin", lambda: (f"{ISSUER}/authorize", begun))
    monkeypatch.setattr(portal_client, "finish", lambda begun, answer: OLGA)
    client = Client()
    assert client.get("/account/portal/").status_code == 405
    assert client.post("/account/portal/", {"next": asked}).status_code == 200
    answer = client.get("/account/portal/callback/?code=c&state=state")
    assert answer["Location"] == led
    assert Session.objects.get(person=mother)
    # Coming back twice is no sign-in.
    monkeypatch.undo()
    assert Client().get("/account/portal/callback/?code=c&state=state")["Location"] == "/account/login/"


def test_a_site_without_a_portal_shows_nothing_of_it(world: World, settings: Any) -> None:
    assert "portal/" in Client().get("/account/login/").content.decode()
    settings.PORTAL_ISSUER = ""
    assert "portal/" not in Client().get("/account/login/").content.decode()
    assert "portal/" not in world.client("parent").get("/account/security/").content.decode()
    assert Client().post("/account/portal/").status_code == 404
