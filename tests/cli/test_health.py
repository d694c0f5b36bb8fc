"""What machines ask: is the process alive, can it serve, can it write?"""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test import Client, override_settings

pytestmark = pytest.mark.django_db


def asked(path: str) -> tuple[int, str]:
    answer = Client().get(path)
    return answer.status_code, json.loads(answer.content)["status"]


def test_alive_and_ready() -> None:
    assert asked("/healthz") == (200, "alive")
    assert asked("/readyz") == (200, "ready")


def test_read_only_is_ready_to_be_read() -> None:
    with override_settings(READ_ONLY=True):
        assert asked("/readyz") == (200, "read-only")


def test_a_database_of_another_version_is_not_ready() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'grading' AND name = '0003_shipped_scales'")
    assert asked("/readyz") == (503, "not migrated")
    assert asked("/healthz") == (200, "alive")
