"""What one has agreed to, and how to withdraw it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from classbook.accounts.actions import trusting
from classbook.accounts.queries import consents as queries
from classbook.web.request import actor_of, signed_in


@require_safe
@signed_in
def consents(request: HttpRequest) -> HttpResponse:
    """Every text, its version, from when until when."""
    return render(request, "account/consents.html", {"found": queries.agreed_by(actor_of(request))})


@require_POST
@signed_in
def withdraw(request: HttpRequest, consent: UUID) -> HttpResponse:
    """Withdraw it; what stood on it ends with it."""
    trusting.withdraw_consent(actor_of(request), consent)
    messages.success(request, _("Withdrawn. What it allowed has ended."))
    return redirect("consents")
