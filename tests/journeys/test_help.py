"""A newcomer's tour and a look into help; a notice that stays until it is read."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from classbook.people.models import Account
from classbook.schools.models import NoticeRead
from tests.journeys.acting import narrow, sign_in
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def phone(browser: Any, site: str, **options: Any) -> Page:
    context = browser.new_context(locale="en-GB", viewport={"width": 320, "height": 640}, reduced_motion="reduce", **options)
    context.add_cookies([{"name": "classbook-language", "value": "en", "url": site}])
    found: Page = context.new_page()
    return found


def test_the_tour_by_keyboard_on_a_small_phone_and_once_more_from_help(
    browser: Any, site: str, transactional_world: World
) -> None:
    page = phone(browser, site)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    sign_in(page, site, "parent")
    card, says = page.locator("[data-tour]"), page.locator("[data-tour-says]")
    # Nothing is covered, and nothing takes the focus, before somebody wants the tour.
    expect(card).to_contain_text("4 short steps show you this page.")
    assert card.evaluate("found => getComputedStyle(found).position") != "fixed"
    page.locator("[data-tour-start]").focus()
    for number in range(1, 5):
        page.keyboard.press("Enter")
        expect(says).to_contain_text(f"Step {number} of 4")
        expect(page.locator(".tour-here")).to_have_count(1)
        expect(page.locator("[data-tour-start]")).to_be_focused()
        narrow(page)
    with page.expect_response("**/help/tour/family/") as ended:
        page.keyboard.press("Escape")
    assert ended.value.status == 204
    expect(card).to_have_count(0)
    assert Account.objects.get(login="parent").tours_over == "family"
    page.reload()
    expect(page.locator("h1")).to_be_visible()
    expect(card).to_have_count(0)
    # Help knows the words of the matter, and begins the tour again.
    page.locator("footer a[href='/help/']").click()
    page.fill("#q", "forgotten password")
    page.keyboard.press("Enter")
    page.locator("main a", has_text="Login or password forgotten").click()
    page.locator("[data-walk-next]").click()
    expect(page.locator("[data-walk-at]")).to_have_text("Step 2 of 4")
    expect(page.locator(".walk-frames > li:visible")).to_have_count(1)
    narrow(page)
    page.goto(f"{site}/help/tour/family/")
    page.locator("button[name=again]").click()
    expect(says).to_contain_text("Step 1 of 4")
    assert errors == []
    page.context.close()


def test_a_tour_without_script_is_a_page_and_can_be_declined(browser: Any, site: str, transactional_world: World) -> None:
    page = phone(browser, site, java_script_enabled=False)
    sign_in(page, site, "pupil")
    home = page.url
    page.locator("[data-tour-start]").click()
    expect(page.locator("main ol li")).to_have_count(4)
    page.goto(home)
    page.locator("[data-tour-over]").click()
    assert page.url == home
    expect(page.locator("[data-tour]")).to_have_count(0)
    page.context.close()


def test_a_notice_is_pinned_until_it_is_read(page: Page, browser: Any, site: str, transactional_world: World) -> None:
    world = transactional_world
    page.context.add_cookies([{"name": "classbook-language", "value": "en", "url": site}])
    sign_in(page, site, "office")
    page.goto(f"{site}/school/{world.school.uid}/notices/write/")
    page.fill("#id_title", "Meeting on Wednesday")
    page.fill("#id_text", "Room 12.\nBring the journal.")
    page.locator("main form button.primary").click()
    expect(page.locator(".figures")).to_contain_text("0")
    expect(page.locator("main")).to_contain_text("Not read yet")
    reader = phone(browser, site)
    sign_in(reader, site, "classteacher")
    told = reader.locator(".told")
    expect(told).to_contain_text("Bring the journal.")
    narrow(reader)
    reader.reload()
    told.get_by_role("button").click()
    expect(told).to_have_count(0)
    assert NoticeRead.objects.get().person == world.person("classteacher")
    page.reload()
    expect(page.locator(".figures dd")).to_contain_text("1")
    reader.context.close()
