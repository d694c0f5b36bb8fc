"""Every setting: read, documented, and refused where it makes no sense or would lose data."""

from __future__ import annotations

import re
import runpy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from classbook.common.databases import database_from, refuse_lossy_server
from classbook.common.env import Environment, SettingRefused
from classbook.common.mailing import BACKENDS, smtp_from

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
FILE = Path(__file__).parents[2] / "src" / "classbook" / "config" / "settings.py"
KEY = "k" * 40
FROM = "Classbook <classbook@localhost>"

# Setting: a value, what it becomes, and the default.
CASES: dict[str, tuple[str, str, Any, Any]] = {
    "CLASSBOOK_DATA": ("/tmp/elsewhere", "DATA_DIR", Path("/tmp/elsewhere"), None),
    "CLASSBOOK_DEMO": ("yes", "DEMO", True, False),
    "CLASSBOOK_DEMO_DATE": ("2026-11-19", "DEMO_DATE", date(2026, 11, 19), None),
    "CLASSBOOK_DEMO_SINCE": ("1795000000", "DEMO_SINCE", 1795000000, 0),
    "CLASSBOOK_DEBUG": ("on", "DEBUG", True, False),
    "CLASSBOOK_READ_ONLY": ("1", "READ_ONLY", True, False),
    "CLASSBOOK_HOSTS": ("a.example, b.example", "ALLOWED_HOSTS", ["a.example", "b.example"], ["localhost", "127.0.0.1", "[::1]"]),
    "CLASSBOOK_HTTPS": ("true", "SESSION_COOKIE_SECURE", True, False),
    "CLASSBOOK_PROXIES": ("2", "ALLAUTH_TRUSTED_PROXY_COUNT", 2, 0),
    "CLASSBOOK_TIME_ZONE": ("Asia/Tokyo", "TIME_ZONE", "Asia/Tokyo", "UTC"),
    "CLASSBOOK_LANGUAGE": ("ja", "LANGUAGE_CODE", "ja", "en"),
    "CLASSBOOK_ADDRESS": ("https://school.example/", "ADDRESS", "https://school.example", "http://localhost"),
    "CLASSBOOK_EMAIL": ("smtp", "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend", BACKENDS["off"]),
    "CLASSBOOK_EMAIL_FROM": ("School <s@school.example>", "DEFAULT_FROM_EMAIL", "School <s@school.example>", FROM),
    "CLASSBOOK_SMTP_URL": ("smtps://u:p@mail.example", "EMAIL_PORT", 465, 25),
    "CLASSBOOK_ANYMAIL": ("A_KEY=x=y, B=z", "ANYMAIL", {"A_KEY": "x=y", "B": "z"}, {}),
    "CLASSBOOK_SMS": ("console", "SMS", "console", "off"),
    "CLASSBOOK_SMS_URL": ("https://sms.example/?to={to}", "SMS_URL", "https://sms.example/?to={to}", ""),
    "CLASSBOOK_SMS_BODY": ('{"to": "{to}"}', "SMS_BODY", '{"to": "{to}"}', ""),
    "CLASSBOOK_SMS_HEADER": ("Authorization: Bearer x", "SMS_HEADER", "Authorization: Bearer x", ""),
    "CLASSBOOK_PORTAL_ISSUER": ("https://portal.example", "PORTAL_ISSUER", "https://portal.example", ""),
    "CLASSBOOK_PORTAL_CLIENT": ("diary", "PORTAL_CLIENT", "diary", "classbook"),
    "CLASSBOOK_PORTAL_SECRET": ("secret", "PORTAL_SECRET", "secret", ""),
    "CLASSBOOK_PORTAL_NAME": ("Services", "PORTAL_NAME", "Services", ""),
    "CLASSBOOK_REQUIRE_SECOND_FACTOR": ("2026-12-01", "REQUIRE_SECOND_FACTOR", date(2026, 12, 1), "on"),
    "CLASSBOOK_SECRET_KEY": (KEY, "SECRET_KEY", KEY, None),
}


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment without settings, in an empty folder."""
    for name in (*CASES, "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLASSBOOK_DATA", str(tmp_path))
    return tmp_path


def settings_now() -> dict[str, Any]:
    """What the settings file makes of the environment."""
    return runpy.run_path(str(FILE))


@pytest.mark.parametrize("name", CASES)
def test_a_setting_is_read(bare: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    value, attribute, expected, default = CASES[name]
    if default is not None:
        assert settings_now()[attribute] == default
    monkeypatch.setenv(name, value)
    if name == "CLASSBOOK_DATA":
        monkeypatch.setenv("CLASSBOOK_SECRET_KEY", KEY)
    assert settings_now()[attribute] == expected


def test_every_setting_is_documented_and_tested() -> None:
    from classbook.config.settings import env

    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert documented == {*env.known, "DATABASE_URL"}
    assert set(CASES) == set(env.known)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("CLASSBOOK_DEMO", "perhaps", 'CLASSBOOK_DEMO="perhaps" is neither yes nor no. Write "yes" or "no".'),
        (
            "CLASSBOOK_REQUIRE_SECOND_FACTOR",
            "soon",
            'CLASSBOOK_REQUIRE_SECOND_FACTOR="soon" is not known. Write off, on or a date as 2026-11-19.',
        ),
        ("CLASSBOOK_PROXIES", "-1", 'CLASSBOOK_PROXIES="-1" is not a whole number of 0 or more.'),
        ("CLASSBOOK_TIME_ZONE", "Asia/Nowhere", 'CLASSBOOK_TIME_ZONE="Asia/Nowhere" is no time zone. '
         "Write it as Asia/Tokyo or Europe/Berlin."),
        ("CLASSBOOK_TIME_ZONE", "../../etc/passwd", 'CLASSBOOK_TIME_ZONE="../../etc/passwd" is no time zone. '
         "Write it as Asia/Tokyo or Europe/Berlin."),
        ("CLASSBOOK_LANGUAGE", "tlh", 'CLASSBOOK_LANGUAGE="tlh" is not known. Write one of: en, ru, ja.'),
        ("CLASSBOOK_DEMO_DATE", "19.11.2026", 'CLASSBOOK_DEMO_DATE="19.11.2026" is not a date. Write it as 2026-11-19.'),
        ("CLASSBOOK_SECRET_KEY", "short", "CLASSBOOK_SECRET_KEY is shorter than 32 signs. Leave it out: a good one is made by itself."),
        ("CLASSBOOK_EMAIL", "pigeon", 'CLASSBOOK_EMAIL="pigeon" is not known. Write one of: off, console, file, smtp, or a backend '
         "such as anymail.backends.mailgun.EmailBackend."),
        ("CLASSBOOK_SMTP_URL", "mail.example", "CLASSBOOK_SMTP_URL is no mail server. Write smtp://user:password@host:587 or "
         "smtps://user:password@host."),
        ("CLASSBOOK_SMTP_URL", "smtp://h?verify=no", "CLASSBOOK_SMTP_URL brings the unknown option verify. Only tls=no is known."),
        ("CLASSBOOK_ANYMAIL", "KEY", "CLASSBOOK_ANYMAIL is not a list of NAME=value, separated by commas."),
        ("CLASSBOOK_SMS", "http", "CLASSBOOK_SMS_URL does not begin with https://. Telephone numbers and codes travel by it."),
        ("CLASSBOOK_SMS_URL", "http://sms.example/", "CLASSBOOK_SMS_URL does not begin with https://. Telephone numbers and codes "
         "travel by it."),
        ("CLASSBOOK_ADDRESS", "school.example", 'CLASSBOOK_ADDRESS="school.example" is no address of a site. Write it as '
         "https://school.example."),
        ("CLASSBOOK_PORTAL_ISSUER", "http://portal.example", 'CLASSBOOK_PORTAL_ISSUER="http://portal.example" is no issuer. '
         "Write it as https://portal.example."),
        ("CLASSBOOK_TIMEZONE", "UTC", "Unknown setting: CLASSBOOK_TIMEZONE. Every setting stands in docs/settings.md; "
         "correct the name or remove it."),
        ("DATABASE_URL", "mysql://u@h/n", 'DATABASE_URL starts with neither "sqlite:///" nor "postgresql://". Use one of the two.'),
        ("DATABASE_URL", "sqlite:///x?synchronous=off", "DATABASE_URL of SQLite takes no options: the journal mode and "
         "synchronous=FULL are fixed."),
        ("DATABASE_URL", "sqlite:///:memory:", "DATABASE_URL names a database in memory, which ends with the process. Name a file."),
        ("DATABASE_URL", "sqlite://", "DATABASE_URL of SQLite names no file. Write sqlite:////folder/classbook.sqlite3."),
        ("DATABASE_URL", "postgresql://u@h/n?options=-c%20synchronous_commit=off", "DATABASE_URL switches synchronous_commit or "
         "fsync. Classbook needs both on: remove it."),
        ("DATABASE_URL", "postgresql://u@h/n?options=-c%20search_path=x", 'DATABASE_URL brings "options" for the server. '
         "Classbook sets its own: put others into the server."),
        ("DATABASE_URL", "postgresql://u@h", "DATABASE_URL names no database. Write postgresql://user@host/classbook."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_or_loses_data_is_refused(
    bare: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingRefused) as refused:
        settings_now()
    assert str(refused.value) == told


def test_the_key_is_made_once_and_kept(bare: Path) -> None:
    made = settings_now()["SECRET_KEY"]
    assert len(made) >= 48
    assert settings_now()["SECRET_KEY"] == made
    assert (bare / "secret-key").stat().st_mode & 0o077 == 0


def test_mail_travels_encrypted_except_on_this_machine() -> None:
    names = ("EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS", "EMAIL_USE_SSL")
    for url, expected in (
        ("smtp://u:p%40ss@mail.example", ("mail.example", 587, "u", "p@ss", True, False)),
        ("smtps://u:p@mail.example:4465", ("mail.example", 4465, "u", "p", False, True)),
        ("smtp://mail.example:25?tls=no", ("mail.example", 25, "", "", False, False)),
        ("smtp://localhost:25", ("localhost", 25, "", "", False, False)),
        ("smtp://localhost:25?tls=yes", ("localhost", 25, "", "", True, False)),
    ):
        found = smtp_from(url)
        assert tuple(found[name] for name in names) == expected


@pytest.mark.parametrize(
    ("hosts", "https", "address"),
    [
        ("*", "no", "http://localhost"),
        ("a.example,b.example", "yes", "https://a.example"),
        (".a.example", "no", "http://a.example"),
    ],
)
def test_the_address_follows_the_hosts(bare: Path, monkeypatch: pytest.MonkeyPatch, hosts: str, https: str, address: str) -> None:
    monkeypatch.setenv("CLASSBOOK_HOSTS", hosts)
    monkeypatch.setenv("CLASSBOOK_HTTPS", https)
    assert settings_now()["ADDRESS"] == address


@pytest.mark.parametrize(("email", "sms", "channels"), [("off", "off", ""), ("file", "off", "email"), ("off", "file", "sms")])
def test_a_site_knows_its_channels(bare: Path, monkeypatch: pytest.MonkeyPatch, email: str, sms: str, channels: str) -> None:
    monkeypatch.setenv("CLASSBOOK_EMAIL", email)
    monkeypatch.setenv("CLASSBOOK_SMS", sms)
    assert settings_now()["CHANNELS"] == set(channels.split())


@pytest.mark.django_db
def test_sqlite_is_durable(tmp_path: Path) -> None:
    """What the connection really has, not what the settings say."""
    from django.db.backends.sqlite3.base import DatabaseWrapper

    found = database_from(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    options = {"ATOMIC_REQUESTS": False, "AUTOCOMMIT": True, "CONN_HEALTH_CHECKS": False, "TIME_ZONE": None}
    connection = DatabaseWrapper(found | options | {"USER": "", "PASSWORD": "", "HOST": "", "PORT": ""}, "one")
    told = {}
    with connection.cursor() as cursor:
        for pragma in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers"):
            cursor.execute(f"PRAGMA {pragma}")
            told[pragma] = cursor.fetchone()[0]
    connection.close()
    assert told == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_postgresql_is_durable() -> None:
    found = database_from("postgresql://u:p%40ss@h:5433/n?sslmode=require")
    assert (found["NAME"], found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == ("n", "u", "p@ss", "h", "5433")
    assert "synchronous_commit=on" in found["OPTIONS"]["options"]
    assert found["OPTIONS"]["sslmode"] == "require"


@pytest.mark.parametrize("name", ["fsync", "full_page_writes"])
def test_a_server_that_may_lose_entries_is_refused(name: str) -> None:
    refuse_lossy_server(lambda asked: "on")
    with pytest.raises(SettingRefused) as refused:
        refuse_lossy_server(lambda asked: "off" if asked == name else "on")
    assert str(refused.value) == (
        f"The PostgreSQL server runs with {name}=off and can lose entries in a power cut. Switch it on there."
    )


@pytest.mark.django_db
def test_the_server_of_these_tests_is_durable() -> None:
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('synchronous_commit'), current_setting('fsync')")
            assert cursor.fetchone() == ("on", "on")


def test_an_empty_variable_counts_as_not_set() -> None:
    env = Environment({"CLASSBOOK_X": "  "})
    assert (env.flag("CLASSBOOK_X", default=True), env.number("CLASSBOOK_X", default=3)) == (True, 3)
    env.refuse_unknown()
