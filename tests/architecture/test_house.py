"""Walls of the house that tools do not watch."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import Model

from classbook.common.catalogues import LANGUAGES, missing

SOURCE = Path(__file__).parents[2] / "src" / "classbook"
ORDER = ["events", "people", "schools", "lessons", "homework", "grading", "attendance"]
SIBLINGS = {"homework", "grading", "attendance"}
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
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 45, node.name


def test_views_never_ask_the_tables_themselves() -> None:
    wrong = []
    for path in (SOURCE / "web").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr == "objects":
                wrong.append(f"{path.name}:{node.lineno}")
    assert wrong == []


def test_domain_packages_know_no_requests() -> None:
    wrong = []
    for path in MODULES:
        if path.relative_to(SOURCE).parts[0] not in {"web", "config", "accounts"}:
            found = re.findall(r"^from django\.(?:http|shortcuts)", path.read_text(), re.MULTILINE)
            wrong += [str(path)] * len(found)
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_is_complete(language: str) -> None:
    assert missing(language) == []


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_every_setting_is_documented() -> None:
    from classbook.config.settings import env

    text = (SOURCE.parents[1] / "docs" / "settings.md").read_text()
    documented = set(re.findall(r"`(CLASSBOOK_[A-Z_]+)`", text))
    assert documented == set(env.known)


def test_every_personal_field_is_registered() -> None:
    import tomllib

    register = tomllib.loads((SOURCE / "config" / "field_register.toml").read_text())
    fields = {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in ours()
        for field in model._meta.concrete_fields
        if not field.primary_key
    }
    listed = {f"{table}.{name}" for table, entry in register["fields"].items() for names in entry.values() for name in names}
    assert listed == fields
    assert {kind for entry in register["fields"].values() for kind in entry} <= set(register["classes"])
