"""Wrong codes are counted by device and by address, and the counts are kept however many there are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.test import Client, RequestFactory

from classbook.accounts import rules
from classbook.accounts.models import Invitation, RateBucket
from classbook.common import clock
from classbook.web.entry.limits import PER_ADDRESS, PER_DEVICE, WITH_NAME, are_too_many, count_wrong, count_wrong_pair
from tests.accounts.test_letters import family, key, printed
from tests.world import World

pytestmark = pytest.mark.django_db


def visit(address: str, device: str = "") -> HttpRequest:
    request: HttpRequest = RequestFactory().post("/in/", REMOTE_ADDR=address)
    if device:
        request.META["CSRF_COOKIE"] = device
    return request


def test_counts_outlive_an_evening_of_many_devices() -> None:
    guessers = [visit(f"10.1.{number}.1", f"guesser-{number}") for number in range(20)]
    for guesser in guessers:
        for _ in range(PER_DEVICE.most):
            count_wrong(guesser)
    for number in range(400):
        count_wrong(visit(f"10.0.{number // 250}.{number % 250}", f"{number}"))
    assert all(map(are_too_many, guessers))


def test_a_count_is_kept_for_the_whole_ten_minutes_and_no_longer() -> None:
    guesser = visit("10.0.0.1", "guesser")
    for _ in range(PER_DEVICE.most):
        count_wrong(guesser)
    clock.stand_on(clock.now() + timedelta(minutes=9))
    assert are_too_many(guesser)
    clock.stand_on(clock.now() + timedelta(minutes=2))
    assert not are_too_many(guesser)


def test_a_household_of_ipv6_is_one_address() -> None:
    for number in range(PER_ADDRESS.most):
        count_wrong(visit(f"2001:db8::{number:x}"))
    assert are_too_many(visit("2001:db8::ffff:1"))
    assert not are_too_many(visit("2001:db8:0:1::1"))
    # Addresses of IPv4 in the spelling of a socket for both stay apart.
    for _ in range(PER_ADDRESS.most):
        count_wrong(visit("::ffff:10.0.0.7"))
    assert not are_too_many(visit("::ffff:10.0.0.8"))


def test_what_can_be_no_code_costs_nothing() -> None:
    client = Client()
    for _ in range(PER_DEVICE.most + 1):
        answer = client.post("/in/", {"code": "AAAA-AAAA-AAA"})
        assert "This code does not let in." in answer.content.decode()
    assert not RateBucket.objects.exists()


def browser(number: int = 0) -> Client:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    client.cookies[settings.CSRF_COOKIE_NAME] = f"{number:032d}"
    return client


def test_a_vandal_in_the_school_keeps_nobody_out(world: World) -> None:
    """After 120 wrong codes the name on the letter is asked besides; with it right letters open, and nothing else does."""
    Invitation.objects.all().delete()
    pupil, mother = family(world)
    code = printed(world, [key(mother, pupil)])[0].code
    for number in range(PER_ADDRESS.most):
        count_wrong(visit("127.0.0.1", f"{number}"))
    asked = browser().post("/in/", {"code": code})
    assert asked.status_code == 422
    assert "Type the family name on your letter too" in asked.content.decode()
    assert f'value="{code}"' in asked.content.decode()
    for name in ("Иванова", "Громов Громова", "", "-"):
        assert browser().post("/in/", {"code": code, "name": name}).status_code == 422
    for number, name in enumerate(("ГРОМОВА", " громова ольга", "Ольга Громова")):
        assert browser(number + 5).post("/in/", {"code": code, "name": name})["Location"] == "/in/you/"
    # The vandal's own browser is out, whatever it types by now.
    vandal = browser(99)
    for _ in range(PER_DEVICE.most):
        assert "do not let in" in vandal.post("/in/", {"code": "AAAA-AAAA-AAAA", "name": "Громова"}).content.decode()
    assert "Too many codes" in vandal.post("/in/", {"code": code, "name": "Громова"}).content.decode()
    assert browser(7).post("/in/", {"code": code, "name": "Громова"})["Location"] == "/in/you/"


def test_a_program_that_guesses_pairs_meets_its_limit(world: World) -> None:
    for number in range(PER_ADDRESS.most):
        count_wrong(visit("127.0.0.1", f"{number}"))
    count_wrong_pair(visit("127.0.0.1"))
    RateBucket.objects.filter(count=1, ends_at__gt=clock.now()).exclude(count__gt=1).update(count=WITH_NAME.most)
    assert "Too many codes" in browser().post("/in/", {"code": "AAAA-AAAA-AAAA", "name": "Громова"}).content.decode()


def test_guessing_a_code_stays_below_one_in_a_billion() -> None:
    """S10: all tries of one address in the two weeks of a letter. A name is at most every fiftieth person's."""
    windows = rules.VALID_DAYS * 24 * 60 * 60 / PER_ADDRESS.within.total_seconds()
    tries = windows * (PER_ADDRESS.most + WITH_NAME.most / 50)
    assert tries / len(rules.SIGNS) ** rules.LENGTH <= 1e-9
