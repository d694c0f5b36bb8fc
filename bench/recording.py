"""What a page asks the database by hand, and what it answers: recorded once, so that the floor can do just that and no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Recorded:
    """The hand-written statements of one request with their values as the driver takes them, and the page."""

    statements: tuple[tuple[str, tuple[Any, ...]], ...]
    page: bytes


def record(client: Any, path: str) -> Recorded:
    """Ask for the page twice (the second time everything is warm) and note the statements of the second time."""
    from django.db import connection  # noqa: PLC0415 - needs Django set up

    from classbook.common import prepared  # noqa: PLC0415

    found: list[tuple[str, tuple[Any, ...]]] = []
    plain = prepared.Statement.row

    def noting(statement: prepared.Statement, *values: Any) -> prepared.Row | None:
        if connection.vendor == "sqlite":
            found.append((statement.sqlite, tuple(map(prepared.for_sqlite, values))))
        else:
            found.append((statement.postgresql, values))
        return plain(statement, *values)

    client.get(path)
    prepared.Statement.row = noting  # type: ignore[method-assign]
    try:
        answer = client.get(path)
    finally:
        prepared.Statement.row = plain  # type: ignore[method-assign]
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status_code}")
    return Recorded(tuple(found), answer.content)
