"""The lesson's page and the journal in a real browser: columns, comments, minutes, remarks, refusals beside their cell."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from classbook.attendance.models import AttendanceRecord
from classbook.common import clock
from classbook.grading.models import Assessment, GroupScale, Mark, MarkChange, MarkScale, ScaleLevel
from classbook.homework.models import Homework
from classbook.lessons.models import Lesson, Remark
from classbook.people.models import Person
from classbook.schools.models import Term
from tests.journeys.test_main_loop import paste, saved, sign_in
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def enter(page: Page, site: str, world: World) -> None:
    """The teacher, who reads English here."""
    Person.objects.filter(pk=world.person("teacher").pk).update(locale="en")
    sign_in(page, site, "teacher")


def open_lesson(page: Page, site: str, world: World) -> None:
    enter(page, site, world)
    page.goto(f"{site}/lesson/{world.lesson.uid}/")


def wait_for(page: Page, question: Any, *, times: int = 100) -> None:
    """Until the server has it: the page says "saved" after every batch, so the word alone does not tell which."""
    for _n in range(times):
        if question():
            return
        page.wait_for_timeout(100)
    assert question()


def marks_of(world: World, place: int) -> list[str]:
    rows = Mark.objects.filter(assessment__lesson=world.lesson, assessment__position=place).order_by("student__sort_key")
    return list(rows.values_list("code", flat=True))


def test_columns_comments_minutes_and_remarks_by_keyboard(page: Page, site: str, transactional_world: World) -> None:
    world = transactional_world
    open_lesson(page, site, world)
    press = page.keyboard.press
    page.locator(".mark-in").first.focus()
    for key in ("5", "4", "KeyJ", "Enter"):  # late: the pupil may still get a mark, so one stays
        press(key)
    press("c")
    page.keyboard.type("7")
    press("Enter")
    press("ArrowUp")
    press("c")
    page.keyboard.type("Хорошо рассуждает")
    press("Enter")
    press("+")
    page.locator("[name=col-kind-new]").select_option("test")
    page.locator("[name=col-title-new]").fill("Корни")
    press("Enter")
    press("3")
    wait_for(page, lambda: marks_of(world, 1) == ["3"])
    wait_for(page, lambda: AttendanceRecord.objects.filter(lesson=world.lesson, minutes=7).exists())
    first, second = Assessment.objects.filter(lesson=world.lesson).order_by("position")
    assert (first.work_kind.code, second.work_kind.code, second.title, second.weight) == ("answer", "test", "Корни", 3)
    assert list(first.marks.order_by("student__sort_key").values_list("code", "comment")) == [
        ("5", ""),
        ("4", "Хорошо рассуждает"),
    ]
    press("r")
    page.keyboard.type("Помог соседу")
    page.locator("dialog[open] button[form=remark]").dblclick()
    expect(page.locator("[data-remarks] li")).to_have_count(1)
    assert Remark.objects.filter(lesson=world.lesson).count() == 1
    expect(page.locator(".mark-in:focus")).to_have_count(1)
    page.reload()
    expect(page.locator(".roll li").nth(2)).to_contain_text("7 min late")
    expect(page.locator(".roll-head .head")).to_have_count(2)
    expect(page.locator("[data-remarks]")).to_contain_text("Помог соседу")
    page.locator("[data-remarks] button").click()
    expect(page.locator("[data-remarks] li")).to_have_count(0)
    assert Remark.objects.get(lesson=world.lesson).withdrawn_at is not None


def test_column_made_without_a_connection_stands_after_a_reload_and_arrives_once(
    page: Page, site: str, transactional_world: World
) -> None:
    world = transactional_world
    open_lesson(page, site, world)
    page.route("**/save/", lambda route: route.abort())
    page.locator(".mark-in").first.focus()
    for kind in ("test", "dictation"):
        page.keyboard.press("+")
        page.locator("[name=col-kind-new]").select_option(kind)
        page.locator("[data-new-column] button").click()
        page.keyboard.press("4")
    expect(page.locator(".roll-head .head")).to_have_count(3)
    page.reload()
    expect(page.locator(".roll-head .head")).to_have_count(3)
    expect(page.locator(".roll li").first.locator(".mark-in").nth(1)).to_have_value("4")
    assert not Assessment.objects.filter(lesson=world.lesson).exists()
    page.unroute("**/save/")
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_for(page, lambda: Mark.objects.filter(assessment__lesson=world.lesson).count() == 2)
    rows = Assessment.objects.filter(lesson=world.lesson).order_by("position")
    assert [row.work_kind.code for row in rows] == ["answer", "test", "dictation"]


def test_changed_column_and_minutes_of_homework_are_saved(page: Page, site: str, transactional_world: World) -> None:
    world = transactional_world
    open_lesson(page, site, world)
    page.fill("#homework", "№ 12")
    page.fill("[name=homework_minutes]", "25")
    page.locator("[data-columns] select").select_option("independent")
    page.locator("[data-columns] summary").click()
    page.locator("[data-columns] [name^=col-title]").fill("Вариант 2")
    page.locator("[data-columns] [name^=col-free]").check()
    wait_for(page, lambda: Assessment.objects.filter(lesson=world.lesson, title="Вариант 2", counts=False).exists())
    row = Assessment.objects.get(lesson=world.lesson)
    assert (row.work_kind.code, row.weight) == ("independent", 2)
    wait_for(page, lambda: Homework.objects.filter(lesson=world.lesson, minutes=25, text="№ 12").exists())
    page.locator("[data-columns] [name^=col-weight]").fill("1000")
    page.keyboard.press("Tab")
    expect(page.locator("[data-columns] [name^=col-weight]")).to_have_attribute("aria-invalid", "true")
    saved(page)
    assert Assessment.objects.get(lesson=world.lesson).weight == 2


def test_lesson_by_thumb(browser: Any, site: str, transactional_world: World) -> None:
    world = transactional_world
    context = browser.new_context(locale="en-GB", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    open_lesson(page, site, world)
    pad = page.locator("[data-pad]")
    names = page.locator(".roll .who b").all_inner_texts()
    page.locator(".roll .who").nth(0).tap()
    expect(pad.locator("[data-pad-who]")).to_have_text(names[0])
    pad.locator("[value='m:5']").tap()
    expect(pad.locator("[data-pad-who]")).to_have_text(names[1])
    pad.locator("[value='a:н']").tap()
    expect(pad.locator("[data-pad-who]")).to_have_text(names[2])
    pad.locator("[value='w:']").tap()
    pad.locator("[value='m:зач']").tap()
    wait_for(page, lambda: marks_of(world, 0) == ["5", "зач"])
    assert AttendanceRecord.objects.get(lesson=world.lesson).code.code == "н"
    pad.locator("[value='m:4']").tap()
    assert in_view(page, page.locator(".mark-in:focus"), pad)
    page.locator("[data-new-column] summary").tap()
    page.locator("[data-new-column] button").tap()
    expect(page.locator(".roll li").first.locator(".mark-in:visible")).to_have_count(1)
    page.locator(".roll-head .head").first.tap()
    expect(page.locator(".roll li").first.locator(".mark-in:visible")).to_have_value("5")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert too_small(page) == []
    context.close()


def in_view(page: Page, cell: Locator, pad: Locator) -> bool:
    """Does the cell stand above the pad and below the bar?"""
    at, below = cell.bounding_box(), pad.bounding_box()
    assert at is not None
    assert below is not None
    return at["y"] >= 56 and at["y"] + at["height"] <= below["y"]


def too_small(page: Page) -> list[Any]:
    """Controls of the page that a thumb misses: lower or narrower than 44 px."""
    return page.evaluate(
        """() => [...document.querySelectorAll('main :is(button, a, input, select, summary, textarea)')]
        .filter((one) => one.checkVisibility() && one.offsetParent)
        .map((one) => { const r = (one.closest('label') || one).getBoundingClientRect(); return [one.outerHTML.slice(0, 80), r.width, r.height]; })
        .filter(([, width, height]) => width < 43.9 || height < 43.9)"""
    )


def test_lesson_without_script(browser: Any, site: str, transactional_world: World) -> None:
    world = transactional_world
    context = browser.new_context(locale="en-GB", java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    open_lesson(page, site, world)
    page.fill("#topic", "Без сценария")
    page.fill("#homework", "§ 4")
    page.locator(".mark-in").nth(0).fill("4")
    page.locator(".roll li").nth(1).locator("input[value='н']").check(force=True)
    page.get_by_role("button", name="Save the lesson").click()
    expect(page.locator("[data-saved]").first).to_have_text("Register taken")
    assert marks_of(world, 0) == ["4"]
    assert AttendanceRecord.objects.get(lesson=world.lesson).code.code == "н"
    page.locator("[data-new-column] summary").click()
    page.locator("[name=col-kind-new]").select_option("test")
    page.get_by_role("button", name="Add the column").click()
    expect(page.locator("[data-columns] li")).to_have_count(2)
    page.locator("[data-remark-new] summary").click()
    page.fill("#remark-text", "Молодец")
    page.get_by_role("button", name="Send to the diary").click()
    expect(page.locator("[data-remarks]")).to_contain_text("Молодец")
    page.locator(".mark-in").nth(0).fill("7")
    page.get_by_role("button", name="Save the lesson").click()
    expect(page.locator(".roll li").nth(0)).to_contain_text("is not a mark of this group's scale")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    context.close()


def close_term(world: World) -> None:
    Term.objects.filter(scheme=world.group.term_scheme).update(closes_at=clock.now() - timedelta(days=1))


def test_refusals_stand_beside_their_cell(page: Page, site: str, transactional_world: World) -> None:
    world = transactional_world
    open_lesson(page, site, world)
    close_term(world)
    page.locator(".mark-in").nth(1).focus()
    page.keyboard.press("5")
    row = page.locator(".roll li").nth(1)
    expect(row).to_contain_text("is closed. Nothing was changed")
    expect(page.locator("[data-columns]")).to_contain_text("is closed. Nothing was changed")
    expect(row.locator(".mark-in")).to_have_attribute("aria-invalid", "true")
    assert not Mark.objects.filter(assessment__lesson=world.lesson).exists()
    page.reload()
    expect(page.get_by_role("note")).to_contain_text("so this lesson can only be read")
    expect(page.locator("#topic")).to_have_attribute("readonly", "")


def cell_of(page: Page, row: int, column: int) -> Locator:
    return page.locator("[data-grid] tbody tr").nth(row).locator("td[tabindex]").nth(column)


def places(page: Page, which: str) -> list[int]:
    """Columns of the journal whose head matches."""
    found: list[int] = page.locator("[data-grid] thead tr:last-child th").evaluate_all(
        "(heads, which) => heads.map((head, n) => head.matches(which) ? n : -1).filter((n) => n >= 0)", which
    )
    return found


def test_journal_changes_columns_and_comments_by_key(page: Page, site: str, transactional_world: World) -> None:
    world = transactional_world
    enter(page, site, world)
    page.goto(f"{site}/journal/{world.group.uid}/")
    today = places(page, "[data-main]:not([data-future])")[-1]
    cell_of(page, 0, today).focus()
    page.keyboard.press("4")
    cell_of(page, 0, today).focus()
    page.keyboard.press("c")
    page.keyboard.type("Аккуратно")
    page.locator("[data-cell-dialog] [data-free]").check()
    page.keyboard.press("Enter")
    wait_for(page, lambda: Mark.objects.filter(assessment__lesson=world.lesson, comment="Аккуратно", counts=False).exists())
    expect(page.locator("[data-bar-what]")).to_contain_text("Аккуратно")
    page.keyboard.press("k")
    page.locator("[data-column-dialog] select").select_option("test")
    page.locator("#col-say-one").fill("вариант 1")
    page.keyboard.press("Enter")
    page.keyboard.press("+")
    page.locator("[data-column-dialog] select").select_option("dictation")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("3")
    wait_for(page, lambda: marks_of(world, 1) == ["3"])
    first, second = Assessment.objects.filter(lesson=world.lesson).order_by("position")
    assert (first.work_kind.code, first.weight, first.comment) == ("test", 3, "вариант 1")
    assert (second.work_kind.code, second.weight) == ("dictation", 2)
    count = page.locator("[data-grid] thead tr:last-child th").count()
    page.reload()
    expect(page.locator("[data-grid] thead tr:last-child th")).to_have_count(count)
    cell_of(page, 0, today).focus()
    expect(page.locator("[data-bar-on]")).to_contain_text("вариант 1")
    page.keyboard.press("h")
    expect(page.locator("dialog[open] li").first).to_contain_text("not in the average")


def test_old_entries_ask_for_a_reason_once_and_undo_in_one_step(page: Page, site: str, transactional_world: World) -> None:
    world = transactional_world
    long_ago = world.lesson.date - timedelta(days=world.school.correction_days + 1)
    old = Lesson.objects.filter(group=world.group, date__lt=long_ago).exclude(status="cancelled").order_by("-date")[0]
    made = world.new_column(old)
    entries = [{"student": str(one.uid), "column": made["uid"], "code": "4", "seen": 0} for one in world.pupils()]
    assert world.save(world.client("teacher"), world.body(columns=[made], marks=entries)).status_code == 200
    enter(page, site, world)
    page.goto(f"{site}/journal/{world.group.uid}/")
    (column,) = places(page, f"[data-late][data-column='{made['uid']}']")
    values = lambda: [
        cell_of(page, r, column).get_attribute("data-m") for r in range(page.locator("[data-grid] tbody tr").count())
    ]
    before = values()
    top = next(r for r in range(len(before)) if before[r : r + 2] == ["4", "4"])
    rows = MarkChange.objects.filter(mark__assessment__uid=made["uid"], reason="Описка")
    cell_of(page, top, column).focus()
    page.keyboard.press("1")
    expect(page.locator("[data-reason-dialog]")).to_be_visible()
    page.keyboard.press("Escape")
    assert values() == before
    paste(page, cell_of(page, top, column), "1\n2")
    page.locator("[data-panel-yes]").click()
    page.fill("#reason-text", "Описка")
    page.keyboard.press("Enter")
    wait_for(page, lambda: rows.count() == 2)
    assert values()[top : top + 2] == ["1", "2"]
    page.keyboard.press("Control+z")
    page.keyboard.press("Enter")  # the reason of before stands there
    wait_for(page, lambda: rows.count() == 4)
    assert values() == before

    # Later somebody else could sit there: the entries wait, are sent once the password was given, and nothing is typed again.
    clock.stand_on(clock.now() + timedelta(minutes=16))
    paste(page, cell_of(page, top, column), "1\n2")
    page.locator("[data-panel-yes]").click()
    page.keyboard.press("Enter")
    expect(page.locator("[data-queue]")).to_contain_text("wait until you have shown that it is you")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Show it in a new tab").click()
    opened.value.get_by_label("Your password").fill("demo-teacher")
    opened.value.get_by_role("button", name="Go on").click()
    expect(opened.value.get_by_role("heading", name="Thank you, it is you")).to_be_visible()
    wait_for(page, lambda: rows.count() == 6)
    expect(page.locator("[data-queue]")).to_be_hidden()


def test_journal_says_a_refusal_beside_its_cell(page: Page, site: str, transactional_world: World) -> None:
    world = transactional_world
    enter(page, site, world)
    page.goto(f"{site}/journal/{world.group.uid}/")
    today = places(page, "[data-main]:not([data-future])")[-1]
    close_term(world)
    cell_of(page, 1, today).focus()
    page.keyboard.press("5")
    note = page.locator(".cell-note")
    expect(note).to_contain_text("is closed. Nothing was changed")
    expect(cell_of(page, 1, today)).to_have_attribute("data-q", "clash")
    at, cell = note.bounding_box(), cell_of(page, 1, today).bounding_box()
    assert at is not None
    assert cell is not None
    assert 0 <= at["y"] - cell["y"] - cell["height"] < 20
    assert not Mark.objects.filter(assessment__lesson=world.lesson).exists()
    page.reload()
    expect(page.locator("[data-saved]").first).to_contain_text(re.compile("need your decision|This term is closed"))


def test_keys_for_commands_give_way_to_the_marks_of_the_scale(page: Page, site: str, transactional_world: World) -> None:
    world = transactional_world
    scale = MarkScale.objects.create(owner=world.school, code="letters", name="A-F", kind="levels", best=4, worst=0, passing=1)
    for order, code in enumerate("ABCDF"):
        ScaleLevel.objects.create(scale=scale, code=code, score=4 - order, passes=order < 4, band=max(1, 4 - order), order=order)
    GroupScale.objects.filter(group=world.group).update(scale=scale)
    open_lesson(page, site, world)
    expect(page.locator("[data-key=c]")).to_have_text("Alt C")
    page.locator(".mark-in").first.focus()
    page.keyboard.press("c")
    wait_for(page, lambda: marks_of(world, 0) == ["C"])
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Alt+c")
    page.keyboard.type("Said")
    page.keyboard.press("Enter")
    wait_for(page, lambda: Mark.objects.filter(assessment__lesson=world.lesson, comment="Said").exists())
    assert Lesson.objects.get(pk=world.lesson.pk).topic == world.lesson.topic


def test_opened_parts_have_no_serious_barrier(browser: Any, site: str, transactional_world: World) -> None:
    """What is folded away or stands in a window is looked at opened: light and dark, lesson and journal."""
    world = transactional_world
    found = []
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme, viewport={"width": 390, "height": 844}, bypass_csp=True)
        page = context.new_page()
        open_lesson(page, site, world)
        page.locator(".mark-in").first.focus()
        page.keyboard.press("4")
        for part in ("[data-new-column] summary", "[data-columns] summary", "[data-remark-new] summary", ".row-more summary"):
            page.locator(part).first.click()
        page.locator("[data-new-column] button").click()
        found += barriers(page)
        page.goto(f"{site}/journal/{world.group.uid}/")
        page.locator("td[data-m]:not([data-m=''])").first.focus()
        for key in ("c", "k", "h"):
            page.keyboard.press(key)
            expect(page.locator("dialog[open]")).to_have_count(1)
            found += barriers(page)
            page.keyboard.press("Escape")
        context.close()
    assert found == []


def barriers(page: Page) -> list[Any]:
    from axe_playwright_python.sync_playwright import Axe

    result = Axe().run(page).response["violations"]
    serious = [one for one in result if one["impact"] in {"serious", "critical"}]
    return [(page.url, one["id"], [node["html"][:140] for node in one["nodes"][:2]]) for one in serious]
