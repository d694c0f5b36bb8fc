"""Pages that many people share but for a few places: rendered once, kept, and filled in for each reader (performance.md, rule 3).

A slot stands in the shared page where something is somebody's own. The marks around a slot's name are random for every
process, so that no text that people type can look like one.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from uuid import UUID, uuid4

from markupsafe import Markup

# Some 50 kB each.
MOST_KEPT = 400
ALWAYS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
CUT = Markup(f"\x02{secrets.token_hex(8)}\x02")  # noqa: S704 - hexadecimal digits
# Stands in the addresses of a shared page for the pupil's own id.
ANY_PUPIL: UUID = uuid4()


def slot(name: str, of: object = "") -> Markup:
    """The place of something own; `of` is the lesson, homework or date it belongs to."""
    return Markup(f"{CUT}{name}{of}{CUT}")  # noqa: S704 - ids and dates, nothing that people type


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Text and slots by turns, and from when until when it is true."""

    pieces: tuple[str, ...]
    digest: str
    since: datetime
    until: datetime

    @classmethod
    def of(cls, page: str, since: datetime = ALWAYS[0], until: datetime = ALWAYS[1]) -> Skeleton:
        """Cut a rendered page at its slots."""
        pieces = page.replace(str(ANY_PUPIL), slot("pupil")).split(CUT)
        # The cut itself is another one in every process; what lies between is not.
        return cls(tuple(pieces), hashlib.sha256("\x02".join(pieces).encode()).hexdigest(), since, until)

    def filled(self, own: dict[str, str]) -> str:
        """The page with everything in its place; a slot without content stays empty."""
        pieces = list(self.pieces)
        for place in range(1, len(pieces), 2):
            pieces[place] = own.get(pieces[place], "")
        return "".join(pieces)


def own_parts(rendered: str) -> dict[str, str]:
    """Slot by slot what a template of own parts has written."""
    pieces = rendered.split(CUT)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


class Skeletons:
    """The skeletons used last, by what they hang on. Shared by the threads of a process."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Skeleton] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, now: datetime, make: Callable[[], Skeleton]) -> Skeleton:
        """The kept skeleton if it is still true, else a new one."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
        if found is None or not found.since <= now < found.until:
            found = make()
            with self._lock:
                self._kept[key] = found
                if len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return found

    def forget(self) -> None:
        """Keep nothing (tests take back what versions tell)."""
        with self._lock:
            self._kept.clear()
