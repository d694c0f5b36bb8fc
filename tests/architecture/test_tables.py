"""Tables as the house wants them: registered fields, explained indexes, named migrations, a page that knows them all."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import Index, Model, UniqueConstraint

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "classbook"
MODELS = sorted([*SOURCE.rglob("models.py"), *SOURCE.rglob("models/[a-z]*.py")])
PAGE = (ROOT / "docs" / "data-model.md").read_text(encoding="utf-8")


def ours() -> list[type[Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("classbook.")]


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("migrations/[0-9]*.py")), ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_a_migration_is_named_by_hand(path: Path) -> None:
    assert re.fullmatch(r"\d{4}_[a-z]+(_[a-z]+)*", path.stem)
    # Django's own inventions: 0002_auto_20260101_1200, 0002_alter_person_sex_and_more, 0002_remove_lesson_topic.
    assert not re.match(r"\d{4}_(auto|alter|remove|delete|rename|initial)_|.*_and_more", path.stem)


def register() -> dict[str, dict[str, dict[str, object]]]:
    found: dict[str, dict[str, dict[str, object]]] = tomllib.loads((SOURCE / "config" / "field_register.toml").read_text())
    return found


def test_every_field_is_registered() -> None:
    """Those of the libraries' tables too: a second factor is as personal as a name."""
    fields = {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if not field.primary_key or field.name == "key_hash"
    }
    listed = [
        f"{table}.{name}"
        for table, entry in register()["fields"].items()
        for names in entry.values()
        for name in names  # type: ignore[attr-defined]
    ]
    assert sorted(listed) == sorted(fields)


def test_every_class_of_data_says_why_how_long_and_who() -> None:
    classes = register()["classes"]
    assert {kind for entry in register()["fields"].values() for kind in entry} == set(classes)
    for name, entry in classes.items():
        assert set(entry) == {"purpose", "term", "roles"}, name
        assert all(isinstance(value, str) and value for value in entry.values()), name


@pytest.mark.parametrize("path", MODELS, ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_index_says_which_page_it_serves(path: Path) -> None:
    """A comment stands right above it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    indexes = [number for number, line in enumerate(lines) if "models.Index(" in line or "db_index=True" in line]
    bare = [f"{path.parent.name}:{number + 1}" for number in indexes if not lines[number - 1].strip().startswith("#")]
    assert bare == []


def test_no_index_is_there_twice() -> None:
    """A foreign key needs none of its own where another index begins with it (architecture.md)."""
    double = []
    for model in ours():
        starts = {index.fields[0] for index in model._meta.indexes if isinstance(index, Index) and index.fields}
        for constraint in model._meta.constraints:
            if isinstance(constraint, UniqueConstraint) and constraint.fields and constraint.condition is None:
                starts.add(constraint.fields[0])
        double += [
            f"{model.__name__}.{field.name}"
            for field in model._meta.concrete_fields
            if field.db_index and not field.unique and field.name in starts
        ]
    assert double == []


def test_the_page_knows_every_table_constraint_and_index() -> None:
    names = {model.__name__ for model in ours()}
    names |= {constraint.name for model in ours() for constraint in model._meta.constraints}
    names |= {index.name for model in ours() for index in model._meta.indexes}
    rows = "\n".join(line for line in PAGE.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`([A-Za-z_]+)`", rows)) == names


def test_the_words_of_the_tables_are_explained() -> None:
    """docs/words.md names every table that people talk about."""
    words = (ROOT / "docs" / "words.md").read_text(encoding="utf-8")
    missing = [model.__name__ for model in ours() if not re.search(rf"\b{model.__name__}\b", words)]
    assert missing == []
