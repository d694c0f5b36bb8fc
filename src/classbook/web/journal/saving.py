"""The two doors through which a browser saves journal entries; the words of each answer are in docs/saving.md."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from classbook.accounts.adapter import is_proved
from classbook.common import clock
from classbook.common.errors import RETRY_SECONDS, UNAVAILABLE, Conflict, Refusal
from classbook.events.operations import OperationReused
from classbook.journal.actions import CellsConflict, CellsRefused, save
from classbook.journal.actions.save import as_json, conflict_sentence, save_of_session
from classbook.journal.book import Door
from classbook.journal.rules import read_save
from classbook.web.request import actor_of, has_to_choose, reader_of

_log = logging.getLogger(__name__)


@require_POST
def save_lesson(request: HttpRequest, lesson: UUID) -> HttpResponse:
    """Save into one lesson."""
    return _answer(request, Door(lesson=lesson))


@require_POST
def save_journal(request: HttpRequest, group: UUID) -> HttpResponse:
    """Save into any lessons of a group."""
    return _answer(request, Door(group=group))


def save_quickly(request: HttpRequest, key: str, door: Door) -> HttpResponse | None:
    """For web.hot: the answer to a save with which nothing is the matter; None: nothing was written, the view has the word."""
    if settings.READ_ONLY:
        return None
    try:
        asked = read_save(request.body)
        # Whether the last proof is fresh stands in the session, which the ordinary way reads.
        answer = None if asked.gives_reasons else save_of_session(key, door, asked, today=clock.today(settings.TIME_ZONE))
    except Refusal:
        return None
    return _saved(answer) if answer is not None else None


def _saved(answer: str) -> HttpResponse:
    return HttpResponse(answer, content_type="application/json")


def _answer(request: HttpRequest, door: Door) -> HttpResponse:
    if reader_of(request) is None:
        sentence = _("You are signed out. What you entered is kept on this device; sign in and it will be sent.")
        if has_to_choose(request):
            sentence = _("Choose a password of your own first. What you entered is kept on this device and will be sent then.")
        return JsonResponse({"error": "signed_out", "sentence": sentence}, status=401)
    if settings.READ_ONLY:
        return unavailable()
    actor = actor_of(request)
    try:
        asked = read_save(request.body)
        # Before anything else: a colleague at the same browser may not even see the lesson, and the entry still has to wait.
        if asked.person != actor.uid:
            sentence = _("These entries belong to somebody else's sign-in. They stay on this device until that person signs in.")
            return JsonResponse({"op": str(asked.op), "error": "person", "sentence": sentence}, status=409)
        if asked.gives_reasons and not is_proved(request.session):
            return _not_proved(asked.op)
        return _saved(as_json(save(actor, door, asked)))
    except CellsRefused as error:
        return _refused(error.sentence, error.cells)
    except OperationReused as error:
        return JsonResponse({"error": "operation", "sentence": error.sentence}, status=409)
    except Refusal as error:
        return _refused(error.sentence, [])
    except CellsConflict as error:
        body = {"error": "conflict", "sentence": conflict_sentence(), "conflicts": error.conflicts}
        return JsonResponse(body, status=409)
    except (*UNAVAILABLE, Conflict) as error:
        # The database is locked, full or away, or a race was lost again and again: the queue keeps the entry.
        _log.warning("An entry could not be stored: %s: %s", type(error).__name__, error)
        return unavailable()


def _not_proved(op: UUID) -> JsonResponse:
    """The queue keeps the entry and asks the person; then it sends the same operation again."""
    sentence = _("Corrections of earlier days wait until you have shown that it is you.")
    return JsonResponse({"op": str(op), "error": "proof", "sentence": sentence}, status=403)


def _refused(sentence: str, cells: list[dict[str, Any]]) -> JsonResponse:
    return JsonResponse({"error": "refused", "sentence": sentence, "cells": cells}, status=422)


def unavailable() -> JsonResponse:
    """The entry could not be stored now; the browser keeps it and tries again."""
    sentence = _("Classbook cannot store entries at the moment. They are kept on this device and will be sent by themselves.")
    return JsonResponse({"error": "unavailable", "sentence": sentence}, status=503, headers={"Retry-After": str(RETRY_SECONDS)})
