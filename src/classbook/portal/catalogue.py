"""The region's catalogue of services: a file in three languages, read once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation

from classbook.common.env import SettingRefused
from classbook.portal.rules import comparable


@dataclass(frozen=True, slots=True)
class Service:
    """A service. Without an address it is not yet in this region, and the page says so."""

    name: str
    title: str
    about: str
    icon: str
    address: str
    needs: str

    @property
    def is_live(self) -> bool:
        return bool(self.address)


@dataclass(frozen=True, slots=True)
class Section:
    """Services under one heading."""

    name: str
    title: str
    services: tuple[Service, ...]


def sections(asked: str = "") -> tuple[Section, ...]:
    """All sections, or those with services that have every asked word in title, description or section."""
    language = translation.get_language() or "en"
    words = comparable(asked).split()
    found = []
    for section in _file(settings.CATALOGUE)["section"]:
        title = _said(section["title"], language)
        rows = tuple(_service(row, language) for row in section.get("service", ()))
        hits = tuple(row for row in rows if all(word in comparable(f"{title} {row.title} {row.about}") for word in words))
        if hits:
            found.append(Section(section["name"], title, hits))
    return tuple(found)


def service(name: str) -> Service | None:
    """The service of this name."""
    return next((row for section in sections() for row in section.services if row.name == name), None)


@cache
def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingRefused(f"PORTAL_CATALOGUE: {path} cannot be read: {error}.") from error


def _said(texts: dict[str, str], language: str) -> str:
    return texts.get(language) or texts["en"]


def _service(row: dict[str, Any], language: str) -> Service:
    address = row.get("address", "")
    if row.get("classbook"):
        address = f"{settings.CLASSBOOK}{row['classbook']}" if settings.CLASSBOOK else ""
    if address and urlsplit(address).scheme not in {"http", "https"}:
        raise SettingRefused(f'PORTAL_CATALOGUE: the address "{address}" begins with neither https:// nor http://.')
    return Service(
        row["name"],
        _said(row["title"], language),
        _said(row["about"], language),
        row.get("icon", "book"),
        address,
        row.get("needs", ""),
    )
