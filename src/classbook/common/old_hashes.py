"""Password hashes of other systems: which forms are known, and whether a password fits one. Pure functions.

They are checked once, at the first sign-in, and then replaced by the house's own (common.hashers).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re

import argon2
import bcrypt
from argon2.exceptions import InvalidHashError, VerificationError

from classbook.common.hashers import Argon2id

# What a single check may cost: a file must not make every sign-in slow, or take the memory of the server.
MOST_ROUNDS, MOST_COST, MOST_MEMORY, MOST_PASSES, MOST_LANES = 2_000_000, 14, 64 * 1024, 10, 4
FORMS = "pbkdf2_sha256$...$...$..., pbkdf2:sha256:...$...$..., $2b$..., $argon2id$..., md5$SALT$HEX or md5-after$SALT$HEX"
_SALT = r"([^$\s]{1,64})"
_DJANGO = re.compile(rf"pbkdf2_(sha1|sha256|sha512)\$(\d{{1,7}})\${_SALT}\$([A-Za-z0-9+/]{{20,88}}={{0,2}})")
_RAW = re.compile(rf"pbkdf2:(sha1|sha256|sha512):(\d{{1,7}})\${_SALT}\$([0-9a-f]{{40,128}})")
_BCRYPT = re.compile(r"(bcrypt\$|bcrypt_sha256\$)?(\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53})")
_ARGON2 = re.compile(
    r"(?:argon2)?\$?(argon2(?:id|i|d)\$v=\d+\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+)"
)
# md5$ is the salt before the password (as Django did), md5-after$ the salt behind it.
_MD5 = re.compile(rf"(md5|md5-after)\${_SALT}\$([0-9a-f]{{32}})", re.IGNORECASE)
_WRAPPED = re.compile(rf"(md5|md5-after)\+argon2\${_SALT}(\$argon2id\$.+)")
_SIZES = {"sha1": 20, "sha256": 32, "sha512": 64}


def kept_form(text: str) -> str:
    """What is stored of a hash: the hash, but never a bare MD5. Empty when the form is not known, or costs too much."""
    if found := _MD5.fullmatch(text):
        return f"{found[1].lower()}+argon2${found[2]}{_house().hash(found[3].lower())}"
    return text if _is_known(text) else ""


def is_known(text: str) -> bool:
    """Can it be taken? Without the work of wrapping it."""
    return bool(_MD5.fullmatch(text)) or _is_known(text)


def is_same(kept: str, text: str) -> bool:
    """Was `kept` made from this hash? Otherwise a second import would change every row."""
    old, new = _WRAPPED.fullmatch(kept), _MD5.fullmatch(text)
    if old and new:
        return (old[1], old[2]) == (new[1].lower(), new[2]) and _verifies(old[3], new[3].lower())
    return kept == text


def fits(password: str, kept: str) -> bool:
    """Is it the password? One computation, whatever the answer."""
    secret = password.encode()
    if found := _DJANGO.fullmatch(kept):
        return hmac.compare_digest(_pbkdf2(found, secret), base64.b64decode(found[4]))
    if found := _RAW.fullmatch(kept):
        return hmac.compare_digest(_pbkdf2(found, secret), bytes.fromhex(found[4]))
    if found := _BCRYPT.fullmatch(kept):
        return _fits_bcrypt(secret, found)
    if found := _WRAPPED.fullmatch(kept):
        salt = found[2].encode()
        joined = salt + secret if found[1] == "md5" else secret + salt
        return _verifies(found[3], hashlib.md5(joined, usedforsecurity=False).hexdigest())
    if found := _ARGON2.fullmatch(kept):
        return _verifies(f"${found[1]}", password)
    return False


def _is_known(text: str) -> bool:
    if found := _DJANGO.fullmatch(text) or _RAW.fullmatch(text):
        return 1 <= int(found[2]) <= MOST_ROUNDS and _length(found) == _SIZES[found[1]]
    if found := _BCRYPT.fullmatch(text):
        return 4 <= int(found[3]) <= MOST_COST
    if found := _ARGON2.fullmatch(text):
        memory, passes, lanes = (int(number) for number in found.groups()[1:])
        return memory <= MOST_MEMORY and passes <= MOST_PASSES and 1 <= lanes <= MOST_LANES and _is_argon2(f"${found[1]}")
    return False


def _length(found: re.Match[str]) -> int:
    try:
        return len(bytes.fromhex(found[4]) if ":" in found[0][:8] else base64.b64decode(found[4], validate=True))
    except (ValueError, binascii.Error):
        return 0


def _is_argon2(text: str) -> bool:
    try:
        argon2.extract_parameters(text)
    except InvalidHashError:
        return False
    return True


def _pbkdf2(found: re.Match[str], secret: bytes) -> bytes:
    return hashlib.pbkdf2_hmac(found[1], secret, found[3].encode(), int(found[2]))


def _fits_bcrypt(secret: bytes, found: re.Match[str]) -> bool:
    if found[1] == "bcrypt_sha256$":
        secret = hashlib.sha256(secret).hexdigest().encode()
    # bcrypt itself reads 72 bytes and stops at a zero; so did every system that used it.
    secret = secret.split(b"\0")[0][:72]
    # $2y$ is what PHP calls $2b$.
    return bcrypt.checkpw(secret, re.sub(r"^\$2[ay]\$", "$2b$", found[2]).encode())


def _verifies(phc: str, text: str) -> bool:
    try:
        return argon2.PasswordHasher().verify(phc, text)
    except (VerificationError, InvalidHashError):
        return False


def _house() -> argon2.PasswordHasher:
    return argon2.PasswordHasher(time_cost=Argon2id.time_cost, memory_cost=Argon2id.memory_cost, parallelism=Argon2id.parallelism)
