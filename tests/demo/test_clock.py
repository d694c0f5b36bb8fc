"""The demo's clock: its processes start one after the other and still show the same time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings

from classbook.common import clock
from classbook.config.clock import set_clock
from classbook.demo.build import moment
from tests.reliability.site import DAY

BEGUN = datetime(2026, 11, 24, 9, tzinfo=UTC)
LATER = timedelta(minutes=10)


def test_a_process_that_starts_later_shows_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DEMO", True)
    monkeypatch.setattr(settings, "DEMO_DATE", DAY)
    monkeypatch.setattr(settings, "DEMO_SINCE", int(BEGUN.timestamp()))
    with time_machine.travel(BEGUN + LATER, tick=False):
        set_clock()
        assert clock.now() == moment(DAY) + LATER
