"""The database's own figures about its tables, on which its choice of indexes hangs."""

from __future__ import annotations

from django.db import connection


def refresh_statistics() -> None:
    """Count anew after rows came in by the thousand; without it the first hours' plans are guesses."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
