"""Cells and their history, written as one set (performance.md rule 5)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection

from classbook.common.compact import dumps
from classbook.common.errors import Conflict
from classbook.common.prepared import Statement, rows_of_sqlite

_KINDS = {"rows": "jsonb", "school": "bigint", "at": "timestamptz", "by": "bigint"}
# SQLite binds every value by itself, which costs half of taking them out of JSON; its statements are kept by the number of rows.
MOST_ROWS = 50


class HistoryWrite:
    """The write of a table whose every change leaves a row in another.

    `given` names the values of a cell and their kinds, as @text, @whole ... of common.prepared, in the order in which they come.
    `upsert` writes {given} with :school, only onto the version before, and returns `returns`, the key first; {order} is where
    the cells are put into the order of `key`, so that two writers cannot lock each other out. `change` tells the history of
    {written} beside {given}, with :at and :by.
    """

    def __init__(self, table: str, *, key: str, given: Mapping[str, str], upsert: str, change: str, returns: str) -> None:
        values = ", ".join(f"@{kind}(line, {place}) AS {name}" for place, (name, kind) in enumerate(given.items()))
        # PostgreSQL writes both in one statement; SQLite has no writes inside WITH and sends the two one after the other,
        # and its one writer needs no order.
        ordered = upsert.format(given="given", order=f"ORDER BY {key}")
        self._both = Statement(
            f"WITH given AS (SELECT {values} FROM @lines(:rows)), written AS ({ordered} RETURNING {table}.*), "
            f"told AS ({change.format(given='given', written='written')}) SELECT {returns} FROM written",
            _KINDS,
        )
        self._names = tuple(given)
        self._cells = f"{upsert.format(given='given', order='')} RETURNING {returns}"
        self._changes = change.format(given="given", written=table)
        self._of_so_many = lru_cache(maxsize=MOST_ROWS)(self._with_so_many)

    def write(self, cells: Sequence[Sequence[Any]], *, school_id: int, by_id: int | None, at: datetime) -> list[Any]:
        """Write all cells or none; answers a row of `returns` for each.

        Raises Conflict when a cell has moved on since it was read: the transaction must be given up.
        """
        if connection.vendor == "postgresql":
            written = self._both.rows(dumps(cells), school_id, at, by_id)
        else:
            written = []
            for start in range(0, len(cells), MOST_ROWS):
                part = cells[start : start + MOST_ROWS]
                values = [value for cell in part for value in cell]
                upsert, change = self._of_so_many(len(part))
                written += rows_of_sqlite(upsert, [*values, school_id])
                rows_of_sqlite(change, [*values, at, by_id])
        if len(written) != len(cells):
            raise Conflict
        return written

    def _with_so_many(self, rows: int) -> tuple[str, str]:
        """Both statements for a number of cells, whose values are bound in their order."""
        width = len(self._names)
        line = ", ".join("?" * width)
        given = f"WITH given({', '.join(self._names)}) AS (VALUES {', '.join([f'({line})'] * rows)})"
        last = rows * width

        def numbered(sql: str, *names: str) -> str:
            for number, name in enumerate(names, last + 1):
                sql = re.sub(rf":{name}\b", f"?{number}", sql)
            return " ".join(f"{given} {sql}".split())

        return numbered(self._cells, "school"), numbered(self._changes, "at", "by")
