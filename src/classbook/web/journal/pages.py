"""The teacher's pages: my day, the lesson, my journals, the journal of a group."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from classbook.common import clock
from classbook.events.reading import note_read
from classbook.journal.day import day_of, unfilled_before
from classbook.journal.grid import grid_of
from classbook.journal.head import open_journal
from classbook.journal.lesson import Cell, lesson_page
from classbook.lessons.access import OpenLesson, open_lesson
from classbook.schools.access import groups_taught_by
from classbook.web.account.proving import require_proof
from classbook.web.journal.book import journal_page
from classbook.web.journal.form import FormResult, save_from_form
from classbook.web.request import actor_of, signed_in


@require_safe
@signed_in
def today(request: HttpRequest, day: date | None = None) -> HttpResponse:
    """The actor's lessons of a day and what is still to fill in."""
    actor = actor_of(request)
    this = clock.today(settings.TIME_ZONE)
    chosen = day or this
    context = {
        "day": chosen,
        "is_today": chosen == this,
        "before": chosen - timedelta(days=1),
        "after": chosen + timedelta(days=1),
        "lessons": day_of(actor, chosen),
        "unfilled": unfilled_before(actor, this),
    }
    return render(request, "journal/today.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def lesson(request: HttpRequest, lesson: UUID) -> HttpResponse:
    """The whole lesson on one screen. POST is the plain form of browsers without script."""
    actor = actor_of(request)
    opened = open_lesson(actor, lesson)
    result = FormResult()
    if request.method == "POST":
        if request.POST.get("reason", "").strip() and not settings.READ_ONLY:
            # A correction of days long ago.
            require_proof(request)
        result = _read_only(request) if settings.READ_ONLY else save_from_form(actor, opened, request.POST)
        if result.saved:
            return redirect("lesson", lesson)
    note_read(actor.person_id, "lesson", school_id=opened.lesson.school_id, subject=("group", opened.lesson.group_id))
    return _lesson(request, opened, result)


def _lesson(request: HttpRequest, opened: OpenLesson, result: FormResult) -> HttpResponse:
    page = lesson_page(actor_of(request), opened)
    status = 422 if result.sentences else 200
    # Made with the page, so that a form that is sent twice writes once.
    names = {"op": uuid4(), "new_column": result.typed.get("new-uid") or uuid4()}
    context = {"page": page, "result": result, "empty": FormResult(), "blank": Cell(page.uid), **names}
    return render(request, "journal/lesson.html", context, status=status)


def _read_only(request: HttpRequest) -> FormResult:
    sentence = _("Classbook can be read but not changed at the moment. What you typed is still here; please save it later.")
    return FormResult(sentences=(sentence,), typed=request.POST.dict())


@require_safe
@signed_in
def journals(request: HttpRequest) -> HttpResponse:
    """The groups the actor teaches."""
    groups = [(g.uid, g.name, g.school.short_name or g.school.name) for g in groups_taught_by(actor_of(request))]
    return render(request, "journal/journals.html", {"groups": groups})


@require_safe
@signed_in
def journal(request: HttpRequest, group: UUID) -> HttpResponse:
    """The journal of a group for one term."""
    actor = actor_of(request)
    head = open_journal(actor, group)
    note_read(actor.person_id, "journal", school_id=head.school_id, subject=("group", head.pk))
    term = request.GET.get("term", "")
    grid = grid_of(head, int(term) if term.isdecimal() and len(term) < 4 else None)
    return journal_page(request, grid, head.mine)
