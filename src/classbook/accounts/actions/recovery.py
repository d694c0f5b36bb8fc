"""Getting in again by oneself: an address that was confirmed before, a link or a code sent there, a new password.

Asking does the same work whoever asks: it writes a request. Whose address it is, the worker looks up afterwards, so that neither
answer nor time tells whether there is an account (quality.md 7.7).
"""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import F, QuerySet
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from classbook.accounts.actions import end_all_sessions, end_what_was_begun
from classbook.accounts.actions.limits import Limit, take
from classbook.accounts.actions.notices import CHANNEL_OF, tell
from classbook.accounts.models import RecoveryCode, RecoveryRequest
from classbook.accounts.queries.recovery import OpenLink, owners_of
from classbook.common import figures
from classbook.common.clock import now
from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import record_audit
from classbook.notifications.actions import Address, can_send, send_message
from classbook.people.contacts import candidates
from classbook.people.models import Account, Contact
from classbook.schools.queries import countries

log = logging.getLogger(__name__)
LINK_VALID, CODE_VALID = timedelta(minutes=30), timedelta(minutes=10)
MOST_TRIES = 5
KEPT = timedelta(days=1)
# Each request reaches the owner with a link that works, so asking too often locks nobody out.
OF_ADDRESS = Limit("recovery.address", 5, timedelta(minutes=15))
OF_ADDRESS_A_DAY = Limit("recovery.address.day", 20, timedelta(days=1))
# A whole school stands behind one address.
OF_SOURCE = Limit("recovery.source", 1500, timedelta(minutes=10))
CODES_OF_SOURCE = Limit("recovery.codes", 1500, timedelta(minutes=10))
# Nobody proves anything before he guesses this code, so it is longer than others: all tries of a day hit one in 10^6.
FIGURES = 8


@transaction.atomic
def ask(typed: str, locale: str, source: str) -> UUID:
    """Note that somebody wants to get in by an address; `source` is the network address he comes from.

    Raises Refusal (field "address") for what can be no address, and for too many requests; never for one that nobody has.
    """
    kind, values = candidates(typed, countries())
    if not values:
        raise Refusal(
            _("This is neither an e-mail address nor a telephone number. Write it as name@example.org or +7 900 123-45-67."),
            field="address",
        )
    if not can_send(CHANNEL_OF[kind]):
        raise Refusal(
            _("This site sends no mail. Give your telephone number.")
            if kind == Contact.Kind.EMAIL
            else _("This site sends no text messages. Give your e-mail address."),
            field="address",
        )
    allowed = [take(OF_SOURCE, source), take(OF_ADDRESS, values), take(OF_ADDRESS_A_DAY, values)]
    if not all(allowed):
        raise Refusal(
            _("Several messages were asked for already. Use the newest one, or try again in a quarter of an hour."),
            field="address",
        )
    return RecoveryRequest.objects.create(kind=kind, values=values, locale=locale, created_at=now()).uid


def answer_requests() -> int:
    """The worker's part: send links to those whose address it is; answers how many requests."""
    waiting = list(RecoveryRequest.objects.filter(answered_at=None).order_by("pk").values_list("pk", flat=True)[:50])
    for pk in waiting:
        mine = RecoveryRequest.objects.filter(pk=pk, answered_at=None)
        try:
            with transaction.atomic():
                # Taken and answered in one transaction: once, and not lost.
                if mine.update(answered_at=now()):
                    _answer(RecoveryRequest.objects.get(pk=pk))
        except DatabaseError:
            raise
        except Exception:
            # One that cannot be answered must not keep all others waiting; whoever asked will ask again.
            log.exception("Recovery request %s cannot be answered.", pk)
            mine.update(answered_at=now())
    return len(waiting)


def _answer(request: RecoveryRequest) -> None:
    if not can_send(CHANNEL_OF[request.kind]) or now() - request.created_at > LINK_VALID:
        return
    for value in request.values:
        owners = owners_of(request.kind, value)
        entries = [_entry(request, person_id, login) for person_id, login in owners.active]
        if entries:
            values = {
                "entries": "\n\n".join(long for long, _short in entries),
                "short": ", ".join(short for _long, short in entries),
            }
            _send(request, value, "recovery", values)
        elif owners.ended:
            _send(request, value, "recovery-ended", {"logins": ", ".join(login for _pk, login in owners.ended)})


def _entry(request: RecoveryRequest, person_id: int, login: str) -> tuple[str, str]:
    """What the message says of one person: in a mail with link and code, in a text message with the code alone."""
    token, code = secrets.token_urlsafe(32), figures.by_lot(FIGURES)
    shown = f"{code[:4]} {code[4:]}"
    RecoveryCode.objects.create(
        request=request,
        person_id=person_id,
        token_hmac=_hmac_of_token(token),
        code_hmac=_hmac_of_code(request, code),
        created_at=now(),
    )
    record_audit("account.recovery_asked", actor_id=None, subject=("person", person_id), by=request.kind)
    with translation.override(request.locale):
        lines = (
            _("Your login: %(login)s") % {"login": login},
            _("Choose a new password: %(link)s") % {"link": f"{settings.ADDRESS}/account/recover/new/{token}/"},
            _("Or type this code on the page where you asked: %(code)s") % {"code": shown},
        )
        return "\n".join(lines), _("login %(login)s, code %(code)s") % {"login": login, "code": shown}


def _send(request: RecoveryRequest, value: str, template: str, values: dict[str, str]) -> None:
    to = Address(CHANNEL_OF[request.kind], value)
    send_message(to=to, template=template, locale=request.locale, values=values, urgent=True)


def redeem_code(uid: UUID, code: str, source: str) -> str:
    """The token of the link that goes with a typed code. Raises Refusal (field "code")."""
    if not take(CODES_OF_SOURCE, source):
        raise Refusal(_("Too many tries. Wait a quarter of an hour."), field="code")
    live = RecoveryRequest.objects.filter(uid=uid, created_at__gt=now() - CODE_VALID)
    # Counted before it is looked at and for itself, so that a hundred tries at once are a hundred.
    if not live.filter(tries__lt=MOST_TRIES).update(tries=F("tries") + 1):
        raise Refusal(_("This code no longer holds. Ask for a new message."), field="code", needs="message")
    request = live.get()
    wanted = _hmac_of_code(request, figures.as_meant(code, FIGURES))
    fits = [row for row in request.codes.filter(used_at=None).order_by("pk") if constant_time_compare(row.code_hmac, wanted)]
    token = secrets.token_urlsafe(32)
    # The code is used up; the link that it opens is a new one, and the mail's link goes with the code.
    mine = request.codes.filter(pk__in=[row.pk for row in fits[:1]], code_hmac=wanted)
    if not mine.update(code_hmac="", token_hmac=_hmac_of_token(token)):
        raise Refusal(_("This code does not fit. Check the figures in the newest message."), field="code")
    return token


def open_link(token: str) -> OpenLink:
    """Whose password a link sets. Raises NotFound when it does not hold, for whatever reason."""
    row = _live(token).select_related("person__account").first()
    if row is None:
        raise NotFound
    return OpenLink(row.person_id, row.person.account.login)


def _live(token: str) -> QuerySet[RecoveryCode]:
    return RecoveryCode.objects.filter(
        token_hmac=_hmac_of_token(token),
        used_at=None,
        created_at__gt=now() - LINK_VALID,
        person__account__is_active=True,
    )


def set_new_password(token: str, password: str) -> str:
    """Replace the password once by a link; all devices end, all begun changes too. Answers the login.

    Raises NotFound for a link that does not hold and Refusal (field "password") for a password that is too easy.
    """
    account = Account.objects.filter(person_id=open_link(token).person_id).select_related("person").get()
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise Refusal(" ".join(error.messages), field="password") from None
    # Before the transaction: nobody else should wait for the hash.
    encoded = make_password(password)
    with transaction.atomic():
        # Twenty at once: one gets it. By its own row alone: beside a join PostgreSQL would not look again at what it waited for.
        live = _live(token).values_list("pk", flat=True).first() or 0
        if not RecoveryCode.objects.filter(pk=live, used_at=None).update(used_at=now()):
            raise NotFound
        Account.objects.filter(pk=account.pk).update(password=encoded, must_change_password=False)
        end_all_sessions(account.person_id)
        end_what_was_begun(account.person_id)
        record_audit("account.recovered", actor_id=account.person_id, subject=("person", account.person_id))
        tell(account.person_id, "password-changed")
    return account.login


def _hmac_of_token(token: str) -> str:
    return salted_hmac("classbook.recovery-link", token, algorithm="sha256").hexdigest()


def _hmac_of_code(request: RecoveryRequest, code: str) -> str:
    return salted_hmac("classbook.recovery-code", f"{request.uid}:{code}", algorithm="sha256").hexdigest()


def forget_old_requests() -> int:
    """Remove the requests of yesterday with their codes; answers how many rows."""
    return RecoveryRequest.objects.filter(created_at__lt=now() - KEPT).delete()[0]
