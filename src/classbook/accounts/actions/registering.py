"""Registering oneself: the code of a letter, the full name, an own address as login, an own password, a link in the mail.

Nothing is an account before the link is opened. As in getting in again, the page does the same work whoever owns the
address, and the worker looks that up afterwards.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbook.accounts.actions import end_all_sessions, end_what_was_begun
from classbook.accounts.actions.contacts import make_own
from classbook.accounts.actions.entering import holder_of, require_live, take, tries_left
from classbook.accounts.actions.limits import Limit
from classbook.accounts.actions.limits import take as count
from classbook.accounts.actions.logins import open_account
from classbook.accounts.models import Invitation, PortalLink, Registration
from classbook.accounts.queries.letters import letter_by_uid
from classbook.accounts.queries.registering import belongs_to_another
from classbook.common.clock import now
from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import record_audit
from classbook.notifications.actions import EMAIL, Address, can_send, send_message
from classbook.people.contacts import normalised
from classbook.people.models import Account, Contact
from classbook.people.rules import is_same_name

log = logging.getLogger(__name__)
LINK_VALID, KEPT = timedelta(minutes=30), timedelta(days=1)
MOST_TRIES = 5
# Only who holds a code that lets in gets so far; more mails help nobody.
OF_LETTER = Limit("registration.letter", 5, timedelta(hours=1))
OF_ADDRESS = Limit("registration.address", 5, timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Said:
    """Who the holder of a letter says he is. `born` is the date that the letter asks for (a guardian's: the child's)."""

    family: str
    given: str
    middle: str
    born: date | None


def prove(uid: UUID, said: Said) -> None:
    """Are name and birth date those of the letter? Wrong ones count with the letter's tries. Raises Refusal."""
    left = tries_left(uid, lambda letter: _fits(letter, said))
    if left is None:
        return
    if not left:
        raise Refusal(
            _("Name or birth date were wrong five times, so this letter is dead now. The class teacher or the school office "
              "prints a new one and can check what is noted."),
            needs="letter",
        )  # fmt: skip
    raise Refusal(
        ngettext(
            "The school has another name or birth date. Write the name as on the letter. You can try once more, "
            "then the letter is dead.",
            "The school has another name or birth date. Write the name as on the letter. You can try %(num)s more times, "
            "then the letter is dead.",
            left,
        ) % {"num": left}
    )  # fmt: skip


def _fits(letter: Invitation, said: Said) -> bool:
    person, asked = letter.person, (letter.student or letter.person).birth_date
    names = is_same_name(
        (person.family_name, person.given_name, person.middle_name), (said.family, said.given, said.middle)
    )  # fmt: skip
    return names and (asked is None or asked == said.born)


def ask(uid: UUID, email: str, password: str, locale: str) -> UUID:
    """Note the address and the password that the holder chose, who has proved his name; the worker sends the link.

    Raises Refusal (fields "email", "password") for what is no address and for a password that is too easy; never for an
    address that is somebody else's.
    """
    letter = require_live(uid)
    if holder_of(letter, None).way != "new":
        raise NotFound
    address = normalised(EMAIL, email)
    if not can_send(EMAIL):
        raise Refusal(_("This site sends no mail. Choose the way with the school's login."), field="email")
    if not address:
        raise Refusal(_("This is no e-mail address. Write it as name@example.org."), field="email")
    try:
        validate_password(password, Account(person=letter.person, login=address))
    except ValidationError as error:
        raise Refusal(" ".join(error.messages), field="password") from None
    if not all([count(OF_LETTER, uid), count(OF_ADDRESS, address)]):
        raise Refusal(_("Several messages were sent already. Look for the newest one, or try again in an hour."), field="email")
    # Before the transaction: nobody else should wait for the hash.
    encoded = make_password(password)
    with transaction.atomic():
        # A link that went to an address with a mistake in it opens nothing any more.
        Registration.objects.filter(invitation=letter, used_at=None).delete()
        made = Registration.objects.create(
            invitation=letter, email=address, password=encoded, locale=locale, created_at=now()
        )  # fmt: skip
        record_audit(
            "letter.registering", actor_id=None, school_id=letter.school_id, subject=("person", letter.person_id)
        )  # fmt: skip
    return made.uid


def answer_registrations() -> int:
    """The worker's part: a link, or the word that the address is taken; answers how many."""
    waiting = list(Registration.objects.filter(answered_at=None).order_by("pk").values_list("pk", flat=True)[:50])
    for pk in waiting:
        mine = Registration.objects.filter(pk=pk, answered_at=None)
        try:
            with transaction.atomic():
                # Taken and answered in one transaction: once, and not lost.
                if mine.update(answered_at=now()):
                    _answer(Registration.objects.select_related("invitation").get(pk=pk))
        except DatabaseError:
            raise
        except Exception:
            log.exception("Registration %s cannot be answered.", pk)
            mine.update(answered_at=now())
    return len(waiting)


def _answer(made: Registration) -> None:
    if not can_send(EMAIL) or now() - made.created_at > LINK_VALID:
        return
    to = Address(EMAIL, made.email)
    if belongs_to_another(made.email, made.invitation.person_id):
        send_message(to=to, template="registration-taken", locale=made.locale, values={}, urgent=True)
        return
    token = secrets.token_urlsafe(32)
    Registration.objects.filter(pk=made.pk).update(token_hmac=_hmac_of(token))
    values = {"login": made.email, "link": f"{settings.ADDRESS}/in/own/link/{token}/"}
    send_message(to=to, template="registration", locale=made.locale, values=values, urgent=True)


def open_link(token: str) -> tuple[Registration, Invitation]:
    """What a link finishes, and its letter. Raises NotFound when it does not hold, for whatever reason."""
    made = _live(token).first()
    letter = letter_by_uid(made.invitation.uid) if made else None
    if made is None or letter is None or holder_of(letter, None).way != "new":
        raise NotFound
    return made, letter


def _live(token: str) -> QuerySet[Registration]:
    rows = Registration.objects.filter(token_hmac=_hmac_of(token), used_at=None, created_at__gt=now() - LINK_VALID)
    return rows.filter(tries__lt=MOST_TRIES).select_related("invitation")


def finish(token: str, password: str) -> Account:
    """The account, once, for whoever has the mail and knows the password that goes with it. The letter is used up.

    The password is asked because a mail that went to a mistaken address must let nobody in. Raises NotFound for a link that
    does not hold, Refusal (field "password") for another password.
    """
    made, letter = open_link(token)
    # Counted before it is looked at and for itself, so that a hundred tries at once are a hundred.
    if not _live(token).update(tries=F("tries") + 1):
        raise NotFound
    if not check_password(password, made.password):
        raise Refusal(_("This is not the password that you chose. Look whether capital letters are on."), field="password")
    try:
        return _finish(made, letter, token)
    except IntegrityError:
        raise Refusal(_taken()) from None


def _taken() -> str:
    return _("This address has become somebody's login in the meantime. Open your letter again and take another one.")


@transaction.atomic
def _finish(made: Registration, letter: Invitation, token: str) -> Account:
    # Twenty at once: one gets it. Its tries are counted already.
    live = Registration.objects.filter(pk=made.pk, token_hmac=_hmac_of(token), used_at=None)
    if not live.update(used_at=now()):
        raise NotFound
    if belongs_to_another(made.email, letter.person_id):
        raise Refusal(_taken())
    take(letter, letter.person_id, "registered")
    account = open_account(letter.person)
    account.login, account.password, account.self_registered, account.must_change_password = (
        made.email,
        made.password,
        True,
        False,
    )
    account.save(update_fields=["login", "password", "self_registered", "must_change_password"])
    end_all_sessions(letter.person_id)
    end_what_was_begun(letter.person_id)
    PortalLink.objects.filter(person_id=letter.person_id).delete()
    make_own(letter.person, Contact.Kind.EMAIL.value, made.email)
    return account


def _hmac_of(token: str) -> str:
    return salted_hmac("classbook.registration-link", token, algorithm="sha256").hexdigest()


def forget_old_registrations() -> int:
    """Remove those of yesterday; answers how many."""
    return Registration.objects.filter(created_at__lt=now() - KEPT).delete()[0]
