"""S6 in short form: nobody learns whether there is an account, and guessing keeps nobody out.

Enumeration is counted here, not timed: for five kinds of account the same status, headers, page, questions and hashes. The time
itself is measured by test_timing.py, the load of 20,000 attempts by test_load.py (both in `make long`).
Beside these: test_logins.py of imports (with passwords of an old system), test_recovery.py and test_doctor.py of accounts (wrong
codes, more kinds of address, the doctor's answers), test_registering.py (a taken address), the portal's test_registration.py.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from classbook.accounts.actions.guessing import OF_ADDRESS, OF_OWN_DEVICE
from classbook.accounts.actions.limits import take
from classbook.accounts.actions.recovery import OF_SOURCE
from classbook.accounts.models import Invitation
from classbook.common import clock
from classbook.people.models import Account
from classbook.web.entry.limits import PER_ADDRESS
from tests.accounts.test_letters import family, key, printed
from tests.security.outside import KINDS, Seen, hashes, known_device, make, seen, visitor
from tests.world import World

pytestmark = pytest.mark.django_db
HERE = "127.0.0.1"
LOGIN = "/account/login/"


def all_alike(answers: dict[str, Seen]) -> Seen:
    first = answers[next(iter(answers))]
    for kind, answer in answers.items():
        assert answer == first, kind
    return first


def test_sign_in_answers_alike_for_five_kinds_of_account(world: World) -> None:
    # What the first try of an address writes, the first try of anybody writes.
    take(OF_ADDRESS, HERE)
    answers = {kind: seen(visitor(), LOGIN, {"login": make(kind), "password": "wrong words"}) for kind in KINDS}
    found = all_alike(answers)
    assert (found.status, found.hashed) == (200, 1)
    assert "do not belong together" in found.page


def test_the_classifier_sees_a_difference_where_there_is_one(world: World) -> None:
    """Negative control: a site that asks once more for those whom it knows would be caught."""
    take(OF_ADDRESS, HERE)
    one, other = (seen(visitor(), LOGIN, {"login": login, "password": "demo-parent"}) for login in ("parent", "nobody"))
    assert one != other


def test_recovery_answers_alike_for_five_kinds_of_account(world: World) -> None:
    take(OF_SOURCE, HERE)
    answers = {kind: seen(visitor(), "/account/recover/", {"address": f"{make(kind)}@example.org"}) for kind in KINDS}
    found = all_alike(answers)
    assert (found.status, found.hashed) == (200, 0)
    assert "is on its way" in found.page


def test_activation_answers_alike_for_every_code_that_lets_nobody_in(world: World) -> None:
    """Used, over, reprinted, withdrawn, and one that nobody ever had."""
    Invitation.objects.all().delete()
    take(PER_ADDRESS, HERE)
    codes = {"unknown": "AAAA-AAAA-AAAA"}
    for state in ("used", "over", "reprinted", "withdrawn"):
        pupil, mother = family(world, given=f"Нина {state}")
        codes[state] = printed(world, [key(mother, pupil)])[0].code
        mine = Invitation.objects.filter(person=mother)
        match state:
            case "used":
                mine.update(used_at=clock.now(), used_by=mother)
            case "over":
                mine.update(expires_at=clock.now() - timedelta(seconds=1))
            case _:
                mine.update(ended_at=clock.now(), ended_why=state)
    found = all_alike({state: seen(visitor(), "/in/", {"code": code}) for state, code in codes.items()})
    assert (found.status, found.hashed) == (422, 0)
    # Whoever holds the live letter of an account that has ended reads the same page; that there is a letter he knows already.
    pupil, mother = family(world, given="Нина")
    live = printed(world, [key(mother, pupil)])[0].code
    Account.objects.create(person=mother, login="ended", password="!", is_active=False)
    assert seen(visitor(), "/in/", {"code": live}).page == found.page


def test_guessing_behind_an_address_is_refused_before_anything_is_hashed(world: World) -> None:
    for _ in range(OF_ADDRESS.most - 2):
        take(OF_ADDRESS, HERE)
    with hashes() as counted:
        told = [visitor().post(LOGIN, {"login": f"n{number}", "password": "wrong"}).content.decode() for number in range(6)]
    assert len(counted) == 2
    assert ["Many wrong passwords were tried from this network" in text for text in told] == [False] * 2 + [True] * 4
    # From elsewhere as before, and here again after five minutes.
    assert visitor("10.0.0.9").post(LOGIN, {"login": "pupil", "password": "demo-pupil"}).status_code == 302
    clock.stand_on(clock.now() + OF_ADDRESS.within + timedelta(seconds=1))
    assert visitor().post(LOGIN, {"login": "pupil", "password": "demo-pupil"}).status_code == 302


def test_who_was_signed_in_on_his_device_gets_in_whatever_others_do_behind_the_address(world: World) -> None:
    own = known_device(world, "parent")
    for _ in range(OF_ADDRESS.most + 1):
        take(OF_ADDRESS, HERE)
    assert own.post(LOGIN, {"login": "PARENT", "password": "demo-parent"}).status_code == 302
    # The device knows this account and no other.
    own.post("/account/logout/")
    assert "from this network" in own.post(LOGIN, {"login": "pupil", "password": "demo-pupil"}).content.decode()


def test_right_passwords_are_not_counted(world: World) -> None:
    for _ in range(OF_ADDRESS.most - 1):
        take(OF_ADDRESS, HERE)
    for login in ("parent", "pupil", "teacher"):
        assert visitor().post(LOGIN, {"login": login, "password": f"demo-{login}"}).status_code == 302
    assert "do not belong together" in visitor().post(LOGIN, {"login": "parent", "password": "wrong"}).content.decode()
    assert "from this network" in visitor().post(LOGIN, {"login": "parent", "password": "wrong"}).content.decode()


def test_whoever_guesses_at_one_login_keeps_its_owner_out_of_nothing(world: World) -> None:
    own, attacker = known_device(world, "parent"), visitor("10.0.0.9")
    with hashes() as counted:
        told = [attacker.post(LOGIN, {"login": "parent", "password": f"wrong {number}"}).content.decode() for number in range(14)]
    assert len(counted) == 10
    assert ["Too many tries for this login" in text for text in told] == [False] * 10 + [True] * 4
    assert own.post(LOGIN, {"login": "parent", "password": "demo-parent"}).status_code == 302
    # What was refused for the login's sake has cost the network nothing: ten are counted, not fourteen.
    for _ in range(OF_ADDRESS.most - 11):
        take(OF_ADDRESS, "10.0.0.9")
    assert visitor("10.0.0.9").post(LOGIN, {"login": "pupil", "password": "demo-pupil"}).status_code == 302


def test_guessing_on_the_owners_own_device_is_limited_too(world: World) -> None:
    own = known_device(world, "parent")
    with hashes() as counted:
        for number in range(OF_OWN_DEVICE.most + 3):
            answer = own.post(LOGIN, {"login": "parent", "password": f"wrong {number}"})
    assert len(counted) == OF_OWN_DEVICE.most
    assert "Too many tries for this login" in answer.content.decode()


def test_a_spoilt_or_foreign_device_cookie_is_worth_nothing(world: World) -> None:
    known_device(world, "parent")
    for _ in range(OF_ADDRESS.most):
        take(OF_ADDRESS, HERE)
    for cookie in ("spoilt", "WyJhIl0:1abc:xyz", known_device_of_another_address(world)):
        client = visitor()
        client.cookies["classbook-known"] = cookie
        assert "from this network" in client.post(LOGIN, {"login": "parent", "password": "demo-parent"}).content.decode()


def known_device_of_another_address(world: World) -> str:
    """The cookie of a device that knows the pupil alone."""
    client = visitor("10.0.0.9")
    client.post(LOGIN, {"login": "pupil", "password": "demo-pupil"})
    return client.cookies["classbook-known"].value
