"""What is wrong with a file, exactly where, and what to do. An import either takes everything or names every fault."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault of one cell. `row` counts as a spreadsheet does: the header is row 1; 0 means the whole file."""

    file: str
    row: int
    column: str
    value: str
    wrong: str
    todo: str

    def __str__(self) -> str:
        place = f"{self.file}, row {self.row}" if self.row else self.file
        cell = f", {self.column}" if self.column else ""
        value = f' "{_short(self.value)}"' if self.value else ""
        return f"{place}{cell}{value}: {self.wrong} {self.todo}".rstrip()


# Nobody reads more, and a hostile file can hold millions.
MOST_FAULTS = 1000


class Faults(list[Problem]):
    """The first faults in full; of those that follow only the number, `more`."""

    more = 0

    def append(self, problem: Problem) -> None:
        if len(self) < MOST_FAULTS:
            super().append(problem)
        else:
            self.more += 1


class ImportRefused(Exception):
    """Nothing was imported; `problems` says why. `more` faults are not named."""

    def __init__(self, problems: list[Problem], more: int = 0) -> None:
        super().__init__(f"{len(problems) + more} problems")
        self.problems, self.more = problems, more


def _short(value: str) -> str:
    plain = "".join(sign if sign.isprintable() else "?" for sign in value)
    return plain if len(plain) <= 60 else plain[:57] + "..."
