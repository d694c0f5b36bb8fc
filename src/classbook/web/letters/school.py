"""The board of the school: classes in numbers, letters for everybody, the staff, what families say is wrong."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from classbook.accounts.actions import letters
from classbook.accounts.queries import board
from classbook.common import clock
from classbook.common.errors import Refusal
from classbook.events.reading import note_read
from classbook.reports.letters import letters_pdf
from classbook.schools.access import Actor, open_school
from classbook.schools.models import School
from classbook.schools.roles import Permission
from classbook.web.account.proving import require_proof
from classbook.web.letters.boards import as_file, attachment, chosen, counts, kind_of, maker, shown
from classbook.web.request import actor_of, signed_in

# A page that was asked for while files are made looks again by itself.
LATELY = timedelta(seconds=20)


def _open(request: HttpRequest, school: UUID, permission: Permission = Permission.ISSUE_LETTERS) -> tuple[Actor, School]:
    actor = actor_of(request)
    return actor, open_school(actor, school, permission)


@require_safe
@signed_in
def school_board(request: HttpRequest, school: UUID) -> HttpResponse:
    """Every class in numbers; what waits to be printed; what is said to be wrong."""
    actor, opened = _open(request, school)
    note_read(actor.person_id, "letters", school_id=opened.pk, subject=("school", opened.pk))
    waiting, last = board.print_state(opened)
    if "waiting" in request.GET:
        # The page asks how far the printing is.
        return JsonResponse({"waiting": waiting, "says": _waits(waiting)})
    classes, tally = board.classes_of_board(opened, reader_id=actor.person_id)
    context = {
        "uid": opened.uid,
        "name": opened.name,
        "classes": classes,
        "tally": tally,
        "waiting": waiting,
        "waits": _waits(waiting),
        "printing": bool(waiting and last and last > clock.now() - LATELY),
        "corrections": board.open_corrections(opened),
        "zone": clock.zone(opened.time_zone),
        "for_staff": actor.may(Permission.MANAGE_PEOPLE, opened.pk),
    }
    return render(request, "letters/school.html", context)


def _waits(number: int) -> str:
    return ngettext("%(num)s letter waits to be printed.", "%(num)s letters wait to be printed.", number) % {"num": number}


@require_POST
@signed_in
def issue_all(request: HttpRequest, school: UUID) -> HttpResponse:
    """Letters for everybody in the school who has neither signed in nor a letter; they wait to be printed."""
    actor, opened = _open(request, school)
    require_proof(request)
    made = letters.issue(actor, opened, kind=kind_of(request))
    if not made:
        # Otherwise the page itself says what waits.
        messages.success(request, _("Everybody has signed in or has a letter that holds. There is nothing to print."))
    return redirect("letters", opened.uid)


@require_POST
@signed_in
def print_all(request: HttpRequest, school: UUID) -> HttpResponse | StreamingHttpResponse:
    """What waits, a PDF for each class, in one archive that is sent while it is made."""
    actor, opened = _open(request, school)
    require_proof(request, download=True)
    waiting, _last = board.print_state(opened)
    if not waiting:
        messages.warning(request, _("There is nothing to print."))
        return redirect("letters", opened.uid)
    files = letters.print_waiting(actor, opened, lambda label, texts: letters_pdf(texts, settings.ADDRESS, title=label))
    answer = StreamingHttpResponse(_archive(files), content_type="application/zip")
    answer.headers["Content-Disposition"] = attachment("letters.zip")
    answer.headers["Cache-Control"] = "no-store"
    return answer


class _Sink(io.RawIOBase):
    """Takes what the archive writes until it is fetched."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]
        self._parts.append(part)
        return len(part)

    def taken(self) -> bytes:
        """What was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _archive(files: Iterator[tuple[str, bytes]]) -> Iterator[bytes]:
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_STORED) as archive:
        for label, pdf in files:
            archive.writestr(f"{label.replace('/', '-')}.pdf", pdf)
            yield sink.taken()
    yield sink.taken()


@require_safe
@signed_in
def staff_board(request: HttpRequest, school: UUID) -> HttpResponse:
    """The teachers of the school with the state of their letters."""
    actor, opened = _open(request, school, Permission.MANAGE_PEOPLE)
    note_read(actor.person_id, "letters", school_id=opened.pk, subject=("school", opened.pk))
    households = board.staff_of(opened)
    choice = request.GET.get("show", "")
    context = {
        "uid": opened.uid,
        "name": opened.name,
        "rows": shown(households, choice),
        "all": len(households),
        "counts": counts(households),
        "choice": choice,
        "tally": board.Tally.of(line for one in households for line in one.lines),
    }
    return render(request, "letters/staff.html", context)


@require_POST
@signed_in
def print_staff(request: HttpRequest, school: UUID) -> HttpResponse:
    """First letters of teachers."""
    actor, opened = _open(request, school, Permission.MANAGE_PEOPLE)
    require_proof(request, download=True)
    keys, again = chosen(request)
    try:
        made = letters.issue(actor, opened, keys=keys, kind=kind_of(request), again=again, staff=True)
        pdf = letters.print_letters(actor, opened, made, maker(_("Teachers")))
    except Refusal as refused:
        messages.warning(request, refused.sentence)
        return redirect("staff-letters", opened.uid)
    return as_file(pdf, "letters.pdf", "application/pdf")


@require_POST
@signed_in
def deal_with(request: HttpRequest, school: UUID, correction: UUID) -> HttpResponse:
    """Something that was said to be wrong is dealt with."""
    actor, opened = _open(request, school)
    letters.deal_with(actor, opened, correction, request.POST.get("answer", ""))
    messages.success(request, _("Noted as dealt with."))
    return redirect("letters", opened.uid)
