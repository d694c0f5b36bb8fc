"""What a citizen allows a client: given, widened, taken back."""

from __future__ import annotations

import secrets

from allauth.idp.oidc.models import Client, Token
from django.db import IntegrityError, transaction

from classbook.common.clock import now
from classbook.common.errors import NotFound
from classbook.portal.actions.deeds import note
from classbook.portal.models import Citizen, Consent, Subject


def sector_of(client: Client) -> str:
    """Clients of one owner may share a sector; every other client is one of its own."""
    data = client.data if isinstance(client.data, dict) else {}
    return str(data.get("sector") or client.pk)


def subject_for(citizen: Citizen, client: Client) -> str:
    """The lasting name of the citizen for this client's sector, by chance: nobody can compute it, no key's change alters it."""
    sector = sector_of(client)
    found = Subject.objects.filter(citizen=citizen, sector=sector).first()
    if found is None:
        try:
            with transaction.atomic():
                found = Subject.objects.create(citizen=citizen, sector=sector, sub=secrets.token_urlsafe(32))
        except IntegrityError:
            # Made in the same moment by another request.
            found = Subject.objects.get(citizen=citizen, sector=sector)
    return str(found.sub)


def give(citizen: Citizen, client: Client, scopes: list[str]) -> None:
    """Note what was allowed; it takes the place of what was allowed before."""
    with transaction.atomic():
        Citizen.objects.select_for_update().get(pk=citizen.pk)
        open_one = Consent.objects.filter(citizen=citizen, client=client, revoked_at=None).first()
        if open_one is not None and sorted(open_one.scopes) == sorted(scopes):
            return
        if open_one is not None:
            Consent.objects.filter(pk=open_one.pk).update(revoked_at=now())
        Consent.objects.create(citizen=citizen, client=client, scopes=sorted(scopes))
        note("consent-given", citizen, client=client.name, scopes=" ".join(sorted(scopes)))


def revoke(citizen: Citizen, pk: int) -> None:
    """Take it back: tokens die at once, a code in flight too. Raises NotFound for anybody else's."""
    with transaction.atomic():
        found = Consent.objects.select_related("client").filter(pk=pk, citizen=citizen, revoked_at=None).first()
        if found is None:
            raise NotFound
        Consent.objects.filter(pk=found.pk).update(revoked_at=now())
        Token.objects.filter(user_id=citizen.pk, client=found.client).delete()
        note("consent-revoked", citizen, client=found.client.name)
