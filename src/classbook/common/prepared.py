"""Statements by hand, prepared once a connection: the short way to the database for the few hot pages.


It runs on Django's own connection, so a test's transaction and the settings hold here too, but with a plain cursor of the
driver: Django's binds on the client and prepares nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import Connection, RawCursor
from psycopg.rows import tuple_row
from psycopg.types.string import TextLoader

from classbook.common.compact import dumps

# What the engines call differently; in a statement these words follow an @.
# SQLite forgets at the border of a subquery that a text is JSON: @json(line) reminds it.
POSTGRESQL = {"array": "json_build_array", "list": "json_agg", "join": "string_agg", "json": ""}
SQLITE = {"array": "json_array", "list": "json_group_array", "join": "group_concat", "json": "json"}
# The same for words that take their brackets along: a list of values or of lines, bound as one parameter, and a line's parts.
POSTGRESQL_CALLS = {
    "among": "= ANY({})", "each": "unnest({}) AS given(value)", "lines": "jsonb_array_elements({}) AS lines(line)",
    # Names and under each a list; SQLite reads it as it is written, and its one writer needs no order.
    "named": "jsonb_each({}) AS named(key, list) CROSS JOIN jsonb_array_elements(named.list) AS given(value)",
    "ordered": "ORDER BY {}, {}",
    "text": "({}->>{})", "whole": "({}->>{})::bigint", "number": "({}->>{})::numeric", "flag": "({}->>{})::boolean",
    "day": "({}->>{})::date",
}  # fmt: skip
SQLITE_CALLS = {
    "among": "IN (SELECT value FROM json_each({}))", "each": "json_each({}) AS given",
    "lines": "(SELECT value AS line FROM json_each({})) WHERE true",
    "named": "json_each({}) AS named CROSS JOIN json_each(named.value) AS given", "ordered": "",
} | dict.fromkeys(("text", "whole", "number", "flag", "day"), "json_extract({}, '$[{}]')")  # fmt: skip

Row = tuple[str, ...]


class Statement:
    """A statement with named parameters (":day") that answers one row of texts, such as JSON.

    `parameters` gives the PostgreSQL type of each name, in the order in which `row` takes the values.
    """

    def __init__(self, sql: str, parameters: Mapping[str, str]) -> None:
        counted = list(enumerate(parameters.items(), 1))
        self.postgresql = _numbered(
            _spoken(sql, POSTGRESQL, POSTGRESQL_CALLS), {name: f"${n}::{kind}" for n, (name, kind) in counted}
        )
        self.sqlite = _numbered(_spoken(sql, SQLITE, SQLITE_CALLS), {name: f"?{n}" for n, (name, _) in counted})

    def row(self, *values: Any) -> Row | None:
        """The first row, or None. Raises OperationalError when the database does not answer."""
        rows = self.rows(*values)
        return rows[0] if rows else None

    def rows(self, *values: Any) -> list[Any]:
        """All rows; [] for a statement that answers none. Raises what Django's cursors raise."""
        # Not `connection`: that one looks itself up anew at each attribute.
        here = connections[DEFAULT_DB_ALIAS]
        if here.vendor == "sqlite":
            return rows_of_sqlite(self.sqlite, values)
        here.ensure_connection()
        with here.wrap_database_errors:
            return self._rows_of_postgresql(here.connection, values)

    def _rows_of_postgresql(self, driver: Connection[Any], values: Sequence[Any]) -> list[Any]:
        cursor = _CURSORS.get(driver)
        if cursor is None or cursor.closed:
            cursor = _CURSORS[driver] = _JsonAsText(driver)
        usual = driver.prepare_threshold
        # psycopg keeps the book itself: a ROLLBACK drops every prepared statement of the connection.
        driver.prepare_threshold = 0
        try:
            cursor.execute(self.postgresql, values, prepare=True)
            return cursor.fetchall() if cursor.description else []
        finally:
            driver.prepare_threshold = usual


def rows_of_sqlite(sql: str, values: Sequence[Any]) -> list[Any]:
    """The rows of a numbered statement (?1) on SQLite. Raises what Django's cursors raise."""
    here = connections[DEFAULT_DB_ALIAS]
    here.ensure_connection()
    with here.wrap_database_errors:
        plain = [v if type(v) in _PLAIN else for_sqlite(v) for v in values]
        found: list[Any] = here.connection.execute(sql, plain).fetchall()
        return found


class _JsonAsText(RawCursor[Row]):
    """A cursor that binds on the server ($1) and hands JSON on unread."""

    def __init__(self, driver: Connection[Any]) -> None:
        super().__init__(driver, row_factory=tuple_row)
        for kind in ("json", "jsonb"):
            self.adapters.register_loader(kind, TextLoader)


# One for each connection: to make it costs as much as a statement.
_CURSORS: WeakKeyDictionary[Connection[Any], _JsonAsText] = WeakKeyDictionary()


def _spoken(sql: str, words: Mapping[str, str], calls: Mapping[str, str]) -> str:
    called = re.sub(
        rf"@({'|'.join(calls)})\(([^()]*)\)", lambda found: calls[found[1]].format(*found[2].replace(" ", "").split(",")), sql
    )
    return re.sub(r"@(\w+)", lambda found: words[found[1]], called)


def _numbered(sql: str, numbers: Mapping[str, str]) -> str:
    return " ".join(re.sub(r"(?<!:):([a-z]\w*)", lambda found: numbers[found[1]], sql).split())


def moment(text: str) -> datetime:
    """An instant out of a statement's JSON; SQLite keeps it in UTC and does not say so."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@lru_cache(maxsize=16384)
def dashed(uid: str) -> str:
    """A UUID out of a statement's JSON as addresses write it; SQLite keeps it without dashes."""
    return uid if len(uid) == 36 else f"{uid[:8]}-{uid[8:12]}-{uid[12:16]}-{uid[16:20]}-{uid[20:]}"


_PLAIN = frozenset((str, int, bool, float, bytes))


def for_sqlite(value: Any) -> Any:
    """The value as SQLite stores it."""
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, list):
        return dumps(value)
    if isinstance(value, datetime):
        return connections[DEFAULT_DB_ALIAS].ops.adapt_datetimefield_value(value)
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
