"""The school's pages cost the same number of queries for few rows and for many."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from classbook.accounts.actions.applying import token_of
from classbook.accounts.models import SchoolApplication
from classbook.attendance.models import AttendanceRecord
from classbook.lessons.models import Lesson
from classbook.people.models import AccessBan, Guardianship
from classbook.schools.actions.guardians import sleeping_links
from classbook.schools.models import Region, School
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 19)


def cost(client: Any, address: str, **query: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(address, query).status_code == 200
    return len(found)


def test_head_and_office_today(world: World) -> None:
    client, page = world.client("head"), reverse("school", args=[world.school.uid])
    few = cost(client, page)
    Lesson.objects.filter(school=world.school).update(register_taken_at=None)
    assert cost(client, page) == few <= 24


def test_search_of_the_office(world: World) -> None:
    client, page = world.client("office"), reverse("office", args=[world.school.uid])
    assert cost(client, page, q="белова анна") == cost(client, page, q="а") <= 14


def test_guardians_to_confirm(world: World) -> None:
    client, page = world.client("office"), reverse("guardians", args=[world.school.uid])
    Guardianship.objects.filter(student=world.anna).update(confirmed_at=None)
    few = cost(client, page, **{"class": "7Б"})
    Guardianship.objects.filter(student__placements__school_class=world.school_class).update(confirmed_at=None)
    assert sleeping_links(world.school.pk).count() > 2
    assert cost(client, page, **{"class": "7Б"}) == few <= 16


def test_bans(world: World) -> None:
    client, page = world.client("head"), reverse("bans", args=[world.school.uid])
    many = cost(client, page)
    AccessBan.objects.filter(pk__in=list(AccessBan.objects.order_by("pk").values_list("pk", flat=True)[1:])).delete()
    assert cost(client, page) == many <= 12


def test_nurse(world: World) -> None:
    client, page = world.client("nurse"), reverse("nurse", args=[world.school.uid])
    many = cost(client, page)
    AttendanceRecord.objects.filter(school=world.school, date=DAY).exclude(
        pk__in=AttendanceRecord.objects.filter(school=world.school, date=DAY).order_by("pk").values("pk")[:1]
    ).update(code=None)
    assert cost(client, page) == many <= 24


def test_authority_with_one_school_and_with_many(world: World) -> None:
    client, page = world.client("authority"), reverse("authority", args=[world.region.uid])
    School.objects.exclude(pk=world.school.pk).update(region=None)
    few = cost(client, page)
    for number in range(5):
        School.objects.create(name=f"Школа {number}", region=world.region, time_zone="UTC")
    assert cost(client, page) == few <= 12
    Region.objects.create(name="Район", parent=world.region)
    assert cost(client, page) == few + 1


def test_applications_of_one_school_and_of_many(world: World) -> None:
    client, page = world.client("authority"), reverse("region-applications", args=[world.region.uid])
    few = cost(client, page)
    one = SchoolApplication.objects.get()
    for number in range(30):
        one.pk, one.uid, one.number = None, uuid4(), f"{number:08}"
        one.save(force_insert=True)
    assert cost(client, page) == few <= 10
    assert cost(client, reverse("region-application", args=[world.region.uid, one.uid])) <= 14
    assert cost(world.client("nobody"), reverse("application", args=[token_of(one.number)])) <= 2
