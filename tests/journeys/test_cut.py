"""The network is cut in mid-lesson, the browser is killed, reopened, and the network comes back: every entry arrives once (R6)."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Error, Page, expect

from tests.conftest import CHROMIUM, chromium
from tests.journeys.acting import sign_in, stage, state, wait_for
from tests.journeys.proxy import Proxy
from tests.reliability.site import Site

pytestmark = pytest.mark.browser

PUPILS = 6
HOW = ("now", "before", "after")


class Device:
    """A browser with a profile on the disk, that can be killed and opened again."""

    def __init__(self, browser: Any, folder: Path) -> None:
        self.kind, self.folder = browser.browser_type, folder
        self.context: Any = None

    def open(self) -> Page:
        self.context = self.kind.launch_persistent_context(
            str(self.folder), executable_path=chromium(), args=CHROMIUM, locale="en-GB", viewport={"width": 1360, "height": 1000}
        )
        page: Page = self.context.pages[0]
        return page

    def kill(self) -> None:
        """Without warning: every process of this profile."""
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if f"--user-data-dir={self.folder}".encode() in words:
                    os.kill(int(entry.name), signal.SIGKILL)
            except (FileNotFoundError, ProcessLookupError):
                continue
        self.close()
        # A killed browser leaves its lock; the next one asks nobody about it here.
        for lock in self.folder.glob("Singleton*"):
            lock.unlink()

    def close(self) -> None:
        if self.context is not None:
            with suppress(Error):
                self.context.close()
            self.context = None


@pytest.fixture
def device(browser: Any, tmp_path: Path) -> Iterator[Device]:
    found = Device(browser, tmp_path / "profile")
    yield found
    found.close()


@contextmanager
def network(site: Site) -> Iterator[Proxy]:
    found = Proxy(site.port)
    yield found
    found.cut()


def signed_in(page: Page, address: str, *, shared: bool) -> None:
    """A killed browser may have forgotten its session; then one signs in again."""
    page.goto(f"{address}/today/")
    if "/account/login/" in page.url:
        sign_in(page, address, "teacher", shared=shared)


def keys_of_the_lesson(random: Random) -> tuple[list[str], list[str], list[str]]:
    """Keys for a whole lesson, pupil by pupil, and what they mean: marks and absences by pupil."""
    keys, marks, away = [], [], []
    for _ in range(PUPILS):
        if random.random() < 0.3:
            keys += ["KeyY", "Enter"]
            marks.append("")
            away.append("н")
        else:
            code = random.choice("5432")
            keys.append(code)
            marks.append(code)
            away.append("")
    return keys, marks, away


def play(site: Site, device: Device, seed: int, *, shared: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
    """One lesson with the network cut at a point that depends on the seed: what was entered, what is stored."""
    random = Random(seed)
    keys, marks, away = keys_of_the_lesson(random)
    lesson = stage(site, "lessons", "russia", str(PUPILS))[0]["lesson"]
    with network(site) as proxy:
        page = device.open()
        signed_in(page, proxy.address, shared=shared)
        page.goto(f"{proxy.address}/lesson/{lesson}/")
        page.locator("#topic").focus()
        page.keyboard.type(f"Тема {seed}")
        page.keyboard.press("Enter")
        page.locator(".mark-in").first.focus()
        cut_at, how = random.randrange(len(keys)), HOW[seed % 3]
        for place, key in enumerate(keys):
            if place == cut_at:
                cut(proxy, how)
            page.keyboard.press(key)
        assert proxy.was_cut.wait(20)
        wait_for(page, "n > 0 && name === 'waiting' && !Classbook.vault.isWorking()")
        words = "this page only|только на этой странице" if shared else "kept on this device|На устройстве"
        expect(page.locator("[data-saved]").first).to_have_text(re.compile(words))
        device.kill()

        proxy.start()
        page = device.open()
        signed_in(page, proxy.address, shared=shared)
        page.goto(f"{proxy.address}/today/")
        wait_for(page, "n === 0 && name === 'saved'" if state(page)["n"] else "n === 0")
        device.close()
    entered = {
        "topic": f"Тема {seed}",
        "marks": marks,
        "attendance": away,
        "changes": {"marks": sum(map(bool, marks)), "attendance": sum(map(bool, away))},
        "writers": ["teacher"],
    }
    found = stage(site, "stored", lesson)
    # Topic and homework may come in one operation or in two, so their changes are not counted.
    del found["homework"], found["no_homework"], found["changes"]["lesson"]
    return entered, found


def cut(proxy: Proxy, how: str) -> None:
    if how == "now":
        proxy.cut()
    else:
        proxy.cut_at = how


# One of each way to cut, on both databases.
@pytest.mark.both
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, len(HOW)))])
def test_every_entry_arrives_once(served: Site, device: Device, seed: int) -> None:
    entered, found = play(served, device, seed)
    assert found == entered


def test_a_browser_that_keeps_nothing_is_caught(served: Site, device: Device) -> None:
    """The control: where entries live in the page only, killing the browser loses those that were not sent."""
    entered, found = play(served, device, 0, shared=True)
    assert found != entered


@pytest.mark.long
@pytest.mark.parametrize("seed", range(len(HOW), 66))
def test_every_entry_arrives_once_many_times(served: Site, device: Device, seed: int) -> None:
    entered, found = play(served, device, seed)
    assert found == entered
