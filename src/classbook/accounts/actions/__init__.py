"""Accounts: issue, replace a password, end sessions."""

from __future__ import annotations

import secrets

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F

from classbook.accounts.actions.notices import tell
from classbook.accounts.models import ContactCode, OldPassword, PortalLink, RecoveryCode
from classbook.common.clock import now
from classbook.common.errors import NotFound
from classbook.events.actions import record_audit
from classbook.people.models import Account, Person, Session
from classbook.people.sessions import hash_of
from classbook.schools.access import Actor

# No letters or figures that look alike in print, in either alphabet.
SIGNS = "abdefghkmnpqrstuwxyz23456789"


def temporary_password() -> str:
    """Twelve signs in three groups, 57 bits; shown once, replaced at the first sign-in (S46, S57)."""
    return "-".join("".join(secrets.choice(SIGNS) for _ in range(4)) for _ in range(3))


@transaction.atomic
def issue_password(login: str) -> str:
    """Give the account a temporary password and end its sessions; for the operator's command line.

    Returns the password, which is not kept anywhere. Raises NotFound when no account has this login.
    """
    account = Account.objects.select_related("person").filter(login__iexact=login).first()
    if account is None:
        raise NotFound
    password = temporary_password()
    account.set_password(password)
    account.must_change_password = True
    account.save(update_fields=["password", "must_change_password"])
    _raise_epoch(account.person_id)
    end_what_was_begun(account.person_id)
    end_factors(account.person_id, by=None)
    PortalLink.objects.filter(person_id=account.person_id).delete()
    record_audit("account.issued", actor_id=None, subject=("person", account.person_id))
    return password


def note_first_use(account_pk: int) -> None:
    """The account was signed in to: the first time is kept."""
    Account.objects.filter(pk=account_pk, first_used_at=None).update(first_used_at=now())


def end_all_sessions(person_id: int) -> None:
    """Each device of the person dies at its next request."""
    _raise_epoch(person_id)
    Session.objects.filter(person_id=person_id).delete()


@transaction.atomic
def sign_out_everywhere(actor: Actor) -> None:
    """End every session of the actor."""
    end_all_sessions(actor.person_id)
    record_audit("account.signed_out_everywhere", actor_id=actor.person_id, subject=("person", actor.person_id))


@transaction.atomic
def end_session(actor: Actor, key_hash: str) -> None:
    """End one device of the actor's own. Raises NotFound for anybody else's."""
    ended, _ = Session.objects.filter(person_id=actor.person_id, key_hash=key_hash).delete()
    if not ended:
        raise NotFound
    record_audit("account.device_ended", actor_id=actor.person_id, subject=("person", actor.person_id))


@transaction.atomic
def choose_language(actor: Actor, locale: str) -> None:
    """Keep the language of the actor's pages; empty follows the school."""
    Person.objects.filter(pk=actor.person_id).update(locale=locale)


def _raise_epoch(person_id: int) -> None:
    Person.objects.filter(pk=person_id).update(epoch=F("epoch") + 1)


@transaction.atomic
def note_password_changed(actor: Actor, session_key: str | None) -> None:
    """The person chose a password of his own: every device but this one ends, and nothing has to be replaced any more."""
    Account.objects.filter(person_id=actor.person_id).update(must_change_password=False)
    _raise_epoch(actor.person_id)
    here = Session.objects.filter(person_id=actor.person_id, key_hash=hash_of(session_key or ""))
    here.update(epoch=Person.objects.values("epoch").filter(pk=actor.person_id))
    Session.objects.filter(person_id=actor.person_id).exclude(key_hash=hash_of(session_key or "")).delete()
    end_what_was_begun(actor.person_id)
    record_audit("account.password_changed", actor_id=actor.person_id, subject=("person", actor.person_id))
    tell(actor.person_id, "password-changed")


def end_what_was_begun(person_id: int) -> None:
    """Codes, links and an old system's password no longer hold: after a new password, a new letter, a linked account."""
    ContactCode.objects.filter(person_id=person_id).delete()
    RecoveryCode.objects.filter(person_id=person_id, used_at=None).delete()
    OldPassword.objects.filter(account__person_id=person_id).delete()


def end_factors(person_id: int, *, by: int | None) -> None:
    """All second factors at once: the school, the operator or the portal lets the person in anew."""
    if Authenticator.objects.filter(user__person_id=person_id).delete()[0]:
        record_audit("factor.ended", actor_id=by, subject=("person", person_id))
        tell(person_id, "factor", {"what": "factor.ended:all"})
