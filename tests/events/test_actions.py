"""Counters that rise with each write."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classbook.events.actions import raise_versions
from classbook.events.models import Version

pytestmark = pytest.mark.django_db


def test_each_counter_rises_once_and_nothing_is_asked_for_nothing() -> None:
    raise_versions([("pupil", 7_000_001), ("pupil", 7_000_001), ("class", 7_000_002)])
    raise_versions([("class", 7_000_002)])
    rows = Version.objects.filter(subject_id__gt=7_000_000).order_by("subject_id")
    assert list(rows.values_list("kind", "subject_id", "number")) == [("pupil", 7_000_001, 1), ("class", 7_000_002, 2)]
    with CaptureQueriesContext(connection) as asked:
        raise_versions([])
    assert len(asked) == 0
