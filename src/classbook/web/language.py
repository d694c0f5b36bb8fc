"""The language of a page: the person's own choice, else the cookie of this device, else the school's, else the browser's."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from classbook.schools.queries import locale_of_school_of
from classbook.web.request import actor_of

KNOWN = frozenset(code for code, _ in settings.LANGUAGES)


def language_of(request: HttpRequest) -> str:
    """The code of the language in which to answer."""
    if request.user.is_authenticated:
        own = actor_of(request).locale
        if own in KNOWN:
            return own
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in KNOWN:
        return chosen
    if request.user.is_authenticated:
        of_school = locale_of_school_of(actor_of(request))
        if of_school in KNOWN:
            return of_school
    return translation.get_language_from_request(request)


class PersonLanguage:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(language_of(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "en")
        return response
