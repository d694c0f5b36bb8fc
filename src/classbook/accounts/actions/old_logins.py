"""Logins of an old system: kept for a time, upgraded at the first sign-in, told when they are over."""

from __future__ import annotations

from datetime import date, timedelta

from babel.dates import format_date
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from classbook.accounts.models import OldPassword
from classbook.common import clock
from classbook.common.old_hashes import fits
from classbook.events.actions import record_audit
from classbook.people.models import Account

GRACE_DAYS = 60
# So long after the last day the hash is kept, to tell its owner that it is over and what to do; then nothing is left of it.
TOLD_DAYS = 90


def old_password_of(login: str, password: str) -> tuple[Account, date] | None:
    """The account and the last day of an old password that is right; None in every other case.

    While any is left, each failed sign-in costs one check of the old kind, whether or not the login exists: of the own hash,
    or of another one of the same file.
    """
    rows = OldPassword.objects.select_related("account__person")
    mine, any_other = rows.filter(account__login__iexact=login).first(), rows.order_by("pk").first()
    checked = mine or any_other
    if checked is None or not fits(password, checked.encoded) or mine is None:
        return None
    return mine.account, mine.until


def upgrade(account: Account, password: str) -> None:
    """The old password was right in time: the house's own hash takes its place. Not while nothing can be written."""
    if settings.READ_ONLY:
        return
    # Before the transaction: nobody else should wait for the hash.
    encoded = make_password(password)
    with transaction.atomic():
        if OldPassword.objects.filter(account=account).delete()[0]:
            Account.objects.filter(pk=account.pk).update(password=encoded)
            account.password = encoded
            record_audit("account.old_login_used", actor_id=account.person_id, subject=("person", account.person_id))


def over_sentence(last: date) -> str:
    """For somebody who has shown the right old password too late."""
    return _(
        "Passwords of the old system let in until %(day)s, and that is over. Ask the class teacher or the school office for a "
        "letter: with it you choose a new password in two minutes."
    ) % {"day": format_date(last, "long", locale=get_language() or "en")}


def old_logins_until() -> date | None:
    """Until when old logins work; None when none is waiting. For the sign-in page, so it names nobody."""
    today = clock.today(settings.TIME_ZONE)
    return OldPassword.objects.filter(until__gte=today).order_by("-until").values_list("until", flat=True).first()


def forget_old_passwords() -> int:
    """Remove hashes that are over and have been for long; answers how many."""
    day = clock.today(settings.TIME_ZONE) - timedelta(days=TOLD_DAYS)
    return OldPassword.objects.filter(until__lt=day).delete()[0]
