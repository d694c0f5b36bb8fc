"""Second factors: an app's codes, a list of single codes, passkeys. Added, used, taken away (docs/adr/0021)."""

from __future__ import annotations

import hmac
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.core import context, ratelimit
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from classbook.accounts import rules
from classbook.accounts.actions.limits import Limit, take
from classbook.accounts.actions.notices import tell
from classbook.accounts.queries.factors import APP, CODES, PASSKEY, Colleague, colleagues_of, factors_of
from classbook.common import clock, figures
from classbook.common.errors import NotFound, Refusal
from classbook.common.sealing import seal, unseal
from classbook.events.actions import record_audit
from classbook.people.models import Account
from classbook.schools.access import Actor
from classbook.schools.models import School
from classbook.schools.roles import Permission

# Secrets of apps are sealed for this purpose (accounts.adapter hands it to allauth).
SEAL = "second-factor"
FIGURES_OF_APP, FIGURES_OF_LIST = 6, 8
CODES_ON_A_LIST = 10
# Of ten million pairs of tries one would fit; nobody is locked out for longer.
OF_CODE = Limit("second-factor", 10, timedelta(minutes=15))
MOST_PASSKEYS = 20
NAME_ROOM = 60


def _own(actor: Actor) -> Account:
    account = Account.objects.select_for_update(no_key=True).filter(person_id=actor.person_id, is_active=True).first()
    if account is None:
        raise NotFound
    return account


def _note(kind: str, account: Account, what: str, *, by: int | None = None, school_id: int | None = None) -> None:
    """Into the audit, and to the owner's confirmed address."""
    actor_id = account.person_id if by is None else by
    record_audit(kind, actor_id=actor_id, school_id=school_id, subject=("person", account.person_id), factor=what)
    # Each use costs a text message; a change is worth one.
    tell(account.person_id, "factor", {"what": f"{kind}:{what}"}, by_sms=kind != "factor.used")


@transaction.atomic
def add_app(actor: Actor, secret: str, typed: str) -> list[str]:
    """The app that shows this code is the actor's from now on, in place of an earlier one. Answers the codes of a first list.

    Raises Refusal (field "code").
    """
    step = rules.step_of_code(secret, figures.as_meant(typed, FIGURES_OF_APP), time.time())
    if step is None:
        raise Refusal(
            _("This code does not fit. Type the six figures that the app shows now; if that does not help, look whether the "
              "clock of the telephone is right."),
            field="code",
        )  # fmt: skip
    account = _own(actor)
    Authenticator.objects.filter(user=account, type=APP).delete()
    # The code that proved it is used up: it does not sign in as well.
    _create(account, APP, {"secret": seal(secret, SEAL), "step": step})
    _note("factor.added", account, "app")
    return _first_list(account)


@transaction.atomic
def add_passkey(actor: Actor, name: str, credential: dict[str, Any]) -> list[str]:
    """A passkey whose answer accounts.passkeys has checked. Answers the codes of a first list, which go with it."""
    account = _own(actor)
    if Authenticator.objects.filter(user=account, type=PASSKEY).count() >= MOST_PASSKEYS:
        raise Refusal(_("There are twenty passkeys already. Remove one that you do not use any more."), field="name")
    _create(account, PASSKEY, {"name": _clean(name), "credential": credential})
    _note("factor.added", account, "passkey")
    return _first_list(account)


def _create(account: Account, kind: str, data: dict[str, Any]) -> None:
    Authenticator.objects.create(user=account, type=kind, data=data, created_at=clock.now())


def _clean(name: str) -> str:
    return " ".join(name.split())[:NAME_ROOM] or _("Passkey")


def _passkey(account: Account, pk: int) -> Authenticator:
    found = Authenticator.objects.filter(user=account, type=PASSKEY, pk=pk).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def rename_passkey(actor: Actor, pk: int, name: str) -> None:
    """Another name for an own passkey. Raises NotFound for anybody else's."""
    account = _own(actor)
    found = _passkey(account, pk)
    found.data = found.data | {"name": _clean(name)}
    found.save(update_fields=["data"])
    record_audit("factor.renamed", actor_id=account.person_id, subject=("person", account.person_id), factor="passkey")


@transaction.atomic
def remove_passkey(actor: Actor, pk: int) -> None:
    """An own passkey lets nobody in any more. Raises NotFound for anybody else's."""
    account = _own(actor)
    _passkey(account, pk).delete()
    _note("factor.removed", account, "passkey")
    _end_list_alone(account)


@transaction.atomic
def remove_app(actor: Actor) -> None:
    """The app's codes no longer count. Raises NotFound when there is no app."""
    account = _own(actor)
    if not Authenticator.objects.filter(user=account, type=APP).delete()[0]:
        raise NotFound
    _note("factor.removed", account, "app")
    _end_list_alone(account)


@transaction.atomic
def remove_codes(actor: Actor) -> None:
    """End a list that is the only second factor. Beside another one it stays: without it a lost telephone locks out."""
    account = _own(actor)
    if not factors_of(account.person_id).only_codes:
        raise NotFound
    Authenticator.objects.filter(user=account, type=CODES).delete()
    _note("factor.removed", account, "codes")


def _end_list_alone(account: Account) -> None:
    """The list that came with an app or a passkey goes with the last of them: ten codes alone would be used up unseen."""
    if factors_of(account.person_id).only_codes:
        Authenticator.objects.filter(user=account, type=CODES).delete()
        record_audit("factor.removed", actor_id=account.person_id, subject=("person", account.person_id), factor="codes")


@transaction.atomic
def make_codes(actor: Actor) -> list[str]:
    """A new list of single codes; an earlier one ends. The codes are in the answer and nowhere else."""
    account = _own(actor)
    codes = _new_list(account)
    _note("factor.added", account, "codes")
    return codes


def _first_list(account: Account) -> list[str]:
    """The list that belongs to a first app or passkey; empty when there is one already."""
    return [] if Authenticator.objects.filter(user=account, type=CODES).exists() else _new_list(account)


def _new_list(account: Account) -> list[str]:
    codes: list[str] = []
    while len(codes) < CODES_ON_A_LIST:
        code = figures.by_lot(FIGURES_OF_LIST)
        if code not in codes:
            codes.append(code)
    Authenticator.objects.filter(user=account, type=CODES).delete()
    _create(account, CODES, {"codes": [_hmac(account, code) for code in codes]})
    return codes


def _hmac(account: Account, code: str) -> str:
    return salted_hmac("classbook.single-code", f"{account.pk}:{code}", algorithm="sha256").hexdigest()


@transaction.atomic
def print_codes_for(actor: Actor, school: School, person: UUID) -> tuple[Colleague, list[str]]:
    """A list for a colleague without a telephone, or who has lost everything. It opens nothing without his password.

    Raises NotFound when the actor may not, or for somebody who may do more than the actor: that list is the operator's.
    """
    if not actor.may(Permission.PRINT_CODES, school.pk):
        raise NotFound
    found = next((one for one in colleagues_of(actor, school) if one.uid == str(person) and one.may_print), None)
    if found is None:
        raise NotFound
    account = Account.objects.select_for_update(no_key=True).get(person_id=found.person_id)
    codes = _new_list(account)
    _note("factor.printed", account, "codes", by=actor.person_id, school_id=school.pk)
    return found, codes


def use_code(account: Account, typed: str) -> str:
    """Take a code of the app or of the list, once; answers which. Raises Refusal (field "code")."""
    if not _may_try(account):
        raise Refusal(_("Too many tries. Wait a quarter of an hour."), field="code")
    kind = _app_while_read_only(account, typed) if settings.READ_ONLY else _spend(account, typed)
    if not kind:
        raise Refusal(
            _("This code does not fit or was used before. Type the code that the app shows now, or the next one of your list."),
            field="code",
        )
    return kind


def _may_try(account: Account) -> bool:
    if settings.READ_ONLY:
        # No row can be written; each process counts for itself then.
        return ratelimit.consume(context.request, action="login_failed", key=f"second-factor:{account.pk}")
    return take(OF_CODE, account.pk)


@transaction.atomic
def _spend(account: Account, typed: str) -> str:
    """Of two who type the same code at once, one waits here and then finds it used."""
    rows = Authenticator.objects.select_for_update().filter(user=account, type__in=[APP, CODES]).order_by("pk")
    for row in rows:
        data = _after_app(row, typed) if row.type == APP else _after_single(account, row, typed)
        if data is not None:
            Authenticator.objects.filter(pk=row.pk).update(data=data, last_used_at=clock.now())
            if row.type == CODES:
                _note("factor.used", account, "codes")
            return str(row.type)
    return ""


def _after_app(row: Authenticator, typed: str) -> dict[str, Any] | None:
    """The app's row once the code is used; None when it does not fit. A step is taken once, and none before it any more."""
    step = _step(row, typed)
    return None if step is None or step <= row.data.get("step", -1) else row.data | {"step": step}


def _step(row: Authenticator, typed: str) -> int | None:
    secret = unseal(row.data["secret"], SEAL)
    return rules.step_of_code(secret, figures.as_meant(typed, FIGURES_OF_APP), time.time()) if secret else None


def _after_single(account: Account, row: Authenticator, typed: str) -> dict[str, Any] | None:
    wanted = _hmac(account, figures.as_meant(typed, FIGURES_OF_LIST))
    left = [one for one in row.data["codes"] if not hmac.compare_digest(one, wanted)]
    return row.data | {"codes": left} if len(left) < len(row.data["codes"]) else None


def _app_while_read_only(account: Account, typed: str) -> str:
    """No row can be written: the cache keeps that a code was used, and single codes wait."""
    row = Authenticator.objects.filter(user=account, type=APP).first()
    step = _step(row, typed) if row else None
    if row is None or step is None or step <= row.data.get("step", -1):
        return ""
    kept = rules.STEP_SECONDS * (2 * rules.STEPS_OFF + 1)
    return APP if cache.add(f"second-factor:{account.pk}:{step}", 1, timeout=kept) else ""


def note_passkey_used(pk: int) -> None:
    """When a passkey let somebody in."""
    if not settings.READ_ONLY:
        Authenticator.objects.filter(pk=pk).update(last_used_at=clock.now())
