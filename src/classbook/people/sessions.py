"""Sessions as rows of our own: one a device, bound to a person and to the person's epoch.

Django's session middleware works on it unchanged; the hot pages join the row in their one statement. Only the hash of
the cookie's value is stored, so a copy of the database opens no session.

While Classbook can only be read there is no row to write: who signs in then carries a signed session in the cookie, which
becomes a row with the first request after.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.core import signing
from django.db import DatabaseError, IntegrityError, transaction

from classbook.common.clock import now
from classbook.people.models import Account, Person, Session

# A classroom computer forgets its user after a lesson.
SHARED_LIFETIME = timedelta(minutes=45)
# How long a staff device stays signed in without being used; families: settings.SESSION_COOKIE_AGE.
STAFF_LIFETIME = timedelta(hours=12)
# A visitor on the way to a sign-in.
VISITOR_LIFETIME = timedelta(hours=1)
# Keys of the session's data that become columns.
DEVICE, SHARED, STAFF = "device", "shared", "staff"
# The use of a device is noted, and its time begins anew, when a tenth of the time has passed: not with every page.
NOTED_PARTS = 10
# Begins a cookie that carries the session itself.
SIGNED = "signed."
_SALT = "classbook.session"


def hash_of(session_key: str) -> str:
    """What is stored of a cookie's value."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def is_due(seen_at: datetime, expires_at: datetime, at: datetime) -> bool:
    """Is the use of a device to be noted again?"""
    return at - seen_at >= (expires_at - seen_at) / NOTED_PARTS


class SessionStore(SessionBase):
    """Django's session interface over people.Session."""

    # The data of a session whose use is to be noted; None: nothing to note.
    _as_loaded: dict[str, Any] | None = None

    def _get_new_session_key(self) -> str:
        # 192 bits; nothing to guess and nothing to look up first.
        return secrets.token_urlsafe(24)

    def load(self) -> dict[str, Any]:
        if (self.session_key or "").startswith(SIGNED):
            return self._signed_data()
        row = self._live_row()
        if row is None:
            self._session_key = None
            return {}
        data = self.decode(row.data)
        if not settings.READ_ONLY and is_due(row.seen_at, row.expires_at, now()):
            # Saved with the answer: the time without use begins anew, and so does that of the cookie.
            self._as_loaded, self.modified = dict(data), True
        return data

    def _live_row(self) -> Session | None:
        if not self.session_key:
            return None
        row = Session.objects.select_related("person__account").filter(key_hash=hash_of(self.session_key)).first()
        if row is None or row.expires_at <= now():
            return None
        if row.person is not None and (row.epoch != row.person.epoch or not row.person.account.is_active):
            return None
        return row

    def get_expire_at_browser_close(self) -> bool:
        """A shared computer forgets with its browser."""
        return bool(self.get(SHARED)) or super().get_expire_at_browser_close()

    def _signed_data(self) -> dict[str, Any]:
        """What a signed cookie carries; empty when its time is over or its person signed out everywhere."""
        try:
            carried = signing.loads(self.session_key.removeprefix(SIGNED), salt=_SALT)  # type: ignore[union-attr]
        except signing.BadSignature:
            carried = None
        if carried is None or carried["until"] <= now().timestamp() or not _is_at(carried["account"], carried["epoch"]):
            self._session_key = None
            return {}
        data: dict[str, Any] = carried["data"]
        if not settings.READ_ONLY:
            # From here on a row of its own, which can be ended from elsewhere.
            self._session_key = None
            self.modified = True
        return data

    def _sign(self) -> str:
        data = self._get_session(no_load=False)  # type: ignore[attr-defined]
        account = Account.objects.select_related("person").filter(pk=data.get(SESSION_KEY) or 0).first()
        carried = {
            "data": data,
            "account": account.pk if account else 0,
            "epoch": account.person.epoch if account else 0,
            "until": (now() + min(_lifetime(data), STAFF_LIFETIME)).timestamp(),
        }
        return SIGNED + signing.dumps(carried, salt=_SALT, compress=True)

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(key_hash=hash_of(session_key)).exists()

    def create(self) -> None:
        if settings.READ_ONLY:
            # The middleware saves when the answer goes out; until then any key does.
            self._session_key = SIGNED + secrets.token_urlsafe(24)
            self.modified = True
            return
        self._session_key = self._get_new_session_key()
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
            if settings.READ_ONLY:
                # Also what a visitor has begun, such as the first of two steps of a sign-in.
                self._session_key = self._sign()
            return
        if settings.READ_ONLY:
            if self.session_key.startswith(SIGNED):
                self._session_key = self._sign()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        values = self._columns(data)
        key_hash = hash_of(self.session_key)
        if must_create:
            try:
                with transaction.atomic():
                    Session.objects.create(key_hash=key_hash, created_at=now(), **values)
            except IntegrityError:
                raise CreateError from None
        elif not self._update(key_hash, data, values):
            raise UpdateError

    def _update(self, key_hash: str, data: dict[str, Any], values: dict[str, Any]) -> bool:
        """Write the row; a page is not refused because a mere use of the device could not be noted."""
        try:
            with transaction.atomic():
                return bool(Session.objects.filter(key_hash=key_hash).update(**values))
        except DatabaseError:
            if data == self._as_loaded:
                return True
            raise

    def _columns(self, data: dict[str, Any]) -> dict[str, Any]:
        account = Account.objects.filter(pk=data[SESSION_KEY]).first() if SESSION_KEY in data else None
        person = Person.objects.get(pk=account.person_id) if account else None
        return {
            "person": person,
            "epoch": person.epoch if person else 0,
            "device": str(data.get(DEVICE, ""))[:200],
            "shared_computer": bool(data.get(SHARED)),
            "seen_at": now(),
            "expires_at": now() + _lifetime(data),
            "data": self.encode(data),
        }

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key and not settings.READ_ONLY:
            Session.objects.filter(key_hash=hash_of(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.filter(expires_at__lte=now()).delete()


def _is_at(account_pk: int, epoch: int) -> bool:
    """Is the account open, and has its person not signed out everywhere since?"""
    return not account_pk or Account.objects.filter(pk=account_pk, is_active=True, person__epoch=epoch).exists()


def _lifetime(data: dict[str, Any]) -> timedelta:
    if data.get(SHARED):
        return SHARED_LIFETIME
    if SESSION_KEY not in data:
        return VISITOR_LIFETIME
    return STAFF_LIFETIME if data.get(STAFF) else timedelta(seconds=settings.SESSION_COOKIE_AGE)
