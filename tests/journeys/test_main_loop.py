"""The main job, in a real browser: a lesson is recorded by keyboard, the family reads it, the head sees it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from classbook.attendance.models import AttendanceRecord
from classbook.grading.models import Mark
from classbook.lessons.models import Lesson
from tests.journeys.acting import Keyboard, saved, sign_in, until
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_lesson_by_keyboard_reaches_family_and_head(page: Page, site: str, transactional_world: World) -> None:
    world = transactional_world
    sign_in(page, site, "teacher")
    page.goto(f"{site}/lesson/{world.lesson.uid}/")
    keys = Keyboard(page)
    expect(page.locator("#topic")).to_be_focused()
    keys.text("Квадратные корни вслух")
    keys.press("Enter")
    keys.text("№ 330, 332")
    keys.press("Enter")
    count = page.locator(".roll li").count()
    absent, marked = set(range(1, count, 2)[:2]), set(range(0, count, 2)[:4])
    for place in range(count):
        if place in absent:
            # The layout is Latin: the key where н lies says н all the same. н/а begins like н, so Enter ends it.
            keys.press("KeyY")
            keys.press("Enter")
        elif place in marked:
            keys.press("5")
        else:
            keys.press("ArrowDown")
    assert keys.presses <= 2 + 2 * len(absent) + count
    saved(page)
    lesson = Lesson.objects.get(pk=world.lesson.pk)
    assert (lesson.topic, lesson.status) == ("Квадратные корни вслух", "held")
    assert AttendanceRecord.objects.filter(lesson=lesson, code__code="н").count() == len(absent)
    assert Mark.objects.filter(assessment__lesson=lesson, code="5").count() == len(marked)
    page.reload()
    expect(page.locator("#topic")).to_have_value("Квадратные корни вслух")
    assert page.locator('.mark-in[value="5"]').count() == len(marked)
    _family_and_head(page, site, world)


def _family_and_head(page: Page, site: str, world: World) -> None:
    for login in ("parent", "pupil", "parent2"):
        page.context.clear_cookies()
        sign_in(page, site, login)
        page.goto(f"{site}/diary/{world.anna.uid}/week/{world.lesson.date}/")
        expect(page.get_by_text("Квадратные корни вслух").first).to_be_visible()
    for login in ("stranger", "banned"):
        page.context.clear_cookies()
        sign_in(page, site, login)
        answer = page.goto(f"{site}/diary/{world.anna.uid}/week/{world.lesson.date}/")
        assert answer is not None
        assert answer.status == 404
    page.context.clear_cookies()
    sign_in(page, site, "head")
    expect(page.locator(f'main a[href="/lesson/{world.lesson.uid}/"]')).to_have_count(0)


def test_entries_survive_a_lost_connection_and_arrive_once(page: Page, site: str, transactional_world: World) -> None:
    world = transactional_world
    sign_in(page, site, "teacher")
    page.goto(f"{site}/lesson/{world.lesson.uid}/")
    page.route("**/save/", lambda route: route.abort())
    page.locator(".mark-in").nth(0).focus()
    page.keyboard.press("4")
    page.keyboard.press("3")
    expect(page.locator("[data-saved]").first).to_have_text(re.compile("kept on this device|На устройстве"))
    assert not Mark.objects.filter(assessment__lesson=world.lesson).exists()
    page.reload()
    expect(page.locator(".mark-in").nth(0)).to_have_value("4")
    assert not Mark.objects.filter(assessment__lesson=world.lesson).exists()
    page.unroute("**/save/")
    page.evaluate("dispatchEvent(new Event('online'))")
    saved(page)
    codes = Mark.objects.filter(assessment__lesson=world.lesson).order_by("student__sort_key").values_list("code", flat=True)
    assert list(codes) == ["4", "3"]
    page.goto(f"{site}/today/")
    assert Mark.objects.filter(assessment__lesson=world.lesson).count() == 2


def test_somebody_elses_mark_is_never_overwritten(page: Page, site: str, transactional_world: World) -> None:
    world = transactional_world
    sign_in(page, site, "teacher")
    page.goto(f"{site}/lesson/{world.lesson.uid}/")
    pupil = world.pupils()[0]
    column = page.locator(".mark-in").first.get_attribute("data-column")
    part = {"uid": column, "lesson": str(world.lesson.uid), "seen": 0, "work_kind": "answer"}
    cell = {"student": str(pupil.uid), "column": column, "code": "3", "seen": 0}
    assert world.save(world.client("teacher"), world.body(columns=[part], marks=[cell])).status_code == 200
    page.locator(".mark-in").first.focus()
    page.keyboard.press("5")
    choice = page.locator("[data-decisions] .notice")
    expect(choice).to_have_count(1)
    assert Mark.objects.get(assessment__uid=column).code == "3"
    choice.locator("button").first.click()
    saved(page)
    mark = Mark.objects.get(assessment__uid=column)
    assert (mark.code, mark.version) == ("5", 2)


def test_journal_moves_fills_undoes_and_pastes(page: Page, site: str, transactional_world: World) -> None:
    world = transactional_world
    sign_in(page, site, "teacher")
    page.goto(f"{site}/journal/{world.group.uid}/")
    column = page.locator("thead tr:last-child th[data-main]:not([data-future])").last
    uid = column.get_attribute("data-column")
    place = page.locator("thead tr:last-child th").evaluate_all(
        "(all, uid) => all.findIndex((th) => th.dataset.column === uid)", uid
    )
    cells = page.locator("tbody tr").locator(f"td[tabindex] >> nth={place}")
    first = page.locator("tbody tr").nth(0).locator("td[tabindex]").nth(place)
    first.focus()
    page.keyboard.press("5")
    page.keyboard.press("Control+d")
    saved(page)
    codes = lambda: list(Mark.objects.filter(assessment__uid=uid).order_by("student__sort_key").values_list("code", flat=True))
    assert codes() == ["5", "5"]
    page.keyboard.press("Control+z")
    expect(page.locator("tbody tr").nth(1).locator("td[tabindex]").nth(place)).to_have_text("")
    first.focus()
    paste(page, first, "4\n9")
    expect(page.locator("dialog li")).to_have_count(1)
    page.locator("[data-panel-close]").click()
    paste(page, first, "4\n3")
    page.locator("[data-panel-yes]").click()
    saved(page)
    expect.set_options(timeout=5000)
    until(page, "() => !document.querySelector('td[data-q]')")
    assert codes() == ["4", "3"]
    assert cells is not None


def paste(page: Page, cell: Any, text: str) -> None:
    cell.evaluate(
        """(td, text) => { const data = new DataTransfer(); data.setData('text/plain', text);
        td.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })); }""",
        text,
    )


def test_history_of_a_cell_is_one_key_away(page: Page, site: str, transactional_world: World) -> None:
    world = transactional_world
    sign_in(page, site, "teacher")
    page.goto(f"{site}/journal/{world.group.uid}/")
    cell = page.locator("td[data-m]:not([data-m=''])").first
    cell.focus()
    page.keyboard.press("F2")
    expect(page.locator("dialog li").first).to_contain_text(cell.inner_text())


PAGES = (
    ("nobody", "/account/login/"), ("parent", "week"), ("parent", "marks"), ("pupil", "subject"), ("pupil", "week"), ("teacher", "/today/"), ("teacher", "lesson"),
    ("teacher", "journal"), ("teacher", "/journal/"), ("classteacher", "class"), ("head", "/"), ("head", "bans"), ("head", "ban"),
    ("head", "terms"), ("head", "closing"), ("head", "deputy"), ("office", "/"), ("office", "add"), ("office", "people"), ("office", "one"),
    ("office", "move"), ("office", "undo"), ("office", "guardians"), ("office", "link"), ("office", "teacher"), ("nurse", "/"),
    ("psychologist", "/"), ("it", "/"), ("authority", "/"), ("authority", "region-portal"), ("banned", "/"), ("parent", "/account/devices/"), ("parent", "/nothing/"),
    ("nobody", "/in/"), ("parent", "/in/done/"), ("classteacher", "class-letters"), ("office", "letters"), ("office", "staff-letters"),
    ("head", "issuers"), ("nobody", "/in/help/"), ("nobody", "/schools/"), ("banned", "/in/help/found/"), ("classteacher", "ways"),
    ("office", "ways"), ("office", "identity"),
    ("parent", "/account/children/"), ("stranger", "/account/children/ask/"), ("grandma", "/account/consents/"), ("grandma", "week"),
    ("parent", "watching"), ("parent", "invite"), ("nobody", "/in/family/"), ("office", "find"), ("office", "new-guardian"),
    ("office", "rights"), ("office", "requests"), ("office", "request"), ("office", "approve"),
    ("parent", "/account/contacts/"), ("parent", "/account/contacts/email/"), ("parent", "/account/contacts/phone/remove/"),
    ("parent", "/account/security/"), ("parent", "/account/security/app/"), ("parent", "/account/security/codes/"),
    ("parent", "/account/security/passkeys/add/"), ("office", "staff-codes"), ("office", "staff-codes-print"),
    ("parent", "code"), ("nobody", "/account/recover/"), ("nobody", "asked"), ("nobody", "chosen"), ("nobody", "/account/recover/new/x/"),
    ("nobody", "/in/own/link/x/"), ("nobody", "help"), ("nobody", "topic"), ("nobody", "about"), ("office", "instructions"),
    ("office", "notices"), ("office", "notice-write"),
)  # fmt: skip


def made_for(world: World, name: str) -> str:
    """A page of something that is on its way: a code, a request, a link."""
    from classbook.accounts.actions.contacts import ask_code
    from classbook.accounts.actions.recovery import ask
    from classbook.accounts.tasks import run_once
    from tests.accounts.mailbox import arrived

    if name == "code":
        ask_code(world.person("parent"), "email", "new@example.org", "en")
        return "/account/contacts/email/code/"
    uid = ask("m.belova@example.org", "en", "127.0.0.1")
    run_once()
    links = re.findall(r"/account/recover/new/\S+", "\n".join(arrived("m.belova@example.org")))
    return f"/account/recover/{uid}/" if name == "asked" else str(links[-1])


def asked_for_anna(world: World) -> str:
    """A request that waits for the office."""
    from classbook.accounts.actions import asking
    from classbook.accounts.models import AccessRequest

    found = AccessRequest.objects.filter(asked_by=world.person("stranger")).first()
    if found is None:
        anna = world.anna
        assert anna.birth_date is not None
        child = asking.Asked(anna.family_name, anna.given_name, anna.birth_date, "7Б", "other", "foster", "Договор 7")
        found = asking.ask(world.actor("stranger"), world.school.uid, child)
    return f"/office/{world.school.uid}/requests/{found.uid}/"


def address(world: World, name: str) -> str:
    if name in {"code", "asked", "chosen"}:
        return made_for(world, name)
    if name in {"request", "approve"}:
        return asked_for_anna(world) + (f"approve/{world.anna.uid}/" if name == "approve" else "")
    return {
        "week": f"/diary/{world.anna.uid}/week/{world.lesson.date}/",
        "marks": f"/diary/{world.anna.uid}/marks/",
        "subject": f"/diary/{world.anna.uid}/subject/{world.group.uid}/",
        "lesson": f"/lesson/{world.lesson.uid}/",
        "journal": f"/journal/{world.group.uid}/",
        "class": f"/class/{world.school_class.uid}/",
        "add": f"/office/{world.school.uid}/pupils/add/",
        "people": f"/office/{world.school.uid}/?class=7Б",
        "one": f"/office/{world.school.uid}/pupils/{world.anna.uid}/",
        "move": f"/office/{world.school.uid}/pupils/{world.anna.uid}/move/",
        "undo": f"/office/{world.school.uid}/pupils/{world.anna.uid}/undo/",
        "guardians": f"/office/{world.school.uid}/guardians/",
        "link": f"/office/{world.school.uid}/pupils/{world.anna.uid}/guardians/{world.person('parent').uid}/end/",
        "teacher": f"/office/{world.school.uid}/teachers/{world.group.uid}/replace/",
        "watching": f"/diary/{world.anna.uid}/access/",
        "invite": f"/diary/{world.anna.uid}/access/invite/",
        "find": f"/office/{world.school.uid}/pupils/{world.anna.uid}/guardians/find/?q=бел",
        "new-guardian": f"/office/{world.school.uid}/pupils/{world.anna.uid}/guardians/add/",
        "rights": f"/office/{world.school.uid}/pupils/{world.anna.uid}/guardians/{world.person('parent').uid}/change/",
        "requests": f"/office/{world.school.uid}/requests/",
        "region-portal": f"/authority/{world.region.uid}/portal/",
        "bans": f"/school/{world.school.uid}/bans/",
        "ban": f"/school/{world.school.uid}/bans/{world.anna.uid}/",
        "terms": f"/school/{world.school.uid}/terms/",
        "closing": f"/school/{world.school.uid}/terms/closing/",
        "ways": f"/class/{world.school_class.uid}/ways/",
        "identity": f"/office/{world.school.uid}/persons/{world.person('parent').uid}/",
        "class-letters": f"/class/{world.school_class.uid}/letters/",
        "letters": f"/school/{world.school.uid}/letters/",
        "staff-letters": f"/school/{world.school.uid}/letters/staff/",
        "staff-codes": f"/school/{world.school.uid}/codes/",
        "staff-codes-print": f"/school/{world.school.uid}/codes/{world.person('teacher').uid}/",
        "help": "/help/?q=password",
        "topic": "/help/recording-a-lesson/",
        "about": "/about/",
        "instructions": f"/school/{world.school.uid}/instructions/?language=en&language=ja",
        "notices": f"/school/{world.school.uid}/notices/",
        "notice-write": f"/school/{world.school.uid}/notices/write/",
        "issuers": f"/school/{world.school.uid}/letters/issuers/",
        "deputy": f"/school/{world.school.uid}/terms/deputies/{world.person('deputy').uid}/",
    }.get(name, name)


@pytest.mark.parametrize("part", range(4))
def test_no_page_has_a_serious_barrier_light_or_dark(browser: Any, site: str, transactional_world: World, part: int) -> None:
    """In four parts, which can run beside each other."""
    from axe_playwright_python.sync_playwright import Axe

    found, last, size = [], "", -(-len(PAGES) // 4)
    phone = {"width": 390, "height": 844}
    # Without transitions: half-way between two schemes nothing can be read.
    context = browser.new_context(locale="en-GB", viewport=phone, reduced_motion="reduce", bypass_csp=True)
    page = context.new_page()
    for login, name in PAGES[part * size : (part + 1) * size]:
        if login != last:
            context.clear_cookies()
            last = login
            if login != "nobody":
                sign_in(page, site, login)
        page.emulate_media(color_scheme="light")
        page.goto(site + address(transactional_world, name))
        assert page.locator("h1").count() == 1, (login, name)
        fits = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert fits, (login, name, "wider than the screen")
        # The two schemes differ in their colours alone: what else axe looks at, it has seen in the first.
        for scheme, rules in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
            page.emulate_media(color_scheme=scheme)
            result = Axe().run(page, options={"resultTypes": ["violations"], **rules})
            for violation in result.response["violations"]:
                if violation["impact"] in {"serious", "critical"}:
                    nodes = [node["html"][:120] for node in violation["nodes"][:2]]
                    found.append((scheme, login, name, violation["id"], nodes))
    context.close()
    assert found == []
