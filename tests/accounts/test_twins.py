"""Two at once, one of them a moment later: what the slower one gets when the faster one comes between two of its steps.

`between` lets the twin act at one place inside the slower one's work. The same with real parallel requests: test_race.py and, for
links, journeys/test_recovery.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DatabaseError, IntegrityError

from classbook.accounts.actions import contacts, entering, linking, logins, old_logins, recovery, registering, trusting
from classbook.accounts.models import ContactCode, Invitation, OldPassword, RecoveryRequest, Registration, TrustInvitation
from classbook.accounts.queries.letters import letter_by_code
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.people.models import Account, Contact, Person
from classbook.people.rules import sort_key
from tests.accounts.mailbox import arrived, code_in
from tests.accounts.test_letters import family, key, printed, second_school
from tests.accounts.test_portal_link import OLGA, proof_of
from tests.accounts.test_recovery import GOOD, HERE, MARINA, message_to, token_in
from tests.accounts.test_registering import EMAIL, FORM, PASSWORD, link_in, mother_with_letter
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_letters_yet(db: None) -> None:
    Invitation.objects.all().delete()


class between:
    """Lets the twin act once, right after a function of the module has answered."""

    def __init__(self, module: Any, name: str, twin: Callable[[], object], *, before: bool = False) -> None:
        real, done = getattr(module, name), []

        def slower(*args: Any, **parts: Any) -> Any:
            first = not done
            done.append(1)
            if first and before:
                twin()
            answer = real(*args, **parts)
            if first and not before:
                twin()
            return answer

        self.patch = patch.object(module, name, slower)

    def __enter__(self) -> None:
        self.patch.start()

    def __exit__(self, *_: object) -> None:
        self.patch.stop()


def live_letter(world: World) -> tuple[Person, Invitation]:
    pupil, mother = family(world)
    found = letter_by_code(printed(world, [key(mother, pupil)])[0].code)
    assert found is not None
    return mother, found


def use_up(letter: Invitation) -> None:
    Invitation.objects.filter(pk=letter.pk).update(used_at=clock.now(), used_by=letter.person_id)


def test_a_letter_that_was_used_meanwhile_opens_nothing(world: World) -> None:
    mother, letter = live_letter(world)
    with between(entering, "must_link", lambda: use_up(letter)), pytest.raises(Refusal) as refused:
        entering.enter(letter.uid, PASSWORD)
    assert refused.value.needs == "letter"
    assert not Account.objects.filter(person=mother).exists()


def test_a_letter_that_was_used_meanwhile_counts_no_try(world: World) -> None:
    _mother, letter = live_letter(world)
    with between(entering, "require_live", lambda: use_up(letter)), pytest.raises(Refusal):
        entering.tries_left(letter.uid, lambda _letter: False)
    assert Invitation.objects.get(pk=letter.pk).tries == 0


def test_a_childs_letter_that_was_used_meanwhile_adds_nothing(world: World) -> None:
    pupil, mother = second_school(world)
    letter = letter_by_code(printed(world, [key(mother, pupil)])[0].code)
    assert letter is not None
    with between(entering, "_move_link", lambda: use_up(letter)), pytest.raises(Refusal) as refused:
        entering.add_child(world.actor("parent"), letter.uid)
    assert refused.value.needs == "letter"


def test_an_account_that_was_made_meanwhile_is_taken(world: World) -> None:
    _pupil, mother = family(world)
    Account.objects.create(person=mother, login="quicker", password="!")
    real, seen = Account.objects.filter, []

    def filtered(*args: Any, **parts: Any) -> Any:
        # The first look was a moment too early.
        seen.append(1)
        return Account.objects.none() if len(seen) == 1 else real(*args, **parts)

    with patch.object(Account.objects, "filter", filtered):
        assert logins.open_account(mother).login == "quicker"


def test_a_login_that_is_always_taken_ends_with_an_error_and_no_account(world: World) -> None:
    _pupil, mother = family(world)
    with patch.object(logins, "free_login", lambda _person: "parent"), pytest.raises(RuntimeError):
        logins.open_account(mother)
    assert not Account.objects.filter(person=mother).exists()


def test_a_name_without_a_latin_spelling_gets_a_number_that_nobody_has() -> None:
    person = Person.objects.create(family_name="渡部", given_name="樹", sort_key=sort_key("渡部", "樹"))
    lots = iter((0, 0, 7))
    with patch.object(logins.secrets, "randbelow", lambda _most: next(lots)):
        first = logins.open_account(person)
        other = Person.objects.create(family_name="佐藤", given_name="樹", sort_key=sort_key("佐藤", "樹"))
        second = logins.open_account(other)
    assert (first.login, second.login) == ("id100000", "id100007")


def test_a_code_that_was_used_meanwhile_proves_no_address(world: World) -> None:
    person = world.person("parent2")
    contacts.ask_code(person, "email", "new@example.org", "en")
    code = code_in(arrived("new@example.org")[-1])
    twin = lambda: ContactCode.objects.filter(person=person).delete()
    with between(contacts, "constant_time_compare", twin), pytest.raises(Refusal) as refused:
        contacts.confirm_code(person, "email", "new@example.org", code)
    assert refused.value.needs == "code"
    assert not Contact.objects.filter(value="new@example.org").exists()


def test_a_link_that_was_used_meanwhile_sets_no_second_password(world: World) -> None:
    token = token_in(message_to(MARINA))
    twin = lambda: recovery.set_new_password(token, GOOD)
    with between(recovery, "make_password", twin, before=True), pytest.raises(NotFound):
        recovery.set_new_password(token, "an-other-long-password")
    assert Account.objects.get(login="parent").check_password(GOOD)


def test_two_workers_answer_a_request_once(world: World) -> None:
    recovery.ask(MARINA, "en", HERE)
    real = RecoveryRequest.objects.filter

    def filtered(*args: Any, **parts: Any) -> Any:
        if "pk" in parts:
            real(pk=parts["pk"]).update(answered_at=clock.now())
        return real(*args, **parts)

    with patch.object(RecoveryRequest.objects, "filter", filtered):
        assert recovery.answer_requests() == 1
    assert arrived(MARINA) == []


def test_a_database_that_is_gone_leaves_the_request_for_later(world: World) -> None:
    recovery.ask(MARINA, "en", HERE)
    with patch.object(recovery, "owners_of", side_effect=DatabaseError), pytest.raises(DatabaseError):
        recovery.answer_requests()
    assert recovery.answer_requests() == 1
    assert len(arrived(MARINA)) == 1


def registered(world: World) -> tuple[Person, str]:
    """The mother and the token of the link that was sent to her."""
    mother, _code, client = mother_with_letter(world)
    client.post("/in/own/", FORM)
    return mother, link_in().split("/")[-2]


def test_two_workers_send_one_link(world: World) -> None:
    _mother, _code, client = mother_with_letter(world)
    client.post("/in/own/", FORM)
    real = Registration.objects.filter

    def filtered(*args: Any, **parts: Any) -> Any:
        if "pk" in parts:
            real(pk=parts["pk"]).update(answered_at=clock.now())
        return real(*args, **parts)

    with patch.object(Registration.objects, "filter", filtered):
        assert registering.answer_registrations() == 1
    assert arrived(EMAIL) == []


def test_a_registration_that_cannot_be_answered_keeps_nobody_waiting(world: World) -> None:
    _mother, _code, client = mother_with_letter(world)
    client.post("/in/own/", FORM)
    with patch.object(registering, "belongs_to_another", side_effect=DatabaseError), pytest.raises(DatabaseError):
        registering.answer_registrations()
    with patch.object(registering, "belongs_to_another", side_effect=ValueError):
        assert registering.answer_registrations() == 1
    assert registering.answer_registrations() == 0
    assert arrived(EMAIL) == []


def test_a_registration_that_waited_too_long_is_closed_without_a_mail(world: World) -> None:
    _mother, _code, client = mother_with_letter(world)
    client.post("/in/own/", FORM)
    clock.stand_on(clock.now() + registering.LINK_VALID + timedelta(seconds=1))
    assert registering.answer_registrations() == 1
    assert arrived(EMAIL) == []


def test_registering_asks_for_a_way_to_send_and_for_an_address(world: World, settings: Any) -> None:
    mother, letter = live_letter(world)
    settings.CHANNELS = frozenset({"email"})
    with pytest.raises(Refusal, match="no e-mail address"):
        registering.ask(letter.uid, "nothing", PASSWORD, "en")
    settings.CHANNELS = frozenset()
    with pytest.raises(Refusal, match="sends no mail"):
        registering.ask(letter.uid, EMAIL, PASSWORD, "en")
    assert not Registration.objects.exists()
    settings.CHANNELS = frozenset({"email"})
    Account.objects.create(person=mother, login="was.here", first_used_at=clock.now())
    with pytest.raises(NotFound):
        registering.ask(letter.uid, EMAIL, PASSWORD, "en")


def test_a_link_that_was_used_up_meanwhile_opens_no_account(world: World) -> None:
    mother, token = registered(world)
    twin = lambda: Registration.objects.update(tries=99)
    with between(registering, "open_link", twin), pytest.raises(NotFound):
        registering.finish(token, PASSWORD)
    Registration.objects.update(tries=0)
    twin = lambda: Registration.objects.update(used_at=clock.now())
    with between(registering, "check_password", twin), pytest.raises(NotFound):
        registering.finish(token, PASSWORD)
    assert not Account.objects.filter(person=mother).exists()


def test_a_login_that_was_taken_in_the_last_moment_is_said(world: World) -> None:
    mother, token = registered(world)
    twin = lambda: Account.objects.filter(login="parent").update(login=EMAIL)
    with between(registering, "belongs_to_another", twin), pytest.raises(Refusal, match="somebody's login"):
        registering.finish(token, PASSWORD)
    assert not Account.objects.filter(person=mother).exists()
    assert not Registration.objects.exclude(used_at=None).exists()


def test_of_two_links_with_the_portal_at_once_one_is_refused(world: World, settings: Any) -> None:
    settings.PORTAL_ISSUER = OLGA.iss
    pupil, mother = family(world)
    proof = proof_of(printed(world, [key(mother, pupil)])[0])
    with (
        patch.object(linking.PortalLink.objects, "create", side_effect=IntegrityError),
        pytest.raises(Refusal, match="a moment ago"),
    ):
        linking.link(replace(OLGA), proof, "")
    assert not Invitation.objects.exclude(used_at=None).exists()


def test_a_linked_citizen_gets_in_while_nothing_can_be_written(world: World, settings: Any) -> None:
    settings.PORTAL_ISSUER = OLGA.iss
    pupil, mother = family(world)
    linking.link(OLGA, proof_of(printed(world, [key(mother, pupil)])[0]), "")
    used = linking.PortalLink.objects.get().used_at
    clock.stand_on(clock.now() + timedelta(hours=1))
    settings.READ_ONLY = True
    account = linking.sign_in_linked(OLGA)
    assert account is not None
    assert (account.person, linking.PortalLink.objects.get().used_at) == (mother, used)


def test_an_old_password_is_upgraded_once_and_not_while_nothing_can_be_written(world: World, settings: Any) -> None:
    account = Account.objects.get(login="parent")
    before = account.password
    OldPassword.objects.create(account=account, encoded="bcrypt$x", until=clock.today("UTC"), imported_at=clock.now())
    settings.READ_ONLY = True
    old_logins.upgrade(account, PASSWORD)
    assert OldPassword.objects.filter(account=account).exists()
    settings.READ_ONLY = False
    # Another device was faster.
    with between(old_logins, "make_password", lambda: OldPassword.objects.all().delete()):
        old_logins.upgrade(account, PASSWORD)
    assert Account.objects.get(login="parent").password == before


def test_an_invitation_that_was_used_meanwhile_lets_nobody_in(world: World) -> None:
    from tests.accounts.test_trusting import enter, invite

    code = invite(world)
    twin = lambda: TrustInvitation.objects.update(used_at=clock.now(), used_by=world.person("stranger"))
    people = Person.objects.count()
    with between(trusting, "require_live", twin), pytest.raises(Refusal) as refused:
        enter(code)
    assert (refused.value.needs, Person.objects.count()) == ("invitation", people)
