"""What the service can do right now, told truthfully."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


def of_database() -> str:
    """ "ready", "read-only" (pages can be read, nothing can be written), "not migrated" or "down"."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "not migrated"
        return "read-only" if settings.READ_ONLY or not _is_writable() else "ready"
    except DatabaseError:
        return "down"


def _is_writable() -> bool:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW transaction_read_only")
            return bool(cursor.fetchone()[0] == "off")
        cursor.execute("PRAGMA query_only")
        return bool(cursor.fetchone()[0] == 0)
