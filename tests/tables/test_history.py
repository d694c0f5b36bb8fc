"""History is append-only, and the database says so: no UPDATE, no DELETE, no way round."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from classbook.attendance.models import AttendanceChange
from classbook.events.models import AuditEvent, ChainedChange
from classbook.grading.models import MarkChange
from classbook.lessons.models import LessonChange

pytestmark = pytest.mark.django_db
HISTORIES = [AuditEvent, MarkChange, AttendanceChange, LessonChange]


def refused(sql: str, *values: object) -> bool:
    with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    return True


def test_every_history_is_known() -> None:
    chained = [model for model in apps.get_models() if issubclass(model, ChainedChange)]
    assert set(chained) <= set(HISTORIES)
    named = [m for m in apps.get_models() if m.__module__.startswith("classbook.") and m.__name__.endswith(("Change", "Event"))]
    assert {model.__name__ for model in named} == {model.__name__ for model in HISTORIES} | {"OutboxEvent"}


@pytest.mark.parametrize("model", HISTORIES, ids=lambda model: model.__name__)
def test_history_is_neither_changed_nor_deleted(model: type[Model], world: object) -> None:
    table = model._meta.db_table
    row = model._default_manager.order_by("pk")[0]
    before = model._default_manager.filter(pk=row.pk).values_list().get()
    refused(f"UPDATE {table} SET at = at WHERE id = %s", row.pk)
    refused(f"DELETE FROM {table} WHERE id = %s", row.pk)
    refused(f"DELETE FROM {table}")
    with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
        row.delete()
    if connection.vendor == "postgresql":
        refused(f"TRUNCATE {table}")
    else:
        columns = ", ".join(field.column for field in model._meta.concrete_fields)
        refused(f"INSERT OR REPLACE INTO {table} ({columns}) SELECT {columns} FROM {table} WHERE id = %s", row.pk)
    assert model._default_manager.filter(pk=row.pk).values_list().get() == before
