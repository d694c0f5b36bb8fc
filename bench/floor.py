"""The floor: a bare WSGI program that asks the database one prepared statement and answers with ready-made bytes."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

import psycopg

PAGE = b"x" * 18_600
_SESSION = "SELECT person_id, epoch FROM people_session WHERE key_hash = {}"


def _asker() -> Callable[[str], Any]:
    address = os.environ.get("DATABASE_URL", "")
    if address:
        connection = psycopg.connect(address, autocommit=True)
        sql = _SESSION.format("%s")
        return lambda key: connection.execute(sql, (key,), prepare=True).fetchone()
    path = os.path.join(os.environ["CLASSBOOK_DATA"], "classbook.sqlite3")
    lite = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=8)
    sql = _SESSION.format("?")
    return lambda key: lite.execute(sql, (key,)).fetchone()


_ask = _asker()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """One statement, one page."""
    _ask(environ.get("HTTP_COOKIE", ""))
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(PAGE)))])
    return [PAGE]
