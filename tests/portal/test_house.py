"""The portal's walls: views ask no table, settings are documented and refuse nonsense, keys and clients by command."""

from __future__ import annotations

import ast
import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command

from classbook.common.env import SettingRefused
from classbook.common.errors import Refusal

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "classbook" / "portal"
FILE = SOURCE / "settings.py"
PAGE = (ROOT / "docs" / "portal.md").read_text(encoding="utf-8")
KEY = "k" * 40


def test_views_never_ask_the_tables_themselves() -> None:
    wrong = []
    for path in [*(SOURCE / "views").glob("*.py"), SOURCE / "context.py", SOURCE / "middleware.py"]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr == "objects" and "Token.objects" not in ast.unparse(node):
                wrong.append(f"{path.name}:{node.lineno}")
    assert wrong == []


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


CASES: dict[str, tuple[str, str, Any]] = {
    "PORTAL_DATA": ("/tmp/elsewhere", "DATA_DIR", Path("/tmp/elsewhere")),
    "PORTAL_DEMO": ("yes", "DEMO", True),
    "PORTAL_DEBUG": ("on", "DEBUG", True),
    "PORTAL_HOSTS": ("a.example, b.example", "ALLOWED_HOSTS", ["a.example", "b.example"]),
    "PORTAL_ADDRESS": ("https://id.example/", "ADDRESS", "https://id.example"),
    "PORTAL_HTTPS": ("true", "SESSION_COOKIE_NAME", "__Host-portal"),
    "PORTAL_PROXIES": ("2", "ALLAUTH_TRUSTED_PROXY_COUNT", 2),
    "PORTAL_TIME_ZONE": ("Asia/Tokyo", "TIME_ZONE", "Asia/Tokyo"),
    "PORTAL_LANGUAGE": ("ja", "LANGUAGE_CODE", "ja"),
    "PORTAL_REGISTER": ("a.B", "REGISTER", "a.B"),
    "PORTAL_MESSAGES": ("gateway", "MESSAGES", "gateway"),
    "PORTAL_SMS_GATEWAY": ("https://sms.example/send", "SMS_GATEWAY", "https://sms.example/send"),
    "PORTAL_SMS_TOKEN": ("t", "SMS_TOKEN", "t"),
    "PORTAL_CATALOGUE": ("/etc/c.toml", "CATALOGUE", Path("/etc/c.toml")),
    "PORTAL_CLASSBOOK": ("https://school.example/", "CLASSBOOK", "https://school.example"),
    "PORTAL_MAIL_SERVER": ("mail.example:2525", "EMAIL_PORT", 2525),
    "PORTAL_MAIL_FROM": ("p@example.org", "DEFAULT_FROM_EMAIL", "p@example.org"),
    "PORTAL_SECRET_KEY": (KEY, "SECRET_KEY", KEY),
}


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*CASES, "PORTAL_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PORTAL_DATA", str(tmp_path))


@pytest.mark.parametrize("name", CASES)
def test_a_setting_is_read(bare: None, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    value, attribute, expected = CASES[name]
    if name == "PORTAL_DATA":
        monkeypatch.setenv("PORTAL_SECRET_KEY", KEY)
    else:
        assert runpy.run_path(str(FILE))[attribute] != expected
    monkeypatch.setenv(name, value)
    assert runpy.run_path(str(FILE))[attribute] == expected


def test_every_setting_is_documented_and_tested() -> None:
    from classbook.portal.settings import env

    documented = set(re.findall(r"^\| `(PORTAL_[A-Z_]+)` \|", PAGE, re.MULTILINE))
    assert documented == set(env.known)
    assert set(CASES) | {"PORTAL_DATABASE_URL"} == set(env.known)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        (
            "PORTAL_NAME",
            "x",
            "Unknown setting: PORTAL_NAME. Every setting stands in docs/portal.md; correct the name or remove it.",
        ),
        ("PORTAL_MESSAGES", "pigeon", 'PORTAL_MESSAGES="pigeon" is not known. Write one of: console, outbox, gateway.'),
        ("PORTAL_SECRET_KEY", "short", "PORTAL_SECRET_KEY is shorter than 32 signs. Leave it out: a good one is made by itself."),
    ],
)
def test_what_makes_no_sense_is_refused(bare: None, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingRefused) as refused:
        runpy.run_path(str(FILE))
    assert str(refused.value) == told


def test_the_page_knows_every_table_and_constraint() -> None:
    models = [model for model in apps.get_models() if model._meta.app_label == "portal"]
    names = {model.__name__ for model in models}
    names |= {constraint.name for model in models for constraint in model._meta.constraints}
    names |= {index.name for model in models for index in model._meta.indexes}
    missing = sorted(name for name in names if f"`{name}`" not in PAGE)
    assert missing == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "http://school.example/x",
        "https://school.example/x#y",
        "https://*.example/",
        "javascript:x",
        "https://u@h.example/",
        "/x",
        "",
    ],
)
def test_a_client_with_an_odd_address_is_not_registered(address: str, settings: Any) -> None:
    from classbook.portal.actions.clients import add_client

    settings.DEMO = False
    with pytest.raises(Refusal):
        add_client("x", "X", [address], [], ["openid"], "", "s" * 30)


def test_keys_turn_over(settings: Any, tmp_path: Path) -> None:
    """Always two or more published; the next one was announced before; an old one goes after a day."""
    import time_machine

    from classbook.common.clock import now
    from classbook.portal import keys

    settings.DATA_DIR = tmp_path
    keys.make_missing()
    assert (keys.path().stat().st_mode & 0o077, len(keys.published()), len(keys.signing())) == (0, 2, 1)
    announced = {key.pem for key in keys.published()}
    keys.rotate()
    newest = max(keys.signing(), key=lambda key: key.issued_at or now())
    assert newest.pem in announced and len(keys.published()) == 3
    with time_machine.travel(now().timestamp() + 25 * 3600):
        assert len(keys.published()) == 2 and [key.pem for key in keys.signing()] == [newest.pem]


def test_the_demo_citizens_stand_in_the_register() -> None:
    from classbook.common.snils import is_snils
    from classbook.portal.demo import people
    from classbook.portal.register import Answer, Claim, SimulatedRegister

    for entry in people().values():
        if "snils" in entry:
            assert is_snils(entry["snils"])
            claim = Claim(entry["family_name"], entry["given_name"], entry["middle_name"], entry["birth_date"], entry["snils"], entry.get("passport", ""))  # fmt: skip
            assert SimulatedRegister().check(claim) is Answer.MATCHES


def test_every_field_is_registered() -> None:
    """Those of the libraries' tables too."""
    register = tomllib.loads((SOURCE / "data" / "field_register.toml").read_text())
    fields = {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if not field.primary_key or field.name == "key_hash"
    }
    listed = [f"{table}.{name}" for table, entry in register["fields"].items() for names in entry.values() for name in names]
    assert sorted(listed) == sorted(fields)
    assert {kind for entry in register["fields"].values() for kind in entry} <= set(register["classes"])
    assert all(set(entry) == {"purpose", "term", "roles"} for entry in register["classes"].values())
