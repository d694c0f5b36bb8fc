"""The queue in the browser: tabs, sign-ins, decisions. Nothing mixes, nothing is sent under a wrong name, nothing is lost."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.acting import saved, sign_in, stage, state, until, wait_for
from tests.journeys.proxy import Proxy
from tests.reliability.site import Client, Site

pytestmark = pytest.mark.browser

DAY = 24 * 3600 * 1000


@pytest.fixture
def network(served: Site) -> Iterator[Proxy]:
    found = Proxy(served.port)
    yield found
    found.cut()


def open_lesson(page: Page, site: str, lesson: str) -> None:
    page.goto(f"{site}/lesson/{lesson}/")
    expect(page.locator(".roll li").first).to_be_visible()


def mark(page: Page, place: int, code: str) -> None:
    page.locator(".mark-in").nth(place).focus()
    page.keyboard.press(code)


def marks(site: Site, lesson: str) -> list[str]:
    found: list[str] = stage(site, "stored", lesson)["marks"]
    return found


def test_two_tabs_on_two_classes_never_mix(page: Page, served: Site, network: Proxy) -> None:
    first, second = (row["lesson"] for row in stage(served, "lessons", "russia", "3", "2"))
    site = network.address
    sign_in(page, site, "teacher")
    other = page.context.new_page()
    open_lesson(page, site, first)
    open_lesson(other, site, second)
    for place, (one, two) in enumerate(zip("543", "232", strict=True)):
        mark(page, place, one)
        mark(other, place, two)
        if place == 0:
            network.cut()
    wait_for(page, "name === 'waiting'")
    network.start()
    other.evaluate("Classbook.outbox.pump()")
    for tab in (page, other):
        tab.evaluate("Classbook.outbox.pump()")
        wait_for(tab, "n === 0 && !failed")
    assert (marks(served, first), marks(served, second)) == (["5", "4", "3"], ["2", "3", "2"])


def test_two_tabs_on_one_lesson_go_on_from_each_other(page: Page, served: Site) -> None:
    lesson = stage(served, "lessons", "russia", "2")[0]["lesson"]
    sign_in(page, served.address, "teacher")
    other = page.context.new_page()
    open_lesson(page, served.address, lesson)
    open_lesson(other, served.address, lesson)
    mark(page, 0, "3")
    saved(page)
    expect(other.locator(".mark-in").first).to_have_value("3")
    mark(other, 0, "4")
    saved(other)
    wait_for(other, "n === 0")
    expect(page.locator(".mark-in").first).to_have_value("4")
    mark(page, 0, "5")
    wait_for(page, "n === 0 && !failed")
    wait_for(page, "name === 'saved'")
    found = stage(served, "stored", lesson)
    assert (found["marks"], found["changes"]["marks"]) == (["5", ""], 3)


def test_entries_wait_while_somebody_else_is_signed_in(page: Page, served: Site) -> None:
    """The session is replaced while a lesson is open: by nobody, by a colleague, by the teacher again."""
    lesson = stage(served, "lessons", "russia", "2")[0]["lesson"]
    sign_in(page, served.address, "teacher")
    open_lesson(page, served.address, lesson)
    page.context.clear_cookies()
    mark(page, 0, "5")
    status = page.locator("[data-saved]").first
    expect(status).to_have_text(re.compile("signed out|вышли"))
    assert marks(served, lesson) == ["", ""]

    other = page.context.new_page()
    sign_in(other, served.address, "classteacher")
    page.evaluate("Classbook.outbox.pump()")
    expect(status).to_have_text(re.compile("Somebody else is signed in|другой человек"))
    mark(page, 1, "4")
    wait_for(page, "n >= 2 && name === 'other' && !Classbook.vault.isWorking()")
    other.goto(f"{served.address}/today/")
    assert state(other)["n"] == 0
    expect(other.locator("[data-queue]")).to_be_hidden()
    assert marks(served, lesson) == ["", ""]

    other.context.clear_cookies()
    page.close()
    sign_in(other, served.address, "teacher")
    wait_for(other, "n === 0 && !failed")
    found = stage(served, "stored", lesson)
    assert (found["marks"], found["writers"]) == (["5", "4"], ["teacher"])


def test_other_pages_say_what_waits_and_signing_out_asks(page: Page, served: Site, network: Proxy) -> None:
    row = stage(served, "lessons", "russia", "3")[0]
    site = network.address
    sign_in(page, site, "teacher")
    page.route("**/save/", lambda route: route.abort())
    open_lesson(page, site, row["lesson"])
    mark(page, 0, "5")
    mark(page, 1, "4")
    wait_for(page, "name === 'waiting' && !Classbook.vault.isWorking()")
    page.goto(f"{site}/today/")
    strip = page.locator("[data-queue]")
    expect(strip).to_contain_text(re.compile(r"(wait|ждут).*3", re.DOTALL))
    expect(strip.locator("a")).to_have_attribute("href", f"/lesson/{row['lesson']}/")

    form = page.locator("form[data-sign-out]").first
    form.evaluate("(form) => form.requestSubmit()")
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("3")
    dialog.locator("button").first.click()
    expect(dialog).to_have_count(0)
    assert page.evaluate("fetch('/account/devices/', {redirect: 'manual'}).then((answer) => answer.status)") == 200
    form.evaluate("(form) => form.requestSubmit()")
    page.locator("dialog[open] button").last.click()
    page.wait_for_url("**/account/login/**")

    page.unroute("**/save/")
    sign_in(page, site, "teacher")
    wait_for(page, "n === 0 && !failed")
    assert marks(served, row["lesson"]) == ["5", "4", ""]


def test_day_old_entries_are_pointed_out(page: Page, served: Site) -> None:
    lesson = stage(served, "lessons", "russia", "2")[0]["lesson"]
    sign_in(page, served.address, "teacher")
    page.route("**/save/", lambda route: route.abort())
    open_lesson(page, served.address, lesson)
    mark(page, 0, "5")
    wait_for(page, "name === 'waiting'")
    strip = page.locator("[data-queue]")
    expect(strip).to_be_hidden()
    page.clock.set_fixed_time(page.evaluate("Date.now()") + DAY + 60_000)
    page.evaluate("Classbook.outbox.pump()")
    expect(strip).to_contain_text(re.compile("more than a day old|больше суток"))
    page.unroute("**/save/")
    page.evaluate("Classbook.outbox.pump()")
    wait_for(page, "n === 0")
    expect(strip).to_be_hidden()


@pytest.mark.parametrize("days", [-1, 1])
def test_clock_of_the_device_is_off_by_a_day(page: Page, served: Site, days: int) -> None:
    """Versions decide what comes after what, not the clock of the device."""
    lesson = stage(served, "lessons", "russia", "2")[0]["lesson"]
    sign_in(page, served.address, "teacher")
    open_lesson(page, served.address, lesson)
    mark(page, 0, "3")
    saved(page)
    wait_for(page, "n === 0")
    page.clock.set_fixed_time(page.evaluate("Date.now()") + days * DAY)
    mark(page, 0, "4")
    wait_for(page, "n === 0 && !failed")
    mark(page, 0, "5")
    wait_for(page, "n === 0 && !failed")
    until(page, "() => document.querySelector('.mark-in').dataset.v === '3'")
    assert marks(served, lesson)[0] == "5"


SEALED = """async () => {
  const [{ name }] = (await indexedDB.databases()).filter((one) => one.name.startsWith('classbook-'));
  const ask = (request) => new Promise((yes, no) => { request.onsuccess = () => yes(request.result); request.onerror = no; });
  const store = (await ask(indexedDB.open(name))).transaction(['drafts', 'ops', 'keys']);
  const rows = [...await ask(store.objectStore('drafts').getAll()), ...await ask(store.objectStore('ops').getAll())];
  const [key] = await ask(store.objectStore('keys').getAll());
  const text = rows.map((row) => Object.keys(row).sort().join() + new TextDecoder('latin1').decode(row.sealed)).join();
  const out = await crypto.subtle.exportKey('raw', key.value).then(() => 'exported', (error) => error.name);
  return { rows: rows.length, fields: [...new Set(rows.map((row) => Object.keys(row).sort().join()))], text, out };
}"""


def test_what_waits_is_sealed(page: Page, served: Site) -> None:
    lesson = stage(served, "lessons", "russia", "2")[0]["lesson"]
    sign_in(page, served.address, "teacher")
    page.route("**/save/", lambda route: route.abort())
    open_lesson(page, served.address, lesson)
    page.locator("#topic").fill("Secret of the topic")
    page.locator("#homework").focus()
    wait_for(page, "name === 'waiting' && !Classbook.vault.isWorking()")
    found: dict[str, Any] = page.evaluate(SEALED)
    assert found["rows"] > 0
    assert found["fields"] == ["iv,key,sealed"]
    assert "Secret" not in found["text"]
    assert found["out"] == "InvalidAccessError"


def test_shared_computer_keeps_nothing(page: Page, served: Site) -> None:
    lesson = stage(served, "lessons", "russia", "2")[0]["lesson"]
    sign_in(page, served.address, "teacher", shared=True)
    [cookie] = [one for one in page.context.cookies() if one["name"] == "classbook"]
    assert cookie["expires"] == -1
    page.route("**/save/", lambda route: route.abort())
    open_lesson(page, served.address, lesson)
    expect(page.locator("[data-queue]")).to_contain_text(re.compile("not kept on it|не хранятся"))
    mark(page, 0, "5")
    wait_for(page, "name === 'waiting'")
    expect(page.locator("[data-saved]").first).to_have_text(re.compile("this page only|только на этой странице"))
    counts = """async () => {
      const ask = (request) => new Promise((yes, no) => { request.onsuccess = () => yes(request.result); request.onerror = no; });
      let n = 0;
      for (const { name } of await indexedDB.databases()) {
        const db = await ask(indexedDB.open(name));
        for (const store of db.objectStoreNames) n += await ask(db.transaction(store).objectStore(store).count());
      }
      return n;
    }"""
    assert page.evaluate(counts) == 0
    page.unroute("**/save/")
    page.evaluate("Classbook.outbox.pump()")
    wait_for(page, "n === 0 && !failed")
    assert marks(served, lesson) == ["5", ""]


def in_between(site: Site, page: Page, lesson: str, code: str) -> None:
    """A colleague writes the first cell after the page was loaded."""
    cell = page.locator(".mark-in").first
    column, student = cell.get_attribute("data-column"), page.locator(".roll li").first.get_attribute("data-student")
    client = Client(site)
    new = {"uid": column, "lesson": lesson, "seen": 0, "work_kind": "answer"}
    entry = client.operation(columns=[new], marks=[{"student": student, "column": column, "code": code, "seen": 0}])
    assert client.ask("POST", f"/lesson/{lesson}/save/", json=entry).status_code == 200
    assert uuid.UUID(column)


@pytest.mark.parametrize(("button", "stays", "changes"), [("Keep mine", "5", 2), ("Keep theirs", "3", 1)])
def test_both_values_and_the_choice(page: Page, served: Site, button: str, stays: str, changes: int) -> None:
    lesson = stage(served, "lessons", "russia", "2")[0]["lesson"]
    sign_in(page, served.address, "teacher")
    page.context.add_cookies([{"name": "classbook-language", "value": "en", "url": served.address}])
    open_lesson(page, served.address, lesson)
    in_between(served, page, lesson, "3")
    mark(page, 0, "5")
    choice = page.locator("[data-decisions] .notice")
    expect(choice).to_have_count(1)
    expect(choice).to_contain_text("3")
    expect(choice).to_contain_text("5")
    assert marks(served, lesson)[0] == "3"
    # The decision waits too: a reload asks again, another page says that it is needed.
    page.goto(f"{served.address}/today/")
    expect(page.locator("[data-queue]")).to_contain_text("need your decision")
    page.locator("[data-queue] a").click()
    choice.get_by_role("button", name=button).dblclick()
    wait_for(page, "n === 0 && !failed")
    expect(choice).to_have_count(0)
    found = stage(served, "stored", lesson)
    assert (found["marks"][0], found["changes"]["marks"]) == (stays, changes)
    expect(page.locator(".mark-in").first).to_have_value(stays)
    mark(page, 0, "4")
    wait_for(page, "n === 0 && !failed")
    until(page, f"() => document.querySelector('.mark-in').dataset.v === '{changes + 1}'")


def test_form_is_sent_once_however_often_it_is_pressed(page: Page, served: Site) -> None:
    sign_in(page, served.address, "office")
    school = re.search(r"/office/([0-9a-f-]{36})/", page.content())
    assert school
    page.goto(f"{served.address}/office/{school[1]}/pupils/add/")
    family = f"Once{uuid.uuid4().hex[:6]}"
    for name, value in {"family": family, "given": "Anna", "starts_on": "2026-11-19"}.items():
        page.fill(f"[name={name}]", value)
    page.locator("[name=target]").select_option(index=1)
    page.locator("main form button.primary").click()
    expect(page.get_by_role("heading", name="This will happen")).to_be_visible()
    # Three presses before the server could answer the first; what the page lets through is counted behind its own listener.
    sent = page.locator("main form button.primary").evaluate(
        """(button) => {
        let sent = 0;
        addEventListener("submit", (event) => { sent += !event.defaultPrevented; });
        for (let press = 0; press < 3; press++) button.click();
        return sent; }"""
    )
    assert sent == 1
    page.wait_for_url(lambda url: "/add/" not in url)
    page.goto(f"{served.address}/office/{school[1]}/?q={family}")
    assert page.get_by_role("link", name=re.compile(family)).count() == 1
