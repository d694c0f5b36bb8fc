"""Where a package's files lie: a folder or a zip. Nothing is ever unpacked to the disk."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from classbook.imports.problems import ImportRefused, Problem

MOST_ENTRIES = 200
Files = dict[str, Callable[[], BinaryIO]]


@contextmanager
def open_source(path: Path) -> Iterator[Files]:
    """How to open each CSV file, by its name in small letters without the ending. Raises ImportRefused."""
    try:
        if path.is_dir():
            yield _once(path, ((entry.name, partial(_file, entry)) for entry in sorted(path.iterdir()) if entry.is_file()))
            return
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_entries(path, entries)
            yield _once(path, ((entry.filename, partial(_entry, archive, entry)) for entry in entries))
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise _refused(path, f"It cannot be read ({error}).", "Give a folder or a zip.") from None


def _refused(path: Path, wrong: str, todo: str, value: str = "") -> ImportRefused:
    return ImportRefused([Problem(path.name, 0, "", value, wrong, todo)])


def _check_entries(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise _refused(path, f"It holds more than {MOST_ENTRIES} files.", "Put only the package into the zip.")
    for entry in entries:
        parts = PurePosixPath(entry.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in entry.filename:
            raise _refused(path, "The name leads out of the zip.", "Make the zip again.", entry.filename)
        if entry.flag_bits & 1:
            raise _refused(path, "The zip is locked with a password.", "Make one without.", entry.filename)


def _once(path: Path, entries: Iterator[tuple[str, Callable[[], BinaryIO]]]) -> Files:
    files: Files = {}
    for name, opener in entries:
        place = PurePosixPath(name)
        # What other systems leave in a zip.
        if place.suffix.lower() != ".csv" or place.name.startswith(".") or "__MACOSX" in place.parts:
            continue
        key = place.stem.lower()
        if key in files:
            raise _refused(path, "The file is there twice.", "Keep one of them.", name)
        files[key] = opener
    return files


def _file(entry: Path) -> BinaryIO:
    return entry.open("rb")


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> BinaryIO:
    # The size that a zip states may be a lie; the reader counts what really comes.
    return archive.open(entry)  # type: ignore[return-value]
