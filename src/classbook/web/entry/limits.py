"""Wrong codes are counted by device and by address; right ones are not, so a whole school may come in from one address."""

from __future__ import annotations

import hashlib
from ipaddress import IPv4Address, IPv6Network, ip_address

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
    found = {f"code-address-{_short(_network(get_adapter(request).get_client_ip(request)))}-{window}": PER_ADDRESS}
    if device := request.META.get(_COOKIE):
        found[f"code-device-{_short(device)}-{window}"] = PER_DEVICE
    return found


def _network(address: str) -> str:
    """The address; of IPv6 the half that a household is given, for the other half is anybody's to change."""
    found = ip_address(address)
    if isinstance(found, IPv4Address) or found.ipv4_mapped:
        return address
    return str(IPv6Network((int(found), 64), strict=False))


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def are_too_many(request: HttpRequest) -> bool:
    """Were there so many wrong codes that even a right one has to wait?"""
    return any((cache.get(key) or 0) >= most for key, most in _buckets(request).items())


def count_wrong(request: HttpRequest) -> None:
    """A code that was wrong."""
    for key in _buckets(request):
        # Not incr: it would keep the count for the cache's five minutes only, and fails when that time is over.
        cache.set(key, (cache.get(key) or 0) + 1, WINDOW_SECONDS)
