"""The board of a class: who has signed in and who has not; letters are printed from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from classbook.accounts.actions import letters
from classbook.accounts.actions.letters import PrintedLetter
from classbook.accounts.queries import board
from classbook.accounts.queries.board import DEAD, EXPIRED, IN, Household
from classbook.common.errors import Refusal
from classbook.events.reading import note_read
from classbook.reports.letters import letters_pdf
from classbook.web.account.proving import require_proof
from classbook.web.request import actor_of, signed_in

SHOWN: dict[str, Callable[[board.Line], bool]] = {
    "out": lambda line: line.state != IN and line.may_have_one,
    "over": lambda line: line.state in {EXPIRED, DEAD},
    "in": lambda line: line.state == IN,
}


def shown(households: Iterable[Household], choice: str) -> tuple[Household, ...]:
    """The households of which somebody fits the choice; everything without one."""
    fits = SHOWN.get(choice)
    return tuple(one for one in households if fits is None or any(fits(line) for line in one.lines))


def counts(households: Iterable[Household]) -> dict[str, int]:
    """How many households each choice shows."""
    rows = tuple(households)
    return {choice: len(shown(rows, choice)) for choice in SHOWN}


@require_safe
@signed_in
def class_board(request: HttpRequest, school_class: UUID) -> HttpResponse:
    """Pupils and guardians of a class with the state of their letters."""
    actor = actor_of(request)
    opened = letters.open_class_for_letters(actor, school_class)
    note_read(actor.person_id, "letters", school_id=opened.school_id, subject=("class", opened.pk))
    households = board.households_of(opened.school, opened, reader_id=actor.person_id)
    choice = request.GET.get("show", "")
    context = {
        "uid": opened.uid,
        "name": opened.name,
        "school": opened.school.name,
        "school_uid": opened.school.uid,
        "rows": shown(households, choice),
        "all": len(households),
        "counts": counts(households),
        "choice": choice if choice in SHOWN else "",
        "tally": board.Tally.of(line for one in households for line in one.lines),
    }
    return render(request, "letters/class.html", context)


@require_POST
@signed_in
def print_class(request: HttpRequest, school_class: UUID) -> HttpResponse:
    """Letters for those who were chosen, as a PDF that is made once and kept nowhere."""
    actor = actor_of(request)
    opened = letters.open_class_for_letters(actor, school_class)
    require_proof(request, download=True)
    keys, again = chosen(request)
    try:
        made = letters.issue(actor, opened.school, opened, keys=keys, kind=kind_of(request), again=again)
        pdf = letters.print_letters(actor, opened.school, made, maker(opened.name), school_class=opened)
    except Refusal as refused:
        messages.warning(request, refused.sentence)
        return redirect("class-letters", opened.uid)
    return as_file(pdf, f"letters-{opened.name}.pdf", "application/pdf")


def chosen(request: HttpRequest) -> tuple[list[str] | None, bool]:
    """(keys of the lines, or None for everybody without a letter; whether those with a letter get another one)."""
    if only := request.POST.get("only"):
        return [only], True
    if request.POST.get("who") == "ticked":
        return request.POST.getlist("line"), True
    return None, request.POST.get("who") == "out"


def kind_of(request: HttpRequest) -> str:
    """A code, or the classic slip with login and temporary password."""
    return "password" if request.POST.get("kind") == "password" else "code"


def maker(title: str) -> Callable[[list[PrintedLetter]], bytes]:
    """Makes the PDF with the site's public address: paper outlives the way by which somebody in the school got here."""
    return lambda texts: letters_pdf(texts, settings.ADDRESS, title=_("Letters: %(name)s") % {"name": title})


def as_file(content: bytes, name: str, kind: str) -> HttpResponse:
    """A file to keep, which no cache keeps."""
    answer = HttpResponse(content, content_type=kind)
    answer.headers["Content-Disposition"] = attachment(name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def attachment(name: str) -> str:
    """The header that gives a download its name in any script (RFC 6266)."""
    from urllib.parse import quote  # noqa: PLC0415 - the only use

    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-.") else "_" for sign in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"


@require_POST
@signed_in
def withdraw(request: HttpRequest, school_class: UUID) -> HttpResponse:
    """End a letter that was lost."""
    actor = actor_of(request)
    opened = letters.open_class_for_letters(actor, school_class)
    name = letters.withdraw(actor, opened, request.POST.get("only", ""))
    messages.success(request, _("The letter of %(name)s does not let in any more.") % {"name": name})
    return redirect("class-letters", opened.uid)
