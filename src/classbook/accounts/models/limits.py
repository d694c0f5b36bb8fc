"""How often something was tried."""

from __future__ import annotations

from django.db import models


class RateBucket(models.Model):
    """Tries of one kind from one source in one stretch of time. The key is a keyed hash, so that it names nobody."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.IntegerField(default=0)
    # Index: the worker removes what is over.
    ends_at = models.DateTimeField(db_index=True)
