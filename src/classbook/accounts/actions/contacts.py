"""A person's own addresses: proved by a code that was sent there, replaced, removed."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from classbook.accounts.actions.limits import Limit, take
from classbook.accounts.actions.notices import CHANNEL_OF, tell, tell_address
from classbook.accounts.models import ContactCode
from classbook.accounts.queries import country_of
from classbook.accounts.queries.contacts import has_confirmed_contact
from classbook.common import figures
from classbook.common.clock import now
from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import record_audit
from classbook.notifications.actions import Address, can_send, send_message
from classbook.people.contacts import normalised
from classbook.people.models import Account, Contact, Person
from classbook.people.queries import family_of
from classbook.schools.access import Actor

VALID = timedelta(minutes=10)
MOST_TRIES = 5
FIGURES = 6
OF_PERSON = Limit("contact-code.person", 10, timedelta(hours=1))
OF_PERSON_A_DAY = Limit("contact-code.person.day", 20, timedelta(days=1))
OF_ADDRESS = Limit("contact-code.address", 5, timedelta(hours=1))
OF_PASSWORD = Limit("own-password", 10, timedelta(minutes=15))


@transaction.atomic
def ask_code(person: Person, kind: str, value: str, locale: str) -> str:
    """Send a code of six figures to an address that the person says is his; answers the address in its one spelling.

    The caller has made sure that it is the person himself. Raises Refusal (field "value") for what is no address, for a way that
    this site does not have, and for too many codes.
    """
    found = _address(person, kind, value)
    allowed = [take(OF_PERSON, person.pk), take(OF_PERSON_A_DAY, person.pk), take(OF_ADDRESS, f"{kind}:{found}")]
    if not all(allowed):
        raise Refusal(_("Several codes were sent already. Look for the newest one, or try again in an hour."), field="value")
    code = figures.by_lot(FIGURES)
    ContactCode.objects.update_or_create(
        person=person,
        kind=kind,
        defaults={
            "value": found,
            "code_hmac": _hmac(person.pk, kind, found, code),
            "created_at": now(),
            "expires_at": now() + VALID,
            "tries": 0,
        },
    )
    to = Address(CHANNEL_OF[kind], found)
    send_message(to=to, template="contact-code", locale=locale, values={"code": code}, person_id=person.pk, urgent=True)
    return found


def confirm_code(person: Person, kind: str, value: str, code: str) -> None:
    """The address is the person's from now on and replaces the one he had. Raises Refusal (field "code")."""
    found = _address(person, kind, value)
    # Counted before it is looked at and for itself, so that a hundred tries at once are a hundred.
    live = ContactCode.objects.filter(person=person, kind=kind, value=found, expires_at__gt=now())
    if not live.filter(tries__lt=MOST_TRIES).update(tries=F("tries") + 1):
        raise Refusal(_("This code no longer holds. Ask for a new one."), field="code", needs="code")
    stored = live.values_list("code_hmac", flat=True).first() or ""
    if not constant_time_compare(stored, _hmac(person.pk, kind, found, figures.as_meant(code, FIGURES))):
        raise Refusal(_("This code does not fit. Check the figures in the newest message."), field="code")
    with transaction.atomic():
        if not live.filter(code_hmac=stored).delete()[0]:
            raise Refusal(_("This code no longer holds. Ask for a new one."), field="code", needs="code")
        make_own(person, kind, found)


def _address(person: Person, kind: str, value: str) -> str:
    if kind not in CHANNEL_OF or not can_send(CHANNEL_OF[kind]):
        raise NotFound
    found = normalised(kind, value, country_of(person.pk))
    if not found:
        raise Refusal(
            _("This is no e-mail address. Write it as name@example.org.")
            if kind == Contact.Kind.EMAIL
            else _("This is no telephone number. Write it with the country, as +7 900 123-45-67."),
            field="value",
        )
    return found


def _hmac(person_id: int, kind: str, value: str, code: str) -> str:
    return salted_hmac("classbook.contact-code", f"{person_id}:{kind}:{value}:{code}", algorithm="sha256").hexdigest()


def make_own(person: Person, kind: str, value: str) -> None:
    """Confirmed now; what it replaces and what the school wrote of it in another spelling goes."""
    mine = Contact.objects.filter(person=person, kind=kind)
    before = mine.exclude(confirmed_at=None).values_list("value", flat=True).first()
    country = country_of(person.pk)
    spellings = [pk for pk, old in mine.values_list("pk", "value") if old != value and normalised(kind, old, country) == value]
    mine.filter(pk__in=spellings).delete()
    mine.exclude(confirmed_at=None).exclude(value=value).delete()
    Contact.objects.update_or_create(person=person, kind=kind, value=value, defaults={"confirmed_at": now()})
    record_audit("account.contact_confirmed", actor_id=person.pk, subject=("person", person.pk), contact=kind)
    if before and before != value:
        tell_address(person.pk, kind, before, "contact-replaced")
    if kind == Contact.Kind.PHONE:
        _void_older_claims(person.pk, value)


def _void_older_claims(person_id: int, number: str) -> None:
    """Numbers are given to new owners. Who proves it last has it; a family may share one."""
    others = Contact.objects.filter(kind=Contact.Kind.PHONE, value=number).exclude(confirmed_at=None)
    for other in others.exclude(person_id__in={person_id, *family_of(person_id)}).order_by("pk"):
        Contact.objects.filter(pk=other.pk).update(confirmed_at=None)
        record_audit("account.contact_void", actor_id=None, subject=("person", other.person_id), contact=other.kind)
        tell(other.person_id, "contact-void", by_sms=False)


@transaction.atomic
def remove_contact(person: Person, kind: str) -> None:
    """Take away an own confirmed address; a last message goes to it. Raises NotFound when there is none."""
    mine = Contact.objects.filter(person=person, kind=kind).exclude(confirmed_at=None)
    value = mine.values_list("value", flat=True).first()
    if value is None or not mine.delete()[0]:
        raise NotFound
    record_audit("account.contact_removed", actor_id=person.pk, subject=("person", person.pk), contact=kind)
    tell_address(person.pk, kind, value, "contact-removed")


def require_own_password(person: Person, password: str) -> None:
    """Before the ways into an account change: is it the owner who sits there? Raises Refusal (field "password").

    Who has no password (portal, passkey) is not asked for one.
    """
    account = Account.objects.filter(person=person).first()
    if account is None or not account.has_usable_password():
        return
    if not take(OF_PASSWORD, person.pk):
        raise Refusal(_("Too many tries. Wait a quarter of an hour."), field="password")
    if not account.check_password(password):
        raise Refusal(_("This is not the password of your account."), field="password")


def forget_old_codes() -> int:
    """Remove codes that no longer hold; answers how many."""
    return ContactCode.objects.filter(expires_at__lte=now()).delete()[0]


# The days after which somebody who puts it off is asked for an address again; then not any more.
ASK_AGAIN = (1, 14, 60)


@transaction.atomic
def put_off(actor: Actor) -> date | None:
    """The actor gives no address now: at the first sign-in, then where he is asked again. Answers the day of the next time."""
    account = Account.objects.select_for_update().get(person_id=actor.person_id)
    times = account.contact_put_off
    next_on = actor.today + timedelta(days=ASK_AGAIN[times]) if times < len(ASK_AGAIN) else None
    if has_confirmed_contact(actor.person_id):
        next_on = None
    account.ask_contact_on, account.contact_put_off = next_on, min(times + 1, len(ASK_AGAIN))
    account.save(update_fields=["ask_contact_on", "contact_put_off"])
    return next_on
