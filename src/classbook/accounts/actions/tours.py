"""The short tours of first pages: gone through or not wanted, and begun again. A setting of one's own, so it is not audited."""

from __future__ import annotations

from django.db import transaction

from classbook.common.errors import NotFound
from classbook.people.models import Account
from classbook.people.rules import TOURS
from classbook.schools.access import Actor


@transaction.atomic
def end_tour(actor: Actor, code: str) -> None:
    """Never offer the tour again, on no device."""
    _write(actor, code, over=True)


@transaction.atomic
def begin_tour_again(actor: Actor, code: str) -> None:
    """Offer it once more."""
    _write(actor, code, over=False)


def _write(actor: Actor, code: str, *, over: bool) -> None:
    account = Account.objects.select_for_update().filter(person_id=actor.person_id).first()
    if account is None or code not in TOURS:
        raise NotFound
    left = set(account.tours_over.split()) - {code}
    account.tours_over = " ".join(sorted(left | {code} if over else left))
    account.save(update_fields=["tours_over"])
