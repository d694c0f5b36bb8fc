"""Logins of an old system come in, work for a time, are upgraded at their first use, and are over one day."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import argon2
import bcrypt
import pytest
from django.conf import settings as site
from django.contrib.auth import hashers
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from classbook.accounts.actions import issue_password, old_logins
from classbook.accounts.models import OldPassword
from classbook.accounts.tasks import tidy
from classbook.common import clock, old_hashes
from classbook.common.old_hashes import fits, is_known, is_same, kept_form
from classbook.events.models import AuditEvent
from classbook.imports.logins import import_logins
from classbook.imports.problems import ImportRefused
from classbook.people.models import Account, Person, Session
from tests.accounts.test_letters import family
from tests.world import World

PASSWORD = "Старый пароль 7"
_SECRET = PASSWORD.encode()


def _b64(digest: str, rounds: int) -> str:
    return base64.b64encode(hashlib.pbkdf2_hmac(digest, _SECRET, b"salt", rounds)).decode()


def hashes() -> dict[str, str]:
    """One of each form, made by other hands where there are any."""
    return {
        "django pbkdf2": hashers.PBKDF2PasswordHasher().encode(PASSWORD, "salt", 1000),
        "django pbkdf2 sha1": hashers.PBKDF2SHA1PasswordHasher().encode(PASSWORD, "salt", 1000),
        "django pbkdf2 sha512": f"pbkdf2_sha512$900$salt${_b64('sha512', 900)}",
        **{
            f"raw {digest}": f"pbkdf2:{digest}:700$salt${hashlib.pbkdf2_hmac(digest, _SECRET, b'salt', 700).hex()}"
            for digest in ("sha1", "sha256", "sha512")
        },
        "bcrypt": bcrypt.hashpw(_SECRET, bcrypt.gensalt(4)).decode(),
        "bcrypt of PHP": bcrypt.hashpw(_SECRET, bcrypt.gensalt(4)).decode().replace("$2b$", "$2y$"),
        "django bcrypt": hashers.BCryptPasswordHasher().encode("short", bcrypt.gensalt(4)).replace("short", ""),
        "django bcrypt sha256": hashers.BCryptSHA256PasswordHasher().encode(PASSWORD, bcrypt.gensalt(4)),
        "argon2": argon2.PasswordHasher(1, 64, 1).hash(PASSWORD),
        "django argon2": "argon2" + argon2.PasswordHasher(1, 64, 1).hash(PASSWORD),
        "md5": f"md5$salt${hashlib.md5(b'salt' + _SECRET).hexdigest()}",
        "md5 after": f"md5-after$salt${hashlib.md5(_SECRET + b'salt').hexdigest()}",
    }  # fmt: skip


HASHES = hashes()


@pytest.mark.parametrize("form", HASHES)
def test_every_form_fits_its_password_and_no_other(form: str) -> None:
    right = "short" if form == "django bcrypt" else PASSWORD
    kept = kept_form(HASHES[form])
    assert is_known(HASHES[form])
    assert is_same(kept, HASHES[form])
    assert fits(right, kept)
    for wrong in ("", right + "x", right.upper(), "\0" + right):
        assert not fits(wrong, kept)


def test_md5_is_never_kept_bare() -> None:
    for form in ("md5", "md5 after"):
        kept = kept_form(HASHES[form])
        assert HASHES[form].rsplit("$", 1)[1] not in kept
        assert "$argon2id$v=19$m=19456,t=2,p=1$" in kept
        assert not is_same(kept, HASHES[form][:-1] + "0" * (HASHES[form][-1] != "0") + "1" * (HASHES[form][-1] == "0"))


@pytest.mark.parametrize(
    "text",
    ["", "secret", "plain$x", hashlib.md5(b"x").hexdigest(), f"md5$${hashlib.md5(b'x').hexdigest()}", "pbkdf2_sha256$1000$salt$AAAA",
     f"pbkdf2_sha256$9999999$salt${_b64('sha256', 1)}", f"pbkdf2:sha256:700$salt${'0' * 40}", "$2b$15$" + "a" * 53, "$2b$04$short",
     "$argon2id$v=19$m=1048576,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2g", "$argon2id$v=19$m=64,t=99,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
     "md5+argon2$salt$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g"],
)  # fmt: skip
def test_what_is_unknown_or_costs_too_much_is_refused(text: str) -> None:
    assert not is_known(text)
    assert kept_form(text) == ""


@pytest.fixture
def people(world: World) -> tuple[Person, Person]:
    pupil, mother = family(world)
    Person.objects.filter(pk=mother.pk).update(origin="oneroster:old", origin_id="u-mother")
    return pupil, mother


def a_file(tmp_path: Path, *rows: tuple[str, str, str]) -> Path:
    path = tmp_path / "logins.csv"
    path.write_text("\n".join(["sourcedId,login,hash", *(f'{one},{login},"{text}"' for one, login, text in rows)]))
    return path


def sign_in(login: str, password: str = PASSWORD) -> tuple[Client, Any]:
    client = Client()
    client.cookies[site.LANGUAGE_COOKIE_NAME] = "en"
    return client, client.post("/account/login/", {"login": login, "password": password})


@pytest.mark.django_db
def test_a_migrated_login_works_and_is_upgraded_at_its_first_use(
    world: World, people: tuple[Person, Person], tmp_path: Path
) -> None:
    pupil, mother = people
    path = a_file(tmp_path, ("u-mother", "OlgaG", HASHES["md5"]), (str(pupil.uid), "nina", HASHES["bcrypt"]))
    assert "old system" not in Client().get("/account/login/").content.decode()
    assert import_logins(path, world.school.pk, dry_run=True).tally.made == 2
    assert not OldPassword.objects.exists()
    done = import_logins(path, world.school.pk)
    assert (done.tally.made, done.until) == (2, clock.today("Asia/Vladivostok") + timedelta(days=60))
    again = import_logins(path, world.school.pk)
    assert (again.tally.made, again.tally.changed, again.tally.same) == (0, 0, 2)
    assert AuditEvent.objects.filter(kind="import.logins").count() == 1
    page = sign_in("nobody-there")[1].content.decode()
    assert "Login and password of the old system let in until" in page
    assert sign_in("olgag", "wrong")[1].status_code == 200
    client, answer = sign_in("OLGAG")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get(f"/diary/{pupil.uid}/marks/").status_code == 200
    account = Account.objects.get(person=mother)
    assert account.login == "olgag"
    assert "m=19456,t=2,p=1" in account.password
    assert not OldPassword.objects.filter(account=account).exists()
    assert AuditEvent.objects.filter(kind="account.old_login_used", subject_id=mother.pk).count() == 1
    # By the house's own hash from now on; and no import brings the old one back.
    assert sign_in("olgag")[1]["Location"] == "/"
    last = import_logins(path, world.school.pk)
    assert (last.tally.left, last.tally.same) == (1, 1)
    assert not OldPassword.objects.filter(account=account).exists()


@pytest.mark.django_db
def test_after_the_grace_it_says_so_to_whoever_knows_the_password(
    world: World, people: tuple[Person, Person], tmp_path: Path
) -> None:
    import_logins(a_file(tmp_path, ("u-mother", "olgag", HASHES["argon2"])), world.school.pk)
    clock.stand_on(clock.now() + timedelta(days=61))
    client, answer = sign_in("olgag")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "and that is over" in page
    assert "for a letter" in page
    assert client.get("/account/devices/").status_code == 302
    assert not Session.objects.filter(person=people[1]).exists()
    assert "do not belong together" in sign_in("olgag", "wrong")[1].content.decode()
    assert "let in until" not in Client().get("/account/login/").content.decode()
    clock.stand_on(clock.now() + timedelta(days=90))
    tidy()
    assert not OldPassword.objects.exists()
    assert "do not belong together" in sign_in("olgag")[1].content.decode()


@pytest.mark.django_db
def test_any_other_new_password_ends_the_old_one(world: World, people: tuple[Person, Person], tmp_path: Path) -> None:
    path = a_file(tmp_path, ("u-mother", "olgag", HASHES["raw sha256"]))
    import_logins(path, world.school.pk)
    temporary = issue_password("olgag")
    assert "do not belong together" in sign_in("olgag")[1].content.decode()
    assert sign_in("olgag", temporary)[1]["Location"] == "/account/password/change/"
    assert import_logins(path, world.school.pk).tally.left == 1


@pytest.mark.django_db
def test_every_fault_is_named_by_its_row_and_nothing_comes_in(
    world: World, people: tuple[Person, Person], tmp_path: Path
) -> None:
    pupil, _mother = people
    stranger = Person.objects.filter(placements__school=world.other_school)[0]
    path = a_file(
        tmp_path, ("u-mother", "olgag", HASHES["bcrypt"]), (str(pupil.uid), "teacher", HASHES["bcrypt"]),
        (str(stranger.uid), "x", HASHES["bcrypt"]), ("u-mother", "OLGAG", "0123456789abcdef"), (str(world.anna.uid), "a b", ""),
    )  # fmt: skip
    with pytest.raises(ImportRefused) as refused:
        import_logins(path, world.school.pk)
    places = {(problem.row, problem.column) for problem in refused.value.problems}
    assert places == {(3, "login"), (4, "sourcedId"), (5, "hash"), (5, "login"), (5, "sourcedId"), (6, "login"), (6, "hash")}
    assert "0123456789abcdef" not in " ".join(str(problem) for problem in refused.value.problems)
    assert not OldPassword.objects.exists()
    for school, until in ((10**6, None), (world.school.pk, clock.today("UTC") - timedelta(days=3))):
        with pytest.raises(ImportRefused):
            import_logins(a_file(tmp_path, ("u-mother", "olgag", HASHES["bcrypt"])), school, until)


@pytest.mark.django_db
@pytest.mark.parametrize("with_old", [False, True])
def test_a_failed_sign_in_is_the_same_work_whether_or_not_there_is_an_account(
    world: World, people: tuple[Person, Person], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_old: bool
) -> None:
    """S12: existing, unknown, ended, without a password, with an old one: the same sentence, hashes and queries."""
    pupil, _mother = people
    Account.objects.filter(login="parent2").update(is_active=False)
    Account.objects.create(person=pupil, login="without", password=hashers.make_password(None))
    if with_old:
        import_logins(a_file(tmp_path, ("u-mother", "olgag", HASHES["bcrypt"])), world.school.pk)
    seen: list[str] = []
    encode, check = hashers.Argon2PasswordHasher.encode, hashers.Argon2PasswordHasher.verify
    monkeypatch.setattr(hashers.Argon2PasswordHasher, "encode", lambda *a, **k: seen.append("house") or encode(*a, **k))
    monkeypatch.setattr(hashers.Argon2PasswordHasher, "verify", lambda *a, **k: seen.append("house") or check(*a, **k))
    monkeypatch.setattr(old_logins, "fits", lambda *a: seen.append("old") or old_hashes.fits(*a))
    work = {}
    for login in ("parent", "nobody-there", "parent2", "without", *(["olgag"] if with_old else [])):
        seen.clear()
        client = Client()
        client.cookies[site.LANGUAGE_COOKIE_NAME] = "en"
        # Not the first of its limits, whose rows the first one makes.
        client.post("/account/login/", {"login": login, "password": "wrong"})
        seen.clear()
        with CaptureQueriesContext(connection) as asked:
            answer = client.post("/account/login/", {"login": login, "password": "wrong"})
        said = "do not belong together" in answer.content.decode()
        work[login] = (answer.status_code, said, tuple(seen), len(asked))
    assert len(set(work.values())) == 1, work
    assert work["parent"][2] == (("house", "old") if with_old else ("house",))
