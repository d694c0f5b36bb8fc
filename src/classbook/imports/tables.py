"""CSV files as rows of text, read bit by bit within limits, with the place of every fault."""

from __future__ import annotations

import codecs
import csv
import lzma
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import BinaryIO

from classbook.imports.problems import Problem

# About six schools of 1,000 pupils in one package, in less than 512 MiB of memory (docs/first-school.md). What is larger
# is split by school, or it is a mistake or an attack (quality.md S7).
MOST_BYTES = 96 * 1024 * 1024
MOST_ROWS = 150_000
MOST_SIGNS = 32_000
# A line without an end is not CSV; so much of it is read before that is said.
MOST_LINE = 1024 * 1024
CHUNK = 64 * 1024
# What a broken disk, zip or compression raises while it is read.
DAMAGED = (OSError, EOFError, RuntimeError, NotImplementedError, ValueError, zipfile.BadZipFile, zlib.error, lzma.LZMAError)


@dataclass(slots=True)
class Limits:
    """What may still be read of a package, whatever its files claim about their sizes."""

    bytes_left: int = MOST_BYTES
    rows_left: int = MOST_ROWS


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, and its cells, found by the names of the table's columns."""

    number: int
    cells: tuple[str, ...]
    places: Mapping[str, int]

    def __getitem__(self, column: str) -> str:
        place = self.places.get(column, -1)
        return self.cells[place] if 0 <= place < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of columns by the names that the code asks for; `others` are names that older packages use instead."""

    known: tuple[str, ...]
    required: frozenset[str]
    others: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Table:
    """A file that was read. `unknown` are columns that nobody asks for."""

    file: str
    columns: frozenset[str] = frozenset()
    rows: list[Row] = field(default_factory=list)
    unknown: tuple[str, ...] = ()


class _Unreadable(Exception):
    """The file breaks off here: (what is wrong, what to do)."""


def read_table(file: str, stream: BinaryIO, columns: Columns, found: list[Problem], limits: Limits) -> Table:
    """Rows of a CSV file. Faults are added to `found`; a table without a usable header has no rows."""
    table = Table(file)
    lines = _Lines(stream, limits)
    number = 0
    places: dict[str, int] = {}
    try:
        for cells in csv.reader(lines, strict=True):
            number += 1
            _count_row(limits)
            if number == 1:
                places = _header(table, cells, columns, found)
                if not places:
                    return table
            elif any(cells):
                _add(table, number, places, cells, found)
        if number == 0:
            found.append(Problem(file, 0, "", "", "The file is empty.", "Export the package again."))
    except csv.Error as error:
        found.append(
            Problem(file, number + 1, "", "", f"This is not CSV ({error}).", "Close the quotation marks and export again.")
        )
    except _Unreadable as error:
        found.append(Problem(file, lines.number, "", "", *error.args))
    return table


def _count_row(limits: Limits) -> None:
    limits.rows_left -= 1
    if limits.rows_left < 0:
        raise _Unreadable(f"The package has more than {MOST_ROWS} rows.", "Split it by school.")


class _Lines:
    """The lines of a stream, decoded, with the number of the line that was read last. Stops at the first fault."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self.stream, self.limits, self.number = stream, limits, 0

    def __iter__(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        rest, last = "", False
        while not last:
            data = self._read()
            last = not data
            try:
                rest += decoder.decode(data, final=last)
            except UnicodeDecodeError as error:
                self.number += 1 + (rest.encode() + error.object[: error.start]).count(b"\n")
                raise _Unreadable("This is not UTF-8 text.", "Export the file as CSV in UTF-8.") from None
            *lines, rest = rest.split("\n")
            for line in lines:
                yield self._checked(line + "\n")
            if len(rest) > MOST_LINE:
                self.number += 1
                raise _Unreadable("The line does not end.", "Export the file again as plain CSV.")
        if rest:
            yield self._checked(rest)

    def _checked(self, line: str) -> str:
        self.number += 1
        if "\0" in line:
            raise _Unreadable("There is a zero byte.", "Export the file again as plain CSV.")
        return line

    def _read(self) -> bytes:
        try:
            data = self.stream.read(CHUNK)
        except DAMAGED as error:
            raise _Unreadable(f"It cannot be read ({error}).", "Make the package again.") from None
        self.limits.bytes_left -= len(data)
        if self.limits.bytes_left < 0:
            raise _Unreadable(f"The package holds more than {MOST_BYTES // 1024 // 1024} MiB.", "Split it by school.")
        return data


def _header(table: Table, cells: list[str], columns: Columns, found: list[Problem]) -> dict[str, int]:
    """The place of each known column; empty when the header cannot be used."""
    written = [cell.strip().lower() for cell in cells]
    names = {column.lower(): column for column in columns.known}
    # Another name stands for a column only where the column itself is missing.
    names |= {other: column for other, column in columns.others.items() if column.lower() not in written}
    asked = [names.get(word, "") for word in written]
    table.columns = frozenset(filter(None, asked))
    table.unknown = tuple(cell.strip() for cell, name in zip(cells, asked, strict=True) if not name and cell.strip())
    twice = sorted({name for name in asked if name and asked.count(name) > 1})
    for name in twice:
        found.append(Problem(table.file, 1, name, "", "The column stands there twice.", "Keep one of them."))
    missing = sorted(columns.required - table.columns)
    for name in missing:
        found.append(Problem(table.file, 1, name, "", "The column is missing.", "Add it, or export the package again."))
    return {} if twice or missing else {name: place for place, name in enumerate(asked) if name} | {"": len(asked)}


def _add(table: Table, number: int, places: dict[str, int], cells: list[str], found: list[Problem]) -> None:
    if len(cells) > places[""]:
        found.append(
            Problem(
                table.file, number, "", "", f"{len(cells)} cells under {places['']} columns.",
                "Put cells that hold commas into quotation marks.",
            )
        )  # fmt: skip
        return
    long = next((cell for cell in cells if len(cell) > MOST_SIGNS), None)
    if long is not None:
        found.append(Problem(table.file, number, "", long, f"A cell is longer than {MOST_SIGNS} signs.", "Shorten it."))
        return
    table.rows.append(Row(number, tuple(cell.strip() for cell in cells), places))


class Cells:
    """Reads typed values out of the rows of a table and notes what is wrong with them."""

    def __init__(self, table: Table, found: list[Problem]) -> None:
        self.table, self.found = table, found

    def fault(self, row: Row, column: str, wrong: str, todo: str) -> None:
        self.found.append(Problem(self.table.file, row.number, column, row[column], wrong, todo))

    def text(self, row: Row, column: str, most: int, *, needed: bool = False) -> str:
        """A text of at most `most` signs without control characters."""
        value = row[column]
        if needed and not value:
            self.fault(row, column, "It is empty.", "Fill it in.")
        elif len(value) > most:
            self.fault(row, column, f"It is longer than {most} signs.", "Shorten it.")
        elif any(ord(sign) < 32 or sign in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" for sign in value):
            self.fault(row, column, "It holds invisible control characters.", "Type it anew.")
        return value[:most]

    def flag(self, row: Row, column: str, *, strict: bool, default: bool) -> bool:
        """true or false; OneRoster 1.2 wants small letters, older packages use any."""
        value = row[column]
        if value == "":
            return default
        plain = value if strict else value.lower()
        if plain not in ("true", "false"):
            self.fault(row, column, "It is neither true nor false.", 'Write "true" or "false" in small letters.')
        return plain == "true"

    def day(self, row: Row, column: str, *, needed: bool = False) -> date | None:
        """A date such as 2026-09-01; a time after it is left out."""
        value = row[column]
        if value == "":
            if needed:
                self.fault(row, column, "It is empty.", "Write a date such as 2026-09-01.")
            return None
        try:
            found = datetime.fromisoformat(value).date()
        except ValueError:
            self.fault(row, column, "This is not a date.", "Write it as 2026-09-01.")
            return None
        if not 1900 <= found.year <= 2200:
            self.fault(row, column, "The year cannot be right.", "Correct the date.")
            return None
        return found

    def choice(self, row: Row, column: str, allowed: frozenset[str]) -> str:
        """One of the words, whatever their case; a word of one's own starts with "ext:" (1.2)."""
        value = row[column]
        plain = {word.lower(): word for word in allowed}
        if value.startswith("ext:"):
            return value
        if value.lower() not in plain:
            self.fault(row, column, "This word is not known here.", "Use one of: " + ", ".join(sorted(allowed)) + ".")
            return ""
        return plain[value.lower()]

    def ids(self, row: Row, column: str) -> tuple[str, ...]:
        """Several ids in one cell, separated by commas."""
        return tuple(dict.fromkeys(part.strip() for part in row[column].split(",") if part.strip()))
