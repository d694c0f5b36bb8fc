"""Limits by bucket (quality.md 7.10): how often one kind of thing may be tried from one source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F
from django.utils.crypto import salted_hmac

from classbook.accounts.models import RateBucket
from classbook.common.clock import now


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in so long a time."""

    name: str
    most: int
    within: timedelta


def _key(limit: Limit, source: object) -> str:
    return salted_hmac("classbook.limits", f"{limit.name}:{source}", algorithm="sha256").hexdigest()


def is_used_up(limit: Limit, source: object) -> bool:
    """Would `take` refuse the next try? Counts nothing."""
    return RateBucket.objects.filter(key=_key(limit, source), ends_at__gt=now(), count__gte=limit.most).exists()


def take(limit: Limit, source: object) -> bool:
    """Count one try and say whether it is still allowed. What was counted in a transaction that is undone is not counted."""
    at = now()
    key = _key(limit, source)
    running = RateBucket.objects.filter(key=key, ends_at__gt=at)
    if running.update(count=F("count") + 1):
        return RateBucket.objects.values_list("count", flat=True).get(key=key) <= limit.most
    fresh = RateBucket(key=key, count=1, ends_at=at + limit.within)
    RateBucket.objects.bulk_create([fresh], update_conflicts=True, unique_fields=["key"], update_fields=["count", "ends_at"])
    return True


def give_back(limit: Limit, source: object) -> None:
    """A try that was right does not count. Called after `take`, so that many at once are still counted one by one."""
    RateBucket.objects.filter(key=_key(limit, source), ends_at__gt=now(), count__gt=0).update(count=F("count") - 1)


def forget_old_buckets() -> int:
    """Remove what nobody asks about any more; answers how many."""
    return RateBucket.objects.filter(ends_at__lte=now()).delete()[0]
