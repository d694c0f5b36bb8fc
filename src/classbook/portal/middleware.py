"""Security headers, the language of a page, and one handler for the errors that a person can cause."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import translation

from classbook.common.errors import NotFound, Refusal

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'{also}; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
KNOWN = frozenset(code for code, _name in settings.LANGUAGES)


def let_form_lead_to(response: HttpResponseBase, address: str) -> None:
    """Browsers apply `form-action` to where a sent form is redirected: the consent page leads to its client, and only there."""
    parts = urlsplit(address)
    if parts.scheme in {"http", "https"} and parts.hostname:
        origin = f"{parts.scheme}://{parts.netloc}"
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.format(also=f" {origin}")


class SecurityHeaders:
    """On every answer, static files too; pages with anybody's data are kept by no cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY.format(also=""))
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if settings.SECURE_HSTS_SECONDS:
            headers.setdefault("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains")
        if not request.path_info.startswith(settings.STATIC_URL):
            headers.setdefault("Cache-Control", "no-store")
            headers.setdefault("Vary", "Cookie, Accept-Language")
        return response


class CitizenLanguage:
    """The citizen's own choice, else the cookie of this device, else the browser's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user: Any = request.user
        choices = (getattr(user, "locale", ""), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""))
        chosen = next((code for code in choices if code in KNOWN), "") or translation.get_language_from_request(request)
        with translation.override(chosen):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "en")
        return response


class Refusals:
    """NotFound becomes the 404 page, a Refusal that no view caught a page with its sentence (422)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, NotFound):
            raise Http404 from error
        if isinstance(error, Refusal):
            return render(request, "errors/refused.html", {"sentence": error.sentence}, status=422)
        return None
