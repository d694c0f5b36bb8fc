"""A region of many schools: the demo's rows copied with shifted ids, so that every copy is a world of its own."""

from __future__ import annotations

import sys

from django.apps import apps
from django.db import connection, models, transaction

SHIFT = 10_000_000
# One for all copies: the demo's scales are those that come with Classbook.
SHARED = {"Region", "MarkScale", "ScaleLevel"}
# Nothing that a page of the bench reads.
LEFT_OUT = {"Session", "Operation", "AuditEvent", "OutboxEvent", "Delivery"}
# Ids without a foreign key that name a row of the same world.
LOOSE = {("Version", "subject_id"), ("Chain", "group_id")}


def multiply(worlds: int) -> None:
    """Make it so many worlds, each with the demo's two schools. Prints how far it is."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("classbook.")]
    named = [model for model in ours if model.__name__ not in SHARED | LEFT_OUT and model._meta.managed]
    # Letters and codes, whose hashes are unique, least of all.
    copied = [model for model in named if model._meta.app_label != "accounts"]
    for number in range(1, worlds):
        with transaction.atomic(), connection.cursor() as cursor, connection.constraint_checks_disabled():
            for model in copied:
                cursor.execute(_copy(model, number))
        print(f"world {number + 1} of {worlds}", file=sys.stderr, flush=True)


def _copy(model: type[models.Model], number: int) -> str:
    fields = model._meta.local_concrete_fields
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    values = ", ".join(_value(model, field, number) for field in fields)
    table = quote(model._meta.db_table)
    return f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE {quote(model._meta.pk.column)} < {SHIFT}"


def _value(model: type[models.Model], field: models.Field, number: int) -> str:  # type: ignore[type-arg]
    column = connection.ops.quote_name(field.column)
    target = field.related_model
    shared = isinstance(target, type) and target.__name__ in SHARED
    if field.primary_key or (target is not None and not shared) or (model.__name__, field.column) in LOOSE:
        return f"{column} + {number * SHIFT}"
    if isinstance(field, models.UUIDField) and field.unique:
        return "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"
    if isinstance(field, models.CharField) and field.unique:
        return f"{column} || '-{number}'"
    return column
