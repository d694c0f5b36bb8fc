"""The diary spread on the three surfaces it lives on: a desktop, a phone, a sheet of paper."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.test_main_loop import sign_in
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def week(world: World, site: str) -> str:
    return f"{site}/diary/{world.anna.uid}/week/{world.lesson.date}/"


def test_desktop_shows_two_leaves_side_by_side(page: Page, site: str, transactional_world: World) -> None:
    sign_in(page, site, "parent")
    page.goto(week(transactional_world, site))
    left, right = (box(page, n) for n in (0, 1))
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"] + 1
    assert not page.locator(".week-strip").is_visible()


def box(page: Page, place: int) -> Any:
    return page.locator(".leaf").nth(place).bounding_box()


def test_phone_opens_at_today_and_the_strip_leads_to_each_day(browser: Browser, site: str, transactional_world: World) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, site, "parent")
    page.goto(week(transactional_world, site))
    expect(page.locator(".day.today h2")).to_be_in_viewport()
    expect(page.locator("#d16 h2")).not_to_be_in_viewport()
    days = page.locator(".week-strip a")
    assert days.count() == 5
    days.first.click()
    expect(page.locator("#d16 h2")).to_be_in_viewport()
    expect(days.first).to_have_attribute("aria-current", "date")
    expect(page.locator(".week-strip [aria-current]")).to_have_count(1)
    context.close()


def test_printed_week_is_one_sheet_of_a4_without_the_frame(browser: Browser, site: str, transactional_world: World) -> None:
    context = browser.new_context(locale="en-GB", viewport={"width": 1360, "height": 900})
    page = context.new_page()
    sign_in(page, site, "parent")
    page.goto(week(transactional_world, site))
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    width, height = (float(n) for n in re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", paper)[0])
    assert (round(width), round(height)) == (595, 842)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1032})
    for frame in (".bar", ".nav", ".foot", ".people", ".week-nav", ".week-strip"):
        assert not any(found.is_visible() for found in page.locator(frame).all()), frame
    assert page.locator(".signature").is_visible()
    left, right = (box(page, n) for n in (0, 1))
    assert left["x"] >= 0
    assert left["y"] == right["y"]
    assert right["x"] + right["width"] <= 703
    context.close()
