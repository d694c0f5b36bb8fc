"""A lesson by keyboard alone, on the scales and keyboard layouts of several countries."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.journeys.acting import Keyboard, saved, sign_in, stage, wait_for
from tests.reliability.site import Site

pytestmark = pytest.mark.browser

MOST_PRESSES = 90
ABSENT = {3, 8, 13, 17, 22}
MARKED = {0: "5", 2: "4", 5: "5", 6: "3", 10: "4", 11: "4", 15: "5", 18: "2", 20: "3", 24: "5"}


def test_class_of_25_in_90_keys(page: Page, served: Site) -> None:
    lesson = stage(served, "lessons", "russia", "25")[0]["lesson"]
    sign_in(page, served.address, "teacher")
    page.goto(f"{served.address}/lesson/{lesson}/")
    keys = Keyboard(page)
    keys.text("Теорема Виета")
    keys.press("Enter")
    keys.text("§ 21, № 574, 577")
    keys.press("Enter")
    for place in range(25):
        if place in ABSENT:
            # The layout is Latin: the key where н lies says н. н/а begins with it too, so Enter ends it.
            keys.press("KeyY")
            keys.press("Enter")
        else:
            keys.press(MARKED.get(place, "ArrowDown"))
    saved(page)
    wait_for(page, "n === 0")
    print(f"keys beyond the text: {keys.presses}, most {MOST_PRESSES}")
    assert keys.presses <= MOST_PRESSES
    found = stage(served, "stored", lesson)
    assert (found["topic"], found["homework"]) == ("Теорема Виета", "§ 21, № 574, 577")
    assert found["attendance"] == ["н" if place in ABSENT else "" for place in range(25)]
    assert found["marks"] == [MARKED.get(place, "") for place in range(25)]


def test_a_key_lays_the_page_out_once_or_twice(page: Page, served: Site) -> None:
    """Not once for each pupil: what is closed in the rows of a two-column register must cost nothing."""
    lesson = stage(served, "lessons", "russia", "25")[0]["lesson"]
    sign_in(page, served.address, "teacher")
    page.goto(f"{served.address}/lesson/{lesson}/")
    assert page.locator(".roll").evaluate("(list) => getComputedStyle(list).columnCount") == "2"
    measure = page.context.new_cdp_session(page)
    measure.send("Performance.enable")

    def layouts() -> int:
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return next(
            int(one["value"]) for one in measure.send("Performance.getMetrics")["metrics"] if one["name"] == "LayoutCount"
        )

    page.focus("#topic")
    before = layouts()
    for sign in "Теорема":
        page.keyboard.type(sign)
        layouts()
    assert layouts() - before <= 3 * len("Теорема")


def press(page: Page, presses: list[Any]) -> None:
    """Keys: a name that Playwright knows, or (character typed, physical key) of another layout, Alt with "Alt+"."""
    for one in presses:
        if isinstance(one, str):
            page.keyboard.press(one)
            continue
        key, code = one
        alt = key.startswith("Alt+")
        event = {"key": key.removeprefix("Alt+"), "code": code, "altKey": alt, "bubbles": True, "cancelable": True}
        page.evaluate("(event) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', event))", event)


# profile: for each pupil the keys, and the mark and attendance that they mean.
SCALES: dict[str, list[tuple[list[Any], str, str]]] = {
    "russia": [
        (["5"], "5", ""),
        ([("Y", "KeyY"), "Enter"], "", "н"),
        ([("н", "KeyY"), ("/", "Slash"), ("а", "KeyF")], "н/а", ""),
        ([("b", "Comma")], "", "б"),
        ([("p", "KeyP"), ("f", "KeyF"), ("x", "KeyX")], "зач", ""),
        ([("j", "KeyJ"), "Enter", "4"], "4", "о"),
    ],
    "japan": [(["5"], "5", ""), ([("３", "Digit3")], "3", ""), (["Numpad1"], "1", ""), (["Alt+1"], "", "欠")],
    "germany": [
        (["2", "Enter"], "2", ""),
        (["2", "-"], "2-", ""),
        (["1", ("+", "BracketRight")], "1+", ""),
        (["6"], "6", ""),
        (["f"], "", "f"),
        ([("А", "KeyF")], "", "f"),
        (["n", "b"], "NB", ""),
    ],
    "usa": [
        (["a", "Enter"], "A", ""),
        (["b", "+"], "B+", ""),
        (["f"], "F", ""),
        (["Alt+a"], "", "A"),
        ([("Alt+ф", "KeyA")], "", "A"),
        (["x"], "", "X"),
        ([("ч", "KeyX")], "", "X"),
        ([("с", "KeyC"), "-"], "C-", ""),
    ],
    "finland": [
        (["1", "0"], "10", ""),
        (["9"], "9", ""),
        (["4"], "4", ""),
        (["s"], "S", ""),
        (["Alt+s"], "", "s"),
        (["p"], "", "p"),
    ],
    "france": [
        (["1", "4", "Enter"], "14", ""),
        (["1", "2", ".", "5", "Enter"], "12.5", ""),
        (["0", "Enter"], "0", ""),
        (["2", "0", "ArrowDown"], "20", ""),
        (["a", "Enter"], "", "A"),
        (["a", "b", "s"], "Abs", ""),
        (["r", "ArrowDown"], "", "R"),
    ],
    "percent": [
        (["8", "5", "Enter"], "85", ""),
        (["1", "0", "0", "Enter"], "100", ""),
        (["7", "ArrowDown"], "7", ""),
        (["x"], "", "X"),
        (["e", "x"], "EX", ""),
    ],
}


# Those with keys of their own kind at every change; the others, which differ in their marks alone, in `make long`.
AT_ONCE = ("russia", "japan", "usa")


@pytest.mark.parametrize("profile", [name if name in AT_ONCE else pytest.param(name, marks=pytest.mark.long) for name in SCALES])
def test_keys_of_a_scale(page: Page, served: Site, profile: str) -> None:
    rows = SCALES[profile]
    lesson = stage(served, "lessons", profile, str(len(rows)))[0]["lesson"]
    sign_in(page, served.address, "teacher")
    page.goto(f"{served.address}/lesson/{lesson}/")
    for place, (presses, _mark, _away) in enumerate(rows):
        page.locator(".mark-in").nth(place).focus()
        press(page, presses)
    page.locator("#topic").focus()
    wait_for(page, "n === 0 && !failed && name === 'saved'")
    found = stage(served, "stored", lesson)
    wanted = [(mark, away) for _presses, mark, away in rows]
    assert list(zip(found["marks"], found["attendance"], strict=True)) == wanted, json.dumps(found, ensure_ascii=False)
