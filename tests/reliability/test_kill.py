"""A server killed again and again loses and doubles nothing that it acknowledged (quality.md R1, short form).

Clients write marks one after another and keep a ledger of the acknowledged ones, as the browser's queue does: the
operation id is made before the first try, and the same operation is tried until it is answered. Meanwhile the server is
killed without warning. Afterwards each pupil's history must be his ledger: every entry, once, in order.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator

import pytest

from tests.reliability.site import APPLICATION, Client, Site, made_site

CODES = ("5", "4", "3")


class Teacher:
    """Writes marks of one pupil and remembers what was acknowledged."""

    def __init__(self, site: Site, pupil: str, column: str) -> None:
        self.site, self.pupil, self.column = site, pupil, column
        self.ledger: list[str] = []
        self.moved = threading.Event()
        self.client = Client(site)

    def write(self, number: int) -> None:
        """One operation: tried until it is answered, with the same id every time."""
        lesson = self.site.facts["lesson"]
        mark = {"student": self.pupil, "column": self.column, "code": CODES[number % 3], "seen": number}
        body = self.client.operation(marks=[mark])
        mark["comment"] = body["op"]
        if number == 0:
            body["columns"] = [{"uid": self.column, "lesson": lesson, "seen": 0, "work_kind": "answer", "title": "ledger"}]
        answer = self.client.until_answered("POST", f"/lesson/{lesson}/save/", json=body)
        assert answer.status_code == 200, answer.text
        self.ledger.append(body["op"])
        self.moved.set()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with made_site(tmp_path_factory.mktemp("killed")) as found:
        yield found


def differences(site: Site, teachers: list[Teacher]) -> dict[str, str]:
    """Pupils whose history is not their ledger."""
    stored = site.ask("history")
    found = {}
    for teacher in teachers:
        there = stored.get(teacher.pupil, [])
        if there != teacher.ledger:
            lost = len(set(teacher.ledger) - set(there))
            found[teacher.pupil] = f"{lost} lost, {len(there) - len(set(there))} doubled"
    return found


def run(site: Site, pupils: list[str], *, writes: int, kills: int, application: str = APPLICATION) -> list[Teacher]:
    """Teachers write side by side while the server is killed `kills` times, each time after new acknowledged entries."""
    site.start(application)
    teachers = [Teacher(site, pupil, str(uuid.uuid4())) for pupil in pupils]
    faults: list[BaseException] = []

    def work(teacher: Teacher) -> None:
        try:
            for number in range(writes):
                teacher.write(number)
        except BaseException as fault:
            faults.append(fault)
        finally:
            teacher.moved.set()

    threads = [threading.Thread(target=work, args=(teacher,)) for teacher in teachers]
    for thread in threads:
        thread.start()
    for number in range(kills):
        teacher = teachers[number % len(teachers)]
        teacher.moved.clear()
        teacher.moved.wait(30)
        if faults:
            break
        site.kill()
        site.start(application)
    for thread in threads:
        thread.join()
    site.kill()
    if faults:
        raise faults[0]
    return teachers


def test_kills_lose_and_double_nothing(site: Site) -> None:
    teachers = run(site, site.facts["pupils"][:3], writes=60, kills=6)
    assert [len(teacher.ledger) for teacher in teachers] == [60, 60, 60]
    assert differences(site, teachers) == {}
    assert site.ask("problems") == []


def test_a_server_that_loses_is_caught(site: Site) -> None:
    teachers = run_until_fault(site, site.facts["pupils"][3], "tests.reliability.broken:losing")
    assert differences(site, teachers) == {site.facts["pupils"][3]: "1 lost, 0 doubled"}


def test_a_server_that_doubles_is_caught(site: Site) -> None:
    teachers = run_until_fault(site, site.facts["pupils"][4], "tests.reliability.broken:doubling")
    assert differences(site, teachers) == {site.facts["pupils"][4]: "0 lost, 1 doubled"}


def run_until_fault(site: Site, pupil: str, application: str) -> list[Teacher]:
    """Four writes, the fourth of which goes wrong without a sign."""
    return run(site, [pupil], writes=4, kills=0, application=application)


@pytest.mark.long
def test_many_kills(site: Site) -> None:
    teachers = run(site, site.facts["pupils"][5:9], writes=800, kills=60)
    assert differences(site, teachers) == {}
