"""The help centre's pictures, taken while its journeys are played in the demo: `make walkthroughs`.

Writes <language>/<walk>-<n>.webp into src/classbook/web/static/classbook/walks/, and made.json: sizes, and the state of
templates and styles from which they were taken. `--check` says whether that is still today's state.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "src" / "classbook" / "web"
FOLDER = WEB / "static" / "classbook" / "walks"
LANGUAGES = {"en": "en-GB", "ru": "ru-RU", "ja": "ja-JP"}
PHONE, DESKTOP = (360, 640), (1100, 680)
QUALITY = 55
# The demo's own line and the blinking caret are no part of the lesson.
HIDE = ".strip.demo { display: none } * { caret-color: transparent !important }"


@dataclass
class Stage:
    """A browser in one language that takes the pictures of one walkthrough."""

    page: Any
    site: str
    data: str
    language: str
    code: str
    taken: dict[str, tuple[int, int]] = field(default_factory=dict)

    def open(self, address: str) -> None:
        self.page.goto(self.site + address)
        self.page.wait_for_load_state("networkidle")

    def picture(self, about: str = "") -> None:
        """Take the next picture; what it is about is outlined."""
        self.page.wait_for_load_state("networkidle")
        self.page.add_style_tag(content=HIDE)
        if about:
            place = self.page.locator(about).first
            # Not to the edge: there the bar of a phone lies.
            place.evaluate("found => found.scrollIntoView({ block: 'center' })")
            place.evaluate("found => found.classList.add('tour-here')")
        session = self.page.context.new_cdp_session(self.page)
        shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
        name = f"{self.language}/{self.code}-{len(self.taken) + 1}.webp"
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(shot["data"]))
        size = self.page.viewport_size
        self.taken[name] = (size["width"], size["height"])
        if about:
            place.evaluate("found => found.classList.remove('tour-here')")

    def sign_in(self, login: str, password: str) -> None:
        self.page.fill("#id_login", login)
        self.page.fill("#id_password", password)
        self.page.press("#id_password", "Enter")
        self.page.wait_for_load_state("networkidle")

    def letter(self, kind: str) -> str:
        """The code of a fresh letter: for a mother who is new, or for another child of the demo's mother."""
        return beside(self.data, "letter", kind, {"en": "Вера", "ru": "Нина", "ja": "Ася"}[self.language])

    def born(self) -> None:
        for name, value in (("day", "14"), ("month", "5"), ("year", "2013")):
            self.page.fill(f"#id_{name}", value)


def first_sign_in(stage: Stage) -> None:
    code = stage.letter("new")
    stage.open("/in/")
    stage.page.fill("#id_code", code)
    stage.picture("#id_code")
    stage.page.click("form[data-letter-code] button.primary")
    stage.born()
    stage.picture(".birth")
    stage.page.click("main button.primary")
    stage.page.wait_for_url("**/in/password/")
    stage.page.fill("#id_password", "vier-lange-worte-hier")
    stage.picture("#id_password")
    stage.page.click("main button.primary")
    stage.page.wait_for_url("**/in/reach/")
    stage.picture("main form")
    stage.page.click("button[name=later]")
    stage.page.wait_for_url("**/in/done/")
    stage.picture(".noted")


def second_child(stage: Stage) -> None:
    code = stage.letter("child")
    stage.open("/in/")
    stage.page.fill("#id_code", code)
    stage.picture("#id_code")
    stage.page.click("form[data-letter-code] button.primary")
    stage.page.wait_for_url("**/in/you/")
    stage.page.click("a[href*='next=/in/you/']")
    stage.sign_in("parent", "demo-parent")
    stage.page.wait_for_url("**/in/you/")
    stage.born()
    stage.picture("main button.primary")
    stage.page.click("main button.primary")
    stage.page.wait_for_url("**/diary/**/week/**")
    stage.picture(".people")


def forgotten(stage: Stage) -> None:
    stage.open("/account/login/")
    stage.picture("a[href*='/account/recover/']")
    stage.page.click("a[href*='/account/recover/']")
    stage.page.fill("#id_address", "m.belova@example.org")
    stage.picture("#id_address")
    before = len(codes_sent(stage))
    stage.page.click("main button.primary")
    stage.page.wait_for_selector("#id_code")
    for _try in range(100):
        found = codes_sent(stage)
        if len(found) > before:
            break
        stage.page.wait_for_timeout(200)
    stage.page.fill("#id_code", found[0])
    stage.picture("#id_code")
    stage.page.click("main button.primary")
    stage.page.wait_for_selector("#id_password")
    stage.picture("#id_password")


def codes_sent(stage: Stage) -> list[str]:
    """Codes in the messages to the demo's mother, the newest first; read in a window of its own."""
    window = stage.page.context.new_page()
    window.goto(f"{stage.site}/demo/outbox/")
    texts = window.locator(".outbox > li", has_text="m.belova@example.org").all_inner_texts()
    window.close()
    return [code[0] for text in texts if (code := re.search(r"\b\d{4} \d{4}\b", text))]


def lesson(stage: Stage) -> None:
    stage.open("/account/login/")
    stage.sign_in("teacher", "demo-teacher")
    stage.picture("[data-agenda] li:has(.tag.warn) a.btn")
    open_one = stage.page.locator("[data-agenda] li", has=stage.page.locator(".tag.warn")).first
    open_one.locator("a.btn").click()
    stage.page.wait_for_load_state("networkidle")
    stage.page.locator("#topic").fill({"ru": "Степени", "ja": "累乗"}.get(stage.language, "Powers"))
    stage.page.locator("#topic").press("Enter")
    stage.page.locator("#homework").fill("№ 330–333")
    stage.picture("#topic")
    stage.page.locator("#homework").press("Enter")
    entry = stage.page.locator(".roll li").nth(1).locator("input.mark-in")
    entry.fill("5")
    stage.picture(".roll li:nth-child(2)")
    entry.press("Enter")
    # The key on which the letter for "absent" lies.
    stage.page.keyboard.press("KeyY")
    stage.picture(".roll li:nth-child(3)")
    stage.page.wait_for_function("() => /\\S/.test(document.querySelector('[data-saved]').textContent)")
    stage.page.evaluate("scrollTo(0, 0)")
    stage.page.wait_for_timeout(1500)
    stage.picture("[data-saved]")


WALKS: dict[str, tuple[Callable[[Stage], None], tuple[int, int]]] = {
    "first-sign-in": (first_sign_in, PHONE),
    "second-child": (second_child, PHONE),
    "forgotten": (forgotten, PHONE),
    "lesson": (lesson, DESKTOP),
}


def digest() -> str:
    """The state of what the pictures show."""
    files = [
        *sorted((WEB / "templates").glob("*/*.html")),
        WEB / "templates" / "base.html",
        WEB / "static/classbook/classbook.css",
    ]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def beside(data: str, *words: str) -> str:
    """Run a part of this script with the demo's own database."""
    from screenshots import DAY

    environment = os.environ | {
        "CLASSBOOK_DATA": data, "CLASSBOOK_DEMO": "yes", "CLASSBOOK_HOSTS": "*", "CLASSBOOK_TIME_ZONE": "Asia/Vladivostok",
        "CLASSBOOK_DEMO_DATE": DAY, "DJANGO_SETTINGS_MODULE": "classbook.config.settings",
    }  # fmt: skip
    done = subprocess.run([sys.executable, __file__, *words], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout.strip()


def no_tours() -> None:
    """Everybody of the demo has seen the tours."""
    from classbook.people.models import Account
    from classbook.people.rules import TOURS

    Account.objects.update(tours_over=" ".join(TOURS))


def make_letter(kind: str, given: str) -> str:
    """A pupil of 7Б with a mother, and the code of her letter; "child": she is the demo's mother once more."""
    from datetime import date

    from django.conf import settings

    from classbook.accounts.actions.letters import issue, print_letters
    from classbook.common import clock
    from classbook.people.models import Account, Guardianship, Person
    from classbook.people.rules import sort_key
    from classbook.schools.access import actor_for
    from classbook.schools.models import ClassPlacement, Enrollment, SchoolClass, TeachingGroup

    here = SchoolClass.objects.select_related("school").get(school__profile="russia", name="7Б")
    known = Account.objects.select_related("person").get(login="parent").person
    names = (known.family_name, known.given_name) if kind == "child" else ("Громова", "Ольга")
    mother = Person.objects.create(family_name=names[0], given_name=names[1], sort_key=sort_key(*names))
    pupil = Person.objects.create(
        family_name=names[0], given_name=given, birth_date=date(2013, 5, 14), sort_key=sort_key(names[0], given)
    )
    ClassPlacement.objects.create(school=here.school, school_class=here, student=pupil, starts_on=date(2026, 9, 1))
    for group in TeachingGroup.objects.filter(school_class=here):
        Enrollment.objects.create(school=here.school, group=group, student=pupil, starts_on=date(2026, 9, 1))
    Guardianship.objects.create(guardian=mother, student=pupil, relation="mother", confirmed_at=clock.now())
    teacher = actor_for(Account.objects.get(login="classteacher").person_id, clock.today(settings.TIME_ZONE))
    made = issue(teacher, here.school, here, keys=[f"g:{mother.uid}:{pupil.uid}"], kind="code")
    return str(print_letters(teacher, here.school, made, lambda texts: texts, school_class=here)[0].code)


def play() -> None:
    """Take all pictures and note their sizes."""
    from playwright.sync_api import sync_playwright
    from screenshots import CHROMIUM, served

    sizes: dict[str, tuple[int, int]] = {}
    with tempfile.TemporaryDirectory(prefix="classbook-walks-") as data, served(data) as site, sync_playwright() as playwright:
        path = next((found for found in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(found).exists()), None)
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        beside(data, "tours")
        for code, (journey, (width, height)) in WALKS.items():
            for language, locale in LANGUAGES.items():
                context = browser.new_context(
                    viewport={"width": width, "height": height}, device_scale_factor=1.5 if width < 500 else 1.25,
                    locale=locale, bypass_csp=True, reduced_motion="reduce", color_scheme="light",
                )  # fmt: skip
                context.add_cookies([{"name": "classbook-language", "value": language, "url": site}])
                stage = Stage(context.new_page(), site, data, language, code)
                journey(stage)
                sizes |= stage.taken
                context.close()
                print(f"{language}/{code}: {len(stage.taken)} pictures")
        browser.close()
    note = {"from": digest(), "sizes": dict(sorted(sizes.items()))}
    (FOLDER / "made.json").write_text(json.dumps(note, indent=1) + "\n")
    whole = sum(path.stat().st_size for path in FOLDER.rglob("*.webp"))
    print(f"{len(sizes)} pictures, {whole / 1e6:.1f} MB")


def main() -> None:
    if sys.argv[1:] == ["--check"]:
        noted = json.loads((FOLDER / "made.json").read_text()).get("from")
        print("The pictures are of today's pages." if noted == digest() else "Pages have changed since: make walkthroughs")
        raise SystemExit(noted != digest())
    if sys.argv[1:]:
        import django

        from classbook.config.clock import set_clock

        django.setup()
        set_clock()
        print(make_letter(*sys.argv[2:]) if sys.argv[1] == "letter" else no_tours() or "")
        return
    play()


if __name__ == "__main__":
    main()
