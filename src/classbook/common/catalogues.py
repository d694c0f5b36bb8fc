"""Translations: extracted, updated and compiled with Babel alone, so that nobody needs gettext's programs."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent
LOCALE = PACKAGE / "locale"
LANGUAGES = ("en", "ru", "ja")
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**/templates/**.txt", "jinja2")]
_JINJA = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
OPTIONS = {"**.html": _JINJA, "**/templates/**.txt": _JINJA}
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
}


def po_file(language: str) -> Path:
    """Where a language's texts stand."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def extract() -> Catalog:
    """All texts of the code and the pages."""
    catalog = Catalog(project="Classbook", fuzzy=False)
    found = extract_from_dir(str(PACKAGE), METHODS, OPTIONS, KEYWORDS)
    for _file, _line, message, _comments, context in sorted(found, key=lambda row: (row[0], row[1])):
        catalog.add(message, None, context=context)
    return catalog


def update() -> None:
    """Bring the languages' files to the texts of today; translations that still fit are kept."""
    template = extract()
    for language in LANGUAGES:
        path = po_file(language)
        catalog = _read(language) if path.exists() else Catalog(locale=language, project="Classbook")
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, width=120, omit_header=False, sort_output=True, ignore_obsolete=True)


def _read(language: str) -> Catalog:
    with po_file(language).open("rb") as file:
        return read_po(file, locale=language)


def compile_all() -> None:
    """Write the binary form that Django reads, where it is missing or older than the texts."""
    for language in LANGUAGES:
        source = po_file(language)
        target = source.with_suffix(".mo")
        if source.exists() and (not target.exists() or target.stat().st_mtime < source.stat().st_mtime):
            with target.open("wb") as file:
                write_mo(file, _read(language))


def missing(language: str) -> list[str]:
    """Texts of the pages that the language lacks, and texts it has that no page uses any more."""
    wanted = {(m.id if isinstance(m.id, str) else m.id[0]): m for m in extract() if m.id}
    have = {(m.id if isinstance(m.id, str) else m.id[0]): m for m in _read(language) if m.id}
    lacking = [f"missing: {key}" for key in wanted if key not in have]
    lacking += [f"other places for values: {key}" for key, message in have.items() if not _keeps_places(message)]
    stale = [f"no longer used: {key}" for key in have if key not in wanted]
    if language == "en":
        return lacking + stale
    empty = [
        f"not translated: {key}"
        for key, message in have.items()
        if message.fuzzy or not all([message.string] if isinstance(message.string, str) else message.string or [])
    ]
    return lacking + stale + empty


_PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def _keeps_places(message: Message) -> bool:
    """Does every translation name the values that the text names? A form for one may leave its number out."""
    texts = [message.id] if isinstance(message.id, str) else list(message.id)
    wanted = set(_PLACE.findall(texts[-1]))
    translated = [message.string] if isinstance(message.string, str) else list(message.string or ())
    found = [set(_PLACE.findall(text)) for text in translated if text]
    several = len(texts) > 1
    return all(places == wanted or (several and places < wanted) for places in found)


if __name__ == "__main__":
    {"update": update, "compile": compile_all}[sys.argv[1]]()
