"""S6: 20,000 wrong passwords from the address of a school, and what they keep its people from: nothing on their own devices."""

from __future__ import annotations

import random

import pytest
from django.test import Client

from classbook.accounts.actions.guessing import OF_ADDRESS
from tests.security.outside import hashes, known_device, make, visitor
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.long]
ATTEMPTS, SEED, SHARE = 20_000, 20261119, 0.05
PEOPLE = ("parent", "parent2", "pupil", "teacher", "head", "office", "classteacher", "adultpupil")


def attempts(known: list[str]) -> list[tuple[str, str]]:
    """Login and password: stuffing (leaked pairs, mostly of nobody), spraying (one password for all), one account."""
    dice = random.Random(SEED)
    stuffing = [(f"leaked{number}", f"secret{dice.randrange(10**9)}") for number in range(ATTEMPTS // 2)]
    spraying = [(dice.choice(known), "Qwerty12345") for _ in range(ATTEMPTS * 2 // 5)]
    single = [("parent", f"guess{number}") for number in range(ATTEMPTS - len(stuffing) - len(spraying))]
    found = stuffing + spraying + single
    dice.shuffle(found)
    return found


def test_twenty_thousand_from_one_address(world: World) -> None:
    own = {login: known_device(world, login) for login in PEOPLE}
    known = [make("password", number) for number in range(500)]
    attacker, got_in, kept_out, right = visitor(), 0, 0, 0
    with hashes() as counted:
        for number, (login, password) in enumerate(attempts(known)):
            answer = attacker.post("/account/login/", {"login": login, "password": password})
            got_in += answer.status_code == 302
            if number % 100 == 50:
                right += 1
                kept_out += not comes_in(own[PEOPLE[right % len(PEOPLE)]], PEOPLE[right % len(PEOPLE)])
    wrong = len(counted) - right
    share = len(counted) / (ATTEMPTS + right)
    good = (got_in, kept_out) == (0, 0) and share <= SHARE
    print(
        f"\nS6-load hashes={share:.2%} target=5% of {ATTEMPTS + right} attempts, break-ins={got_in}, "
        f"kept out={kept_out} of {right} real sign-ins {'PASS' if good else 'FAIL'} seed={SEED}",
        flush=True,
    )
    assert good
    assert wrong == OF_ADDRESS.most


def comes_in(device: Client, login: str) -> bool:
    """On the own device, behind the same address; signed out again."""
    found = device.post("/account/login/", {"login": login, "password": f"demo-{login}"}).status_code == 302
    device.post("/account/logout/")
    return found
