"""How often something may be tried, by bucket: an account, a telephone, an address. Counted before anything costly is done."""

from __future__ import annotations

import hashlib
import time

from django.core.cache import cache

# Bucket: how many tries in how many seconds. An address may be a whole school, so its bucket is wide.
BUCKETS = {
    "code-to": (5, 3600),  # messages with a code to one telephone or e-mail
    "code-from": (600, 3600),  # the same from one address
    "register-snils": (5, 3600),  # registrations with one SNILS
    "check": (5, 3600),  # questions to the register by one account
    "find": (60, 3600),  # persons looked up by one clerk or supporter
    "proof": (10, 3600),  # codes typed by one clerk for one person
}


def allow(bucket: str, key: str) -> bool:
    """Count one try; False: too many in this window. Keys are hashed: the table of counters names nobody."""
    most, seconds = BUCKETS[bucket]
    window = int(time.time()) // seconds
    name = f"limit:{bucket}:{window}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    tries = int(cache.get(name) or 0) + 1
    # Not incr: it would keep the count for the cache's own five minutes only.
    cache.set(name, tries, timeout=seconds)
    return tries <= most
