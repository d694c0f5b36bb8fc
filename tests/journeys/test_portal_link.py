"""From the Public Services portal into the diary: the real portal in a process of its own, the real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from classbook.accounts.models import Correction, Invitation, PortalLink
from classbook.people.models import Account, Contact, Guardianship, Person, Session
from classbook.people.rules import sort_key
from tests.accounts.test_letters import family
from tests.journeys.test_letters import letter_for
from tests.portal.served import SECRET, Portal, made_portal
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with made_portal(tmp_path_factory.mktemp("portal")) as found:
        yield found


@pytest.fixture
def linked_site(site: str, portal: Portal, settings: Any) -> Iterator[str]:
    """Classbook with the portal set up, as the operator does it."""
    client = f"c{site.rpartition(':')[2]}"
    portal.command(
        "client", "add", client, "--name", "Classbook", "--redirect", f"{site}/account/portal/callback/",
        "--scopes", "openid profile birthdate snils email phone", "--secret", SECRET,
    )  # fmt: skip
    settings.ADDRESS, settings.PORTAL_ISSUER = site, portal.address
    settings.PORTAL_CLIENT, settings.PORTAL_SECRET = client, SECRET
    yield site
    portal.command("client", "remove", client)


@pytest.fixture
def phone(browser: Any, linked_site: str) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", viewport={"width": 390, "height": 844})
    context.add_cookies([{"name": "classbook-language", "value": "en", "url": linked_site}])
    yield context.new_page()
    context.close()


def to_the_portal(page: Page, site: str, login: str = "", address: str = "/account/login/") -> None:
    """Press the button; sign in there and allow, where that is asked."""
    page.goto(site + address)
    page.get_by_role("button", name="Sign in with Public Services").click()
    if login:
        page.fill("#id_login", login)
        page.fill("#id_password", f"demo-{login}")
        page.click(".signin button.primary")
        page.locator("button[value=grant]").click()
    page.wait_for_url(f"{site}/**")


def named(world: World, family_name: str, given: str, middle: str) -> tuple[Person, Person]:
    """A pupil and a mother of this name, to whom a letter can be written."""
    pupil, mother = family(world, family_name)
    Person.objects.filter(pk=mother.pk).update(
        family_name=family_name, given_name=given, middle_name=middle, sort_key=sort_key(family_name, given, middle)
    )
    mother.refresh_from_db()
    return pupil, mother


def button(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_letter_links_and_the_portal_lets_in_from_then_on(phone: Page, linked_site: str, transactional_world: World) -> None:
    world, page = transactional_world, phone
    pupil, mother = named(world, "Белова", "Марина", "Игоревна")
    letter = letter_for(world, pupil, mother)
    wanted = f"/diary/{pupil.uid}/marks/"
    to_the_portal(page, linked_site, "maria", f"/account/login/?next={wanted}")
    expect(page.locator("h1")).to_have_text("Link with your school")
    page.fill("#id_code", "AAAA-AAAA-AAAA")
    button(page, "Go on")
    expect(page.locator("#id_code_error")).to_contain_text("This code does not let in")
    page.fill("#id_label", "Нина")
    page.fill("#id_code", letter.code)
    button(page, "Go on")
    expect(page.locator("dl")).to_contain_text("Марина Игоревна Белова")
    expect(page.locator("dl")).to_contain_text("confirmed")
    button(page, "Link and open the diary")
    page.wait_for_url(linked_site + wanted)
    link = PortalLink.objects.get(person=mother)
    assert (link.label, link.level) == ("Нина", "confirmed")
    assert Invitation.objects.get(person=mother).used_by == mother
    # Another day: the button alone is enough.
    page.context.clear_cookies(name="classbook")
    to_the_portal(page, linked_site)
    page.wait_for_url(re.compile(f"/diary/{pupil.uid}/"))
    # And at any time it can be ended.
    page.goto(f"{linked_site}/account/portal/mine/")
    expect(page.locator("main")).to_contain_text("You have no password here")
    button(page, "End the link")
    expect(page.locator("main")).to_contain_text("Not linked")
    assert not PortalLink.objects.exists()
    page.context.clear_cookies(name="classbook")
    to_the_portal(page, linked_site)
    expect(page.locator("h1")).to_have_text("Link with your school")


def test_login_and_password_of_a_confirmed_mother(
    phone: Page, linked_site: str, transactional_world: World, browser: Any
) -> None:
    world, page = transactional_world, phone
    mother = world.person("parent")
    stale = world.client("parent")
    to_the_portal(page, linked_site, "maria")
    page.fill("#id_login", "parent")
    page.fill("#id_password", "demo-parent")
    button(page, "Go on")
    button(page, "Link and open the diary")
    page.wait_for_url("**/diary/**")
    expect(page.locator("body")).to_contain_text("Анна")
    expect(page.get_by_role("status")).to_contain_text("Linked.")
    # What was signed in before is out; addresses that the portal does not know as hers let nobody in.
    assert stale.get("/account/devices/").status_code == 302
    assert Session.objects.filter(person=mother).count() == 1
    assert not Contact.objects.filter(person=mother).exclude(confirmed_at=None).exists()
    assert Account.objects.get(person=mother).check_password("demo-parent")


def test_a_name_that_differs_is_told_corrected_and_linked(
    phone: Page, linked_site: str, transactional_world: World, browser: Any
) -> None:
    """Mismatch, the doctor says which part, the family asks there, the office answers, linked."""
    world, page = transactional_world, phone
    pupil, mother = named(world, "Семёнова", "Наталья", "Павловна")
    letter = letter_for(world, pupil, mother)
    page.goto(f"{linked_site}/account/login/")
    page.get_by_role("link", name="I cannot get in").click()
    page.get_by_role("button", name="Sign in with Public Services").click()
    page.fill("#id_login", "mismatch")
    page.fill("#id_password", "demo-mismatch")
    page.click(".signin button.primary")
    page.locator("button[value=grant]").click()
    expect(page.locator("h1")).to_have_text("Not linked yet")
    page.get_by_role("link", name="Link with the letter").click()
    page.fill("#id_code", letter.code)
    button(page, "Go on")
    expect(page.get_by_role("alert")).to_contain_text("The name is not the same")
    expect(page.get_by_role("button", name="Link and open the diary")).to_have_count(0)
    page.get_by_role("link", name="What stands in the way").click()
    expect(page.locator("dl")).to_contain_text("Given name")
    expect(page.locator("dl")).not_to_contain_text("Family name")
    expect(page.locator("#id_text")).to_have_value("On the portal my name is Наталия Павловна Семёнова.")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    button(page, "Tell the school office")
    expect(page.locator("h1")).to_have_text("The school office has been told")
    assert "Наталия" in Correction.objects.get().text
    assert not PortalLink.objects.exists()
    correct_as_office(world, browser, linked_site)
    # The letter still holds, and the doctor sends on to the link.
    page.goto(f"{linked_site}/in/help/")
    page.get_by_role("button", name="Sign in with Public Services").click()
    page.get_by_role("link", name="Link with the letter").click()
    page.fill("#id_code", letter.code)
    button(page, "Go on")
    button(page, "Link and open the diary")
    page.wait_for_url(re.compile(f"/diary/{pupil.uid}/"))


def correct_as_office(world: World, browser: Any, site: str) -> None:
    """The office reads what is said to be wrong, and corrects the name."""
    from tests.journeys.acting import sign_in

    context = browser.new_context(locale="en-GB")
    context.add_cookies([{"name": "classbook-language", "value": "en", "url": site}])
    page = context.new_page()
    sign_in(page, site, "office")
    page.goto(f"{site}/school/{world.school.uid}/letters/")
    page.get_by_role("link", name="Correct the data of Семёнова Наталья").click()
    page.fill("#id_given", "Наталия")
    button(page, "Go on: see what will happen")
    expect(page.locator("main")).to_contain_text("Given name: Наталья → Наталия")
    button(page, "Correct the data")
    expect(page.locator("main")).to_contain_text("The data of Наталия Павловна Семёнова are corrected.")
    context.close()


def test_a_child_of_twelve_links_her_own_letter_and_not_the_father_s(
    phone: Page, linked_site: str, transactional_world: World
) -> None:
    """The demo's young: a pupil's account of the simplified level and the school's code."""
    from classbook.accounts.queries.letters import letters_key
    from classbook.accounts.rules import code_from
    from classbook.web.demo import FATHER_SEED, YOUNG_SEED

    world, page = transactional_world, phone
    pupil, namesake = named(world, "Воронцова", "Дарья", "Олеговна")
    letter = letter_for(world, pupil, namesake)
    daria = Person.objects.get(snils="17834520993")
    to_the_portal(page, linked_site, "young")
    page.fill("#id_code", code_from(letters_key(), FATHER_SEED))
    button(page, "Go on")
    expect(page.get_by_role("alert")).to_contain_text("The name is not the same")
    # Her own name on a guardian's letter: the portal knows her too little for that.
    page.goto(f"{linked_site}/account/portal/link/")
    page.fill("#id_code", letter.code)
    button(page, "Go on")
    expect(page.get_by_role("alert")).to_contain_text("standard level")
    assert not PortalLink.objects.exists()
    page.goto(f"{linked_site}/account/portal/link/")
    page.fill("#id_code", code_from(letters_key(), YOUNG_SEED))
    button(page, "Go on")
    expect(page.locator("dl")).to_contain_text("simplified")
    button(page, "Link and open the diary")
    page.wait_for_url(re.compile(f"/diary/{daria.uid}/"))
    assert PortalLink.objects.get().person == daria
    assert Guardianship.objects.filter(guardian=namesake).exists()


def test_portal_down_and_a_refused_consent_leave_the_other_ways(
    phone: Page, linked_site: str, portal: Portal, settings: Any, transactional_world: World
) -> None:
    page = phone
    page.goto(f"{linked_site}/account/login/")
    page.get_by_role("button", name="Sign in with Public Services").click()
    page.fill("#id_login", "oleg")
    page.fill("#id_password", "demo-oleg")
    page.click(".signin button.primary")
    page.locator("button[value=deny]").click()
    expect(page.locator("main")).to_contain_text("Nothing was passed on")
    settings.PORTAL_ISSUER = "http://localhost:9"
    page.get_by_role("button", name="Sign in with Public Services").click()
    expect(page.locator("main")).to_contain_text("Public Services does not answer as it should")
    page.fill("#id_login", "parent")
    page.fill("#id_password", "demo-parent")
    page.get_by_role("button", name="Sign in", exact=True).first.click()
    page.wait_for_url("**/diary/**")


def test_no_page_of_it_has_a_serious_barrier(browser: Any, linked_site: str, transactional_world: World) -> None:
    from axe_playwright_python.sync_playwright import Axe

    world, found = transactional_world, []
    pupil, mother = named(world, "Семёнова", "Наталья", "Павловна")
    letter = letter_for(world, pupil, mother)
    context = browser.new_context(locale="en-GB", viewport={"width": 320, "height": 640}, bypass_csp=True)
    context.add_cookies([{"name": "classbook-language", "value": "en", "url": linked_site}])
    page = context.new_page()

    def look(step: str) -> None:
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in {"serious", "critical"}:
                found.append((step, violation["id"], [node["html"][:120] for node in violation["nodes"][:2]]))
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (step, "wider than the screen")

    page.goto(f"{linked_site}/account/login/")
    look("sign in")
    to_the_portal(page, linked_site, "mismatch")
    button(page, "Go on")
    look("nothing typed")
    page.fill("#id_code", letter.code)
    button(page, "Go on")
    look("what differs")
    Person.objects.filter(pk=mother.pk).update(given_name="Наталия")
    page.goto(f"{linked_site}/account/portal/check/")
    look("check")
    button(page, "Link and open the diary")
    page.wait_for_url("**/diary/**")
    page.goto(f"{linked_site}/account/portal/mine/")
    look("own link")
    button(page, "End the link")
    look("not linked")
    context.close()
    assert found == []
