"""The short way to what is asked for most: one statement for identity, permission and data, no middleware.

It answers families' pages, journals and their saves, and only when nothing unusual is the matter; in every other case it stands
aside and the ordinary view answers, with the same words (tests/diary and tests/journal prove it).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import translation

from classbook.common import clock
from classbook.common.errors import NotFound
from classbook.common.prepared import Row
from classbook.diary.marks import family_marks
from classbook.diary.own import FamilyReader, family_week
from classbook.events.reading import note_read
from classbook.journal.book import Door
from classbook.schools.access import may_need_factor
from classbook.schools.reader import reader_behind
from classbook.web.diary.marks import marks_page
from classbook.web.diary.week import week_page
from classbook.web.frames import Frame, frame_of_family
from classbook.web.journal.pages import journal
from classbook.web.journal.saving import save_lesson, save_quickly
from classbook.web.language import chosen_language
from classbook.web.request import remember_reader

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PAGES = re.compile(rf"/diary/({_UUID})/(?:week/(\d{{4}}-\d\d-\d\d)|marks)/", re.ASCII)
_JOURNAL = re.compile(rf"/journal/({_UUID})/", re.ASCII)
_SAVES = re.compile(rf"/(lesson|journal)/({_UUID})/save/", re.ASCII)
# The ordinary view shows and empties what this cookie brings.
_MESSAGES = "messages"


class HotPages:
    """Stands before the sessions; what it cannot answer goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.csrf = CsrfViewMiddleware(lambda request: HttpResponse())

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method == "GET" and (found := _PAGES.fullmatch(request.path_info)):
            return self._page(request, UUID(found[1]), found[2]) or self.get_response(request)
        if request.method == "GET" and (found := _JOURNAL.fullmatch(request.path_info)):
            return self._journal(request, UUID(found[1])) or self.get_response(request)
        if request.method == "POST" and (found := _SAVES.fullmatch(request.path_info)):
            return self._save(request, found[1], UUID(found[2])) or self.get_response(request)
        return self.get_response(request)

    def _save(self, request: HttpRequest, door: str, uid: UUID) -> HttpResponse | None:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        self.csrf.process_request(request)
        if not key or self.csrf.process_view(request, save_lesson, (), {}) is not None:
            return None
        return save_quickly(request, key, Door(lesson=uid) if door == "lesson" else Door(group=uid))

    def _page(self, request: HttpRequest, pupil: UUID, day: str | None) -> HttpResponse | None:
        key = self._usual_key(request)
        if not key:
            return None
        return self._week(request, key, pupil, day) if day else self._marks(request, key, pupil)

    def _week(self, request: HttpRequest, key: str, pupil: UUID, day: str) -> HttpResponse | None:
        try:
            on = date.fromisoformat(day)
        except ValueError:
            return None
        found = family_week(key, pupil, on, now=clock.now(), today=clock.today(settings.TIME_ZONE))
        _note_trusted(found, "week")
        return _for_family(request, found, lambda reader, row, frame: week_page(request, row, on, reader.rights, frame))

    def _marks(self, request: HttpRequest, key: str, pupil: UUID) -> HttpResponse | None:
        found = family_marks(key, pupil, now=clock.now(), today=clock.today(settings.TIME_ZONE))
        _note_trusted(found, "marks")
        return _for_family(request, found, lambda _reader, row, frame: marks_page(request, row, pupil, frame))

    def _journal(self, request: HttpRequest, group: UUID) -> HttpResponseBase | None:
        """The view itself, without what stands before it; a 404 and its page are the ordinary way's."""
        key = self._usual_key(request)
        reader = reader_behind(key, now=clock.now(), today=clock.today(settings.TIME_ZONE)) if key else None
        if reader is None or reader.is_due or may_need_factor(reader.actor):
            return None
        language = chosen_language(request, reader.actor.locale, reader.school_locale)
        if not language:
            return None
        remember_reader(request, reader)
        try:
            with translation.override(language):
                response = journal(request, group=group)
        except NotFound:
            return None
        response.headers["Content-Language"] = language
        return response

    def _usual_key(self, request: HttpRequest) -> str:
        """The session's key; empty when there is none, when a message waits or when forms would lack their token."""
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        return key if key and not request.COOKIES.get(_MESSAGES) and self._has_token(request) else ""

    def _has_token(self, request: HttpRequest) -> bool:
        """The cookie that forms need; the ordinary view sets it where it is missing or spoilt."""
        self.csrf.process_request(request)
        return "CSRF_COOKIE" in request.META and not request.META.get("CSRF_COOKIE_NEEDS_UPDATE")


def _note_trusted(found: tuple[FamilyReader, Row] | None, page: str) -> None:
    """What a trusted person reads is noted like the staff's reading: the family sees when it was (web.account.watching)."""
    if found is not None and found[0].rights.relation == "trusted":
        note_read(found[0].person_id, page, school_id=None, subject=("person", found[0].pupil_id))


def _for_family(
    request: HttpRequest,
    found: tuple[FamilyReader, Row] | None,
    page: Callable[[FamilyReader, Row, Frame], HttpResponse],
) -> HttpResponse | None:
    """The page in the reader's language, unless something is to be noted or nobody has chosen a language."""
    if found is None or found[0].is_due:
        return None
    reader, row = found
    language = chosen_language(request, reader.locale, reader.school_locale)
    if not language:
        return None
    with translation.override(language):
        return page(reader, row, frame_of_family(request, reader))
