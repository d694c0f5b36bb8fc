"""A school without an account applies, the region approves, the school's administrator comes in by the letter."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from classbook.accounts.actions.letters import PrintedLetter, print_for_administrator
from classbook.accounts.models import SchoolApplication
from classbook.common.errors import Refusal
from classbook.imports.connecting import Connection, approve
from classbook.schools.models import School
from tests.accounts.mailbox import arrived
from tests.journeys.acting import sign_in
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MAIL = "office@school5.example"


def look(page: Page, step: str, found: list[object]) -> None:
    """Barriers of the page in both schemes, and whether it fits on the smallest phone."""
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": 320, "height": 640})
    if not page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
        found.append((step, "wider than the screen"))
    # The two schemes differ in their colours alone.
    for scheme, rules in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        result = Axe().run(page, options={"resultTypes": ["violations"], **rules})
        for violation in result.response["violations"]:
            if violation["impact"] in {"serious", "critical"}:
                found.append((step, scheme, violation["id"], [node["html"][:120] for node in violation["nodes"][:2]]))
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})


def apply(page: Page, site: str, found: list[object]) -> str:
    """From the directory to the page that the mail's link opens."""
    page.goto(f"{site}/schools/")
    page.get_by_role("link", name="My school is missing: connect it").click()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#id_name_error")).to_be_visible()
    look(page, "form with faults", found)
    for label, value in (
        ("Name of the school", "Школа № 5"), ("Town", "Заозёрск"), ("Postal address", "Лесная, 5"), ("Number of pupils", "320"),
        ("Head of the school", "Громов П. П."), ("The school's official e-mail address", MAIL),
        ("The school's telephone number", "+7 423 200-00-05"), ("Family name", "Тихонова"), ("Given name", "Раиса"),
        ("Birth date", "1985-04-06"),
    ):  # fmt: skip
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("h1")).to_have_text("Look into the school's mailbox")
    look(page, "look into the mailbox", found)
    link = re.search(r"/schools/apply/[^/\s]+/", arrived(MAIL)[-1])
    assert link
    page.goto(site + link[0])
    look(page, "to be confirmed", found)
    page.get_by_role("button", name="Yes, send it to the region").click()
    expect(page.locator("main")).to_contain_text("with the region")
    return site + link[0]


def ask_back(page: Page, own: Page, link: str, found: list[object]) -> None:
    """The clerk asks, the school answers on the page of its link."""
    page.get_by_role("link", name="Ask back").click()
    page.get_by_label("What do you need to know?").fill("Сколько у вас смен?")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Send the question").click()
    own.goto(link)
    expect(own.locator("main")).to_contain_text("Сколько у вас смен?")
    look(own, "asked back", found)
    own.get_by_label("Your answer").fill("Одна")
    own.get_by_role("button", name="Send the answer").click()
    page.reload()
    expect(page.locator("main")).to_contain_text("Одна")


def test_from_the_application_to_the_administrators_first_page(
    browser: Any, site: str, transactional_world: World, tmp_path: Path
) -> None:
    world, found = transactional_world, []
    own, clerk = (
        browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}, reduced_motion="reduce", bypass_csp=True)
        for _one in range(2)
    )
    own.add_cookies([{"name": "classbook-language", "value": "en", "url": site}])
    clerk.add_cookies([{"name": "classbook-language", "value": "en", "url": site}])
    page, desk = own.new_page(), clerk.new_page()
    link = apply(page, site, found)
    sign_in(desk, site, "authority")
    desk.get_by_role("link", name="Applications").click()
    look(desk, "list", found)
    desk.get_by_role("link", name="Look at the application of Школа № 5").click()
    look(desk, "application", found)
    ask_back(desk, page, link, found)
    desk.get_by_role("link", name="Approve").click()
    look(desk, "approve", found)
    desk.get_by_role("button", name="Go on").click()
    desk.get_by_role("button", name="Connect the school").click()
    look(desk, "connected", found)
    with desk.expect_download() as letter:
        desk.get_by_role("button", name="Print the letter").click()
    assert Path(letter.value.path()).read_bytes().startswith(b"%PDF")
    assert found == []
    come_in(page, site, world)
    if connection.vendor == "postgresql":
        # SQLite's writers wait for each other anyway, and the test's one lives in memory.
        two_clerks_at_once(world)
    own.close()
    clerk.close()


def come_in(page: Page, site: str, world: World) -> None:
    """The letter that was printed is paper; a new one is printed here, so that its code can be typed."""
    printed: list[PrintedLetter] = []
    print_for_administrator(world.actor("authority"), SchoolApplication.objects.get(school_name="Школа № 5"), printed.extend)
    page.goto(f"{site}/in/")
    page.get_by_label("Code of your letter").fill(printed[0].code)
    page.get_by_role("button", name="Go on").click()
    for label, number in (("Day", "6"), ("Month", "4"), ("Year", "1985")):
        page.get_by_label(label, exact=True).fill(number)
    page.get_by_role("button", name=re.compile("Yes, this is me")).click()
    page.get_by_label("Your password", exact=True).fill("четыре слова без смысла")
    page.get_by_role("button", name=re.compile("^Go on")).click()
    page.goto(site)
    expect(page.locator("h1")).to_be_visible()
    expect(page.get_by_role("link", name="People").first).to_be_visible()
    school = SchoolApplication.objects.get(school_name="Школа № 5").school
    assert school is not None
    assert page.url == f"{site}/office/{school.uid}/"


def two_clerks_at_once(world: World) -> None:
    """Both approve the demo's application at the same moment: one school, one answer."""
    clerk, region, row = world.actor("authority"), world.region, SchoolApplication.objects.get(state="open")
    chosen = Connection(None, row.school_name, row.town, "russia", "Asia/Vladivostok", "О", "И", "", row.born)
    start, answers = threading.Barrier(4), []

    def answer() -> None:
        start.wait()
        try:
            approve(clerk, region, row.uid, chosen)
            answers.append("approved")
        except Refusal:
            answers.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=answer) for _one in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["approved", "refused", "refused", "refused"]
    assert School.objects.filter(name=row.school_name).count() == 1
