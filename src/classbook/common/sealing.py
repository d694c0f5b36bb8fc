"""Short secrets that have to be read again, sealed with the server's key: a copy of the database alone opens nothing."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from django.utils.crypto import salted_hmac


def _box(purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(salted_hmac("classbook.sealing", purpose, algorithm="sha256").digest()))


def seal(text: str, purpose: str) -> str:
    """What is stored. Sealed for one purpose it opens for no other."""
    return _box(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, purpose: str) -> str:
    """The text; empty when the server's key has changed since, or when this was never sealed."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""
