"""The language of a page: the person's own choice, else the cookie of this device, else the school's, else the browser's."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from classbook.schools.reader import Reader
from classbook.web.request import reader_of

KNOWN = frozenset(code for code, _ in settings.LANGUAGES)


def language_of(request: HttpRequest) -> str:
    """The code of the language in which to answer."""
    return chosen_language(request, reader_of(request)) or translation.get_language_from_request(request)


def chosen_language(request: HttpRequest, reader: Reader | None) -> str:
    """The person's, the device's or the school's; empty: nobody has chosen, and the browser's counts."""
    on_device = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    chosen = (reader.actor.locale, on_device, reader.school_locale) if reader else (on_device,)
    return next((code for code in chosen if code in KNOWN), "")


class PersonLanguage:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(language_of(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "en")
        return response
