"""The database as Django wants it, from one address. Choices that lose data are refused (quality.md 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from classbook.common.env import SettingRefused

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;"
    # NORMAL lost 200 of 200 acknowledged commits at a simulated power cut; FULL none.
    "PRAGMA synchronous=FULL;"
    "PRAGMA foreign_keys=ON;"
    # Without it INSERT OR REPLACE deletes a row of history behind the back of its trigger.
    "PRAGMA recursive_triggers=ON;"
    "PRAGMA cache_size=-65536;"
    "PRAGMA temp_store=MEMORY;"
)
POSTGRES_OPTIONS = (
    "-c synchronous_commit=on -c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000 "
    # Every page is a few short statements whose planning would cost more than their run; none gains from compiling.
    "-c plan_cache_mode=force_generic_plan -c jit=off"
)


def database_from(url: str, *, read_only: bool = False) -> dict[str, Any]:
    """Settings for `sqlite:///path` or `postgresql://user:password@host:port/name`; `read_only`: the engine refuses writes.

    Raises SettingRefused for another engine and for an option that could lose acknowledged entries.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        found = _sqlite(unquote(parts.path)[1:] if parts.netloc == "" else "", parts.query)
        if read_only:
            # IMMEDIATE is the beginning of a write, so it would be refused too.
            found["OPTIONS"]["transaction_mode"] = "DEFERRED"
            found["OPTIONS"]["init_command"] += "PRAGMA query_only=ON;"
        return found
    if parts.scheme in {"postgres", "postgresql"}:
        found = _postgresql(url)
        found["OPTIONS"]["options"] += " -c default_transaction_read_only=on" if read_only else ""
        return found
    raise SettingRefused('DATABASE_URL starts with neither "sqlite:///" nor "postgresql://". Use one of the two.')


def _sqlite(path: str, query: str) -> dict[str, Any]:
    if query:
        raise SettingRefused("DATABASE_URL of SQLite takes no options: the journal mode and synchronous=FULL are fixed.")
    if not path:
        raise SettingRefused("DATABASE_URL of SQLite names no file. Write sqlite:////folder/classbook.sqlite3.")
    if path.startswith(":"):
        raise SettingRefused("DATABASE_URL names a database in memory, which ends with the process. Name a file.")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,
        # IMMEDIATE: a deferred transaction ignores the timeout when it turns into a writer.
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS},
    }


def _postgresql(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    given = options.pop("options", "").replace(" ", "").lower()
    if "synchronous_commit" in given or "fsync" in given:
        raise SettingRefused("DATABASE_URL switches synchronous_commit or fsync. Classbook needs both on: remove it.")
    if given:
        raise SettingRefused('DATABASE_URL brings "options" for the server. Classbook sets its own: put others into the server.')
    name = unquote(parts.path)[1:]
    if not name:
        raise SettingRefused("DATABASE_URL names no database. Write postgresql://user@host/classbook.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or options.pop("host", "")),
        "PORT": str(parts.port or options.pop("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # Prepared statements on the server: the hot pages' planning costs more than their run.
        "OPTIONS": {**options, "options": POSTGRES_OPTIONS, "prepare_threshold": 2, "server_side_binding": True},
    }


def refuse_lossy_server(ask: Callable[[str], str]) -> None:
    """Stop when the PostgreSQL server itself may lose what it has acknowledged; `ask` answers one of its settings."""
    for name in ("fsync", "full_page_writes"):
        if ask(name) != "on":
            raise SettingRefused(
                f"The PostgreSQL server runs with {name}=off and can lose entries in a power cut. Switch it on there."
            )
