"""One number for everything in the tables of Classbook: two worlds are the same when it is the same.

As a program it builds the small world of a day in a database of its own and prints the number.
"""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

# Passwords are salted by chance, codes hashed with the server's key; a session belongs to whoever signs in.
LEFT_OUT = {"password", "code_hmac"}
NOT_BUILT = {"people.Session"}


def digest() -> dict[str, str]:
    """The number of each table that the builder fills."""
    from django.apps import apps

    found = {}
    for model in apps.get_models():
        name = f"{model._meta.app_label}.{model.__name__}"
        if model.__module__.startswith("classbook.") and name not in NOT_BUILT:
            fields = [field.attname for field in model._meta.concrete_fields if field.attname not in LEFT_OUT]
            told = hashlib.sha256()
            for row in model._default_manager.order_by("pk").values_list(*fields).iterator():
                told.update(repr([_plain(value) for value in row]).encode())
            found[name] = told.hexdigest()
    return found


def _plain(value: Any) -> Any:
    """The same text for the same value, whatever the database made of it."""
    if isinstance(value, Decimal):
        return str(value.normalize())
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else str(value)


if __name__ == "__main__":
    from classbook.cli import start_django

    start_django()
    from classbook.cli.migrate import migrate
    from classbook.demo.build import build

    migrate(0)
    build(date.fromisoformat(sys.argv[1]), small=True)
    print(json.dumps(digest()))
