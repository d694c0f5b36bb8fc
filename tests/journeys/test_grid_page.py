"""The journal's left page in a real browser: marks by thumb, averages that follow what is typed, columns made in a hurry."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.acting import sign_in, stage, until, wait_for
from tests.reliability.site import Site

pytestmark = pytest.mark.browser
SENT = "n === 0 && !failed && name === 'saved'"


def open_journal(page: Page, site: str, group: dict[str, Any]) -> None:
    sign_in(page, site, "teacher")
    page.context.add_cookies([{"name": "classbook-language", "value": "en", "url": site}])
    page.goto(f"{site}/journal/{group['group']}/")


def cell(page: Page, row: int, column: int) -> Locator:
    return page.locator("[data-grid] tbody tr").nth(row).locator("td[tabindex]").nth(column)


def averages(page: Page) -> list[str]:
    return page.locator("[data-avg]").all_inner_texts()


# profile: for each pupil the marks of four lessons (the keys that write them), and the averages, worked out by hand. Before
# they are typed the second lesson's column becomes work of the last kind that counts.
TYPED: dict[str, tuple[str, list[list[str]], list[str]]] = {
    # The test weighs 3: (5 + 3 x 4 + 3) / 5; a released pupil has no score; a single low mark.
    "russia": ("test", [["5", "4", "3", ""], ["", "осв", "", "4"], ["", "2", "", ""]], ["4.00", "4.00", "2.00"]),
    # (4.3 + 3 x 3.3 + 0) / 5 = 2.84; pass does not count; B- and C+, 2.5.
    "usa": ("test", [["A+", "B+", "F", ""], ["P", "", "", ""], ["B-", "", "C+", ""]], ["2.84", "", "2.50"]),
    # The test weighs 2: (12.5 + 2 x 8 + 14) / 4 = 10.625, halves go up; away does not count.
    "france": ("test", [["12.5", "8", "14", ""], ["Abs", "", "", "20"], ["0", "7.25", "", ""]], ["10.63", "20.00", "4.83"]),
    # Three digits and one.
    "percent": ("test", [["85", "100", "7", ""], ["", "", "", ""], ["1", "2", "", ""]], ["78.40", "", "1.75"]),
}


@pytest.mark.parametrize(
    "profile", [one if one in {"russia", "percent"} else pytest.param(one, marks=pytest.mark.long) for one in TYPED]
)
def test_the_average_follows_what_is_typed(page: Page, served: Site, profile: str) -> None:
    kind, marks, expected = TYPED[profile]
    group = stage(served, "journal", profile, "3", "4")
    open_journal(page, served.address, group)
    cell(page, 0, 1).focus()
    page.keyboard.press("Alt+k" if page.locator("[data-key=k]").inner_text().startswith("Alt") else "k")
    page.locator("[data-column-dialog] select").select_option(kind)
    page.locator("[data-column-dialog] button.primary").click()
    # Without the network: the figures are the page's own.
    page.route("**/save/", lambda route: route.abort())
    for row, line in enumerate(marks):
        for column, mark in enumerate(line):
            cell(page, row, column).focus()
            page.keyboard.type(mark) if mark.isascii() else paste(page, mark)
            page.keyboard.press("Enter")
    assert averages(page) == expected
    page.reload()
    expect(page.locator("[data-avg]").first).to_have_text(expected[0])
    assert averages(page) == expected
    page.unroute("**/save/")
    page.evaluate("Classbook.outbox.pump()")
    wait_for(page, SENT)
    page.reload()
    assert averages(page) == expected


def paste(page: Page, text: str) -> None:
    page.evaluate(
        """(text) => { const data = new DataTransfer(); data.setData('text/plain', text);
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })); }""",
        text,
    )
    page.locator("[data-panel-yes]").click()


def test_the_average_follows_columns_and_what_does_not_count(page: Page, served: Site) -> None:
    """Erasing, undoing, a mark and a column that do not count, another weight, a further column: page and server agree."""
    group = stage(served, "journal", "russia", "2", "3")
    open_journal(page, served.address, group)
    seen = []

    def step(expected: str) -> None:
        expect(page.locator("[data-avg]").first).to_have_text(expected)
        seen.append(expected)

    press, save = page.keyboard.press, page.locator("dialog[open] button.primary")
    for column, mark in enumerate("542"):
        cell(page, 0, column).focus()
        press(mark)
    step("3.67")
    press("Control+z")
    step("4.50")
    cell(page, 0, 2).focus()
    press("3")
    step("4.00")
    cell(page, 0, 0).focus()
    press("Delete")
    step("3.50")
    press("5")
    cell(page, 0, 1).focus()
    press("c")
    page.locator("[data-cell-dialog] [data-free]").check()
    save.click()
    step("4.00")
    press("k")
    page.fill("#col-weight-one", "2,5")
    save.click()
    step("4.00")
    cell(page, 0, 2).focus()
    press("k")
    page.fill("#col-weight-one", "0.5")
    save.click()
    step("4.33")
    press("+")
    page.locator("[data-column-dialog] select").select_option("test")
    save.click()
    press("2")
    step("2.78")
    cell(page, 0, 0).focus()
    press("k")
    page.locator("[data-column-dialog] [name=col-free-one]").check()
    save.click()
    step("2.14")
    wait_for(page, SENT)
    until(page, "() => !document.querySelector('[data-grid] td[data-q]')")
    page.reload()
    expect(page.locator("[data-avg]").first).to_have_text(seen[-1])


def test_a_mark_that_the_server_would_refuse_counts_nowhere(page: Page, served: Site) -> None:
    group = stage(served, "journal", "france", "1", "2")
    open_journal(page, served.address, group)
    for column, mark in enumerate(("16", "21")):
        cell(page, 0, column).focus()
        page.keyboard.type(mark)
        page.keyboard.press("Enter")
    wait_for(page, "n === 0 && failed === 1")
    expect(page.locator("[data-avg]")).to_have_text("16.00")
    page.get_by_role("button", name="Take mine back").click()
    page.wait_for_load_state()
    expect(page.locator("[data-avg]")).to_have_text("16.00")


THUMB = {"has_touch": True, "is_mobile": True}


def hidden_by(page: Page) -> dict[str, Any]:
    """Where the chosen cell stands against the pad and the names beside it."""
    found: dict[str, Any] = page.evaluate(
        """() => {
        const at = document.activeElement.getBoundingClientRect(), pad = document.querySelector('[data-pad]').getBoundingClientRect();
        const name = document.activeElement.parentElement.cells[0].getBoundingClientRect();
        const top = document.elementFromPoint(at.x + at.width / 2, at.y + at.height / 2);
        return { tag: document.activeElement.tagName, above: at.bottom <= pad.top, beside: at.left >= name.right - 1,
          seen: document.activeElement.contains(top), wide: name.width, text: document.activeElement.parentElement.cells[0].scrollHeight <= name.height + 1 };
        }"""
    )
    return found


@pytest.mark.parametrize(("width", "height", "dark"), [(390, 844, False), (320, 640, True)])
def test_marks_by_thumb(browser: Any, served: Site, width: int, height: int, dark: bool) -> None:
    group = stage(served, "journal", "russia", "25", "12")
    scheme = "dark" if dark else "light"
    context = browser.new_context(locale="en-GB", viewport={"width": width, "height": height}, color_scheme=scheme, **THUMB)
    page = context.new_page()
    open_journal(page, served.address, group)
    pad, names = page.locator("[data-pad]"), page.locator("[data-grid] .name").all_inner_texts()
    expect(pad).to_be_hidden()
    last = page.locator("[data-grid] thead tr:last-child th").count() - 1
    cell(page, 0, last).tap()
    expect(pad).to_be_visible()
    expect(pad.locator("[data-pad-who]")).to_contain_text("19 November")
    for place in range(25):
        # The pad holds what is pressed; the next pupil is ready above it, also for the last of the class.
        assert hidden_by(page) == hidden_by(page) | {"tag": "TD", "above": True, "beside": True, "seen": True, "text": True}, (
            place
        )
        pad.locator(f"[value='{'a:н' if place == 3 else 'm:5'}']").tap()
    assert len(names) == 26
    cell(page, 1, last).tap()
    pad.locator("[value='d:']").tap()
    pad.locator("[value='n:']").tap()
    expect(cell(page, 2, last)).to_be_focused()
    pad.locator("[value='w:']").tap()
    assert hidden_by(page)["above"]
    pad.locator("[value='m:зач']").tap()
    expect(cell(page, 3, last)).to_be_focused()
    cell(page, 4, last).tap()
    pad.locator("[value='c:']").tap()
    page.fill("#cell-say", "Neat")
    page.locator("[data-cell-dialog] button.primary").tap()
    expect(cell(page, 4, last)).to_be_focused()
    wait_for(page, SENT)
    assert hidden_by(page)["above"]  # also when the page has said that all is saved
    found = stage(served, "stored", group["lesson"])
    assert found["marks"] == ["5", "", "зач", "", *["5"] * 21]
    assert found["attendance"][3] == "н"
    # Far to the left the names stay beside the cell, and whoever presses elsewhere gets the pad out of the way.
    cell(page, 5, 0).scroll_into_view_if_needed()
    cell(page, 5, 1).tap()
    assert hidden_by(page) == hidden_by(page) | {"above": True, "beside": True, "seen": True}
    small = page.locator("[data-pad] button:visible, [data-grid] td[tabindex], [data-tools] button").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect()).filter((at) => at.width < 43.9 || at.height < 43.9).length"
    )
    assert small == 0
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.locator("h1").tap()
    expect(pad).to_be_hidden()
    context.close()


def test_numbers_by_thumb(browser: Any, served: Site) -> None:
    """A scale of points has no button for each mark: the pad writes figures, and "next" ends them."""
    group = stage(served, "journal", "france", "3", "2")
    context = browser.new_context(locale="en-GB", viewport={"width": 390, "height": 844}, **THUMB)
    page = context.new_page()
    open_journal(page, served.address, group)
    pad = page.locator("[data-pad]")
    cell(page, 0, 1).tap()
    for value in ("k:1", "k:2", "k:.", "k:5", "n:", "k:9", "d:", "k:7", "n:", "a:A"):
        pad.locator(f"[value='{value}']").tap()
    wait_for(page, SENT)
    found = stage(served, "stored", group["lesson"])
    assert (found["marks"], found["attendance"]) == (["12.5", "7", ""], ["", "", "A"])
    context.close()


def test_what_is_typed_in_the_instant_after_a_new_column_goes_into_it(page: Page, served: Site) -> None:
    """No pause between the press that makes the column and the next: the browser's own task queue has no turn in between."""
    group = stage(served, "journal", "russia", "2", "1")
    open_journal(page, served.address, group)
    cell(page, 0, 0).focus()
    page.keyboard.press("4")
    cell(page, 0, 0).focus()
    page.keyboard.press("+")
    page.locator("[data-column-dialog] select").select_option("test")
    page.evaluate(
        """() => {
        document.querySelector('[data-column-dialog] button.primary').click();
        for (const key of '53') document.activeElement.dispatchEvent(
          new KeyboardEvent('keydown', { key, code: 'Digit' + key, bubbles: true, cancelable: true })); }"""
    )
    wait_for(page, SENT)
    texts = page.locator("[data-grid] td[tabindex]").evaluate_all("(all) => all.map((td) => td.dataset.m)")
    assert texts == ["4", "5", "", "3"]
    page.reload()
    expect(cell(page, 0, 1)).to_have_text("5")
    expect(cell(page, 1, 1)).to_have_text("3")
    expect(cell(page, 0, 0)).to_have_text("4")
