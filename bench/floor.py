"""The floor: a bare RSGI program that asks the database a page's own statement, prepared, and answers with ready-made bytes.

What it does is what no page can do without; the ratio to it tells what the product adds.
"""

from __future__ import annotations

import json
import os
import pickle
import sqlite3
from pathlib import Path
from typing import Any

import asyncpg

from bench.recording import Recorded

_FOLDER = Path(os.environ["CLASSBOOK_DATA"])
_RECORDED: dict[str, Recorded] = pickle.loads((_FOLDER / "recorded.pickle").read_bytes())  # noqa: S301 - written by the bench
_HEADERS = [("content-type", "text/html; charset=utf-8")]
_POSTGRESQL = os.environ.get("DATABASE_URL", "")
_connection: Any = None


async def _postgresql() -> Any:
    global _connection
    if _connection is None:
        _connection = await asyncpg.connect(_POSTGRESQL, server_settings={"plan_cache_mode": "force_generic_plan", "jit": "off"})
        await _connection.execute("CREATE TABLE IF NOT EXISTS bench_mark (column_uid text, student text, code text)")
    return _connection


def _sqlite() -> sqlite3.Connection:
    global _connection
    if _connection is None:
        _connection = sqlite3.connect(_FOLDER / "classbook.sqlite3", isolation_level=None, timeout=20)
        _connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;")
        _connection.execute("CREATE TABLE IF NOT EXISTS bench_mark (column_uid text, student text, code text)")
    found: sqlite3.Connection = _connection
    return found


async def _read(recorded: Recorded) -> None:
    for sql, values in recorded.statements:
        if _POSTGRESQL:
            await (await _postgresql()).fetchrow(sql, *values)
        else:
            _sqlite().execute(sql, values).fetchone()


async def _write(body: bytes) -> None:
    """As many rows as there are marks in the body, in one statement; durable when it returns."""
    marks = json.loads(body)["marks"]
    if _POSTGRESQL:
        columns = ([mark[name] for mark in marks] for name in ("column", "student", "code"))
        sql = "INSERT INTO bench_mark SELECT * FROM unnest($1::text[], $2::text[], $3::text[])"
        await (await _postgresql()).execute(sql, *columns)
    else:
        cells = ", ".join(f"json_extract(value, '$.{name}')" for name in ("column", "student", "code"))
        _sqlite().execute(f"INSERT INTO bench_mark SELECT {cells} FROM json_each(?)", [json.dumps(marks)])


async def application(scope: Any, protocol: Any) -> None:
    """`/<name>`: the recorded page of that name; POST: a bare save."""
    if scope.method == "POST":
        await _write(await protocol())
        protocol.response_bytes(200, _HEADERS, b"{}")
        return
    recorded = _RECORDED.get(scope.path.strip("/"))
    if recorded is None:
        protocol.response_empty(404, [])
        return
    await _read(recorded)
    protocol.response_bytes(200, _HEADERS, recorded.page)
