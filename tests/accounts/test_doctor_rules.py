"""The sign-in doctor's rules: a table of facts, the cause and the one next step."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from classbook.accounts.doctor import Cause, Facts, Fix, Step, diagnose, fix_of
from classbook.accounts.matching import Identity, parts_that_differ

LETTER = Facts(proof="letter", letter="good", portal="offered")
PASSWORD = Facts(proof="password", is_in=True, portal="offered")
PORTAL = Facts(proof="portal", citizen=True, portal="offered")
BOTH = replace(LETTER, citizen=True)
SCHOOL = Facts(proof="school", portal="offered")

TABLE: tuple[tuple[Facts, dict[str, Any], Cause, Step], ...] = (
    (Facts(), {}, Cause.NEUTRAL, Step.WAYS),
    (Facts(), {"portal_down": True}, Cause.PORTAL_DOWN, Step.WAYS),
    (LETTER, {}, Cause.LETTER_GOOD, Step.LETTER),
    (LETTER, {"portal": "required"}, Cause.LETTER_GOOD, Step.PORTAL),
    (BOTH, {}, Cause.LETTER_GOOD, Step.LINK),
    (LETTER, {"letter": "used"}, Cause.LETTER_USED, Step.SCHOOL),
    (LETTER, {"letter": "used", "can_recover": True}, Cause.LETTER_USED, Step.RECOVER),
    (LETTER, {"letter": "used", "can_recover": True, "linked": True}, Cause.LETTER_USED, Step.PORTAL),
    (LETTER, {"letter": "expired"}, Cause.LETTER_EXPIRED, Step.SCHOOL),
    (LETTER, {"letter": "expired", "is_in": True}, Cause.LETTER_EXPIRED, Step.SCHOOL),
    (LETTER, {"letter": "replaced"}, Cause.LETTER_REPLACED, Step.LETTER),
    (LETTER, {"letter": "ended"}, Cause.LETTER_ENDED, Step.SCHOOL),
    (LETTER, {"letter": "dead"}, Cause.LETTER_DEAD, Step.SCHOOL),
    (LETTER, {"account_ended": True}, Cause.ACCOUNT_ENDED, Step.SCHOOL),
    (LETTER, {"works": True}, Cause.STAFF, Step.SIGN_IN),
    (LETTER, {"barred": "banned", "letter": "expired"}, Cause.BANNED, Step.HEAD),
    (LETTER, {"barred": "unconfirmed"}, Cause.UNCONFIRMED, Step.SCHOOL),
    (LETTER, {"barred": "ended"}, Cause.RIGHTS_ENDED, Step.SCHOOL),
    (LETTER, {"barred": "of-age"}, Cause.OF_AGE, Step.SCHOOL),
    (LETTER, {"barred": "left"}, Cause.LEFT, Step.SCHOOL),
    (LETTER, {"read_only": True}, Cause.DIARY_DOWN, Step.LATER),
    (BOTH, {"portal": "none"}, Cause.NO_PORTAL, Step.LETTER),
    (BOTH, {"linked_elsewhere": True, "differ": ("given",)}, Cause.LINKED_ELSEWHERE, Step.SCHOOL),
    (BOTH, {"differ": ("given", "born")}, Cause.NAME_DIFFERS, Step.TELL),
    (BOTH, {"differ": ("given",), "told": True}, Cause.NAME_DIFFERS, Step.LATER),
    (BOTH, {"differ": ("born", "snils")}, Cause.BORN_DIFFERS, Step.TELL),
    (BOTH, {"differ": ("snils",)}, Cause.SNILS_DIFFERS, Step.TELL),
    (BOTH, {"differ": ("snils",), "level_low": True, "proof": "password", "letter": ""}, Cause.SNILS_DIFFERS, Step.SCHOOL),
    (BOTH, {"level_low": True}, Cause.LEVEL_LOW, Step.AT_PORTAL),
    (PORTAL, {}, Cause.NOT_LINKED, Step.LINK),
    (PORTAL, {"unknown": True}, Cause.NOT_CONNECTED, Step.DIRECTORY),
    (PASSWORD, {}, Cause.FINE, Step.SIGN_IN),
    (PASSWORD, {"portal": "required"}, Cause.PORTAL_ONLY, Step.PORTAL),
    (PASSWORD, {"works": True}, Cause.FINE, Step.SIGN_IN),
    (PASSWORD, {"works": True, "citizen": True}, Cause.STAFF, Step.SIGN_IN),
    (PASSWORD, {"second_factor_missing": True, "works": True}, Cause.SECOND_FACTOR, Step.SIGN_IN),
    (PASSWORD, {"read_only": True}, Cause.FINE, Step.SIGN_IN),
    (PASSWORD, {"barred": "banned"}, Cause.BANNED, Step.HEAD),
    (PASSWORD, {"account_ended": True, "barred": "banned"}, Cause.ACCOUNT_ENDED, Step.SCHOOL),
    (SCHOOL, {"letter": "none"}, Cause.NO_LETTER, Step.SCHOOL),
    (SCHOOL, {"letter": "to-print"}, Cause.TO_PRINT, Step.SCHOOL),
)  # fmt: skip


@pytest.mark.parametrize(("base", "changes", "cause", "step"), TABLE)
def test_one_cause_and_one_step(base: Facts, changes: dict[str, Any], cause: Cause, step: Step) -> None:
    found = diagnose(replace(base, **changes))
    assert (found.cause, found.step) == (cause, step)
    differs = {Cause.NAME_DIFFERS, Cause.BORN_DIFFERS, Cause.SNILS_DIFFERS}
    assert found.parts == (changes["differ"] if cause in differs else ())


def test_every_cause_is_found_by_the_table() -> None:
    assert {row[2] for row in TABLE} == set(Cause)


def test_without_a_proof_no_fact_about_a_person_is_told() -> None:
    """Whatever else is set: the answer is the same."""
    loud = {"portal": "required", "letter": "expired", "barred": "banned", "differ": ("given",)}
    for field in fields(Facts):
        if field.name not in {"proof", "portal_down"}:
            value = loud.get(field.name, True)
            assert diagnose(Facts(**{field.name: value})) == diagnose(Facts()), field.name


@pytest.mark.parametrize(
    ("changes", "fix"),
    [
        ({"letter": "none"}, Fix.PRINT),
        ({"letter": "expired"}, Fix.PRINT),
        ({"letter": "expired", "told": True}, Fix.DATA),
        ({"letter": "good", "told": True}, Fix.DATA),
        ({"letter": "dead"}, Fix.PRINT),
        ({"barred": "unconfirmed"}, Fix.CONFIRM),
        ({"barred": "banned"}, Fix.HEAD),
        ({"barred": "ended"}, Fix.OFFICE),
        ({"barred": "of-age"}, Fix.NONE),
        ({"works": True}, Fix.NONE),
        ({"account_ended": True}, Fix.OPERATOR),
        ({"is_in": True}, Fix.PRINT),
        ({"is_in": True, "linked": True}, Fix.UNLINK),
    ],
)
def test_what_the_school_does(changes: dict[str, Any], fix: Fix) -> None:
    facts = replace(SCHOOL, **changes)
    assert fix_of(diagnose(facts), facts) == fix


def test_which_part_of_a_name_differs() -> None:
    school = Identity("Семёнова", "Наталья", "Павловна", "1986-11-30", "12045673125")
    assert parts_that_differ(school, replace(school, family="семенова")) == ()
    assert parts_that_differ(school, replace(school, given="Наталия")) == ("given",)
    assert parts_that_differ(school, replace(school, family="Иванова", middle="", snils="1")) == ("family", "middle", "snils")
    assert parts_that_differ(school, replace(school, born="1986-11-03")) == ("born",)
