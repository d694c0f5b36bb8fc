"""One handler for the errors that a person can cause."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from classbook.common.errors import NotFound, Refusal
from classbook.web.account.proving import Interrupted
from classbook.web.account.required import held_up
from classbook.web.errors import unavailable

# What works while nothing can be written: the queue's doors answer for themselves, the others need no row.
WITHOUT_WRITING = frozenset(
    {
        "account_login",
        "account_logout",
        "mfa_authenticate",
        "passkey-in",
        "passkey-options",
        "language",
        "lesson",
        "lesson-save",
        "journal-save",
    }
)


class Refusals:
    """NotFound becomes the 404 page, a Refusal that no view caught becomes a page with its sentence (422)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """Who needs a second factor sets it up first; while Classbook can only be read, a form gets a sentence at once."""
        if not settings.READ_ONLY and (answer := held_up(request)):
            return answer
        if not settings.READ_ONLY or request.method in {"GET", "HEAD", "OPTIONS"}:
            return None
        match = request.resolver_match
        return None if match and match.url_name in WITHOUT_WRITING else unavailable(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Interrupted):
            return error.answer
        if isinstance(error, NotFound):
            raise Http404 from error
        if isinstance(error, Refusal):
            return render(request, "errors/refused.html", {"sentence": error.sentence}, status=422)
        return None
