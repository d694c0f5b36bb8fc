"""S6: does the time of an answer tell what kind of account there is? Interleaved probes, the area under the curve of a threshold.

0.5 is a coin. With 800 answers of each of two kinds the area of equal ones strays by 0.015 (one standard deviation), with 1,500 by
0.011. The sign-in of an account without a password lies at 0.52 to 0.53, probably because Django draws a random text before it
hashes for nothing. So it has the larger sample. Limits of tries are out of the way: they are another test's.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.test import override_settings

from classbook.accounts.actions import guessing, recovery
from classbook.accounts.models import Invitation
from classbook.common import clock
from classbook.web.entry import limits
from tests.accounts.test_letters import family, key, printed
from tests.security.outside import KINDS, make, visitor
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.long]
PROBES, PROBES_OF_SIGN_IN, LEAST, MOST, SEED = 800, 1500, 0.45, 0.55, 20261119
Probe = Callable[[str], None]


@pytest.fixture(autouse=True)
def _no_limits(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    many = 10**9
    monkeypatch.setattr(guessing, "OF_ADDRESS", replace(guessing.OF_ADDRESS, most=many))
    for name in ("OF_ADDRESS", "OF_ADDRESS_A_DAY", "OF_SOURCE"):
        monkeypatch.setattr(recovery, name, replace(getattr(recovery, name), most=many))
    for name in ("PER_ADDRESS", "PER_DEVICE", "WITH_NAME"):
        monkeypatch.setattr(limits, name, replace(getattr(limits, name), most=many))
    with override_settings(ACCOUNT_RATE_LIMITS=settings.ACCOUNT_RATE_LIMITS | {"login_failed": None}):
        yield


def area(one: list[float], other: list[float]) -> float:
    """How often an answer of the one kind takes longer than one of the other: the Mann-Whitney statistic."""
    ranked = sorted([(seconds, 0) for seconds in one] + [(seconds, 1) for seconds in other])
    ranks = sum(rank for rank, (_seconds, which) in enumerate(ranked, 1) if which == 0)
    return (ranks - len(one) * (len(one) + 1) / 2) / (len(one) * len(other))


def measured(name: str, kinds: dict[str, str], probe: Probe, probes: int = PROBES) -> dict[str, float]:
    """The area of each kind against the unknown; what is asked for is shuffled, so that a busy moment hits all alike."""
    for value in kinds.values():
        probe(value)
    order = [kind for kind in kinds for _ in range(probes)]
    random.Random(SEED).shuffle(order)
    took: dict[str, list[float]] = {kind: [] for kind in kinds}
    for kind in order:
        begun = time.perf_counter()
        probe(kinds[kind])
        took[kind].append(time.perf_counter() - begun)
    found = {kind: area(took[kind], took["unknown"]) for kind in kinds if kind != "unknown"}
    worst = max(found.values(), key=lambda one: abs(one - 0.5))
    if name != "control":
        verdict = "PASS" if LEAST <= worst <= MOST else "FAIL"
        print(
            f"\nS6-{name} auc={worst:.3f} target=0.50+-0.05 probes={probes}x{len(kinds)} {verdict} seed={SEED}", found, flush=True
        )
    return found


def sign_in(login: str) -> None:
    assert visitor().post("/account/login/", {"login": login, "password": "wrong words"}).status_code == 200


def test_sign_in(world: World) -> None:
    found = measured("sign-in", {kind: make(kind) for kind in KINDS}, sign_in, PROBES_OF_SIGN_IN)
    assert all(LEAST <= one <= MOST for one in found.values()), found


def test_recovery(world: World) -> None:
    def ask(login: str) -> None:
        assert visitor().post("/account/recover/", {"address": f"{login}@example.org"}).status_code == 302

    found = measured("recovery", {kind: make(kind) for kind in KINDS}, ask)
    assert all(LEAST <= one <= MOST for one in found.values()), found


def test_activation(world: World) -> None:
    Invitation.objects.all().delete()
    codes = {"unknown": "AAAA-AAAA-AAAA"}
    for state in ("used", "over", "reprinted", "withdrawn"):
        pupil, mother = family(world, given=f"Нина {state}")
        codes[state] = printed(world, [key(mother, pupil)])[0].code
        mine = Invitation.objects.filter(person=mother)
        if state == "used":
            mine.update(used_at=clock.now(), used_by=mother)
        elif state == "over":
            mine.update(expires_at=clock.now() - timedelta(seconds=1))
        else:
            mine.update(ended_at=clock.now(), ended_why=state)

    def enter(code: str) -> None:
        assert visitor().post("/in/", {"code": code}).status_code == 422

    found = measured("activation", codes, enter)
    assert all(LEAST <= one <= MOST for one in found.values()), found


def test_a_site_that_hashes_for_nobody_but_those_it_knows_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: the time that Django spends for an unknown login is left out."""
    monkeypatch.setattr(hashers.Argon2PasswordHasher, "encode", lambda *_parts, **_named: "")
    found = measured("control", {kind: make(kind) for kind in ("password", "unknown")}, sign_in, probes=60)
    assert found["password"] > 0.95
