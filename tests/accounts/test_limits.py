"""Wrong codes are counted by device and by address, and the counts are kept however many there are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import timezone

from classbook.web.entry.limits import PER_ADDRESS, PER_DEVICE, are_too_many, count_wrong

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_counted(db: None) -> None:
    cache.clear()


def visit(address: str, device: str = "") -> HttpRequest:
    request: HttpRequest = RequestFactory().post("/in/", REMOTE_ADDR=address)
    if device:
        request.META["CSRF_COOKIE"] = device
    return request


def test_counts_outlive_an_evening_of_many_devices() -> None:
    guessers = [visit(f"10.1.{number}.1", f"guesser-{number}") for number in range(20)]
    for guesser in guessers:
        for _ in range(PER_DEVICE):
            count_wrong(guesser)
    for number in range(400):
        count_wrong(visit(f"10.0.{number // 250}.{number % 250}", f"{number}"))
    assert all(map(are_too_many, guessers))


def test_a_count_is_kept_for_the_whole_ten_minutes() -> None:
    guesser = visit("10.0.0.1")
    count_wrong(guesser)
    count_wrong(guesser)
    with connection.cursor() as cursor:
        cursor.execute("SELECT expires FROM cache")
        (expires,) = cursor.fetchone()
    if timezone.is_naive(expires):
        expires = timezone.make_aware(expires, timezone.get_fixed_timezone(0))
    assert expires > timezone.now() + timedelta(minutes=9)


def test_a_household_of_ipv6_is_one_address() -> None:
    for number in range(PER_ADDRESS):
        count_wrong(visit(f"2001:db8::{number:x}"))
    assert are_too_many(visit("2001:db8::ffff:1"))
    assert not are_too_many(visit("2001:db8:0:1::1"))
    # Addresses of IPv4 in the spelling of a socket for both stay apart.
    for _ in range(PER_ADDRESS):
        count_wrong(visit("::ffff:10.0.0.7"))
    assert not are_too_many(visit("::ffff:10.0.0.8"))


def test_what_can_be_no_code_costs_nothing() -> None:
    client = Client()
    for _ in range(PER_DEVICE + 1):
        answer = client.post("/in/", {"code": "AAAA-AAAA-AAA"})
        assert "This code does not let in." in answer.content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM cache WHERE cache_key LIKE %s", ["%code-%"])
        assert cursor.fetchone() == (0,)
