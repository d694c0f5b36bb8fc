"""Whoever has rights beyond the own journals needs a second factor; without one only the page that sets it up opens."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from classbook.accounts.queries.factors import required_from
from classbook.schools.access import may_need_factor
from classbook.web.request import reader_of

# What opens all the same: setting it up, an own password, the way out.
OPEN = frozenset({
    "security", "prove", "factor-app", "factor-codes", "passkey-add", "passkey-options", "account_change_password",
    "account_logout", "account_login", "mfa_authenticate", "passkey-in", "language", "healthz", "readyz",
})  # fmt: skip
# The queue's doors: it keeps the entries when they are not let through, and sends them afterwards.
SAVES = frozenset({"lesson-save", "journal-save"})


def held_up(request: HttpRequest) -> HttpResponse | None:
    """The answer to somebody who has to set a second factor up first; None: go on. Asks nothing about anybody else."""
    reader = reader_of(request)
    name = request.resolver_match.url_name if request.resolver_match else None
    if reader is None or name in OPEN or not may_need_factor(reader.actor):
        return None
    since = required_from(reader.actor)
    if since is None or since > reader.actor.today:
        return None
    if name in SAVES:
        sentence = _("Set up a second step first, under “Sign-in and security”. What you entered is kept on this device.")
        return JsonResponse({"error": "factor", "sentence": sentence}, status=403)
    return redirect("security")
