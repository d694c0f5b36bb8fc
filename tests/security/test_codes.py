"""S10: codes and hand-out, clause by clause.

- 100 parallel uses, one success: accounts/test_race.py (letters, single codes and family's invitations on a server with two
  processes, both databases; birth dates at once are five tries), journeys/test_recovery.py (twenty at once use a link),
  portal/test_oidc_attacks.py (a code twenty times at once).
- Reuse, expired, reprinted, other role, other school: here. More of each: accounts/test_letters.py (withdrawn, moved away,
  limited since), test_factors.py (codes of app and list once), test_recovery.py (link and code once and for their time),
  test_contacts.py, test_registering.py, test_trusting.py, portal/test_levels.py and test_registration.py.
- Guessing: the figures of every kind of code at its limits stand here; docs/security.md repeats them.
- No password in clear: here in tables, copy of the database, logs, mails, text messages; accounts/test_paper.py (what is printed).
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection
from django.test import Client

from classbook.accounts import rules
from classbook.accounts.actions import contacts, factors, issue_password, recovery
from classbook.accounts.actions.letters import issue, print_letters
from classbook.accounts.models import Invitation
from classbook.accounts.tasks import run_once
from classbook.common import clock
from classbook.common.errors import NotFound
from classbook.common.messages_file import read_messages
from classbook.people.models import Account, Contact, Person
from classbook.schools.models import ClassPlacement
from classbook.web.entry.limits import PER_ADDRESS, WITH_NAME
from tests.accounts.mailbox import arrived, code_in
from tests.accounts.test_letters import family, keep, key, printed
from tests.accounts.test_recovery import token_in
from tests.security.outside import visitor
from tests.world import World

pytestmark = pytest.mark.django_db
BORN = {"day": "14", "month": "5", "year": "2013"}
OWN = "зонтик борщ комета лыжи"


@pytest.fixture(autouse=True)
def _no_letters_yet(db: None) -> None:
    Invitation.objects.all().delete()


def come_in(code: str, password: str = OWN) -> Client:
    """From the code to the own password, as a browser does it."""
    client = visitor()
    assert client.post("/in/", {"code": code})["Location"] == "/in/you/"
    assert client.post("/in/you/", BORN)["Location"] == "/in/password/"
    assert client.post("/in/password/", {"password": password}).status_code == 302
    return client


def refusal_of(code: str) -> str:
    answer = visitor().post("/in/", {"code": code})
    assert answer.status_code == 422
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode()).replace(code, "")


def test_a_used_code_is_as_good_as_none(world: World) -> None:
    pupil, mother = family(world)
    code = printed(world, [key(mother, pupil)])[0].code
    come_in(code)
    assert refusal_of(code) == refusal_of("AAAA-AAAA-AAAA")


def test_a_browser_that_waited_in_the_middle_is_too_late(world: World) -> None:
    pupil, mother = family(world)
    code = printed(world, [key(mother, pupil)])[0].code
    late = visitor()
    late.post("/in/", {"code": code})
    late.post("/in/you/", BORN)
    come_in(code)
    assert late.post("/in/password/", {"password": "another four words here"})["Location"] == "/in/"
    assert Account.objects.get(person=mother).check_password(OWN)


def test_an_expired_code_is_as_good_as_none(world: World) -> None:
    pupil, mother = family(world)
    code = printed(world, [key(mother, pupil)])[0].code
    clock.stand_on(clock.now() + timedelta(days=rules.VALID_DAYS, seconds=-1))
    assert visitor().post("/in/", {"code": code})["Location"] == "/in/you/"
    clock.stand_on(clock.now() + timedelta(seconds=1))
    assert refusal_of(code) == refusal_of("AAAA-AAAA-AAAA")


def test_a_reprint_ends_the_first_code_and_the_second_lets_in(world: World) -> None:
    pupil, mother = family(world)
    first, second = (printed(world, [key(mother, pupil)])[0].code for _ in range(2))
    assert refusal_of(first) == refusal_of("AAAA-AAAA-AAAA")
    come_in(second)


def test_a_code_opens_the_account_of_its_own_person_and_role(world: World) -> None:
    pupil, mother = family(world)
    code = printed(world, [key(mother, pupil)])[0].code
    client = come_in(code)
    assert Account.objects.get(person=mother).check_password(OWN)
    assert not Account.objects.filter(person=pupil).exists()
    # A guardian's page, not the pupil's own; and nobody else's child.
    assert client.get(f"/diary/{pupil.uid}/marks/").status_code == 200
    assert client.get(f"/diary/{world.anna.uid}/marks/").status_code == 404


def test_a_pupils_code_is_no_guardians_and_a_slip_is_for_its_own_login(world: World) -> None:
    pupil, mother = family(world)
    (slip,) = printed(world, [key(mother, pupil)], kind="password")
    for login in ("parent", "pupil", "nobody"):
        answer = visitor().post("/account/login/", {"login": login, "password": slip.code})
        assert "do not belong together" in answer.content.decode()
    # A slip is no code at the letters' page, and a signed-in pupil takes no guardian's letter.
    assert refusal_of(slip.code) == refusal_of("AAAA-AAAA-AAAA")
    code = printed(world, [key(mother, pupil)])[0].code
    young = world.client("pupil")
    assert young.post("/in/", {"code": code})["Location"] == "/in/you/"
    young.post("/in/you/", BORN)
    assert Invitation.objects.get(used_at=None, ended_at=None).person == mother


def test_a_staff_code_is_over_with_the_place_it_was_made_for(world: World) -> None:
    """A role that was given since makes it worthless: wider rights come from the operator alone."""
    from classbook.schools.models import Position

    person = Person.objects.create(family_name="Новикова", given_name="Ида", sort_key="новикова ида")
    Position.objects.create(person=person, role="teacher", school=world.school, starts_on=clock.today("UTC") - timedelta(days=9))
    made = issue(world.actor("office"), world.school, keys=[f"s:{person.uid}"], staff=True)
    (letter,) = print_letters(world.actor("office"), world.school, made, keep)
    assert visitor().post("/in/", {"code": letter.code})["Location"] == "/in/you/"
    Position.objects.create(person=person, role="head", school=world.school, starts_on=clock.today("UTC") - timedelta(days=1))
    assert refusal_of(letter.code) == refusal_of("AAAA-AAAA-AAAA")


def test_another_school_neither_makes_nor_prints_nor_keeps_a_letter(world: World) -> None:
    pupil, mother = family(world)
    stranger = world.actor("stranger")
    with pytest.raises(NotFound):
        issue(stranger, world.school, world.school_class, keys=[key(mother, pupil)])
    made = issue(world.actor("classteacher"), world.school, world.school_class, keys=[key(mother, pupil)])
    with pytest.raises(NotFound):
        print_letters(stranger, world.school, made, keep, school_class=world.school_class)
    (letter,) = print_letters(world.actor("classteacher"), world.school, made, keep, school_class=world.school_class)
    # The pupil goes to the other school: the letter of the first one is over.
    yesterday = clock.today(world.school.time_zone) - timedelta(days=1)
    ClassPlacement.objects.filter(student=pupil).update(ends_on=yesterday)
    assert refusal_of(letter.code) == refusal_of("AAAA-AAAA-AAAA")


@dataclass(frozen=True)
class Kind:
    """A kind of code: how many there are, how often one may be tried while it lives, how many fit at once."""

    name: str
    space: float
    tries: float
    target: float
    fit: int = 1


def _kinds() -> list[Kind]:
    windows = timedelta(days=rules.VALID_DAYS) / PER_ADDRESS.within
    letters = len(rules.SIGNS) ** rules.LENGTH
    tries = windows * (PER_ADDRESS.most + WITH_NAME.most / 50)
    return [
        # All tries of one address in the two weeks. With the name asked, at most every fiftieth person bears it.
        Kind("letter", letters, tries, 1e-9),
        Kind("family's invitation", letters, tries, 1e-9),
        # What is sent is short because it is typed from a message: it lives for minutes and dies after five tries.
        Kind("code of a way back", 10**recovery.FIGURES, recovery.MOST_TRIES, 5e-8),
        Kind("link of a mail", 2.0**256, recovery.OF_SOURCE.most, 1e-9),
        # Behind a session.
        Kind("code that proves an address", 10**contacts.FIGURES, contacts.MOST_TRIES, 5e-6),
        # Behind the right password.
        Kind("list of single codes", 10**factors.FIGURES_OF_LIST, factors.OF_CODE.most, 1e-6, fit=factors.CODES_ON_A_LIST),
        Kind("temporary password", 28.0**12, 10 * 60 * 24 * rules.VALID_DAYS, 1e-9),
    ]


@pytest.mark.parametrize("kind", _kinds(), ids=lambda kind: kind.name)
def test_guessing_a_code_at_its_limits_is_hopeless(kind: Kind) -> None:
    chance = kind.tries * kind.fit / kind.space
    assert chance <= kind.target, f"{kind.name}: {chance:.1e}"


def everything_stored() -> str:
    """Each value of each table; of SQLite the database as a backup copies it, too."""
    texts = [str(list(model.objects.values_list())) for model in apps.get_models(include_auto_created=True)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM cache")
        texts.append(str(cursor.fetchall()))
    if connection.vendor == "sqlite":
        texts.append(connection.connection.serialize().decode("utf-8", "replace"))
    return "\n".join(texts)


def test_no_password_and_no_code_is_kept_or_told_in_clear(world: World, caplog: Any, capfd: Any) -> None:
    """Every way in is walked with secrets of its own; afterwards they stand in no table, log, file or message but their own."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, logger="django.db.backends")
    secrets, sent = _walk_all_ways(world)
    stored = everything_stored()
    # Positive control: what is no secret is found by the same search.
    assert "Громова" in stored and "gromova.o" in stored
    told = "\n".join([caplog.text, *capfd.readouterr()])
    messages = "\n".join([*(str(one.message()) + one.body for one in mail.outbox), *(one.text for one in read_messages())])
    for name, secret in secrets.items():
        for where, text in {"tables": stored, "logs": told, "messages": messages}.items():
            for spelling in {secret, secret.replace("-", ""), secret.encode("unicode_escape").decode()}:
                assert spelling not in text, f"{name} in {where}"
    for name, secret in sent.items():
        # What is sent stands in its message and, as a message is kept until it is delivered, nowhere else.
        # As a whole: six figures in a row stand in many a hash.
        alone = re.compile(rf"(?<![0-9a-f]){re.escape(secret)}(?![0-9a-f])")
        assert not alone.search(stored) and not alone.search(told), name


def _walk_all_ways(world: World) -> tuple[dict[str, str], dict[str, str]]:
    """The secrets that nobody may find anywhere, and those that were sent to their owner."""
    pupil, mother = family(world)
    secrets = {
        "letter": printed(world, [key(mother, pupil)])[0].code,
        "own password": OWN,
        "wrong password": "наугад-слова-подряд",
    }
    client = come_in(secrets["letter"])
    visitor().post("/account/login/", {"login": "gromova.o", "password": secrets["wrong password"]})
    secrets["changed password"] = "самовар гроза тетрадь пять"
    new = secrets["changed password"]
    changed = {"oldpassword": OWN, "password1": new, "password2": new}
    assert client.post("/account/password/change/", changed).status_code == 302
    other, father = family(world, name="Лыков", given="Пётр")
    secrets["slip"] = printed(world, [key(father, other)], kind="password")[0].code
    secrets["issued password"] = issue_password("parent2")
    secrets["typed issued password"] = secrets["issued password"]
    visitor().post("/account/login/", {"login": "parent2", "password": secrets["issued password"]})
    secrets["session"] = client.session.session_key or ""
    return secrets, _sent_secrets(world, mother)


def _sent_secrets(world: World, mother: Person) -> dict[str, str]:
    Contact.objects.create(person=mother, kind="email", value="olga@example.org", confirmed_at=clock.now())
    recovery.ask("olga@example.org", "en", "127.0.0.1")
    run_once()
    text = arrived("olga@example.org")[-1]
    contacts.ask_code(mother, "phone", "+79000000077", "en")
    sms = arrived("+79000000077")[-1]
    return {
        "link": token_in(text),
        "code": code_in(text),
        "spaced code": f"{code_in(text)[:4]} {code_in(text)[4:]}",
        "sms": code_in(sms),
    }
