"""Wrong codes are counted by device and by address; right ones are not, so a whole school may come in from one address.

When an address has used up its wrong codes, somebody in the school plays with them. Then the family name on the letter is asked
besides the code: whoever holds a letter gets in all the same, and a guess has to hit both (docs/letters.md has the figures).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Network, ip_address

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

from classbook.accounts.actions.limits import Limit, is_used_up, take

_WINDOW = timedelta(minutes=10)
# A browser keeps its cookie, so this stops a person; a program without cookies meets the limit of its address.
PER_DEVICE = Limit("code-device", 10, _WINDOW)
PER_ADDRESS = Limit("code-address", 120, _WINDOW)
# Wrong pairs of code and name, once the name is asked: some ten a second. Beyond that only waiting helps.
WITH_NAME = Limit("code-name", 6000, _WINDOW)
_COOKIE = "CSRF_COOKIE"


def _buckets(request: HttpRequest) -> Iterator[tuple[Limit, str]]:
    yield PER_ADDRESS, _network(get_adapter(request).get_client_ip(request))
    if device := request.META.get(_COOKIE):
        yield PER_DEVICE, device


def _network(address: str) -> str:
    """The address; of IPv6 the half that a household is given, for the other half is anybody's to change."""
    found = ip_address(address)
    if isinstance(found, IPv4Address) or found.ipv4_mapped:
        return address
    return str(IPv6Network((int(found), 64), strict=False))


def are_too_many(request: HttpRequest) -> bool:
    """Were there so many wrong codes that even a right one has to wait?"""
    return any(is_used_up(limit, source) for limit, source in _buckets(request))


def count_wrong(request: HttpRequest) -> None:
    """A code that was wrong."""
    for limit, source in _buckets(request):
        take(limit, source)


def device_is_out(request: HttpRequest) -> bool:
    """Has this browser itself tried too many wrong codes?"""
    device = request.META.get(_COOKIE)
    return bool(device) and is_used_up(PER_DEVICE, device)


def asks_name(request: HttpRequest) -> bool:
    """Were there so many wrong codes from this address that the name on the letter is asked besides?"""
    return is_used_up(PER_ADDRESS, _network(get_adapter(request).get_client_ip(request)))


def is_flooded(request: HttpRequest) -> bool:
    """Are even code and name guessed by a program?"""
    return is_used_up(WITH_NAME, _network(get_adapter(request).get_client_ip(request)))


def count_wrong_pair(request: HttpRequest) -> None:
    """A code and a name that do not belong together."""
    take(WITH_NAME, _network(get_adapter(request).get_client_ip(request)))
    if device := request.META.get(_COOKIE):
        take(PER_DEVICE, device)
