"""Wrong codes are counted by device and by address, and the counts are kept however many there are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory

from classbook.accounts.models import RateBucket
from classbook.common import clock
from classbook.web.entry.limits import PER_ADDRESS, PER_DEVICE, are_too_many, count_wrong

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
