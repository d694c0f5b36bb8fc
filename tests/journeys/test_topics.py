"""The journal's right page: topics and homework edited in place, by keyboard, with the network away, against a colleague."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.acting import Keyboard, saved, sign_in, stage, until, wait_for
from tests.journeys.proxy import Proxy
from tests.reliability.site import Client, Site

pytestmark = pytest.mark.browser
SENT = "n === 0 && !failed"


@pytest.fixture
def network(served: Site) -> Iterator[Proxy]:
    found = Proxy(served.port)
    yield found
    found.cut()


@pytest.fixture
def group(served: Site) -> dict[str, Any]:
    """A group with lessons of today and three days before; the page shows them newest first."""
    found: dict[str, Any] = stage(served, "journal", "russia", "2", "4")
    return found


def open_journal(page: Page, site: str, group: dict[str, Any]) -> None:
    page.context.add_cookies([{"name": "classbook-language", "value": "en", "url": site}])
    page.goto(f"{site}/journal/{group['group']}/")
    expect(page.locator("[data-topics][role=grid]")).to_be_visible()


def cell(page: Page, line: int, field: str) -> Locator:
    return page.locator("[data-topics] tbody tr").nth(line).locator(f"td[data-f={field}]")


def texts(site: Site, group: dict[str, Any]) -> list[tuple[str, str]]:
    found = (stage(site, "stored", lesson) for lesson in group["lessons"])
    return [(one["topic"], one["homework"]) for one in found]


def test_a_week_of_topics_by_keyboard_alone(page: Page, served: Site, group: dict[str, Any]) -> None:
    sign_in(page, served.address, "teacher")
    open_journal(page, served.address, group)
    keys = Keyboard(page)
    cell(page, 0, "topic").focus()
    # A letter opens the cell; Tab goes on to the homework and to the next lesson, Enter down.
    for topic, homework in (("Vieta", "No. 1"), ("Roots", "No. 2")):
        keys.text(topic)
        keys.press("Tab")
        keys.text(homework)
        keys.press("Tab")
    keys.text("Lines")
    keys.press("Enter")
    keys.text("Graphs")
    keys.press("ArrowRight")
    keys.text("-")
    keys.press("Shift+Tab")
    expect(cell(page, 3, "topic")).to_be_focused()
    wait_for(page, SENT)
    assert texts(served, group) == [("Vieta", "No. 1"), ("Roots", "No. 2"), ("Lines", ""), ("Graphs", "")]
    assert stage(served, "stored", group["lessons"][3])["no_homework"]
    assert keys.presses <= 8
    page.reload()
    expect(cell(page, 3, "homework")).to_have_text("–")
    expect(cell(page, 2, "homework")).to_have_text("not filled in")


def test_tab_comes_to_what_is_to_be_filled_in_and_the_date_stands_left_of_it(
    page: Page, served: Site, group: dict[str, Any]
) -> None:
    sign_in(page, served.address, "teacher")
    open_journal(page, served.address, group)
    press, topic = page.keyboard.press, cell(page, 0, "topic")
    # The page's only stops in the table: its scrolling frame, and one cell.
    page.locator(".right .scroll").focus()
    press("Tab")
    expect(topic).to_be_focused()
    press("ArrowLeft")
    dates = page.locator("[data-topics] tbody th a")
    expect(dates.nth(0)).to_be_focused()
    press("ArrowDown")
    expect(dates.nth(1)).to_be_focused()
    press("ArrowRight")
    expect(cell(page, 1, "topic")).to_be_focused()
    press("ArrowLeft")
    press("Enter")
    page.wait_for_url("**/lesson/**")


def test_escape_undo_and_the_keys_inside_a_text(page: Page, served: Site, group: dict[str, Any]) -> None:
    sign_in(page, served.address, "teacher")
    open_journal(page, served.address, group)
    press, topic = page.keyboard.press, cell(page, 0, "topic")
    topic.click()
    page.keyboard.type("First")
    press("Enter")
    expect(cell(page, 1, "topic")).to_be_focused()
    press("ArrowUp")
    # Enter opens with the caret at the end; what was typed counts after a moment, and Escape takes even that back.
    press("Enter")
    page.keyboard.type(" and second")
    wait_for(page, "n === 0 && name === 'saved'")
    until(page, "() => document.querySelector('[data-topics] tr[data-lesson]').dataset.v === '2'")
    press("Escape")
    expect(topic).to_be_focused()
    expect(topic).to_have_text("First")
    # Inside the text arrows move the caret; from its ends they go on.
    press("Enter")
    press("Home")
    page.keyboard.type("The ")
    press("ArrowRight")
    expect(topic.locator("textarea")).to_be_focused()
    press("Shift+Enter")
    press("Backspace")
    press("ArrowDown")
    expect(cell(page, 1, "topic")).to_be_focused()
    press("ArrowUp")
    expect(topic).to_have_text("The First")
    press("Delete")
    expect(topic).to_have_text("not filled in")
    press("Control+z")
    expect(topic).to_have_text("The First")
    press("Control+z")
    expect(topic).to_have_text("First")
    press("Control+z")
    expect(topic).to_have_text("not filled in")
    wait_for(page, SENT)
    assert texts(served, group)[0] == ("", "")
    assert page.locator("[data-topics] textarea").count() == 0


def test_one_cell_is_left_for_another_by_a_click(page: Page, served: Site, group: dict[str, Any]) -> None:
    """The words do not move when a field opens or closes, so a click hits what it was meant for."""
    sign_in(page, served.address, "teacher")
    open_journal(page, served.address, group)
    long = "Word " * 40
    for line in range(3):
        cell(page, line, "topic").click()
        page.keyboard.type(long if line == 1 else f"Topic {line}")
    cell(page, 1, "homework").click()
    expect(cell(page, 1, "homework").locator("textarea")).to_be_focused()
    heights = page.locator("[data-topics] tbody tr").evaluate_all("(rows) => rows.map((row) => row.offsetHeight)")
    cell(page, 1, "topic").click()
    opened = page.locator("[data-topics] tbody tr").evaluate_all("(rows) => rows.map((row) => row.offsetHeight)")
    assert max(abs(one - other) for one, other in zip(heights, opened, strict=True)) <= 2
    cell(page, 2, "topic").click()
    expect(cell(page, 2, "topic").locator("textarea")).to_have_value("Topic 2")
    page.locator("h1").click()
    wait_for(page, SENT)
    assert [topic for topic, _ in texts(served, group)] == ["Topic 0", long.strip(), "Topic 2", ""]


def test_topics_wait_for_the_network_and_survive_a_reload(
    page: Page, served: Site, network: Proxy, group: dict[str, Any]
) -> None:
    """All that waits goes as one operation of several lessons."""
    sign_in(page, network.address, "teacher")
    open_journal(page, network.address, group)
    page.route("**/save/", lambda route: route.abort())
    cell(page, 0, "topic").focus()
    page.keyboard.type("While away")
    page.keyboard.press("Tab")
    page.keyboard.type("No. 7")
    wait_for(page, "name === 'waiting'")
    cell(page, 1, "topic").focus()
    # A word that is not finished, in a field that is still open.
    page.keyboard.type("Half a wo")
    expect(page.locator("[data-saved]").first).to_have_text(re.compile("kept on this device"))
    # A moment after the last letter it is kept as well, behind the topic and the homework: only that is promised here.
    until(
        page,
        """async (url) => {
        const { entries } = await Classbook.outbox.pending(url);
        return entries.length === 3 && entries.some(({ part }) => part.topic === 'Half a wo') && !Classbook.vault.isWorking(); }""",
        f"/journal/{group['group']}/save/",
    )
    expect(cell(page, 1, "topic").locator("textarea")).to_be_focused()
    page.reload()
    expect(cell(page, 0, "topic")).to_have_text("While away")
    expect(cell(page, 0, "homework")).to_have_text("No. 7")
    expect(cell(page, 1, "topic")).to_have_text("Half a wo")
    expect(cell(page, 0, "topic")).to_have_attribute("data-q", "wait")
    assert texts(served, group) == [("", "")] * 4
    bodies: list[dict[str, Any]] = []
    page.on(
        "request", lambda request: bodies.append(json.loads(request.post_data or "")) if request.url.endswith("/save/") else None
    )
    cell(page, 2, "topic").focus()
    page.keyboard.type("Third")
    page.keyboard.press("Enter")
    page.unroute("**/save/")
    page.evaluate("Classbook.outbox.pump()")
    wait_for(page, SENT)
    assert texts(served, group) == [("While away", "No. 7"), ("Half a wo", ""), ("Third", ""), ("", "")]
    assert max(len(body["lessons"]) for body in bodies) > 1
    expect(page.locator("[data-topics] td[data-q]")).to_have_count(0)


def test_an_operation_that_an_older_page_left_is_sent_as_it_is(page: Page, served: Site, group: dict[str, Any]) -> None:
    """Before lists were known an operation held one `lesson`; it may have waited on the device over the update."""
    sign_in(page, served.address, "teacher")
    open_journal(page, served.address, group)
    url, lesson = f"/journal/{group['group']}/save/", group["lessons"][0]
    page.evaluate(
        """([url, lesson]) => {
        const part = { uid: lesson, seen: 0, topic: 'From before' }, op = crypto.randomUUID();
        const row = { key: [url, 'lesson', '', lesson].join('|'), url, what: 'lesson', part, turn: 1, at: Date.now(), from: {} };
        const text = JSON.stringify({ op, person: Classbook.vault.person, columns: [], marks: [], attendance: [], lesson: part });
        return Classbook.vault.change((stores) => { stores.ops.set(op, { key: op, url, text, rows: [row] }); }); }""",
        [url, lesson],
    )
    page.reload()
    wait_for(page, "n === 0 && !failed && name === 'saved'")
    expect(cell(page, 0, "topic")).to_have_text("From before")
    # The page goes on from the version that the old answer told.
    cell(page, 0, "topic").click()
    page.keyboard.type(", and now")
    page.keyboard.press("Enter")
    wait_for(page, SENT)
    until(page, "() => document.querySelector('[data-topics] tr[data-lesson]').dataset.v === '2'")
    assert texts(served, group)[0] == ("From before, and now", "")


@pytest.mark.parametrize(
    ("button", "stays"), [("Keep mine", "Mine"), pytest.param("Keep theirs", "Theirs", marks=pytest.mark.long)]
)
def test_both_topics_and_the_choice(page: Page, served: Site, group: dict[str, Any], button: str, stays: str) -> None:
    sign_in(page, served.address, "teacher")
    open_journal(page, served.address, group)
    colleague = Client(served)
    part = {"uid": group["lessons"][1], "seen": 0, "topic": "Theirs", "homework": "No. 9"}
    assert colleague.ask("POST", f"/journal/{group['group']}/save/", json=colleague.operation(lessons=[part])).status_code == 200
    cell(page, 1, "topic").focus()
    page.keyboard.type("Mine")
    page.keyboard.press("Enter")
    cell(page, 0, "topic").focus()
    page.keyboard.type("Another")
    page.keyboard.press("Enter")
    note = page.locator(".right .cell-note")
    cell(page, 1, "topic").focus()
    expect(note).to_contain_text("entered Theirs in the meantime; you entered Mine")
    expect(cell(page, 1, "topic")).to_have_attribute("data-q", "clash")
    wait_for(page, "n === 0 && failed === 1")
    assert texts(served, group)[:2] == [("Another", ""), ("Theirs", "No. 9")]
    # The decision survives a reload; what was typed stands in the cell until then.
    page.reload()
    expect(cell(page, 1, "topic")).to_have_text("Mine")
    note.get_by_role("button", name=button).click()
    wait_for(page, SENT)
    expect(note).to_have_count(0)
    expect(cell(page, 1, "topic")).to_have_text(stays)
    assert texts(served, group)[1] == (stays, "No. 9")
    cell(page, 1, "topic").click()
    page.keyboard.type("!")
    page.keyboard.press("Enter")
    wait_for(page, SENT)
    until(page, "() => !document.querySelector('[data-topics] td[data-q]')")
    assert texts(served, group)[1] == (stays + "!", "No. 9")


def test_two_tabs_show_what_the_other_wrote(page: Page, served: Site, group: dict[str, Any]) -> None:
    sign_in(page, served.address, "teacher")
    open_journal(page, served.address, group)
    other = page.context.new_page()
    open_journal(other, served.address, group)
    cell(page, 0, "homework").focus()
    page.keyboard.type("No. 5")
    page.keyboard.press("Enter")
    expect(cell(other, 0, "homework")).to_have_text("No. 5")
    cell(other, 0, "homework").focus()
    other.keyboard.type("-")
    other.keyboard.press("Enter")
    expect(cell(page, 0, "homework")).to_have_text("–")
    wait_for(other, SENT)
    # Opened again, the dash makes place for a task.
    cell(other, 0, "homework").click()
    other.keyboard.type("No. 6")
    expect(other.locator("[data-topics] textarea")).to_have_value("No. 6")
    other.keyboard.press("Escape")
    expect(cell(other, 0, "homework")).to_have_text("–")
    found = stage(served, "stored", group["lessons"][0])
    assert (found["homework"], found["no_homework"], found["changes"]["lesson"]) == ("", True, 2)


def test_locked_lessons_refuse_politely(page: Page, served: Site, group: dict[str, Any]) -> None:
    stage(served, "cancel", group["lessons"][1])
    sign_in(page, served.address, "teacher")
    open_journal(page, served.address, group)
    shut, bar = cell(page, 1, "topic"), page.locator("[data-topic-bar]")
    shut.click()
    page.keyboard.type("x")
    expect(bar).to_contain_text("This lesson was cancelled, so it is not recorded.")
    expect(shut.locator("textarea")).to_have_count(0)
    # Cancelled after the page was loaded: the server refuses, the sentence stands beside the cell, the text is not lost.
    stage(served, "cancel", group["lessons"][2])
    cell(page, 2, "topic").focus()
    page.keyboard.type("Too late")
    page.keyboard.press("ArrowUp")
    cell(page, 2, "topic").focus()
    note = page.locator(".right .cell-note")
    expect(note).to_contain_text("This lesson was cancelled, so it is not recorded.")
    expect(cell(page, 2, "topic")).to_have_text("Too late")
    note.get_by_role("button", name="Take mine back").click()
    expect(cell(page, 2, "topic")).to_have_text("not filled in")
    wait_for(page, SENT)
    assert texts(served, group)[2] == ("", "")


def test_the_first_sign_of_a_japanese_text_opens_the_field(page: Page, served: Site, group: dict[str, Any]) -> None:
    sign_in(page, served.address, "teacher")
    open_journal(page, served.address, group)
    cell(page, 0, "topic").focus()
    event = {"key": "Process", "code": "KeyA", "keyCode": 229, "bubbles": True, "cancelable": True}
    page.evaluate("(event) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', event))", event)
    area = cell(page, 0, "topic").locator("textarea")
    expect(area).to_be_focused()
    page.keyboard.insert_text("二次方程式")
    page.keyboard.press("Enter")
    wait_for(page, SENT)
    saved(page)
    assert texts(served, group)[0][0] == "二次方程式"


def test_without_script_a_line_leads_to_its_lesson(browser: Any, served: Site, group: dict[str, Any]) -> None:
    context = browser.new_context(locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    sign_in(page, served.address, "teacher")
    page.goto(f"{served.address}/journal/{group['group']}/")
    page.locator("[data-topics] tbody tr").nth(2).locator("a").click()
    page.wait_for_url(f"**/lesson/{group['lessons'][2]}/")
    context.close()


def test_topics_by_thumb(browser: Any, served: Site, group: dict[str, Any]) -> None:
    context = browser.new_context(locale="en-GB", viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True)
    page = context.new_page()
    sign_in(page, served.address, "teacher")
    page.goto(f"{served.address}/journal/{group['group']}/")
    page.locator("label:has(#tab-t)").tap()
    cell(page, 0, "topic").tap()
    expect(cell(page, 0, "topic").locator("textarea")).to_be_focused()
    page.keyboard.insert_text("By thumb")
    cell(page, 0, "homework").tap()
    expect(cell(page, 0, "homework").locator("textarea")).to_be_focused()
    page.keyboard.insert_text("No. 3")
    page.locator("h1").tap()
    expect(page.locator("[data-topics] textarea")).to_have_count(0)
    wait_for(page, SENT)
    assert texts(served, group)[0] == ("By thumb", "No. 3")
    heights = page.locator("[data-topics] td[data-f]").evaluate_all("(all) => all.map((td) => td.offsetHeight)")
    assert min(heights) >= 44
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    context.close()
