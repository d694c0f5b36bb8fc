"""The pages of things that went wrong. Each says what it means for the reader and shows a door back."""

from __future__ import annotations

import sys

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.template.backends.utils import csrf_input
from django.utils import translation

from classbook.common.errors import RETRY_SECONDS, UNAVAILABLE
from classbook.web.context import visitor_shell
from classbook.web.language import KNOWN


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Not there, or not for this person: one answer for both."""
    return render(request, "errors/404.html", status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long or came from elsewhere."""
    return render(request, "errors/403.html", status=403)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Nothing can be read or stored now: the works, a full disk, a database that is away."""
    is_form = request.method not in {"GET", "HEAD", "OPTIONS"}
    response = _without_database(request, "errors/not_stored.html" if is_form else "errors/503.html", 503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke, or the database is what is missing."""
    # Django calls this while it handles the exception.
    if isinstance(sys.exc_info()[1], UNAVAILABLE):
        return unavailable(request)
    return _without_database(request, "errors/500.html", 500)


def _without_database(request: HttpRequest, name: str, status: int) -> HttpResponse:
    """A page in the frame of a visitor: whom it is for would have to be looked up in what may be broken."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    language = chosen if chosen in KNOWN else translation.get_language_from_request(request)
    with translation.override(language):
        context = visitor_shell(request) | {"messages": (), "csrf_input": csrf_input(request)}
        response = HttpResponse(engines["jinja2"].get_template(name).render(context), status=status)
    response.headers["Content-Language"] = language
    return response
