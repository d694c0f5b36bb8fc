"""The office and the head in a real browser, by keyboard, with script and without."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from classbook.people.models import Person
from classbook.schools.models import ClassPlacement
from tests.journeys.test_main_loop import sign_in
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_office_adds_a_pupil_by_keyboard_and_takes_it_back(page: Page, site: str, transactional_world: World) -> None:
    sign_in(page, site, "office")
    page.locator(".page-head a.btn.primary").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/pupils/add/")
    page.locator("#id_family").focus()
    page.keyboard.type("Новикова")
    page.keyboard.press("Enter")
    # Told beside each field, kept what was typed, and the summary leads to the field.
    expect(page.locator("#id_given_error")).to_be_visible()
    expect(page.locator("#id_family")).to_have_value("Новикова")
    page.locator(".notice.bad a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#id_given")).to_be_focused()
    page.keyboard.type("Ася")
    page.locator("#id_target").focus()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    if page.locator("[name=sure]").count() == 0:  # Enter on a list does not send the form everywhere
        page.locator("#id_starts_on").press("Enter")
    expect(page.locator("h2")).to_have_text(re.compile("This will happen|Что произойдёт"))
    assert not Person.objects.filter(family_name="Новикова").exists()
    page.locator("[name=sure]").press("Enter")
    expect(page.locator(".notice.good")).to_be_visible()
    expect(page.locator("h1")).to_have_text("Новикова Ася")
    assert ClassPlacement.objects.get(student__family_name="Новикова").school_class.name == "7Б"
    page.locator('a[href$="/undo/"]').press("Enter")
    page.locator("[name=sure]").press("Enter")
    expect(page.locator(".notice.good")).to_be_visible()
    assert not Person.objects.filter(family_name="Новикова").exists()


def test_ban_without_script_shuts_the_diary_at_once(browser: Any, site: str, transactional_world: World) -> None:
    world = transactional_world
    reader = browser.new_context(locale="en-GB").new_page()
    sign_in(reader, site, "parent")
    week = f"{site}/diary/{world.anna.uid}/week/{world.lesson.date}/"
    assert reader.goto(week).status == 200
    head = browser.new_context(locale="en-GB", java_script_enabled=False).new_page()
    sign_in(head, site, "head")
    head.goto(f"{site}/school/{world.school.uid}/bans/{world.anna.uid}/")
    head.get_by_label(re.compile("Марина Игоревна Белова")).check()
    head.fill("#id_reason", "Решение суда")
    head.click("button.primary")
    assert reader.goto(week).status == 200
    head.click("[name=sure]")
    expect(head.locator(".notice.good")).to_be_visible()
    assert reader.goto(week).status == 404
    reader.goto(site)
    expect(reader.locator("body")).not_to_contain_text("Анна")
    for one in (head, reader):
        one.context.close()
