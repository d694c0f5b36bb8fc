"""Cells and their history, written as one set (performance.md rule 5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from classbook.common.compact import dumps
from classbook.common.errors import Conflict
from classbook.common.prepared import Statement

_KINDS = {"rows": "jsonb", "school": "bigint", "at": "timestamptz", "by": "bigint"}


def _only(*names: str) -> dict[str, str]:
    return {name: _KINDS[name] for name in names}


class HistoryWrite:
    """The write of a table whose every change leaves a row in another.

    `given` selects the cells from @lines(:rows). `upsert` writes {given} with :school, only onto the version before, and
    returns `returns`, the key first; {order} is where the cells are put into the order of `key`, so that two writers cannot
    lock each other out. `change` tells the history of {written} beside {given}, with :at and :by.
    """

    def __init__(self, table: str, *, key: str, given: str, upsert: str, change: str, returns: str) -> None:
        beside = f"({given})"
        # PostgreSQL writes both in one statement; SQLite has no writes inside WITH and sends the two one after the other,
        # and its one writer needs no order.
        ordered = upsert.format(given="given", order=f"ORDER BY {key}")
        self._both = Statement(
            f"WITH given AS {beside}, written AS ({ordered} RETURNING {table}.*), "
            f"told AS ({change.format(given='given', written='written')}) SELECT {returns} FROM written",
            _KINDS,
        )
        self._cells = Statement(
            f"{upsert.format(given=f'{beside} given', order='')} RETURNING {returns}", _only("rows", "school")
        )
        self._changes = Statement(change.format(given=beside, written=table), _only("rows", "at", "by"))

    def write(self, cells: Sequence[Sequence[Any]], *, school_id: int, by_id: int | None, at: datetime) -> list[Any]:
        """Write all cells or none; answers a row of `returns` for each.

        Raises Conflict when a cell has moved on since it was read: the transaction must be given up.
        """
        rows = dumps(cells)
        if connection.vendor == "postgresql":
            written = self._both.rows(rows, school_id, at, by_id)
        else:
            written = self._cells.rows(rows, school_id)
            self._changes.rows(rows, at, by_id)
        if len(written) != len(cells):
            raise Conflict
        return written
