"""Wrong codes are counted by device and by address; right ones are not, so a whole school may come in from one address."""

from __future__ import annotations

import hashlib

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

from classbook.common.clock import now

WINDOW_SECONDS = 600
# A browser keeps its cookie, so this stops a person; a program without cookies meets the limit of its address.
PER_DEVICE, PER_ADDRESS = 10, 120
_COOKIE = "CSRF_COOKIE"


def _buckets(request: HttpRequest) -> dict[str, int]:
    window = int(now().timestamp()) // WINDOW_SECONDS
    address = get_adapter(request).get_client_ip(request)
    found = {f"code-address-{_short(address)}-{window}": PER_ADDRESS}
    if device := request.META.get(_COOKIE):
        found[f"code-device-{_short(device)}-{window}"] = PER_DEVICE
    return found


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def are_too_many(request: HttpRequest) -> bool:
    """Were there so many wrong codes that even a right one has to wait?"""
    return any((cache.get(key) or 0) >= most for key, most in _buckets(request).items())


def count_wrong(request: HttpRequest) -> None:
    """A code that was wrong."""
    for key in _buckets(request):
        if not cache.add(key, 1, WINDOW_SECONDS):
            cache.incr(key)
