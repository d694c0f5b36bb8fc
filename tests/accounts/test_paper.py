"""What is printed: a PDF in the family's language, from the board and from the command line."""

from __future__ import annotations

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from django.test import override_settings

from classbook.accounts.actions.letters import PrintedLetter
from classbook.accounts.models import Invitation
from classbook.cli.letters import letters_command
from classbook.events.models import AuditEvent
from classbook.reports.letters import letters_pdf, letters_png
from classbook.schools.models import School
from tests.accounts.test_letters import family, key
from tests.world import World

pytestmark = pytest.mark.django_db

LETTER = PrintedLetter(
    locale="ru", role="guardian", name="Марина Белова", pupil="Анна Белова", class_name="7Б", school="Школа № 12",
    issuer="Ольга Петрова", code="K7AH2M9TX4PC", login="", expires_on=date(2026, 12, 3),
)  # fmt: skip


def pages(*letters: PrintedLetter) -> list[bytes]:
    return letters_png(letters, "https://diary.example.org")


def test_two_letters_stand_on_a_page() -> None:
    assert [len(pages(*[LETTER] * number)) for number in (1, 2, 3)] == [1, 1, 2]
    assert letters_pdf([LETTER], "https://diary.example.org/").startswith(b"%PDF-")


@pytest.mark.parametrize("language", ["en", "ru", "ja", "xx"])
def test_a_letter_is_in_the_familys_language(language: str) -> None:
    one = replace(LETTER, locale=language)
    assert pages(one) == pages(replace(one, locale="en" if language == "xx" else language))
    assert language in {"ru", "xx"} or pages(one) != pages(LETTER)


@pytest.mark.parametrize("name", ['#panic("x")', "*_$`\\ <a> @b //", "]#[", "渡部 樹", "", "Ы" * 120])
def test_what_people_typed_is_text_and_never_markup(name: str) -> None:
    assert len(pages(replace(LETTER, name=name, pupil=name, school=name or "–", issuer=name))) == 1


def test_those_who_print_at_the_same_time_wait_for_each_other() -> None:
    with ThreadPoolExecutor(4) as together:
        made = list(together.map(lambda number: letters_pdf([replace(LETTER, name=f"{number}")] * 20, "http://x"), range(8)))
    assert all(pdf.startswith(b"%PDF-") for pdf in made)


def test_the_board_answers_a_pdf_that_nothing_keeps(world: World) -> None:
    pupil, mother = family(world)
    client = world.client("classteacher")
    address = f"/class/{world.school_class.uid}/letters/print/"
    answer = client.post(address, {"only": key(mother, pupil)})
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "no-store")
    assert answer["Content-Disposition"].endswith("filename*=UTF-8''letters-7%D0%91.pdf")
    assert answer.content.startswith(b"%PDF-")
    assert Invitation.objects.get(person=mother).printed_at is not None
    refused = client.post(address, {"who": "ticked"}, follow=True)
    assert "There is nothing to print here." in refused.content.decode()
    foreign = client.post(address, {"only": f"p:{world.person('adultpupil').uid}"})
    assert foreign.status_code == 404


def test_the_school_comes_as_one_archive(world: World) -> None:
    client = world.client("office")
    root = f"/school/{world.school.uid}/letters"
    assert "wait to be printed" in client.post(f"{root}/issue/", follow=True).content.decode()
    assert client.get(f"{root}/?waiting=1").json()["waiting"] > 20
    answer = client.post(f"{root}/print/")
    assert answer["Cache-Control"] == "no-store"
    with ZipFile(BytesIO(b"".join(answer))) as archive:  # type: ignore[arg-type]
        assert sorted(archive.namelist()) == ["11А.pdf", "1А.pdf", "5В.pdf", "7Б.pdf"]
    assert client.get(f"{root}/?waiting=1").json()["waiting"] == 0
    assert "There is nothing to print." in client.post(f"{root}/print/", follow=True).content.decode()


def test_pages_of_the_board_ask_the_same_for_one_family_and_for_many(
    world: World, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    client = world.client("office")
    for address in (f"/class/{world.school_class.uid}/letters/", f"/school/{world.school.uid}/letters/"):
        client.get(address)
        with django_assert_max_num_queries(16):
            assert client.get(address).status_code == 200


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(letters_command, list(arguments))
    return done.exit_code, done.output


def test_the_operator_prints_a_class_into_a_file_of_his_own(world: World, tmp_path: Path) -> None:
    family(world)
    out, school = tmp_path / "letters.pdf", School.objects.get(pk=world.school.pk)
    options = ("--school", str(school.pk), "--class", "7Б", "--out", str(out), "--address", "https://diary.example.org")
    code, told = run(*options)
    assert code == 0
    assert "letters for 7Б with the address https://diary.example.org" in told
    assert out.read_bytes().startswith(b"%PDF-")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert AuditEvent.objects.filter(kind="letter.printed", actor_id=None).exists()
    number = Invitation.objects.count()
    assert run(*options)[0] == 1
    assert Invitation.objects.count() == number
    other = tmp_path / "again.pdf"
    code, told = run("--school", str(school.pk), "--class", "7Б", "--out", str(other))
    assert (code, other.exists()) == (0, False)
    assert "Nothing was printed." in told


def test_the_operators_letters_bear_the_public_address(world: World, tmp_path: Path) -> None:
    family(world)
    options = ("--school", str(world.school.pk), "--class", "7Б", "--out", str(tmp_path / "letters.pdf"))
    with override_settings(ADDRESS="https://diary.example.org"):
        assert "letters for 7Б with the address https://diary.example.org" in run(*options)[1]


@pytest.mark.parametrize(
    ("school", "name", "told"), [("99999", "7Б", "no school with the number 99999"), ("", "99Я", 'no class "99Я"')]
)
def test_the_operator_is_told_what_is_not_there(world: World, tmp_path: Path, school: str, name: str, told: str) -> None:
    code, output = run("--school", school or str(world.school.pk), "--class", name, "--out", str(tmp_path / "x.pdf"))
    assert code == 1
    assert told in output
    assert not (tmp_path / "x.pdf").exists()
