"""The operator's own actions: which programs may ask citizens, and who is staff."""

from __future__ import annotations

from urllib.parse import urlsplit

from allauth.idp.oidc.models import Client
from django.conf import settings

from classbook.common.errors import NotFound, Refusal
from classbook.portal.actions.deeds import note
from classbook.portal.queries import citizen_behind
from classbook.portal.rules import SCOPES

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def add_client(
    client_id: str, name: str, redirects: list[str], after: list[str], scopes: list[str], sector: str, secret: str
) -> Client:
    """Register a client of the code flow. Raises Refusal for an address or scope that cannot be right."""
    for address in (*redirects, *after):
        _check_address(address)
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or "openid" not in scopes:
        raise Refusal(
            f"Scopes are openid and any of {', '.join(SCOPES[1:])}; not known: {', '.join(unknown) or 'openid is missing'}."
        )
    client = Client.objects.filter(pk=client_id).first() or Client(pk=client_id)
    client.name, client.type = name, Client.Type.CONFIDENTIAL
    client.set_secret(secret)
    client.set_redirect_uris(redirects)
    client.set_scopes(scopes)
    client.data = {"sector": sector}
    client.set_post_logout_redirect_uris(after)
    client.grant_types, client.response_types = "authorization_code", "code"
    client.skip_consent = client.allow_uri_wildcards = False
    client.save()
    return client


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    plain = parts.scheme == "http" and (parts.hostname in LOOPBACK or settings.DEMO)
    if not (parts.scheme == "https" or plain) or not parts.hostname or parts.fragment or "*" in address or parts.username:
        raise Refusal(f'"{address}" is no address for answers: https://, without # and *; http:// only for localhost.')


def remove_client(client_id: str) -> None:
    """Take a client away. Raises NotFound."""
    deleted, _rows = Client.objects.filter(pk=client_id).delete()
    if not deleted:
        raise NotFound


def set_duty(name: str, duty: str) -> None:
    """Make somebody staff or end it; sessions end, so that the second factor is asked for. Raises NotFound."""
    citizen = citizen_behind(name)
    if citizen is None:
        raise NotFound
    citizen.duty = duty
    citizen.epoch += 1
    citizen.save(update_fields=["duty", "epoch"])
    note("duty-changed", citizen, duty=duty)
