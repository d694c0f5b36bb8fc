"""The language of a page: the person's own choice, else the cookie of this device, else the school's, else the browser's."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from classbook.web.request import reader_of

KNOWN = frozenset(code for code, _ in settings.LANGUAGES)


def language_of(request: HttpRequest) -> str:
    """The code of the language in which to answer."""
    reader = reader_of(request)
    own, of_school = (reader.actor.locale, reader.school_locale) if reader else ("", "")
    return chosen_language(request, own, of_school) or translation.get_language_from_request(request)


def chosen_language(request: HttpRequest, own: str, of_school: str) -> str:
    """The person's, the device's or the school's; empty: nobody has chosen, and the browser's counts."""
    on_device = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return next((code for code in (own, on_device, of_school) if code in KNOWN), "")


class PersonLanguage:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(language_of(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "en")
        return response
