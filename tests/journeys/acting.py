"""What the browser's tests do again and again."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from typing import Any

from playwright.sync_api import Error, Page, expect

from tests.reliability.site import Site


def sign_in(page: Page, site: str, login: str, *, shared: bool = False) -> None:
    page.goto(f"{site}/account/login/")
    page.fill("#id_login", login)
    page.fill("#id_password", f"demo-{login}")
    if shared:
        page.check("[name=shared]")
    page.click("button.primary")
    page.wait_for_url(lambda url: "/account/login/" not in url)


def counted(page: Page) -> None:
    """Until the queue has counted what was pressed just now; before, the page still says what was true a moment ago."""
    page.evaluate("Classbook.vault.change(() => {}).then(() => null)")


def saved(page: Page) -> None:
    counted(page)
    expect(page.locator("[data-saved]").first).to_have_text(re.compile(r"Saved at|Сохранено в"), timeout=30_000)


def state(page: Page) -> dict[str, Any]:
    """What the page's queue counts, once it has read what an earlier visit left: before that it counts nothing."""
    found: dict[str, Any] = page.evaluate("Classbook.vault.change(() => {}).then(() => Classbook.outbox.state())")
    return found


def stage(site: Site, what: str, *arguments: str) -> Any:
    """Make lessons beside the server, or read what was stored (tests/journeys/stage.py)."""
    if site.stage is None:
        command = [sys.executable, "-m", "tests.journeys.stage"]
        site.stage = subprocess.Popen(command, env=site.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert site.stage.stdin is not None
    assert site.stage.stdout is not None
    site.stage.stdin.write(json.dumps([what, *arguments]) + "\n")
    site.stage.stdin.flush()
    found = json.loads(site.stage.stdout.readline())
    assert "error" not in found, found["error"]
    return found["answer"]


def until(page: Page, condition: str, argument: Any = None, *, timeout: float = 30_000) -> None:
    """Until a function of the page gives true.

    Asked from here each time: the browser's own waiting evaluates text inside the page, which the policy of its content
    forbids from the second time on, and a page that is just going has nothing to ask.
    """
    last = time.monotonic() + timeout / 1000
    while True:
        try:
            if page.evaluate(condition, argument):
                return
        except Error as error:
            if "Execution context was destroyed" not in str(error):
                raise
        assert time.monotonic() < last, f"The page never came to: {condition}"
        page.wait_for_timeout(20)


def narrow(page: Page) -> None:
    """Nothing is wider than the screen."""
    # While the next page comes there is a moment without any document.
    until(page, "() => document.documentElement?.scrollWidth <= window.innerWidth")


def wait_for(page: Page, condition: str, *, timeout: float = 30_000) -> None:
    """Until a condition on the queue's state holds, such as "n === 0"."""
    counted(page)
    until(page, f"() => {{ const {{ n, failed, name }} = Classbook.outbox.state(); return {condition}; }}", timeout=timeout)


class Keyboard:
    """Counts every key that is pressed beyond the text typed."""

    def __init__(self, page: Page) -> None:
        self.page, self.presses = page, 0

    def press(self, key: str) -> None:
        self.presses += 1
        self.page.keyboard.press(key)

    def text(self, words: str) -> None:
        self.page.keyboard.type(words)
