"""A passkey in software: what a telephone answers to the site's challenge, for tests without a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw(told: str) -> bytes:
    return base64.urlsafe_b64decode(told + "=" * (-len(told) % 4))


class Passkey:
    """One key of one account on one site."""

    def __init__(self, host: str = "localhost") -> None:
        self.host, self.id = host, secrets.token_bytes(16)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.user = b""

    def _client(self, kind: str, challenge: str, origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()

    def _data(self, flags: int, rest: bytes = b"") -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + bytes(4) + rest

    def made(self, options: dict[str, Any], *, flags: int = PRESENT | VERIFIED) -> str:
        """The answer to a request to make a passkey."""
        asked = options["publicKey"]
        self.user = raw(asked["user"]["id"])
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        said = cbor.encode({"fmt": "none", "attStmt": {}, "authData": self._data(flags | ATTESTED, attested)})
        client = self._client("webauthn.create", asked["challenge"], f"http://{self.host}")
        return self._answer({"clientDataJSON": text(client), "attestationObject": text(said)})

    def shown(self, options: dict[str, Any], *, flags: int = PRESENT | VERIFIED, origin: str = "") -> str:
        """The answer to a request to show it."""
        client = self._client("webauthn.get", options["publicKey"]["challenge"], origin or f"http://{self.host}")
        data = self._data(flags)
        sign = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": sign, "userHandle": self.user}
        return self._answer({name: text(part) for name, part in parts.items()})

    def _answer(self, response: dict[str, str]) -> str:
        own = {
            "id": text(self.id),
            "rawId": text(self.id),
            "type": "public-key",
            "clientExtensionResults": {"credProps": {"rk": True}},
        }
        return json.dumps(own | {"response": response, "authenticatorAttachment": "platform"})
