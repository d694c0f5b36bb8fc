"""Several teachers in one cell: each accepted entry was made in sight of the one before it, all others are told (R4, short form).

In each round two to eight clients read the same version of a cell, look at something else, and write. The answers are checked as the
history of a register: of one round one entry is accepted, every other client gets 409 with both values, and what the
database holds is exactly the chain of the accepted ones.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

import httpx
import pytest

from tests.reliability.site import APPLICATION, Client, Site, made_site

SEED = 20261119
MOST_CLIENTS = 8
# "" withdraws the mark, and the next round may set it again; in an empty cell there is nothing to withdraw.
CODES = ("5", "4", "3", "2", "")


@dataclass
class Cell:
    """One cell and what was answered about it."""

    student: str
    column: str
    version: int = 0
    accepted: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    pairs: int = 0

    def judge(self, entries: list[dict[str, object]], answers: list[httpx.Response]) -> None:
        """Take down the round's winner; anything but one winner and honest 409s is a fault."""
        winners = [entry for entry, answer in zip(entries, answers, strict=True) if answer.status_code == 200]
        self.pairs += len(entries) - len(winners)
        if len(winners) != 1:
            self.faults.append(f"version {self.version}: {len(winners)} of {len(entries)} accepted")
        for entry, answer in zip(entries, answers, strict=True):
            if answer.status_code == 200:
                continue
            conflict = (answer.json().get("conflicts") or [{}])[0] if answer.status_code == 409 else {}
            theirs = {str(winner["code"]) for winner in winners}
            if conflict.get("yours") != entry["code"] or conflict.get("theirs") not in theirs:
                self.faults.append(f"version {self.version}: {answer.status_code} {answer.text[:200]}")
        # What was said about a mark goes with it.
        self.accepted += [str(entry["comment"]) if entry["code"] else "" for entry in winners]
        self.version += len(winners)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with made_site(tmp_path_factory.mktemp("raced")) as found:
        yield found


def race(site: Site, pupil: str, *, pairs: int, application: str = APPLICATION) -> Cell:
    """Rounds on one cell until that many conflicting pairs were answered."""
    random = Random(f"{SEED}-{pupil}")
    site.start(application, workers=2)
    clients = [Client(site) for _ in range(MOST_CLIENTS)]
    cell = Cell(pupil, str(uuid.uuid4()))
    lesson = site.facts["lesson"]
    column = {"uid": cell.column, "lesson": lesson, "seen": 0, "work_kind": "answer", "title": "ledger"}
    assert clients[0].save(columns=[column]).status_code == 200
    while cell.pairs < pairs and not cell.faults:
        writers = clients[: random.randint(2, MOST_CLIENTS)]
        entries = [entry_of(cell, random) for _ in writers]
        pauses = [random.randrange(4) for _ in writers]
        cell.judge(entries, together(writers, entries, pauses))
    site.kill()
    return cell


def entry_of(cell: Cell, random: Random) -> dict[str, object]:
    return {
        "student": cell.student, "column": cell.column, "code": random.choice(CODES if cell.version else CODES[:-1]), "seen": cell.version,
        "comment": str(uuid.uuid4()),
    }  # fmt: skip


def together(clients: list[Client], entries: list[dict[str, object]], pauses: list[int]) -> list[httpx.Response]:
    """All at once, some after looking at other pages first (`pauses`: how many); the answers in the order of the clients."""
    answers: dict[int, httpx.Response] = {}
    start = threading.Barrier(len(clients))

    def write(place: int) -> None:
        start.wait()
        for _page in range(pauses[place]):
            clients[place].ask("GET", "/healthz")
        answers[place] = clients[place].save(marks=[entries[place]])

    threads = [threading.Thread(target=write, args=(place,)) for place in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[place] for place in range(len(clients))]


def report(cell: Cell) -> None:
    print(f"R4 conflicting pairs={cell.pairs} faults={len(cell.faults)} target=0 seed={SEED}")


def test_no_entry_is_lost_to_another(site: Site) -> None:
    cell = race(site, site.facts["pupils"][0], pairs=500)
    report(cell)
    assert cell.faults == []
    assert site.ask("history")[cell.student] == cell.accepted
    assert site.ask("problems") == []


def test_a_server_that_overwrites_is_caught(site: Site) -> None:
    cell = race(site, site.facts["pupils"][1], pairs=500, application="tests.reliability.broken:overwriting")
    assert cell.faults


@pytest.mark.long
def test_many_conflicts(site: Site) -> None:
    cell = race(site, site.facts["pupils"][2], pairs=20_000)
    report(cell)
    assert cell.faults == []
    assert site.ask("history")[cell.student] == cell.accepted
