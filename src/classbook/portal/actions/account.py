"""What a citizen does with the own account: recovery, contacts, password, sessions, children."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from classbook.common.clock import now, today
from classbook.common.errors import Refusal
from classbook.portal.actions.codes import check_code, open_pending, take
from classbook.portal.actions.deeds import note
from classbook.portal.actions.registration import ChildData, too_many
from classbook.portal.limits import allow
from classbook.portal.messages import post
from classbook.portal.models import Child, Citizen, Pending
from classbook.portal.queries import child_of, citizen_with_contact
from classbook.portal.rules import is_small


def start_recovery(address: str, origin: str) -> str:
    """Send a code to this e-mail or telephone if an account has it. Page, time and count of messages are the same if none has."""
    if not (allow("code-to", address) and allow("code-from", origin)):
        raise too_many()
    with transaction.atomic():
        citizen = citizen_with_contact(address)
        alive = citizen is not None and citizen.is_active
        key, code = open_pending(Pending.Kind.RECOVER, address, citizen=citizen if alive else None, real=alive)
        if alive:
            text = _("Your code for a new password at Public Services: %(code)s. If you did not ask for it, do nothing.") % {
                "code": code
            }
        else:
            text = _(
                "Somebody asked for a new password at Public Services with this address. No account has it: "
                "register, or try another address of yours."
            )
        post(address, _("A new password"), text)
    return key


def finish_recovery(key: str, code: str, password: str) -> Citizen:
    """Set the new password when the code is right; every session ends. A second factor is still asked at the sign-in."""
    pending = check_code(key, Pending.Kind.RECOVER, code)
    with transaction.atomic():
        take(pending)
        assert pending.citizen_id is not None
        citizen = Citizen.objects.select_for_update().get(pk=pending.citizen_id)
        _set_password(citizen, password)
        note("password-recovered", citizen)
    return citizen


def change_password(citizen: Citizen, password: str) -> None:
    """An own new password; every other session ends."""
    with transaction.atomic():
        found = Citizen.objects.select_for_update().get(pk=citizen.pk)
        _set_password(found, password)
        note("password-changed", found)
    citizen.password, citizen.epoch = found.password, found.epoch


def _set_password(citizen: Citizen, password: str) -> None:
    citizen.set_password(password)
    citizen.epoch += 1
    citizen.save(update_fields=["password", "epoch"])
    Pending.objects.filter(citizen=citizen).delete()
    with override(citizen.locale or None):
        for address in (citizen.email if citizen.email_confirmed_at else "", citizen.phone if citizen.phone_confirmed_at else ""):
            post(
                address,
                _("Your password was changed"),
                _(
                    "The password of your account at Public Services was changed. If it was not you, press “I "
                    "cannot sign in” on the sign-in page at once."
                ),
            )


def end_other_sessions(citizen: Citizen) -> None:
    """Every session but this one; the caller renews this one's mark."""
    with transaction.atomic():
        found = Citizen.objects.select_for_update().get(pk=citizen.pk)
        found.epoch += 1
        found.save(update_fields=["epoch"])
        note("sessions-ended", found)
    citizen.epoch = found.epoch


def start_contact(citizen: Citizen, address: str, origin: str) -> str:
    """Send a code to a new e-mail or telephone. The old one stays until the code is typed, and is told."""
    if not (allow("code-to", address) and allow("code-from", origin)):
        raise too_many()
    with transaction.atomic():
        taken = citizen_with_contact(address)
        key, code = open_pending(Pending.Kind.CONTACT, address, citizen=citizen, real=taken is None)
        if taken is None:
            text = _("Your code for Public Services: %(code)s. Tell it to nobody. It is valid for 10 minutes.") % {"code": code}
        else:
            text = _(
                "Somebody wanted to add this address to an account at Public Services. It belongs to yours "
                "already, so nothing was changed."
            )
        post(address, _("Your code"), text)
    return key


def finish_contact(citizen: Citizen, key: str, code: str) -> None:
    """Replace the e-mail or telephone when the code is right."""
    pending = check_code(key, Pending.Kind.CONTACT, code)
    column = "email" if "@" in pending.address else "phone"
    try:
        with transaction.atomic():
            take(pending)
            found = Citizen.objects.select_for_update().get(pk=citizen.pk)
            if pending.citizen_id != found.pk:
                raise Refusal(_("This code has been used already."), field="code")
            old = getattr(found, column) if getattr(found, f"{column}_confirmed_at") else ""
            setattr(found, column, pending.address)
            setattr(found, f"{column}_confirmed_at", now())
            found.save(update_fields=[column, f"{column}_confirmed_at"])
            note(f"{column}-changed", found)
            post(
                old,
                _("Your data were changed"),
                _(
                    "The e-mail or telephone of your account at Public Services was changed. If it was not you, "
                    "write to the support at once."
                ),
            )
    except IntegrityError as error:
        raise Refusal(_("This code has been used already."), field="code") from error


def choose_language(citizen: Citizen, locale: str) -> None:
    """Keep the language of pages and messages."""
    Citizen.objects.filter(pk=citizen.pk).update(locale=locale)


def add_child(parent: Citizen, child: ChildData) -> Child:
    """Put a child into the parent's list."""
    with transaction.atomic():
        Citizen.objects.select_for_update().get(pk=parent.pk)
        if parent.children.count() >= 20:
            raise Refusal(_("Your list has twenty children already."))
        made: Child = Child.objects.create(
            parent=parent, family_name=child.family_name, given_name=child.given_name, middle_name=child.middle_name,
            birth_date=child.birth_date, snils=child.snils,
        )  # fmt: skip
        note("child-added", parent)
    return made


def remove_child(parent: Citizen, pk: int) -> None:
    """Take a child off the list. The child's own account stays."""
    with transaction.atomic():
        child_of(parent, pk).delete()
        note("child-removed", parent)


def make_child_account(parent: Citizen, pk: int, login: str, password: str) -> Citizen:
    """A simplified account for a child under 14 who has neither telephone nor e-mail. The parent needs the standard level."""
    child = child_of(parent, pk)
    if parent.level == Citizen.Level.SIMPLIFIED:
        raise Refusal(_("You need the standard level for this: enter passport and SNILS under “Name and documents”."))
    if not is_small(child.birth_date, today(settings.TIME_ZONE)):
        raise Refusal(_("From 14 on a person registers alone, with an own telephone or e-mail."))
    if child.account_id:
        raise Refusal(_("This child has an account already."))
    values: dict[str, Any] = {
        name: getattr(child, name) for name in ("family_name", "given_name", "middle_name", "birth_date", "snils")
    }
    account = Citizen(login=login.lower(), made_by=parent, locale=parent.locale, **values)
    account.set_password(password)
    try:
        with transaction.atomic():
            account.save()
            Child.objects.filter(pk=child.pk).update(account=account)
            note("registered", account, by=parent)
            note("child-account-made", parent)
    except IntegrityError as error:
        raise Refusal(_("This login is taken. Add a number or choose another."), field="login") from error
    return account


def set_child_password(parent: Citizen, pk: int, password: str) -> None:
    """The parent who made the account sets a new password for the child."""
    child = child_of(parent, pk)
    account = child.account
    if account is None or account.made_by_id != parent.pk or not is_small(account.birth_date, today(settings.TIME_ZONE)):
        raise Refusal(_("The password of this account is no longer yours to change."))
    with transaction.atomic():
        _set_password(account, password)
        note("password-changed", account, by=parent)
