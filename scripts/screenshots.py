"""Pictures of the main pages, of a world that stands on one fixed day: `make screenshots` writes docs/screenshots/."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

DAY = "2026-11-19"
FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--font-render-hinting=none"]
DESKTOP, PHONE = (1360, 850), (390, 844)


@dataclass(frozen=True, slots=True)
class Picture:
    """One page as one person sees it; `go` leads there from the person's home."""

    name: str
    login: str
    go: Callable[[Page], None]
    size: tuple[int, int] = DESKTOP
    language: str = "en"
    dark: bool = False


def home(page: Page) -> None:
    """The person's own first page."""


def other_child(page: Page) -> None:
    """The week of the child at the other school."""
    page.locator(".people a:not([aria-current])").click()
    page.wait_for_load_state("networkidle")


def marks_of_other_child(page: Page) -> None:
    """The marks of the child at the other school."""
    page.locator("a[href$='/marks/']").first.click()
    other_child(page)


def subject(page: Page) -> None:
    """A subject of the year, with what a mark would do to its average."""
    page.locator("a[href$='/marks/']").first.click()
    page.get_by_role("link", name="Математика", exact=True).click()
    page.locator("a[href='?term=year']").click()
    page.wait_for_load_state("networkidle")


def lesson(page: Page) -> None:
    """The first lesson of today that is still to be filled in, with its topic, homework and some entries typed."""
    page.locator("[data-agenda] li", has=page.locator(".tag.warn")).first.locator("a.btn").click()
    page.wait_for_load_state("networkidle")
    page.locator("#topic").fill("Умножение и деление степеней")
    page.locator("#homework").fill("№ 330–333")
    rows = page.locator(".roll li")
    for place, code in ((1, "5"), (4, "4"), (7, "5"), (9, "3")):
        entry = rows.nth(place).locator("input.mark-in")
        entry.fill(code)
        entry.press("Enter")
    for place in (2, 11):
        if page.locator("[data-pad]").is_visible():
            rows.nth(place).locator(".who").click()
            page.locator("[data-pad] [data-kind='absent']").first.click()
        else:
            rows.nth(place).locator("label:has([data-kind='absent'])").first.click()
    rows.nth(12).locator("input.mark-in").focus()
    page.wait_for_function("() => /aved/.test(document.querySelector('[data-saved]').textContent)")
    # A desktop shows the whole lesson, a phone the pupils above its thumb pad.
    page.evaluate("innerWidth > 1000 ? scrollTo(0, 0) : document.querySelector('.roll').scrollIntoView()")


def journal(page: Page) -> None:
    """The journal of the teacher's group with the pupil whom everybody knows."""
    page.goto(page.url.split("/today")[0] + "/journal/")
    page.locator("main a[href*='/journal/']", has_text="7Б").first.click()
    page.wait_for_load_state("networkidle")


def calendar(page: Page) -> None:
    """The week with its calendar open."""
    page.locator(".week-nav summary").click()
    page.wait_for_timeout(300)


# In this order: the lessons are filled in last, and the other pages show them still open.
PICTURES = (
    Picture("week", "parent", home, (1360, 1180)),
    Picture("week-phone", "parent", home, PHONE),
    Picture("week-phone-dark", "pupil", home, PHONE, dark=True),
    Picture("week-ja", "parent", other_child, (1360, 1180), language="ja"),
    Picture("calendar-phone", "parent", calendar, PHONE),
    Picture("marks-ja", "parent", marks_of_other_child, language="ja"),
    Picture("subject", "pupil", subject, (1360, 1000)),
    Picture("journal", "teacher", journal),
    Picture("journal-dark", "teacher", journal, dark=True),
    Picture("my-day-ru", "teacher", home, language="ru"),
    Picture("head", "head", home),
    Picture("lesson", "teacher", lesson, (1360, 1000)),
    Picture("lesson-phone", "teacher", lesson, PHONE),
)


def main() -> None:
    """Build a world in a folder of its own, serve it, take the pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with served() as address, sync_playwright() as playwright:
        path = next((found for found in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(found).exists()), None)
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        for picture in PICTURES:
            take(browser, address, picture)
            print(f"docs/screenshots/{picture.name}.png")
        browser.close()


def take(browser: Browser, address: str, picture: Picture) -> None:
    width, height = picture.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.dark else "light",
        reduced_motion="reduce",
        locale={"en": "en-GB", "ru": "ru-RU", "ja": "ja-JP"}[picture.language],
    )
    context.add_cookies([{"name": "classbook-language", "value": picture.language, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/account/login/")
    page.fill("#id_login", picture.login)
    page.fill("#id_password", f"demo-{picture.login}")
    page.press("#id_password", "Enter")
    page.wait_for_load_state("networkidle")
    picture.go(page)
    page.screenshot(path=FOLDER / f"{picture.name}.png")
    context.close()


@contextmanager
def served(folder: str | None = None) -> Iterator[str]:
    """The demo on a free port, its data in the folder or in one that goes with it; ends with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="classbook-pictures-") as made:
        data = folder or made
        program = Path(sys.executable).with_name("classbook")
        environment = os.environ | {"DATA": data, "PORT": str(port), "DEMO_DATE": DAY}
        server = subprocess.Popen([program, "demo"], env=environment, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            for line in server.stdout:
                if line.startswith("Ready:"):
                    break
            else:
                raise SystemExit("The demo did not start.")
            yield f"http://localhost:{port}"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()


if __name__ == "__main__":
    main()
