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
_COLUMNS = "school_id, assessment_id, student_id, status, code, score, band, counts, comment, version"
_connection: Any = None


async def _postgresql() -> Any:
    global _connection
    if _connection is None:
        _connection = await asyncpg.connect(_POSTGRESQL, server_settings={"plan_cache_mode": "force_generic_plan", "jit": "off"})
    return _connection


def _sqlite() -> sqlite3.Connection:
    global _connection
    if _connection is None:
        _connection = sqlite3.connect(_FOLDER / "classbook.sqlite3", isolation_level=None, timeout=20)
        _connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536;"
        )
    found: sqlite3.Connection = _connection
    return found


async def _read(recorded: Recorded) -> None:
    for sql, values in recorded.statements:
        if _POSTGRESQL:
            await (await _postgresql()).fetchrow(sql, *values)
        else:
            _sqlite().execute(sql, values).fetchone()


async def _write(body: bytes) -> None:
    """As many rows as there are marks in the body, in one statement, into a table of the marks' own shape; durable."""
    asked = json.loads(body)
    if _POSTGRESQL:
        sql = (
            f"INSERT INTO bench_mark ({_COLUMNS}) SELECT $1, $2, student, 'recorded', code, score, 0, true, '', 1 "
            "FROM unnest($3::bigint[], $4::text[], $5::numeric[]) AS given(student, code, score)"
        )
        lists = ([mark[name] for mark in asked["marks"]] for name in ("student", "code", "score"))
        await (await _postgresql()).execute(sql, asked["school"], asked["column"], *lists)
    else:
        student, code, score = (f"json_extract(value, '$.{name}')" for name in ("student", "code", "score"))
        sql = (
            f"INSERT INTO bench_mark ({_COLUMNS}) SELECT ?1, ?2, {student}, 'recorded', {code}, {score}, 0, 1, '', 1 "
            "FROM json_each(?3)"
        )
        _sqlite().execute(sql, [asked["school"], asked["column"], json.dumps(asked["marks"])])


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
