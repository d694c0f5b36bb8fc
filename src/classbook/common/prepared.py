"""Statements by hand, prepared once a connection: the short way to the database for the few hot pages.

It runs on Django's own connection, so a test's transaction and the settings hold here too, but with a plain cursor of the
driver: Django's binds on the client and prepares nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg import Connection, RawCursor
from psycopg.rows import tuple_row
from psycopg.types.string import TextLoader

# What the engines call differently; in a statement these words follow an @.
# SQLite forgets at the border of a subquery that a text is JSON: @json(line) reminds it.
POSTGRESQL = {"array": "json_build_array", "list": "json_agg", "join": "string_agg", "json": ""}
SQLITE = {"array": "json_array", "list": "json_group_array", "join": "group_concat", "json": "json"}

Row = tuple[str, ...]


class Statement:
    """A statement with named parameters (":day") that answers one row of texts, such as JSON.

    `parameters` gives the PostgreSQL type of each name, in the order in which `row` takes the values.
    """

    def __init__(self, sql: str, parameters: Mapping[str, str]) -> None:
        counted = list(enumerate(parameters.items(), 1))
        self.postgresql = _numbered(_spoken(sql, POSTGRESQL), {name: f"${n}::{kind}" for n, (name, kind) in counted})
        self.sqlite = _numbered(_spoken(sql, SQLITE), {name: f"?{n}" for n, (name, _) in counted})

    def row(self, *values: Any) -> Row | None:
        """The first row, or None. Raises OperationalError when the database does not answer."""
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            with connection.wrap_database_errors:
                found: Row | None = connection.connection.execute(self.sqlite, [for_sqlite(v) for v in values]).fetchone()
            return found
        return self._row_of_postgresql(values)

    def _row_of_postgresql(self, values: Sequence[Any]) -> Row | None:
        driver = connection.connection
        usual = driver.prepare_threshold
        # psycopg keeps the book itself: a ROLLBACK drops every prepared statement of the connection.
        driver.prepare_threshold = 0
        try:
            with connection.wrap_database_errors:
                found: Row | None = _JsonAsText(driver).execute(self.postgresql, values, prepare=True).fetchone()
        finally:
            driver.prepare_threshold = usual
        return found


class _JsonAsText(RawCursor[Row]):
    """A cursor that binds on the server ($1) and hands JSON on unread."""

    def __init__(self, driver: Connection[Any]) -> None:
        super().__init__(driver, row_factory=tuple_row)
        self.adapters.register_loader("json", TextLoader)


def _spoken(sql: str, words: Mapping[str, str]) -> str:
    return re.sub(r"@(\w+)", lambda found: words[found[1]], sql)


def _numbered(sql: str, numbers: Mapping[str, str]) -> str:
    return " ".join(re.sub(r"(?<!:):([a-z]\w*)", lambda found: numbers[found[1]], sql).split())


def for_sqlite(value: Any) -> Any:
    """The value as SQLite stores it."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value.isoformat() if isinstance(value, date) else value
