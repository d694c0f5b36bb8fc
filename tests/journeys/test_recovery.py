"""Forgotten password and forgotten login on a telephone, with the messages that the worker really sends (the demo's outbox)."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.acting import narrow, sign_in, stage
from tests.reliability.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.both]
GOOD = "vier-lange-worte-hier"
AT_ONCE = 20


@pytest.fixture
def worker(served: Site) -> Iterator[None]:
    """`classbook worker` beside the server."""
    process = subprocess.Popen([sys.executable, "-c", "from classbook.cli import main; main(['worker'])"], env=served.environment)
    yield
    process.terminate()
    process.wait()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", viewport={"width": 390, "height": 844})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if "Content Security" in line.text else None)
    yield page
    context.close()
    assert errors == []


def message(page: Page, site: Site, address: str, *, number: int = 1) -> str:
    """The newest message to an address, as the page of the demo shows it, once there are so many."""
    found = page.locator(".outbox > li", has_text=address)
    for _try in range(300):
        page.goto(f"{site.address}/demo/outbox/")
        if found.count() >= number:
            return found.first.inner_text()
        page.wait_for_timeout(100)
    raise AssertionError("No message came.")


def ask_for(page: Page, site: Site, address: str) -> None:
    page.goto(f"{site.address}/account/login/")
    page.click("text=I forgot my login or password")
    narrow(page)
    page.fill("#id_address", address)
    page.click("button.primary")
    expect(page.locator("h1")).to_have_text("Look at your messages")
    narrow(page)


def test_password_forgotten_by_the_code_on_the_page(phone: Page, served: Site, worker: None) -> None:
    stage(served, "guardian", "vera", "vera@example.org")
    ask_for(phone, served, "Vera@Example.org")
    mailbox = phone.context.new_page()
    text = message(mailbox, served, "vera@example.org")
    code = re.search(r"\b\d{4} \d{4}\b", text)
    assert code
    wrong = f"{(int(code[0].replace(' ', '')) + 1) % 10**8:08}"
    phone.fill("#id_code", wrong)
    phone.click("button.primary")
    expect(phone.locator(".error")).to_have_text(re.compile("This code does not fit"))
    phone.fill("#id_code", code[0])
    phone.click("button.primary")
    expect(phone.locator("h1")).to_have_text("Choose a new password")
    narrow(phone)
    phone.fill("#id_password", "verochka")
    phone.click("button.primary")
    expect(phone.locator(".error")).to_be_visible()
    phone.fill("#id_password", GOOD)
    phone.click("text=Show the password")
    expect(phone.locator("#id_password")).to_have_attribute("type", "text")
    phone.click("button.primary")
    # The login stands there already.
    expect(phone.locator("#id_login")).to_have_value("vera")
    phone.fill("#id_password", GOOD)
    phone.click("button.primary")
    phone.wait_for_url("**/diary/**")
    told = message(mailbox, served, "vera@example.org", number=2)
    assert "vera@example.org" in told


def test_login_forgotten_by_the_link_of_the_mail(phone: Page, served: Site, worker: None) -> None:
    stage(served, "guardian", "zoya", "zoya@example.org")
    ask_for(phone, served, "zoya@example.org")
    text = message(phone, served, "zoya@example.org")
    assert "Your login: zoya" in text
    narrow(phone)
    axe(phone)
    # The login was all that was forgotten.
    phone.locator(".outbox > li", has_text="zoya@example.org").first.locator("a", has_text="/account/recover/new/").click()
    phone.click("text=I know my password again")
    expect(phone.locator("#id_login")).to_have_value("zoya")
    phone.fill("#id_password", "demo-zoya")
    phone.click("button.primary")
    phone.wait_for_url("**/diary/**")


def axe(page: Page) -> None:
    """The page of the demo stands in no other list."""
    from axe_playwright_python.sync_playwright import Axe

    context = page.context.browser.new_context(bypass_csp=True, viewport={"width": 390, "height": 844})  # type: ignore[union-attr]
    other = context.new_page()
    other.goto(page.url)
    found = [v["id"] for v in Axe().run(other).response["violations"] if v["impact"] in {"serious", "critical"}]
    context.close()
    assert found == []


def test_an_own_address_without_script(browser: Browser, served: Site, worker: None) -> None:
    stage(served, "guardian", "rita", "rita@example.org")
    context = browser.new_context(locale="en-GB", viewport={"width": 320, "height": 700}, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, served.address, "rita")
    page.goto(f"{served.address}/account/contacts/")
    page.click("text=Add a number")
    page.fill("#id_value", "8 900 765-43-21")
    page.fill("#id_password", "demo-rita")
    page.click("button.primary")
    expect(page.locator("h1")).to_have_text("Type the code")
    mailbox = context.new_page()
    code = re.search(r"\b\d{6}\b", message(mailbox, served, "+79007654321"))
    assert code
    page.fill("#id_code", code[0])
    page.click("button.primary")
    expect(page.locator(".contacts", has_text="+7 900 765-43-21")).to_be_visible()
    context.close()


def test_twenty_at_once_use_a_link_and_one_has_it(phone: Page, served: Site, worker: None) -> None:
    stage(served, "guardian", "nina", "nina@example.org")
    ask_for(phone, served, "nina@example.org")
    link = re.search(r"http\S+/account/recover/new/\S+", message(phone, served, "nina@example.org"))
    assert link

    def use(number: int) -> tuple[int, str]:
        with httpx.Client(timeout=60) as http:
            page = http.get(link[0])
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
            assert token
            form = {"csrfmiddlewaretoken": token[1], "password": f"{GOOD}-{number}"}
            answer = http.post(link[0], data=form, headers={"Referer": link[0]})
            return answer.status_code, answer.headers.get("Location", "")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers: list[Any] = list(pool.map(use, range(AT_ONCE)))
    assert sorted(answers) == [(302, "/account/login/?login=nina"), *[(404, "")] * (AT_ONCE - 1)]
