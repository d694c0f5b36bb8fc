"""On a phone: from the letter in, a passkey made, signed out, in by the passkey; and what asks whether it is still the same person."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from classbook.accounts.queries.factors import factors_of
from classbook.common import clock
from classbook.people.models import Account, Session
from tests.accounts.test_letters import family
from tests.journeys.acting import sign_in
from tests.journeys.test_letters import PASSWORD, Phone, letter_for
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KEY_STORE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
    "automaticPresenceSimulation": True,
}  # fmt: skip


def axe(page: Page) -> None:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_passkey_and_who_sits_there(browser: Any, page: Page, site: str, transactional_world: World) -> None:
    """Two journeys in one world, for a world is half a minute."""
    from_the_letter_to_a_sign_in_by_passkey(browser, site, transactional_world)
    letters_ask_who_sits_there_and_then_come(page, site, transactional_world)


def from_the_letter_to_a_sign_in_by_passkey(browser: Any, site: str, world: World) -> None:
    pupil, mother = family(world)
    letter = letter_for(world, pupil, mother)
    phone = Phone(browser, site, bypass_csp=True)
    page = phone.page
    devices = phone.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    store = devices.send("WebAuthn.addVirtualAuthenticator", {"options": KEY_STORE})["authenticatorId"]

    phone.scan(letter)
    phone.prove()
    phone.choose(PASSWORD)
    phone.tap("^Later")
    phone.tap("^Add a passkey")
    phone.tap("^Make the passkey")
    expect(page.locator(".single-codes li")).to_have_count(10)
    axe(page)
    code = page.locator(".single-codes li").first.inner_text()
    phone.tap("^Done")
    expect(page.get_by_role("heading", name="Another passkey")).to_be_visible()
    page.goto(f"{site}/account/devices/")
    phone.tap("^Sign out everywhere")

    page.check("[name=shared]")
    phone.tap("^Sign in with a passkey")
    page.wait_for_url("**/diary/**")
    account = Account.objects.get(person=mother)
    assert Session.objects.get(person=mother).shared_computer is True
    assert factors_of(mother.pk).passkeys[0].used_at is not None

    # The device has lost it: the password, then a code of the list.
    page.goto(f"{site}/account/devices/")
    phone.tap("^Sign out everywhere")
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": store, "isUserVerified": False})
    phone.tap("^Sign in with a passkey")
    expect(page.get_by_text("Nothing was chosen.")).to_be_visible()
    phone.fill("Login", account.login)
    phone.fill("Password", PASSWORD)
    phone.tap("^Sign in$")
    expect(page.get_by_role("heading", name="The second step")).to_be_visible()
    axe(page)
    phone.fill("Code", code)
    phone.tap("^Go on")
    page.wait_for_url("**/diary/**")
    assert factors_of(mother.pk).codes_left == 9
    phone.context.close()


def letters_ask_who_sits_there_and_then_come(page: Page, site: str, world: World) -> None:
    """What was chosen is printed once the password was given, and the board is there again."""
    pupil, _mother = family(world, "Орлова", "Вера")
    page.context.add_cookies([{"name": "classbook-language", "value": "en", "url": site}])
    sign_in(page, site, "classteacher")
    page.goto(f"{site}/class/{world.school_class.uid}/letters/")
    board = page.url
    clock.stand_on(clock.now() + timedelta(minutes=16))
    row = page.locator(".letter-line").filter(has_text=pupil.given_name).first
    row.get_by_role("button", name=re.compile("Print")).click()
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    expect(page.locator("[type=hidden][name=only]")).to_have_count(1)
    page.get_by_label("Your password").fill("wrong-password")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("This is not the password of your account.")).to_be_visible()
    page.get_by_label("Your password").fill("demo-classteacher")
    with page.expect_download() as download:
        page.get_by_role("button", name="Go on").click()
    assert download.value.suggested_filename.endswith(".pdf")
    page.wait_for_url(board)
    expect(page.locator(".letter-line").filter(has_text=pupil.given_name).first).to_contain_text("has a letter")
