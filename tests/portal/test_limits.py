"""A limit holds for its whole time, however many tries come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from classbook.portal.limits import BUCKETS, allow

# The beginning of an hour, so that the window does not end in between.
BEGUN = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.django_db
def test_a_limit_of_an_hour_holds_for_the_hour() -> None:
    most, _ = BUCKETS["code-to"]
    with time_machine.travel(BEGUN, tick=False):
        assert [allow("code-to", "+79001112233") for _ in range(most + 1)] == [True] * most + [False]
        assert allow("code-to", "+79001112234")
    with time_machine.travel(BEGUN + timedelta(minutes=50), tick=False):
        assert not allow("code-to", "+79001112233")
    with time_machine.travel(BEGUN + timedelta(minutes=61), tick=False):
        assert allow("code-to", "+79001112233")
