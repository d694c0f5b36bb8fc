"""Remarks about a pupil from the lesson page: a plain form, or the same from the page's script."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db import OperationalError
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from classbook.common.errors import NotFound, Refusal
from classbook.journal.actions import NewRemark, take_back_remark, write_remark
from classbook.lessons.access import open_lesson
from classbook.web.journal.saving import unavailable
from classbook.web.request import actor_of, signed_in


@require_POST
@signed_in
def add(request: HttpRequest, lesson: UUID) -> HttpResponseBase:
    """Write a remark. Sent twice it is written once."""
    actor = actor_of(request)
    opened = open_lesson(actor, lesson)
    try:
        asked = NewRemark(
            UUID(request.POST.get("op", "")),
            UUID(request.POST.get("student", "")),
            request.POST.get("kind", ""),
            request.POST.get("text", "").replace("\r\n", "\n").strip(),
        )
    except ValueError:
        raise NotFound from None
    try:
        if settings.READ_ONLY:
            raise Refusal(_("Classbook can be read but not changed at the moment. Please send the remark later."))
        uid = write_remark(actor, opened, asked)
    except Refusal as error:
        if _wants_json(request):
            return JsonResponse({"error": "refused", "sentence": error.sentence, "field": error.field}, status=422)
        raise
    except OperationalError:
        if _wants_json(request):
            return unavailable()
        raise
    if _wants_json(request):
        return JsonResponse({"uid": uid})
    messages.success(request, _("The remark is in the diary now."))
    return redirect("lesson", lesson)


@require_POST
@signed_in
def withdraw(request: HttpRequest, lesson: UUID, remark: UUID) -> HttpResponseBase:
    """Take back a remark that one wrote."""
    actor = actor_of(request)
    if settings.READ_ONLY:
        raise Refusal(_("Classbook can be read but not changed at the moment. Please take the remark back later."))
    take_back_remark(actor, open_lesson(actor, lesson), remark)
    if _wants_json(request):
        return JsonResponse({})
    messages.success(request, _("The remark was taken back. The family does not see it any more."))
    return redirect("lesson", lesson)


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")
