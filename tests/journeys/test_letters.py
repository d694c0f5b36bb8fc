"""From the printed letter into the diary, on a phone and without a word on the telephone."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from classbook.accounts.actions.letters import PrintedLetter, issue, print_letters
from classbook.accounts.models import Correction, Invitation
from classbook.accounts.rules import spaced
from classbook.accounts.tasks import run_once
from classbook.common import clock
from classbook.people.models import Account, Guardianship, Person
from tests.accounts.mailbox import arrived
from tests.accounts.test_letters import family, key, second_school
from tests.journeys.acting import sign_in
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "четыре слова без смысла"


class Phone:
    """A phone that counts what its owner does: a tap, or a field that is filled in."""

    def __init__(self, browser: Any, site: str, **options: Any) -> None:
        viewport = {"width": 390, "height": 844}
        self.context = browser.new_context(locale="en-GB", viewport=viewport, has_touch=True, is_mobile=True, **options)
        # Otherwise the pages after the sign-in are in the school's language.
        self.context.add_cookies([{"name": "classbook-language", "value": "en", "url": site}])
        self.page: Page = self.context.new_page()
        self.site = site
        self.actions = 0

    def tap(self, name: str) -> None:
        self.actions += 1
        self.page.get_by_role("button", name=re.compile(name)).or_(
            self.page.get_by_role("link", name=re.compile(name))
        ).first.tap()

    def fill(self, label: str, text: str) -> None:
        self.actions += 1
        self.page.get_by_label(label, exact=True).fill(text)

    def born(self, day: int, month: int, year: int) -> None:
        for label, number in (("Day", day), ("Month", month), ("Year", year)):
            self.fill(label, str(number))

    def scan(self, letter: PrintedLetter) -> None:
        """The square opens the page with the code behind the #, and the page goes on by itself."""
        self.page.goto(f"{self.site}/in/#{letter.code}")
        self.page.wait_for_url("**/in/you/")

    def prove(self, *, day: int = 14) -> None:
        """Give a birth date; the pupil's is the fourteenth."""
        self.born(day, 5, 2013)
        self.tap("Yes, this is me")

    def choose(self, password: str) -> None:
        self.fill("Your password", password)
        self.tap("^Go on")


def letter_for(world: World, pupil: Person, mother: Person, kind: str = "code") -> PrintedLetter:
    actor = world.actor("classteacher")
    made = issue(actor, world.school, world.school_class, keys=[key(mother, pupil)], kind=kind)
    return print_letters(actor, world.school, made, lambda texts: texts, school_class=world.school_class)[0]


def test_from_the_square_to_the_diary_in_twelve_actions(browser: Any, site: str, transactional_world: World) -> None:
    world = transactional_world
    pupil, mother = family(world)
    letter = letter_for(world, pupil, mother)
    phone = Phone(browser, site)
    page = phone.page
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url + (request.headers.get("referer") or "")))
    phone.scan(letter)
    expect(page.locator("dl")).to_contain_text("Ольга Громова")
    expect(page.locator("dl")).to_contain_text("Средняя школа № 12")
    assert "2013" not in page.content()
    phone.prove()
    expect(page.locator("#id_login")).to_have_value("gromova.o")
    phone.choose("Громова2013")
    expect(page.locator("#id_password-e")).to_contain_text("Somebody who knows you could guess this")
    assert Invitation.objects.get(person=mother).used_at is None
    phone.actions -= 2
    phone.choose(PASSWORD)
    into_the_diary(phone)
    expect(page.locator("body")).to_contain_text("Нина")
    assert page.url.startswith(f"{site}/diary/{pupil.uid}/")
    assert phone.actions <= 12, phone.actions
    account = Account.objects.get(person=mother)
    assert account.check_password(PASSWORD)
    assert account.first_used_at is not None
    # The code went to the server once, in the body of a form: in no address and no referrer.
    assert [url for url in requests if letter.code in url and "#" not in url.split(letter.code)[0]] == []
    phone.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_step_has_a_serious_barrier(browser: Any, site: str, transactional_world: World, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    world = transactional_world
    letter = letter_for(world, *family(world))
    phone = Phone(browser, site, color_scheme=scheme, bypass_csp=True)
    page, found = phone.page, []

    def look(step: str, *, told: bool = True) -> None:
        if told:
            # The answer is there, not the page that was sent off.
            page.locator(".invalid").first.wait_for()
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in {"serious", "critical"}:
                found.append((step, violation["id"], [node["html"][:120] for node in violation["nodes"][:2]]))
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (step, "wider than the screen")
        page.set_viewport_size({"width": 390, "height": 844})

    page.goto(f"{site}/in/")
    phone.fill("Code of your letter", "AAAA-AAAA-AAAA")
    phone.tap("^Go on")
    expect(page.locator("#id_code-e")).to_be_visible()
    look("a code that lets nobody in")
    phone.fill("Code of your letter", letter.code)
    phone.tap("^Go on")
    phone.prove(day=15)
    expect(page.get_by_role("alert")).to_contain_text("4 more times")
    look("who you are")
    page.goto(f"{site}/in/wrong/")
    look("something is wrong", told=False)
    page.goto(f"{site}/in/you/")
    phone.prove()
    phone.choose("short")
    expect(page.locator("#id_password-e")).to_be_visible()
    look("an own password")
    page.goto(f"{site}/in/own/")
    look("registering oneself", told=False)
    phone.context.close()
    assert found == []


def test_an_address_given_at_the_end_is_proved_by_a_code(browser: Any, site: str, transactional_world: World) -> None:
    from tests.accounts.mailbox import arrived, code_in

    world = transactional_world
    pupil, mother = family(world)
    letter = letter_for(world, pupil, mother)
    phone = Phone(browser, site)
    page = phone.page
    phone.scan(letter)
    phone.prove()
    phone.choose(PASSWORD)
    page.wait_for_url("**/in/reach/")
    page.locator("#id_address").fill("no address")
    phone.tap("Send a code")
    expect(page.locator("#id_address_error")).to_be_visible()
    expect(page.locator("#id_address")).to_have_value("no address")
    page.locator("#id_address").fill("olga@example.org")
    phone.tap("Send a code")
    page.wait_for_url("**/in/reach/email/")
    page.locator("#id_code").fill("000000")
    phone.tap("Confirm")
    expect(page.locator("#id_code_error")).to_be_visible()
    page.locator("#id_code").fill(code_in(arrived("olga@example.org")[-1]))
    phone.tap("Confirm")
    page.wait_for_url("**/in/done/")
    assert mother.contacts.get(kind="email").confirmed_at is not None
    phone.context.close()


def into_the_diary(phone: Phone) -> None:
    """Past the question for an e-mail, which can wait."""
    page = phone.page
    page.wait_for_url(re.compile(r"/in/(reach|done)/"))
    if "/in/reach/" in page.url:
        phone.tap("Later")
    expect(page.locator(".noted")).to_have_text("gromova.o")
    phone.tap("Open Classbook")
    page.wait_for_url("**/diary/**")


def test_without_script_the_code_is_typed_and_a_used_one_is_told_like_an_unknown_one(
    browser: Any, site: str, transactional_world: World
) -> None:
    world = transactional_world
    pupil, mother = family(world)
    letter = letter_for(world, pupil, mother)
    phone = Phone(browser, site, java_script_enabled=False)
    page = phone.page
    page.goto(f"{site}/in")
    # On the Russian keyboard, in small letters, with spaces.
    phone.fill("Code of your letter", spaced(letter.code).lower().translate(str.maketrans("acehkmptxy-", "асенкмртху ")))
    phone.tap("^Go on")
    phone.prove()
    phone.choose(PASSWORD)
    into_the_diary(phone)
    stranger = Phone(browser, site)
    told = []
    for code in (letter.code, "AAAA-AAAA-AAAA"):
        stranger.page.goto(f"{site}/in/")
        stranger.fill("Code of your letter", code)
        stranger.tap("^Go on")
        expect(stranger.page.locator("#id_code-e")).to_have_text("This code does not let in.")
        told.append(stranger.page.locator("main").inner_text())
    assert told[0] == told[1]
    assert "Громова" not in told[0]
    for one in (phone, stranger):
        one.context.close()


def test_a_wrong_birth_date_five_times_and_a_letter_that_is_over(browser: Any, site: str, transactional_world: World) -> None:
    world = transactional_world
    pupil, mother = family(world)
    letter = letter_for(world, pupil, mother)
    phone = Phone(browser, site)
    page = phone.page
    phone.scan(letter)
    phone.born(31, 2, 2013)
    phone.tap("Yes, this is me")
    expect(page.get_by_role("alert")).to_contain_text("There is no such day")
    expect(page.get_by_label("Day", exact=True)).to_have_value("31")
    for left in (4, 3, 2):
        phone.born(15, 5, 2013)
        phone.tap("Yes, this is me")
        expect(page.get_by_role("alert")).to_contain_text(f"{left} more times")
    phone.prove(day=15)
    expect(page.get_by_role("alert")).to_contain_text("once more")
    phone.prove(day=15)
    expect(page.locator("h1")).to_have_text("This letter does not let in any more")
    expect(page.locator("main")).to_contain_text("The class teacher or the school office prints a new one")
    page.goto(f"{site}/in/you/")
    expect(page.get_by_label("Code of your letter")).to_be_visible()
    later = letter_for(world, pupil, mother)
    # The page is open already: only what stands behind the # changes.
    phone.scan(later)
    Invitation.objects.filter(ended_at=None).update(expires_at=clock.now() - timedelta(seconds=1))
    phone.prove()
    expect(page.get_by_label("Code of your letter")).to_be_visible()
    phone.context.close()


def test_a_second_child_is_added_by_signing_in(browser: Any, site: str, transactional_world: World) -> None:
    world = transactional_world
    pupil, mother = second_school(world)
    letter = letter_for(world, pupil, mother)
    phone = Phone(browser, site)
    page = phone.page
    phone.scan(letter)
    phone.tap("Sign in and add this child to it")
    page.fill("#id_login", "parent")
    page.fill("#id_password", "demo-parent")
    page.locator("button.primary").tap()
    page.wait_for_url("**/in/you/")
    expect(page.locator("main .notice:not(.tour)")).to_contain_text("Вера Белова comes to the account of Марина Белова")
    phone.born(14, 5, 2013)
    phone.tap("Add the child")
    page.wait_for_url(f"**/diary/{pupil.uid}/**")
    assert Guardianship.objects.filter(guardian=world.person("parent"), student=pupil, confirmed_at__isnull=False).exists()
    assert not Account.objects.filter(person=mother, first_used_at__isnull=False).exists()
    phone.context.close()


def test_the_slip_leads_from_the_sign_in_page_to_an_own_password(browser: Any, site: str, transactional_world: World) -> None:
    world = transactional_world
    pupil, mother = family(world)
    slip = letter_for(world, pupil, mother, kind="password")
    phone = Phone(browser, site)
    page = phone.page
    page.goto(f"{site}/account/login/")
    page.fill("#id_login", slip.login)
    page.fill("#id_password", spaced(slip.code))
    page.locator("button.primary").tap()
    page.wait_for_url("**/in/you/")
    # Nobody is signed in yet: the diary asks for the sign-in.
    assert page.context.request.get(f"{site}/diary/{pupil.uid}/", max_redirects=0).status == 302
    phone.prove()
    phone.choose(PASSWORD)
    into_the_diary(phone)
    phone.context.close()


def test_something_is_wrong_reaches_the_office(browser: Any, site: str, transactional_world: World) -> None:
    world = transactional_world
    pupil, mother = family(world)
    letter = letter_for(world, pupil, mother)
    phone = Phone(browser, site)
    page = phone.page
    phone.scan(letter)
    phone.tap("Something is wrong")
    page.get_by_label("A name, the class or the birth date is wrong").check()
    phone.fill("What should it be?", "Громóва, с ударением на первое о")
    phone.tap("Tell the school office")
    expect(page.locator("h1")).to_have_text("The school office has been told")
    phone.tap("Back to the letter")
    page.wait_for_url("**/in/you/")
    office = browser.new_context(locale="en-GB").new_page()
    sign_in(office, site, "office")
    office.goto(f"{site}/school/{world.school.uid}/letters/")
    expect(office.locator("main")).to_contain_text("с ударением на первое о")
    office.get_by_role("button", name=re.compile("Dealt with|Решено")).click()
    expect(office.locator(".notice.good")).to_be_visible()
    assert Correction.objects.get().done_by == world.person("office")
    office.context.close()
    phone.context.close()


def test_the_board_prints_a_file_and_shows_who_has_a_letter(page: Page, site: str, transactional_world: World) -> None:
    world = transactional_world
    _pupil, mother = family(world)
    sign_in(page, site, "classteacher")
    page.goto(f"{site}/class/{world.school_class.uid}/letters/")
    row = page.locator(".letter-line", has_text="Ольга Громова")
    expect(row).to_contain_text(re.compile("no letter yet|письма ещё не было"))
    with page.expect_download() as download:
        row.get_by_role("button").first.click()
    assert download.value.suggested_filename == "letters-7Б.pdf"
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    expect(row).to_contain_text(re.compile("has a letter|есть письмо"))
    letter = Invitation.objects.get(person=mother)
    assert letter.printed_at is not None
    row.get_by_role("button", name=re.compile("^End the letter|^Отменить письмо")).click()
    expect(page.locator(".notice.good")).to_be_visible()
    letter.refresh_from_db()
    assert letter.ended_why == "withdrawn"


def test_the_office_prints_the_whole_school(page: Page, site: str, transactional_world: World) -> None:
    from zipfile import ZipFile

    world = transactional_world
    sign_in(page, site, "office")
    page.goto(f"{site}/school/{world.school.uid}/letters/")
    page.locator('form[action$="/letters/issue/"] button').click()
    expect(page.locator("[data-waiting]")).to_be_visible()
    waiting = Invitation.objects.filter(school=world.school, printed_at=None, ended_at=None).count()
    assert waiting > 20
    with page.expect_download() as download:
        page.locator('form[action$="/letters/print/"] button').click()
    with ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert all(archive.read(name).startswith(b"%PDF-") for name in names)
    assert sorted(names) == ["11А.pdf", "1А.pdf", "5В.pdf", "7Б.pdf"]
    expect(page.locator("[data-waiting]")).to_be_hidden()
    assert not Invitation.objects.filter(school=world.school, printed_at=None, ended_at=None).exists()
    # The page asked beside the download: its connections end before the test's database does.
    page.context.close()
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(10)


def test_registering_oneself_with_the_code_and_the_own_mailbox(
    browser: Any, site: str, transactional_world: World, settings: Any
) -> None:
    """The other way in: full name, own address as login, a link in the mail that works on another device."""
    settings.ADDRESS = site
    world = transactional_world
    letter = letter_for(world, *family(world))
    phone = Phone(browser, site)
    page = phone.page
    page.goto(f"{site}/in/")
    phone.fill("Code of your letter", spaced(letter.code))
    phone.tap("Register with my e-mail address")
    phone.fill("Family name", "громова")
    phone.fill("Given name", "Ольга")
    phone.born(14, 5, 2013)
    phone.fill("Your e-mail address", "Olga@Example.org")
    phone.fill("Your password", PASSWORD)
    phone.tap("Send me the link")
    expect(page.locator("h1")).to_have_text("Look into your mailbox")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    run_once()
    link = re.search(r"https?://\S+/in/own/link/\S+", arrived("olga@example.org")[-1])
    assert link
    # On a computer, without a script.
    desk = Phone(browser, site, java_script_enabled=False)
    desk.page.goto(link[0])
    expect(desk.page.get_by_text("Нина Громова")).to_be_visible()
    desk.fill("Your password", PASSWORD)
    desk.tap("Finish and open Classbook")
    desk.page.wait_for_url("**/diary/**")
    for one in (phone, desk):
        one.context.close()
