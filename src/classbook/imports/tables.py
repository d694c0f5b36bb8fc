"""CSV files as rows of text, within limits, with the place of every fault."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from classbook.imports.problems import Problem

# A region of a million pupils fits; what is larger is a mistake or an attack (quality.md S7).
MOST_BYTES = 256 * 1024 * 1024
MOST_ROWS = 3_000_000
MOST_SIGNS = 32_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, and its cells by column name."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(slots=True)
class Table:
    """A file that was read. `unknown` are columns that nobody asks for."""

    file: str
    columns: frozenset[str] = frozenset()
    rows: list[Row] = field(default_factory=list)
    unknown: tuple[str, ...] = ()


def read_table(file: str, data: bytes, known: Mapping[str, str], required: frozenset[str], found: list[Problem]) -> Table:
    """Rows of a CSV file. `known` maps a column's name in small letters to the name it is asked by.

    Faults are added to `found`; a table without a usable header has no rows.
    """
    text = _text(file, data, found)
    if text is None:
        return Table(file)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    table = Table(file)
    number = 0
    names: list[str] = []
    try:
        for cells in reader:
            number += 1
            if number == 1:
                names = _header(table, cells, known, required, found)
                if not names:
                    return table
            elif any(cells):
                _add(table, number, names, cells, found)
            if number > MOST_ROWS:
                found.append(Problem(file, number, "", "", f"More than {MOST_ROWS} rows.", "Split the package by school."))
                break
    except csv.Error as error:
        found.append(
            Problem(file, number + 1, "", "", f"This is not CSV ({error}).", "Close the quotation marks and export again.")
        )
    return table


def _text(file: str, data: bytes, found: list[Problem]) -> str | None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        found.append(Problem(file, row, "", "", "This is not UTF-8 text.", "Export the file as CSV in UTF-8."))
        return None
    if "\0" in text:
        row = text[: text.index("\0")].count("\n") + 1
        found.append(Problem(file, row, "", "", "There is a zero byte.", "Export the file again as plain CSV."))
        return None
    return text


def _header(
    table: Table, cells: list[str], known: Mapping[str, str], required: frozenset[str], found: list[Problem]
) -> list[str]:
    names = [known.get(cell.strip().lower(), "") for cell in cells]
    table.columns = frozenset(filter(None, names))
    table.unknown = tuple(cell.strip() for cell, name in zip(cells, names, strict=True) if not name and cell.strip())
    twice = sorted({name for name in names if name and names.count(name) > 1})
    for name in twice:
        found.append(Problem(table.file, 1, name, "", "The column stands there twice.", "Keep one of them."))
    missing = sorted(required - table.columns)
    for name in missing:
        found.append(Problem(table.file, 1, name, "", "The column is missing.", "Add it, or export the package again."))
    return [] if twice or missing else names


def _add(table: Table, number: int, names: list[str], cells: list[str], found: list[Problem]) -> None:
    if len(cells) > len(names):
        found.append(
            Problem(
                table.file, number, "", "", f"{len(cells)} cells under {len(names)} columns.",
                "Put cells that hold commas into quotation marks.",
            )
        )  # fmt: skip
        return
    long = next((cell for cell in cells if len(cell) > MOST_SIGNS), None)
    if long is not None:
        found.append(Problem(table.file, number, "", long, f"A cell is longer than {MOST_SIGNS} signs.", "Shorten it."))
        return
    table.rows.append(Row(number, {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}))


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
