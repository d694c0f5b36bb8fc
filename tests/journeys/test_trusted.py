"""A mother lets the grandmother see the homework: the code by telephone, an own sign-in on a phone, and the end of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.acting import sign_in
from tests.world import World

pytestmark = pytest.mark.browser
NARROW = "document.documentElement.scrollWidth <= window.innerWidth"


def test_grandmother_comes_in_sees_homework_and_no_marks_until_it_is_ended(
    browser: Any, page: Page, site: str, transactional_world: World
) -> None:
    anna = transactional_world.anna.uid
    week = f"{site}/diary/{anna}/week/{transactional_world.lesson.date}/"
    sign_in(page, site, "parent")
    page.goto(week)
    page.click("a[href$='/access/']")
    page.click("a[href$='/access/invite/']")
    page.fill("#id_family", "Соколова")
    page.fill("#id_given", "Лидия")
    page.click("button.primary")
    code = page.locator(".code-big").inner_text()

    context = browser.new_context(locale="en-GB", viewport={"width": 320, "height": 640})
    phone = context.new_page()
    phone.goto(f"{site}/in/")
    phone.fill("#id_code", code.lower().replace("-", " "))
    phone.click("button.primary")
    expect(phone.locator("h1")).to_have_text("You are invited")
    assert phone.evaluate(NARROW)
    phone.fill("#id_password", "vier-lange-worte-hier")
    phone.check("#id_agree")
    phone.click("button.primary")
    phone.wait_for_url(re.compile(r"/in/(reach|done)/"))
    phone.goto(week)
    expect(phone.locator("h1")).to_be_visible()
    expect(phone.locator(".lessons").first).to_be_visible()
    assert phone.evaluate(NARROW)
    expect(phone.locator(".mark, .avg-strip, a[href$='/marks/']")).to_have_count(0)
    assert page.goto(week) and page.locator(".mark, .avg-strip").count() > 0  # the mother sees them in the same week
    answer = phone.goto(f"{site}/diary/{anna}/marks/")
    assert answer is not None and answer.status == 404

    page.goto(f"{site}/diary/{anna}/access/")
    page.locator("li", has_text="Лидия").locator("a[href$='/end/']").click()
    page.click("button.primary")
    expect(page.locator(".list li", has_text="Лидия")).to_have_count(0)
    answer = phone.goto(week)
    assert answer is not None and answer.status == 404
    context.close()
