"""Signing keys of the provider. Two are always published: one signs, the next one waits, so that clients know it in time."""

from __future__ import annotations

import json
import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from allauth.idp.oidc.models import PrivateKey
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

from classbook.common.clock import now

BITS = 2048
# How long a key that no longer signs stays published: no token lives longer.
STAYS = timedelta(days=1)

_read: tuple[int, list[dict[str, Any]]] = (0, [])


def path() -> Path:
    """The file of keys, readable by the portal alone."""
    return Path(settings.DATA_DIR) / "portal-keys.json"


def make_missing() -> None:
    """The first two keys. Safe to run again."""
    if not path().exists():
        signing, coming = _new(), _new()
        signing["issued_at"] = now().isoformat()
        _write([signing, coming])


def rotate() -> int:
    """The next key signs from now on, another one becomes the next; answers how many are published."""
    make_missing()
    kept = [entry for entry in _entries() if not _is_over(entry)]
    for entry in kept:
        if entry["issued_at"] and not entry["expires_at"]:
            entry["expires_at"] = (now() + STAYS).isoformat()
    coming = next(entry for entry in kept if not entry["issued_at"])
    coming["issued_at"] = now().isoformat()
    _write([*kept, _new()])
    return len(kept) + 1


def published() -> list[PrivateKey]:
    """Every key that is not over, the next one included."""
    return [_key(entry) for entry in _entries() if not _is_over(entry)]


def signing() -> list[PrivateKey]:
    """Keys that may sign: issued, not over. allauth takes the newest."""
    return [_key(entry) for entry in _entries() if entry["issued_at"] and not _is_over(entry)]


def _new() -> dict[str, Any]:
    made = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    pem = made.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    return {"pem": pem, "issued_at": "", "expires_at": ""}


def _is_over(entry: dict[str, Any]) -> bool:
    return bool(entry["expires_at"]) and datetime.fromisoformat(entry["expires_at"]) <= now()


def _key(entry: dict[str, Any]) -> PrivateKey:
    issued, expires = (datetime.fromisoformat(entry[name]) if entry[name] else None for name in ("issued_at", "expires_at"))
    return PrivateKey(pem=entry["pem"], issued_at=issued, expires_at=expires)


def _entries() -> list[dict[str, Any]]:
    """Read again when the file has changed, so that a rotation needs no restart."""
    global _read
    changed = path().stat().st_mtime_ns
    if _read[0] != changed:
        _read = (changed, json.loads(path().read_text(encoding="ascii")))
    return [dict(entry) for entry in _read[1]]


def _write(entries: list[dict[str, Any]]) -> None:
    """All or nothing: a new file takes the old one's place."""
    path().parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=path().parent, prefix="portal-keys-")
    with os.fdopen(number, "w") as file:
        json.dump(entries, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(name, path())
