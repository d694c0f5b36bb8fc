"""Help says what is there: its controls, its pages, its pictures; it is found in three languages, and its tours end for good."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from classbook.common.catalogues import LANGUAGES
from classbook.people.models import Account
from classbook.people.rules import TOURS
from classbook.web.help import tours, walks
from classbook.web.help.texts import TOPICS
from classbook.web.help.topics import Topic, find
from tests.world import World

WEB = Path(walks.__file__).parents[1]
TEMPLATES = WEB / "templates"
CONTROLS = [
    pytest.param(topic, *control, id=f"{topic.slug}-{control[1]}")
    for topic in TOPICS.values()
    for line in topic.lines
    for _name, control in line.names
]
OFFER = "data-tour-start"


@pytest.mark.parametrize(("topic", "template", "entry"), CONTROLS)
def test_a_control_that_help_names_stands_in_its_template(topic: Topic, template: str, entry: str) -> None:
    text = (TEMPLATES / template).read_text()
    assert f'_("{entry}")' in text or f"_('{entry}')" in text, f"{topic.slug}: {template} no longer says {entry}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_topic_reads_well_in_every_language(language: str) -> None:
    with translation.override(language):
        for topic in TOPICS.values():
            for line in topic.lines:
                # A name that the translation lost, or one that nobody gave, fails here.
                assert str(line.shown()).count("<b>") == len(line.names), (topic.slug, line.plain())
                assert "%(" not in line.plain()
            assert topic.go is None or reverse(topic.go[0])


def test_help_for_this_page_leads_to_a_topic() -> None:
    """Each page's own link; and no topic is out of reach."""
    found = set()
    for path in TEMPLATES.rglob("*.html"):
        for slug in re.findall(r"{% block help %}([^{]+){% endblock %}", path.read_text()):
            assert slug in TOPICS, path
            found.add(slug)
    assert len(found) > 10


def searched(text: str, language: str) -> list[str]:
    with translation.override(language):
        return [topic.slug for topic in find(TOPICS.values(), text)]


@pytest.mark.parametrize(
    ("language", "text", "slug"),
    [
        ("en", "forgotten PASSWORD", "forgotten"),
        ("en", "grandparent", "who-sees"),
        ("ru", "забытый пароль", "forgotten"),
        ("ru", "нет интернета", "offline"),
        ("ru", "оценки", "marks"),
        ("ru", "ребёнок второй", "second-child"),
        ("ja", "パスワード", "forgotten"),
        ("ja", "ぱすわーど", "forgotten"),
        ("ja", "宿題", "homework"),
        ("ja", "ＱＲ", "first-sign-in"),
    ],
)
def test_people_find_with_their_own_words(language: str, text: str, slug: str) -> None:
    assert slug in searched(text, language)[:3]


def test_nothing_is_found_for_nonsense_and_for_nothing() -> None:
    assert searched("xyzzy", "en") == searched("", "en") == searched("password xyzzy", "en") == []


@pytest.mark.django_db
def test_help_and_about_are_open_to_a_visitor_and_ask_no_table(django_assert_num_queries: Any) -> None:
    client = Client()
    with django_assert_num_queries(0):
        for address in ("/help/", "/help/?q=password", "/about/", *(f"/help/{slug}/" for slug in TOPICS)):
            assert client.get(address).status_code == 200, address
    assert client.get("/help/no-such-topic/").status_code == 404
    assert client.get("/help/tour/no-such-tour/").status_code == 404
    empty = client.get("/help/", {"q": "<b>xyzzy"}).content.decode()
    assert "&lt;b&gt;xyzzy" in empty
    assert "<b>xyzzy" not in empty


@pytest.mark.django_db
def test_every_page_leads_to_help_and_about(world: World) -> None:
    for login, address in (("nobody", "/account/login/"), ("teacher", "/today/"), ("parent", f"/diary/{world.anna.uid}/marks/")):
        text = world.client(login).get(address).content.decode()
        assert 'href="/about/"' in text
        assert 'href="/help/"' in text


@pytest.mark.django_db
def test_about_names_the_contact_of_the_own_school(world: World) -> None:
    office, sheet = world.client("office"), reverse("instructions", args=[world.school.uid])
    assert office.post(sheet, {"text": "Кабинет 3, с 9 до 16"}).status_code == 302
    for login, sees in (("parent", True), ("teacher", True), ("stranger", False), ("nobody", False)):
        assert ("Кабинет 3, с 9 до 16" in world.client(login).get("/about/").content.decode()) == sees, login
    # A colleague reads the sheet and sets nothing.
    teacher = world.client("teacher")
    assert "Кабинет 3" in teacher.get(sheet).content.decode()
    assert teacher.post(sheet, {"text": "мой телефон"}).status_code == 404
    too_long = office.post(sheet, {"text": "я" * 201})
    assert too_long.status_code == 422
    assert "я" * 201 in too_long.content.decode()


@pytest.mark.django_db
def test_the_sheet_stands_in_each_chosen_language(world: World, settings: Any) -> None:
    settings.ADDRESS = "https://school.example"
    client, sheet = world.client("office"), reverse("instructions", args=[world.school.uid])
    text = client.get(sheet, {"language": ["en", "ja", "xx"]}).content.decode()
    assert re.findall(r'ways-sheet" lang="(\w+)"', text) == ["en", "ja"]
    assert "school.example/in" in text
    assert "学校連絡帳へのログイン方法" in text
    assert text.count("data:image/svg+xml") == 2
    # Without a choice: the school's own language.
    assert re.findall(r'ways-sheet" lang="(\w+)"', client.get(sheet).content.decode()) == ["ru"]


def home_of(world: World, code: str) -> str:
    places = {
        "teacher": "/today/",
        "class": f"/class/{world.school_class.uid}/",
        "office": f"/office/{world.school.uid}/",
    }
    return places.get(code, f"/diary/{world.anna.uid}/week/{world.lesson.date}/")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("login", "code"),
    [("parent", "family"), ("pupil", "pupil"), ("teacher", "teacher"), ("classteacher", "class"), ("office", "office")],
)
def test_a_tour_is_offered_once_ends_for_ever_and_begins_again_from_help(world: World, login: str, code: str) -> None:
    client, home, tour = world.client(login), home_of(world, code), f"/help/tour/{code}/"
    text = client.get(home).content.decode()
    assert OFFER in text
    assert f'action="{tour}"' in text
    # Without script the offer leads to the same steps.
    steps = client.get(tour).content.decode()
    for stop in tours.tour(code).stops:
        assert stop.says in steps
    assert client.post(tour, {"next": home})["Location"] == home
    assert client.post(tour, {}, headers={"Accept": "application/json"}).status_code == 204
    assert Account.objects.get(login=login).tours_over.split() == [code]
    for again in (client, world.client(login)):
        assert OFFER not in again.get(home).content.decode()
    assert client.post(tour, {"again": "1"})["Location"].endswith("#tour")
    assert OFFER in client.get(home).content.decode()


@pytest.mark.django_db
def test_who_is_offered_no_tour(world: World, settings: Any) -> None:
    week = home_of(world, "family")
    # No marks for a trusted person, no family for the head; not on other pages, not while nothing can be written.
    assert OFFER not in world.client("grandma").get(week).content.decode()
    parent = world.client("parent")
    assert OFFER not in parent.get(f"/diary/{world.anna.uid}/marks/").content.decode()
    assert Client().post("/help/tour/family/", {}).status_code == 302
    assert parent.post("/help/tour/family/", {"next": "https://evil.example/"})["Location"] == "/"
    settings.READ_ONLY = True
    assert OFFER not in world.client("pupil").get(week).content.decode()


@pytest.mark.django_db
def test_the_offer_costs_no_query(world: World, django_assert_num_queries: Any) -> None:
    client, week = world.client("parent"), home_of(world, "family")
    client.cookies["classbook-csrf"] = "a" * 32
    client.get(week)
    with django_assert_num_queries(0):
        assert OFFER in client.get(week).content.decode()


def test_the_places_of_a_tour_are_on_its_page() -> None:
    around = (TEMPLATES / "base.html").read_text() + (TEMPLATES / "parts/frame.html").read_text()
    assert set(tours.PAGES) == set(TOURS)
    for tour in tours.tours():
        assert 3 <= len(tour.stops) <= 5
        page = (TEMPLATES / tours.PAGES[tour.code]).read_text() + around
        for stop in tour.stops:
            if stop.at.startswith("["):
                name, value = stop.at.strip("[]").split("=")
                assert f'{name}="{value}"' in page, (tour.code, stop.at)
            else:
                assert re.search(rf'class="[^"]*\b{stop.at[1:]}\b', page), (tour.code, stop.at)


def test_each_walkthrough_has_its_pictures_and_they_are_small() -> None:
    noted = json.loads((walks.FOLDER / "made.json").read_text())["sizes"]
    files = {str(path.relative_to(walks.FOLDER)): path.stat().st_size for path in walks.FOLDER.rglob("*.webp")}
    wanted = {
        f"{language}/{code}-{number}.webp"
        for language in LANGUAGES
        for code in walks.CODES
        for number in range(1, len(walks.sentences(code)) + 1)
    }
    assert set(noted) == set(files) == wanted
    assert sum(files.values()) < 3_000_000
    assert {topic.walk for topic in TOPICS.values()} - {""} == set(walks.CODES)


def test_a_walkthrough_reads_well_without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walks, "FOLDER", Path("/nowhere"))
    walks.made.cache_clear()
    try:
        text = Client().get("/help/forgotten/").content.decode()
    finally:
        walks.made.cache_clear()
    assert "data-walk" in text
    assert "<img" not in text
    assert "walk.js" not in text
