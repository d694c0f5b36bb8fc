"""Typed readers of the environment. A variable that nobody knows, or a value that makes no sense, stops the start."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PREFIX = "CLASSBOOK_"
# Read elsewhere than in the settings: where tests find the reference data.
NOT_SETTINGS = frozenset({"CLASSBOOK_SAMPLES"})
LEAST_SECRET = 32


class SettingRefused(Exception):
    """A setting is unknown, unreadable or would lose data. The sentence names the variable and what to do."""


class Environment:
    """Reads the variables of one site, CLASSBOOK_* or another prefix, and remembers which ones were asked for."""

    def __init__(self, source: Mapping[str, str] | None = None, *, prefix: str = PREFIX, page: str = "docs/settings.md") -> None:
        self._source = os.environ if source is None else source
        self._prefix, self._page = prefix, page
        self.known: dict[str, str] = {}

    def text(self, name: str, *, default: str = "") -> str:
        """The value as it stands; empty counts as not set."""
        self.known[name] = default
        return self._source.get(name, "").strip() or default

    def flag(self, name: str, *, default: bool = False) -> bool:
        """yes/no, true/false, on/off, 1/0."""
        value = self.text(name, default="yes" if default else "no").lower()
        if value in {"1", "yes", "true", "on"}:
            return True
        if value in {"0", "no", "false", "off"}:
            return False
        raise SettingRefused(f'{name}="{value}" is neither yes nor no. Write "yes" or "no".')

    def number(self, name: str, *, default: int, least: int = 0) -> int:
        """A whole number, `least` or more."""
        value = self.text(name, default=str(default))
        if not value.isdecimal() or int(value) < least:
            raise SettingRefused(f'{name}="{value}" is not a whole number of {least} or more.')
        return int(value)

    def secret(self, name: str, kept: Path, *, otherwise: str) -> str:
        """The key given from outside, else one made once and kept in the file `kept`; `otherwise`: what helps when that fails."""
        given = self.text(name)
        if given:
            if len(given) < LEAST_SECRET:
                raise SettingRefused(f"{name} is shorter than {LEAST_SECRET} signs. Leave it out: a good one is made by itself.")
            return given
        try:
            if not kept.exists():
                kept.parent.mkdir(parents=True, exist_ok=True)
                with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                    file.write(secrets.token_urlsafe(48))
            return kept.read_text().strip()
        except OSError as error:
            raise SettingRefused(f"The folder {kept.parent} cannot be used ({error.strerror}). {otherwise}") from error

    def choice(self, name: str, allowed: tuple[str, ...], *, default: str) -> str:
        """One of the words."""
        value = self.text(name, default=default)
        if value not in allowed:
            raise SettingRefused(f'{name}="{value}" is not known. Write one of: {", ".join(allowed)}.')
        return value

    def time_zone(self, name: str, *, default: str) -> str:
        """An IANA time zone."""
        value = self.text(name, default=default)
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise SettingRefused(f'{name}="{value}" is no time zone. Write it as Asia/Tokyo or Europe/Berlin.') from None
        return value

    def day(self, name: str) -> date | None:
        """A date such as 2026-11-19; None when it is not set."""
        value = self.text(name)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            raise SettingRefused(f'{name}="{value}" is not a date. Write it as 2026-11-19.') from None

    def choice_or_day(self, name: str, allowed: tuple[str, ...], *, default: str) -> str | date:
        """One of the words, or a date such as 2026-11-19."""
        value = self.text(name, default=default)
        try:
            return value if value in allowed else date.fromisoformat(value)
        except ValueError:
            raise SettingRefused(f'{name}="{value}" is not known. Write {", ".join(allowed)} or a date as 2026-11-19.') from None

    def names(self, name: str, *, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list separated by commas."""
        value = self.text(name, default=",".join(default))
        return tuple(part.strip() for part in value.split(",") if part.strip())

    def refuse_unknown(self) -> None:
        """Stop when a variable with the prefix was never asked for: most often a typing mistake."""
        unknown = sorted(
            name for name in self._source if name.startswith(self._prefix) and name not in self.known and name not in NOT_SETTINGS
        )
        if unknown:
            raise SettingRefused(
                f"Unknown setting: {', '.join(unknown)}. Every setting stands in {self._page}; correct the name or remove it."
            )
