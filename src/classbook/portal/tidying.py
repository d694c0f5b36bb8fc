"""What is over is forgotten."""

from __future__ import annotations

from datetime import timedelta

from allauth.idp.oidc.models import Token
from django.contrib.sessions.models import Session

from classbook.common.clock import now
from classbook.portal.models import Message, Pending, Proof

MESSAGE_DAYS = 7


def forget() -> int:
    """Expired codes, tokens, sessions, and messages after a week; answers how many rows."""
    gone = [
        Pending.objects.filter(expires_at__lt=now()).delete()[0],
        Proof.objects.filter(used_at=None, expires_at__lt=now()).delete()[0],
        Token.objects.filter(expires_at__lt=now()).delete()[0],
        Session.objects.filter(expire_date__lt=now()).delete()[0],
        Message.objects.filter(created_at__lt=now() - timedelta(days=MESSAGE_DAYS)).delete()[0],
    ]
    return sum(gone)
