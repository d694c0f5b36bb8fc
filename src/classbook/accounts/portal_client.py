"""Classbook as a client of the region's portal: OpenID Connect, code flow with PKCE. The network is behind `_ask` alone."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import jwt
import requests
from django.conf import settings

from classbook.common.mailing import LOCAL

SCOPES = "openid profile birthdate snils email phone"
CALLBACK = "/account/portal/callback/"
# Only signatures made with a key that the portal alone has.
ALGORITHMS = ("RS256", "PS256", "ES256")
KEY_TYPES = frozenset({"RSA", "EC"})
LEEWAY_SECONDS = 60
TIMEOUT_SECONDS = 5
MOST_BYTES = 256 * 1024
# At most so many seconds between the click and the answer.
BEGUN_SECONDS = 1800


class PortalFailed(Exception):
    """The portal did not answer, or not as a portal that can be trusted."""


class PortalRefused(Exception):
    """The person said no at the portal."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What is remembered of a sign-in that is under way; it never leaves the server."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Citizen:
    """Whom the portal has signed in, as it says. `snils`, `email` and `phone` only where it vouches for them."""

    iss: str
    sub: str
    level: str
    family: str
    given: str
    middle: str
    born: str
    snils: str
    # A number that the portal has not checked: no proof, but it must not differ either.
    claimed_snils: str
    email: str
    phone: str

    def as_dict(self) -> dict[str, str]:
        """For the session."""
        return asdict(self)


def is_on() -> bool:
    """Has the site a portal?"""
    return bool(settings.PORTAL_ISSUER)


def begin() -> tuple[str, Begun]:
    """The address to send the browser to, and what to remember. Raises PortalFailed."""
    begun = Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
    challenge = urlsafe_b64encode(hashlib.sha256(begun.verifier.encode()).digest()).rstrip(b"=").decode()
    address = _safe(_metadata().get("authorization_endpoint"))
    query = {
        "response_type": "code", "client_id": settings.PORTAL_CLIENT, "redirect_uri": _callback(), "scope": SCOPES,
        "state": begun.state, "nonce": begun.nonce, "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}", begun


def finish(begun: Begun | None, answer: dict[str, list[str]]) -> Citizen:
    """Who came back. `answer` is the query of the callback. Raises PortalFailed or PortalRefused."""
    given = {name: values[0] for name, values in answer.items() if values}
    if begun is None or any(len(values) > 1 for values in answer.values()):
        raise PortalFailed("no sign-in is under way here")
    if not hmac.compare_digest(given.get("state", "").encode(), begun.state.encode()):
        raise PortalFailed("state")
    metadata = _metadata()
    # RFC 9207: a portal that says it names itself has to, and nobody else's answer is taken.
    if given.get("iss", "" if metadata.get("authorization_response_iss_parameter_supported") else _issuer()) != _issuer():
        raise PortalFailed("iss of the answer")
    if given.get("error") == "access_denied":
        raise PortalRefused
    if "error" in given or not given.get("code"):
        raise PortalFailed("error of the answer")
    return _citizen(_checked(_id_token(metadata, given["code"], begun), metadata, begun.nonce))


def _issuer() -> str:
    return settings.PORTAL_ISSUER


def _callback() -> str:
    return settings.ADDRESS + CALLBACK


def _id_token(metadata: dict[str, Any], code: str, begun: Begun) -> str:
    sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": _callback(), "code_verifier": begun.verifier}
    who = (quote(settings.PORTAL_CLIENT, safe=""), quote(settings.PORTAL_SECRET, safe=""))
    token = _ask("POST", _safe(metadata.get("token_endpoint")), data=sent, auth=who).get("id_token")
    if not isinstance(token, str):
        raise PortalFailed("no ID token")
    return token


def _checked(token: str, metadata: dict[str, Any], nonce: str) -> dict[str, Any]:
    """The claims, when the portal has signed them for this client and this sign-in."""
    try:
        key = _key(_ask("GET", _safe(metadata.get("jwks_uri"))), jwt.get_unverified_header(token))
        claims: dict[str, Any] = jwt.decode(
            token, key, algorithms=list(ALGORITHMS), audience=settings.PORTAL_CLIENT, issuer=_issuer(), leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
        )  # fmt: skip
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise PortalFailed("ID token") from error
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if audience != [settings.PORTAL_CLIENT] or claims.get("azp", settings.PORTAL_CLIENT) != settings.PORTAL_CLIENT:
        raise PortalFailed("audience")
    if not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
        raise PortalFailed("nonce")
    return claims


def _key(found: dict[str, Any], header: dict[str, Any]) -> jwt.PyJWK:
    """The portal's key of that name. What the token itself says about keys (jwk, jku, x5u) is not looked at."""
    rows = [row for row in found.get("keys") or () if isinstance(row, dict)]
    fits = [row for row in rows if row.get("kid") == header.get("kid") and row.get("kty") in KEY_TYPES]
    fits = [row for row in fits if row.get("use", "sig") == "sig"]
    if header.get("alg") not in ALGORITHMS or len(fits) != 1:
        raise PortalFailed("key")
    return jwt.PyJWK(fits[0], algorithm=header["alg"])


def _citizen(claims: dict[str, Any]) -> Citizen:
    def text(name: str) -> str:
        value = claims.get(name)
        return value.strip()[:200] if isinstance(value, str) else ""

    sub = claims["sub"]
    if not isinstance(sub, str) or not 0 < len(sub) <= 255:
        raise PortalFailed("sub")
    return Citizen(
        iss=_issuer(), sub=sub, level=text("acr")[:20], family=text("family_name"), given=text("given_name"),
        middle=text("middle_name"), born=text("birthdate"), claimed_snils=text("snils"),
        snils=text("snils") if claims.get("snils_verified") is True else "",
        email=text("email") if claims.get("email_verified") is True else "",
        phone=text("phone_number") if claims.get("phone_number_verified") is True else "",
    )  # fmt: skip


def _metadata() -> dict[str, Any]:
    """The discovery document of the configured issuer, which has to name itself exactly so."""
    found = _ask("GET", f"{_issuer().rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != _issuer():
        raise PortalFailed("issuer")
    return found


def _safe(address: object) -> str:
    """An address of the portal: encrypted, unless the issuer itself is on this machine."""
    parts = urlsplit(address) if isinstance(address, str) else None
    is_local = parts is not None and parts.scheme == "http" and parts.hostname in LOCAL and _issuer().startswith("http://")
    if parts is None or not parts.hostname or not (parts.scheme == "https" or is_local):
        raise PortalFailed("address")
    return str(address)


def _ask(method: str, address: str, **sent: Any) -> dict[str, Any]:
    """One request to the portal; it is never sent on to another address."""
    try:
        with requests.request(
            method, address, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True,
            headers={"Accept": "application/json"}, **sent,
        ) as response:  # fmt: skip
            if response.status_code != 200:
                raise PortalFailed(f"{response.status_code} from {address}")
            found = json.loads(_body(response))
    except (requests.RequestException, OSError, ValueError) as error:
        raise PortalFailed(address) from error
    if not isinstance(found, dict):
        raise PortalFailed(address)
    return found


def _body(response: requests.Response) -> bytes:
    """What came, if it is neither endless nor comes drop by drop."""
    body, latest = b"", time.monotonic() + TIMEOUT_SECONDS
    for part in response.iter_content(16 * 1024):
        body += part
        if len(body) > MOST_BYTES or time.monotonic() > latest:
            raise PortalFailed("too much or too slow")
    return body
