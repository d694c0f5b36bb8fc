"""Levels: simplified, standard (the register knows the document and the SNILS), confirmed (a person was seen with them)."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import override

from classbook.common.clock import now, today
from classbook.common.errors import NotFound, Refusal
from classbook.portal.actions.codes import code_hash
from classbook.portal.actions.deeds import note
from classbook.portal.limits import allow
from classbook.portal.messages import post
from classbook.portal.models import Citizen, Proof
from classbook.portal.queries import owner_of_snils
from classbook.portal.register import Answer, Claim, register
from classbook.portal.rules import is_small

PROOF_MINUTES = 15
PROOF_TRIES = 5
# Without letters and figures that look alike in either alphabet.
SIGNS = "23456789ABDEFGHKMNPQRSTUWXYZ"


def ask_register(citizen: Citizen) -> Answer:
    """Compare SNILS and passport with the register and set the level by its answer.

    A number that somebody else has proved is his own answers like one that the register does not know.
    """
    if not citizen.snils:
        raise Refusal(_("Enter your SNILS first."), field="snils")
    if not allow("check", str(citizen.pk)):
        raise Refusal(_("The register was asked five times in the last hour. Try again later."))
    answer = register().check(_claim(citizen))
    if owner_of_snils(citizen.snils, but=citizen):
        answer = Answer.DIFFERS
    try:
        with transaction.atomic():
            _set_by(citizen, answer)
    except IntegrityError:
        # Somebody else proved the number in the same moment.
        return Answer.DIFFERS
    return answer


def _claim(citizen: Citizen) -> Claim:
    return Claim(
        citizen.family_name, citizen.given_name, citizen.middle_name, citizen.birth_date, citizen.snils, citizen.passport
    )


def _set_by(citizen: Citizen, answer: Answer) -> None:
    found = Citizen.objects.select_for_update().get(pk=citizen.pk)
    note("register-asked", found, answer=answer.value)
    if answer is not Answer.MATCHES:
        return
    found.snils_checked_at = now()
    found.passport_checked_at = now() if found.passport else None
    reaches = bool(found.passport) and not is_small(found.birth_date, today(settings.TIME_ZONE))
    if reaches and found.level == Citizen.Level.SIMPLIFIED:
        found.level, found.level_since = Citizen.Level.STANDARD, now()
        note("level-standard", found)
    found.save(update_fields=["snils_checked_at", "passport_checked_at", "level", "level_since"])


def change_identity(
    citizen: Citizen, *, family_name: str, given_name: str, middle_name: str, snils: str, passport: str, other_document: str
) -> Answer | None:
    """Store a changed name or document. The level falls until both are checked again; None: nothing was different."""
    new = {"family_name": family_name, "given_name": given_name, "middle_name": middle_name, "snils": snils,
           "passport": passport, "other_document": other_document}  # fmt: skip
    with transaction.atomic():
        found = Citizen.objects.select_for_update().get(pk=citizen.pk)
        changed = [name for name, value in new.items() if getattr(found, name) != value]
        if not changed:
            return None
        for name, value in new.items():
            setattr(found, name, value)
        if changed != ["other_document"]:
            found.snils_checked_at = found.passport_checked_at = None
            found.level, found.level_since = Citizen.Level.SIMPLIFIED, now()
        found.save()
        note("identity-changed", found, fields=", ".join(changed))
        for address in _addresses(found):
            post(
                address,
                _("Your data were changed"),
                _("Your name or document at Public Services was changed. If it was not you, sign in and end all other sessions."),
            )
    return ask_register(found) if snils else Answer.SILENT


def _addresses(citizen: Citizen) -> list[str]:
    return [*([citizen.email] if citizen.email_confirmed_at else []), *([citizen.phone] if citizen.phone_confirmed_at else [])]


def ask_for_proof(citizen: Citizen) -> str:
    """A code to show at a service centre: 8 signs, 15 minutes, once; an older one dies. Raises Refusal when it leads nowhere."""
    if citizen.level == Citizen.Level.CONFIRMED:
        raise Refusal(_("Your account is confirmed already."))
    if is_small(citizen.birth_date, today(settings.TIME_ZONE)):
        raise Refusal(_("Accounts of children under 14 stay simplified."))
    if citizen.snils_checked_at is None:
        raise Refusal(_("First the register has to know your SNILS. Enter it under “Name and documents”."))
    code = "".join(secrets.choice(SIGNS) for _sign in range(8))
    with transaction.atomic():
        Citizen.objects.select_for_update().get(pk=citizen.pk)
        Proof.objects.filter(citizen=citizen, used_at=None).delete()
        Proof.objects.create(
            citizen=citizen, code_hash=code_hash(code, str(citizen.uid)), expires_at=now() + timedelta(minutes=PROOF_MINUTES)
        )
        note("proof-asked", citizen)
    return f"{code[:4]}-{code[4:]}"


def confirm(clerk: Citizen, citizen: Citizen, code: str) -> None:
    """A clerk has seen the person and the document and types the code. Raises Refusal beside the field, NotFound for others."""
    if clerk.duty != Citizen.Duty.CLERK or clerk.pk == citizen.pk or citizen.duty:
        raise NotFound
    wrong = Refusal(_("This code is not right or its 15 minutes are over. The person can ask for a new one."), field="code")
    if not allow("proof", f"{clerk.pk}|{citizen.pk}"):
        raise Refusal(_("Ten codes for this person in an hour. Ask your head of centre."), field="code")
    # Counted on its own: the try stays counted whatever happens next.
    with transaction.atomic():
        counted = Proof.objects.filter(citizen=citizen, used_at=None, expires_at__gt=now(), tries__lt=PROOF_TRIES).update(
            tries=F("tries") + 1
        )
    proof = Proof.objects.filter(citizen=citizen, used_at=None).first()
    typed = "".join(sign for sign in code.upper() if sign.isalnum())
    if not counted or proof is None or not hmac.compare_digest(proof.code_hash, code_hash(typed, str(citizen.uid))):
        note("proof-refused", citizen, by=clerk)
        raise wrong
    with transaction.atomic():
        if not Proof.objects.filter(pk=proof.pk, used_at=None).update(used_at=now(), used_by=clerk):
            raise wrong
        found = Citizen.objects.select_for_update().get(pk=citizen.pk)
        if found.snils_checked_at is None:
            raise wrong
        found.level, found.level_since = Citizen.Level.CONFIRMED, now()
        found.save(update_fields=["level", "level_since"])
        note("level-confirmed", found, by=clerk)
        with override(found.locale or None):
            for address in _addresses(found):
                post(
                    address,
                    _("Your account is confirmed"),
                    _(
                        "A service centre has confirmed your account at Public Services. If you were not there, "
                        "write to the support at once."
                    ),
                )
