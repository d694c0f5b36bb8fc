"""The pupil asks what a mark would do to the average, and the mark comes."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.journeys.acting import narrow, sign_in
from tests.world import World


def test_what_if_comes_true(page: Page, site: str, transactional_world: World) -> None:
    world = transactional_world
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, site, "pupil")
    page.goto(f"{site}/diary/{world.anna.uid}/marks/")
    page.get_by_role("link", name=world.group.subject.name, exact=True).click()
    expect(page.locator("h1")).to_have_text(world.group.subject.name)
    narrow(page)
    result = page.locator("[data-result]")
    before = result.inner_text()
    page.locator("#what-kind").select_option("test")
    page.locator(".whatif .choices label", has_text="2").click()
    expect(result).not_to_have_text(before)
    promised = result.inner_text()
    # The button is for browsers without script; here the answers come by themselves.
    expect(page.locator(".whatif button")).to_be_hidden()
    needed = page.locator("[data-need]").all_inner_texts()
    page.locator("#what-goal").fill("2")
    page.keyboard.press("Enter")
    expect(page.locator("[data-need]").first).to_have_text("Уже достигнуто")
    assert needed != page.locator("[data-need]").all_inner_texts()
    column = world.new_column() | {"work_kind": "test"}
    mark = {"student": str(world.anna.uid), "column": column["uid"], "code": "2", "seen": 0}
    assert world.save(world.client("teacher"), world.body(columns=[column], marks=[mark])).status_code == 200
    page.reload()
    expect(page.locator(".big-avg output")).to_have_text(promised)
    page.locator(".as-table summary").click()
    expect(page.locator(".as-table tbody tr").last).to_contain_text(promised)
