"""Walls of the house that tools do not watch."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model

from classbook.common.catalogues import LANGUAGES, missing

SOURCE = Path(__file__).parents[2] / "src" / "classbook"
ORDER = ["events", "people", "schools", "notifications", "lessons", "homework", "grading", "attendance", "accounts"]
SIBLINGS = {"homework", "grading", "attendance", "accounts"}
MODULES = sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)


def ours() -> list[type[Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("classbook.")]


def test_foreign_keys_point_downwards() -> None:
    wrong = []
    for model in ours():
        here = model._meta.app_label
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if not getattr(field, "concrete", False) or target is None:
                continue
            there = target._meta.app_label
            if there != here and (ORDER.index(there) > ORDER.index(here) or {here, there} <= SIBLINGS):
                wrong.append(f"{model.__name__}.{field.name} -> {there}")
    assert wrong == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_module_is_small(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40, node.name


MANAGERS = {"objects", "_default_manager", "_base_manager"}


def test_views_never_ask_the_tables_themselves() -> None:
    wrong = []
    for path in (SOURCE / "web").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in MANAGERS:
                wrong.append(f"{path.name}:{node.lineno}")
    assert wrong == []


DOMAIN = ("events", "people", "schools", "notifications", "lessons", "homework", "grading", "attendance", "accounts")
SIX = {"tasks", "actions", "access", "queries", "models", "rules"}
# What stands beside the six, and why.
BESIDE = {
    "events": {"operations", "reading"},  # parts of actions: a write happens once; reads go to a file
    "people": {"sessions", "contacts"},  # Django's session store; rules of addresses
    "schools": {"roles", "positions", "reader"},  # roles as data; the operator's own action; who asks, in one statement
    "notifications": {"channels", "rendering"},  # the ways out; the words, which are rules with a language
    "grading": {"integrity", "forecast"},  # queries of the operator; rules of marks to come
    "attendance": {"integrity"},
    # Where allauth and Django ask for them; what a browser carries of a letter; the portal: its client, and who is who; the
    # exchange with a passkey; why somebody does not get in.
    "accounts": {
        "adapter",
        "forms",
        "devices",
        "hashers",
        "backends",
        "validators",
        "carrying",
        "portal_client",
        "matching",
        "passkeys",
        "doctor",
    },
}


@pytest.mark.parametrize("package", DOMAIN)
def test_a_domain_package_has_the_six_modules(package: str) -> None:
    """Their order is import-linter's business (pyproject.toml); that nothing else grows beside them is ours."""
    found = {path.stem if path.is_file() else path.name for path in (SOURCE / package).iterdir()}
    assert found - {"__init__", "__pycache__", "apps", "migrations", "templates"} <= SIX | BESIDE.get(package, set())


def test_the_contracts_know_every_domain_package() -> None:
    house = tomllib.loads((SOURCE.parents[1] / "pyproject.toml").read_text())
    contracts = house["tool"]["importlinter"]["contracts"]
    modules = next(contract for contract in contracts if contract["name"].startswith("Inside a domain package"))
    assert set(modules["containers"]) == {f"classbook.{package}" for package in DOMAIN}
    named = set(re.findall(r"\w+", " ".join(modules["layers"])))
    assert named == SIX.union(*BESIDE.values())


def test_a_function_level_import_carries_a_reason() -> None:
    """The first of a block says it."""
    wrong = []
    for path in MODULES:
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            if re.match(r"\s+(from|import) \S.*", line) and "PLC0415" in line and "PLC0415 - " not in line:
                before = [x for x in lines[max(0, number - 8) : number] if "PLC0415 - " in x]
                wrong += [] if before else [f"{path.name}:{number + 1}"]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_is_complete(language: str) -> None:
    assert missing(language) == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_pinned_by_hash_and_name_no_registry(name: str) -> None:
    text = (SOURCE.parents[1] / name).read_text()
    pins = re.split(r"^(?=[^\s#])", text, flags=re.MULTILINE)[1:]
    assert len(pins) > 20
    assert [pin for pin in pins if not re.match(r"[\w.\[\],-]+==\S+ ", pin) or "--hash=sha256:" not in pin] == []
    assert not re.search(r"https?://|index-url|find-links|trusted-host", text)


def test_a_translation_keeps_the_places_of_values() -> None:
    """The check is able to fail."""
    from babel.messages.catalog import Message

    from classbook.common.catalogues import _keeps_places

    assert _keeps_places(Message("%(n)s of %(all)s", "%(all)s: %(n)s"))
    assert not _keeps_places(Message("%(n)s of %(all)s", "%(n)s"))
    assert _keeps_places(Message(("one lesson", "%(n)s lessons"), ("one", "%(n)s", "%(n)s")))
    assert not _keeps_places(Message(("one lesson", "%(n)s lessons"), ("one", "%(m)s", "%(n)s")))
