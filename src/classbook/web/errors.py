"""The pages of things that went wrong. Each says what it means for the reader and shows a door back."""

from __future__ import annotations

import sys

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from classbook.web.language import KNOWN

RETRY_SECONDS = 30


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Not there, or not for this person: one answer for both."""
    return render(request, "errors/404.html", status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long or came from elsewhere."""
    return render(request, "errors/403.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke (500), or the database does not answer (503). Rendered without the database: it may be what broke."""
    request.without_reader = True  # type: ignore[attr-defined]
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    language = chosen if chosen in KNOWN else translation.get_language_from_request(request)
    # Django calls this while it handles the exception.
    is_away = isinstance(sys.exc_info()[1], OperationalError)
    with translation.override(language):
        response = render(request, "errors/503.html" if is_away else "errors/500.html", status=503 if is_away else 500)
    response.headers["Content-Language"] = language
    if is_away:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
