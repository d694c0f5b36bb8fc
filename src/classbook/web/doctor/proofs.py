"""What this browser has proved, so that the sign-in doctor may speak of a person. The session is a row on the server."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

from classbook.accounts.carrying import carried
from classbook.accounts.doctor import Facts
from classbook.accounts.portal_client import Citizen
from classbook.accounts.queries import doctor as queries
from classbook.accounts.queries.letters import account_of
from classbook.common import clock
from classbook.people.models import Account
from classbook.web.linking import visit
from classbook.web.request import reader_of

_PROOF, _DOWN = "doctor-proof", "doctor-down"


def remember_letter(request: HttpRequest, letter: UUID) -> None:
    """Code and birth date were right."""
    request.session[_PROOF] = {"letter": str(letter), "at": clock.now().isoformat()}


def remember_account(request: HttpRequest, account: Account) -> None:
    """Login and password were right."""
    request.session[_PROOF] = {
        "account": account.pk, "stamp": account.get_session_auth_hash(), "at": clock.now().isoformat(),
    }  # fmt: skip


def remember_outage(request: HttpRequest) -> None:
    """The portal has not answered this browser just now."""
    request.session[_DOWN] = clock.now().isoformat()


def forget(request: HttpRequest) -> None:
    """Another question begins."""
    request.session.pop(_PROOF, None)
    request.session.pop(_DOWN, None)


def shown_letter(request: HttpRequest) -> UUID | None:
    """The letter that was proved here: on the doctor's page, while linking, or in the first sign-in with its birth date."""
    kept = _kept(request)
    if "letter" in kept:
        return UUID(str(kept["letter"]))
    found = visit.visit_of(request)
    if found and found.proof:
        return found.proof.letter
    cookie = carried(request)
    return cookie.uid if cookie and cookie.proven else None


def citizen_here(request: HttpRequest) -> Citizen | None:
    """Who has come back from the portal."""
    found = visit.visit_of(request)
    return found.citizen if found else None


def facts_of(request: HttpRequest) -> Facts:
    """What may be judged; without a proof nothing of anybody."""
    citizen = citizen_here(request)
    uid = shown_letter(request)
    letter = queries.letter_of(uid) if uid else None
    if letter is not None:
        return queries.facts_of_letter(letter, citizen)
    account = _account(request)
    if account is not None:
        return queries.facts_of_account(account, citizen)
    if citizen is not None:
        return queries.facts_of_citizen(citizen)
    return Facts(portal_down=_is_fresh(request.session.get(_DOWN, "")))


def _account(request: HttpRequest) -> Account | None:
    kept = _kept(request)
    found = visit.visit_of(request)
    pk, stamp = kept.get("account", 0), kept.get("stamp", "")
    if not pk and found and found.proof:
        pk, stamp = found.proof.account, found.proof.stamp
    account = queries.account_with(int(pk)) if pk else None
    if account is not None:
        # Another password ends the proof.
        return account if account.get_session_auth_hash() == stamp else None
    reader = reader_of(request)
    return account_of(reader.actor.person_id) if reader else None


def _kept(request: HttpRequest) -> dict[str, str | int]:
    kept: dict[str, str | int] = request.session.get(_PROOF, {})
    return kept if _is_fresh(str(kept.get("at", ""))) else {}


def _is_fresh(at: str) -> bool:
    return bool(at) and clock.now() - datetime.fromisoformat(at) < visit.HALF_AN_HOUR
