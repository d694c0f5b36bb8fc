"""The console script: help on every command, sentences instead of tracebacks, exit codes that a script can trust."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from classbook.cli import COMMANDS, cli
from classbook.grading.models import Mark
from classbook.people.models import Account
from classbook.schools.models import Position
from tests.imports.packages import SmallSchool
from tests.world import World

pytestmark = pytest.mark.django_db


def every_command() -> list[tuple[str, ...]]:
    context = click.Context(cli)
    found: list[tuple[str, ...]] = [()]
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, part) for part in command.list_commands(click.Context(command))]
    return found


def run(*words: str) -> tuple[int, list[str]]:
    done = CliRunner().invoke(cli, list(words))
    return done.exit_code, done.output.splitlines()


def test_the_commands_that_others_build_on() -> None:
    assert list(COMMANDS) == [
        "demo",
        "serve",
        "worker",
        "migrate",
        "import",
        "guardians",
        "account",
        "letters",
        "region",
        "integrity",
        "portal",
    ]
    assert {("import", "oneroster"), ("import", "timetable"), ("guardians", "confirm"), ("account", "issue")} <= set(
        every_command()
    )


@pytest.mark.parametrize("words", every_command(), ids=lambda words: " ".join(words) or "classbook")
def test_help(words: tuple[str, ...]) -> None:
    code, lines = run(*words, "--help")
    assert code == 0
    assert lines[0].startswith("Usage:")
    # A sentence about what it is for, and a word about every option.
    assert re.search(r"^  \S.*\.", "\n".join(lines), re.MULTILINE)
    assert [line for line in lines if re.fullmatch(r"  --[a-z-]+( [A-Z]+)?", line.rstrip())] == []


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("fly",), 2, "Error: No such command 'fly'."),
        (("account", "issue", "nobody-here"), 1, 'Error: No account has the login "nobody-here". Nothing was changed.'),
        (("account", "role", "teacher", "king", "--school", "1"), 1, None),
        (("guardians", "confirm", "--school", "99"), 1, "Error: There is no school with the number 99. Nothing was changed."),
        (("import", "oneroster", "/nowhere"), 2, "Error: Invalid value for 'PATH': Path '/nowhere' does not exist."),
        (("import", "oneroster", "/tmp", "--profile", "mars"), 1, 'Error: There is no profile "mars". There are: default, finland, '
         "france, germany, japan, percent, russia, usa."),
        (("import", "oneroster", "/tmp", "--time-zone", "Mars"), 1, 'Error: "Mars" is no time zone. Write it as Asia/Tokyo or '
         "Europe/Berlin."),
        (("integrity",), 0, "Every mark and absence agrees with its history."),
        (("worker", "--once"), 0, None),
    ],
)  # fmt: skip
def test_exit_codes_and_sentences(words: tuple[str, ...], code: int, told: str | None, world: World) -> None:
    found, lines = run(*words)
    assert found == code
    if told:
        assert lines[-1] == told


def test_integrity_finds_what_history_does_not_know(world: World) -> None:
    Mark.objects.filter(pk=Mark.objects.order_by("pk")[0].pk).update(code="2")
    code, lines = run("integrity")
    assert (code, lines[-1]) == (1, "1 problem.")


def test_a_temporary_password_is_shown_once_and_must_be_changed(world: World) -> None:
    code, lines = run("account", "issue", "Teacher")
    password = lines[1].split()[-1]
    account = Account.objects.get(login="teacher")
    assert code == 0
    assert re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){2}", password)
    assert account.check_password(password)
    assert account.must_change_password
    assert not account.check_password("demo-teacher")


def test_a_role_is_given_and_taken(world: World) -> None:
    school = str(world.school.pk)
    assert run("account", "role", "nurse", "psychologist", "--school", school)[0] == 0
    held = Position.objects.filter(person=world.person("nurse"), role="psychologist")
    assert held.filter(ends_on=None).count() == 1
    assert run("account", "role", "nurse", "psychologist", "--school", school, "--end")[0] == 0
    assert held.filter(ends_on=None).count() == 0


def test_what_changed_is_told_by_field(tmp_path: Path) -> None:
    package = SmallSchool()
    assert run("import", "oneroster", str(package.folder(tmp_path / "p")))[0] == 0
    package.row("users", "u-s1")["familyName"] = "Newname"
    package.row("users", "u-s2")["givenName"] = "Other"
    code, lines = run("import", "oneroster", str(package.folder(tmp_path / "p")))
    assert code == 0
    assert "Changed persons: family name (1), given name (1), sort key (2)" in lines


def test_without_tables_the_way_out_is_told(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-c", "from classbook.cli import main; main()", "integrity"],
        env=environment | {"CLASSBOOK_DATA": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "The tables are missing. Make them with: classbook migrate"
