"""A hundred uses of one code at once, on a real server: one person gets in (quality.md S10)."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import httpx
import pytest

from tests.journeys.acting import stage
from tests.reliability.site import Site, made_site

PARALLEL, TURNS = 8, 13


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with made_site(tmp_path_factory.mktemp("entered")) as found:
        found.start(workers=2)
        found.wait()
        yield found


class Visitor:
    """A browser without pages that has the letter in hand."""

    def __init__(self, site: Site, code: str) -> None:
        self.http = site.browser()
        assert self.send("/in/", code=code).headers["Location"] == "/in/you/"
        assert self.send("/in/you/", day="14", month="5", year="2013").headers["Location"] == "/in/password/"
        self.token = self.read_token("/in/password/")

    def read_token(self, address: str) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.http.get(address).text)
        assert found
        return found[1]

    def send(self, address: str, *, token: str = "", **data: str) -> httpx.Response:
        return self.http.post(address, data={**data, "csrfmiddlewaretoken": token or self.read_token(address)})


def test_of_a_hundred_uses_at_once_one_gets_in(site: Site) -> None:
    letter = stage(site, "letter")
    visitors = [Visitor(site, letter["code"]) for _ in range(PARALLEL)]
    start, answers = threading.Barrier(PARALLEL), []

    def use(visitor: Visitor, number: int) -> None:
        start.wait()
        for turn in range(TURNS):
            answers.append(visitor.send("/in/password/", token=visitor.token, password=f"зонтик борщ комета {number} {turn}"))

    threads = [threading.Thread(target=use, args=(visitor, number)) for number, visitor in enumerate(visitors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    got_in = [answer for answer in answers if answer.headers.get("Location", "") in {"/in/done/", "/in/reach/"}]
    refused = [answer for answer in answers if answer.status_code in {302, 403, 422} and answer not in got_in]
    assert (len(got_in), len(got_in) + len(refused)) == (1, PARALLEL * TURNS)
    assert stage(site, "came_in", letter["mother"]) == {"used": 1, "told": 1, "accounts": 1, "sessions": 1}


def test_of_many_uses_of_a_single_code_at_once_one_gets_in(site: Site) -> None:
    login = stage(site, "guardian", "raced", "raced@example.org")["login"]
    code = stage(site, "codes", login)[0]
    visitors = []
    for _ in range(PARALLEL):
        visitor = Visitor.__new__(Visitor)
        visitor.http = site.browser()
        answer = visitor.send("/account/login/", login=login, password=f"demo-{login}")
        assert answer.headers["Location"] == "/account/login/second/"
        visitor.token = visitor.read_token("/account/login/second/")
        visitors.append(visitor)
    start, told = threading.Barrier(PARALLEL), []

    def use(visitor: Visitor) -> None:
        start.wait()
        told.append(visitor.send("/account/login/second/", token=visitor.token, code=code).status_code)

    threads = [threading.Thread(target=use, args=(visitor,)) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [302] + [422] * (PARALLEL - 1)


def test_of_a_hundred_uses_of_a_familys_invitation_at_once_one_gets_in(site: Site) -> None:
    code = stage(site, "invitation")
    visitors = []
    for _ in range(PARALLEL):
        visitor = Visitor.__new__(Visitor)
        visitor.http = site.browser()
        assert visitor.send("/in/", code=code).headers["Location"] == "/in/family/"
        visitor.token = visitor.read_token("/in/family/")
        visitors.append(visitor)
    start, told = threading.Barrier(PARALLEL), []

    def use(visitor: Visitor, number: int) -> None:
        form = {"family": "Раскина", "given": "Нина", "agree": "on"}
        start.wait()
        for turn in range(TURNS):
            password = f"зонтик борщ комета {number} {turn}"
            told.append(visitor.send("/in/family/", token=visitor.token, password=password, **form).headers.get("Location", ""))

    threads = [threading.Thread(target=use, args=(visitor, number)) for number, visitor in enumerate(visitors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (told.count("/in/reach/"), len(told)) == (1, PARALLEL * TURNS)
    assert stage(site, "let_in") == {"people": 1, "accounts": 1, "rights": 1}


def test_a_whole_school_behind_one_address_gets_in_and_a_guesser_does_not(site: Site) -> None:
    """Right codes are not counted; wrong ones are, by device and by address."""
    guesser = site.browser()
    address = Visitor.__new__(Visitor)
    address.http = guesser
    told = [address.send("/in/", code="AAAA-AAAA-AAAA").text for _ in range(11)]
    assert "Too many codes" not in told[9]
    assert "Too many codes" in told[10]
    # Another device behind the same address.
    letter = stage(site, "letter")
    Visitor(site, letter["code"])


def test_many_birth_dates_at_once_are_five_tries(site: Site) -> None:
    letter = stage(site, "letter")
    visitors = []
    for _ in range(PARALLEL):
        visitor = Visitor.__new__(Visitor)
        visitor.http = site.browser()
        assert visitor.send("/in/", code=letter["code"]).headers["Location"] == "/in/you/"
        visitor.token = visitor.read_token("/in/you/")
        visitors.append(visitor)
    start, told = threading.Barrier(PARALLEL), []

    def guess(visitor: Visitor, number: int) -> None:
        start.wait()
        for day in (number + 1, number + 1 + PARALLEL):
            told.append(visitor.send("/in/you/", token=visitor.token, day=f"{day}", month="6", year="2013").text)

    threads = [threading.Thread(target=guess, args=(visitor, number)) for number, visitor in enumerate(visitors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([text for text in told if "another birth date" in text]) == 4
    assert len([text for text in told if "wrong five times" in text]) == 1
