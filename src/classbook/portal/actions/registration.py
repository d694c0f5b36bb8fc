"""Registration: what was typed waits for a code, and only then there is an account."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from classbook.common.clock import now
from classbook.common.errors import Refusal
from classbook.portal.actions.codes import check_code, open_pending, take
from classbook.portal.actions.deeds import note
from classbook.portal.actions.levels import ask_register
from classbook.portal.limits import allow
from classbook.portal.messages import post
from classbook.portal.models import Child, Citizen, Pending
from classbook.portal.queries import citizen_with_contact, owner_of_snils


@dataclass(frozen=True, slots=True)
class ChildData:
    """What a parent tells about a child."""

    family_name: str
    given_name: str
    middle_name: str
    birth_date: date
    snils: str = ""


@dataclass(frozen=True, slots=True)
class Application:
    """A filled-in registration form, every field checked for its shape."""

    family_name: str
    given_name: str
    middle_name: str
    birth_date: date
    snils: str
    passport: str
    other_document: str
    email: str
    phone: str
    password: str
    by: str
    locale: str
    child: ChildData | None = None
    # Where it came from, for the limit.
    origin: str = field(default="")

    @property
    def address(self) -> str:
        """Where the code goes."""
        return self.phone if self.by == "sms" else self.email


def too_many() -> Refusal:
    return Refusal(
        _("Too many codes were asked for. Wait an hour and try again; what you typed is kept while this page is open.")
    )


def apply(application: Application) -> str:
    """Take the form and send a code; answers the key for the session.

    Whoever is registered already gets a message at his known address, and the page says the same as always: who types another's
    SNILS, e-mail or telephone learns nothing.
    """
    _limit(application.address, application.origin, application.snils)
    data = _stored(application)
    with transaction.atomic():
        known = citizen_with_contact(application.address)
        owner = owner_of_snils(application.snils)
        key, code = open_pending(Pending.Kind.REGISTER, application.address, data=data, real=not (known or owner))
        if known or owner:
            _tell_refused(application.address)
        else:
            post(
                application.address,
                _("Your code"),
                _("Your code for Public Services: %(code)s. Tell it to nobody. It is valid for 10 minutes.") % {"code": code},
            )
        if owner:
            _tell_owner(owner)
    return key


def _limit(address: str, origin: str, snils: str) -> None:
    if not (allow("code-to", address) and allow("code-from", origin) and (not snils or allow("register-snils", snils))):
        raise too_many()


def _stored(application: Application) -> dict[str, Any]:
    """As JSON, the password as its hash."""
    data = asdict(application)
    data["password"] = make_password(application.password)
    data["birth_date"] = application.birth_date.isoformat()
    if application.child:
        data["child"]["birth_date"] = application.child.birth_date.isoformat()
    del data["origin"]
    return data


def _tell_refused(address: str) -> None:
    post(
        address,
        _("Your registration"),
        _(
            "An account with these data cannot be opened a second time. If you have one, sign in or "
            "press “I cannot sign in”. If not, come to a service centre with your document."
        ),
    )


def _tell_owner(owner: Citizen) -> None:
    with override(owner.locale or None):
        text = _(
            "Somebody typed your SNILS in a new registration at Public Services. Nothing was opened. If "
            "it was you, you already have an account: sign in or press “I cannot sign in”. If not, you "
            "need to do nothing."
        )
        for address in (owner.email if owner.email_confirmed_at else "", owner.phone if owner.phone_confirmed_at else ""):
            post(address, _("Your SNILS was typed in a registration"), text)
    note("snils-typed-elsewhere", owner)


def finish(key: str, code: str) -> Citizen:
    """Open the account when the code is right, and ask the register. Raises Refusal beside the field, NotFound when over."""
    pending = check_code(key, Pending.Kind.REGISTER, code)
    try:
        with transaction.atomic():
            take(pending)
            citizen = _open(pending)
            note("registered", citizen)
    except IntegrityError as error:
        # The same telephone or e-mail finished a moment ago.
        raise Refusal(_("This code has been used already."), field="code") from error
    if citizen.snils:
        ask_register(citizen)
    return citizen


def _open(pending: Pending) -> Citizen:
    data = dict(pending.data)
    child = data.pop("child")
    by = data.pop("by")
    data["birth_date"] = date.fromisoformat(data["birth_date"])
    citizen = Citizen(**data)
    setattr(citizen, "phone_confirmed_at" if by == "sms" else "email_confirmed_at", now())
    citizen.save()
    if child:
        Child.objects.create(parent=citizen, **(child | {"birth_date": date.fromisoformat(child["birth_date"])}))
    return citizen


def send_again(key: str) -> str:
    """A new code for the same form; the old one is dead. Answers the new key."""
    from classbook.portal.actions.codes import pending_behind  # noqa: PLC0415 - only here

    old = pending_behind(key, Pending.Kind.REGISTER)
    if not allow("code-to", old.address):
        raise too_many()
    with transaction.atomic():
        new, code = open_pending(Pending.Kind.REGISTER, old.address, data=old.data, real=bool(old.code_hash))
        take(old)
        if old.code_hash:
            post(
                old.address,
                _("Your code"),
                _("Your code for Public Services: %(code)s. Tell it to nobody. It is valid for 10 minutes.") % {"code": code},
            )
        else:
            _tell_refused(old.address)
    return new
