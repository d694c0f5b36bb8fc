"""Requests to be linked with a child: what waits, who is meant, approve, ask back, refuse."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from classbook.accounts.actions import asking as actions
from classbook.accounts.models import AccessRequest
from classbook.accounts.queries import asking as queries
from classbook.common import clock
from classbook.events.reading import note_read
from classbook.office.queries import guardians_of
from classbook.office.rehearsal import try_out
from classbook.people.models import Person
from classbook.people.queries import name_of
from classbook.people.rules import list_name
from classbook.schools.models import School
from classbook.web.office.forms import ApproveForm
from classbook.web.office.new_guardians import may_in_words, paper_in, rights_in
from classbook.web.office.views import opened_pupil, opened_school
from classbook.web.request import actor_of, signed_in
from classbook.web.steps import Outlook, Step, one_sentence, two_steps, with_form


@require_safe
@signed_in
def waiting(request: HttpRequest, school: UUID) -> HttpResponse:
    """Who asks for which child."""
    opened = opened_school(request, school)
    context = {
        "school": opened.uid,
        "name": opened.name,
        "rows": queries.waiting_requests(opened),
        "zone": clock.zone(opened.time_zone),
    }
    return render(request, "office/requests.html", context)


def _open(request: HttpRequest, school: UUID, asked: UUID) -> tuple[School, AccessRequest]:
    opened = opened_school(request, school)
    return opened, actions.open_request(actor_of(request), opened, asked)


@require_safe
@signed_in
def one(request: HttpRequest, school: UUID, asked: UUID) -> HttpResponse:
    """What was asked, and the pupils who may be meant."""
    opened, row = _open(request, school, asked)
    text = request.GET.get("q", "")[:80].strip()
    note_read(actor_of(request).person_id, "requests", school_id=opened.pk, subject=("school", opened.pk))
    context = {
        "school": opened.uid,
        "row": row,
        "asker": name_of(row.asked_by),
        "born": row.asked_by.birth_date,
        "child": list_name(row.family_name, row.given_name),
        "q": text,
        "found": queries.candidates(opened, row, text),
        "zone": clock.zone(opened.time_zone),
    }
    return render(request, "office/request.html", context)


@with_form
@signed_in
def approve(request: HttpRequest, school: UUID, asked: UUID, pupil: UUID) -> HttpResponse:
    """The asker becomes a guardian of this pupil."""
    opened, row = _open(request, school, asked)
    _school, student, name = opened_pupil(request, school, pupil)
    start = {"relation": row.relation, "basis": row.basis, "document": row.document[:120]} | dict.fromkeys(
        ("can_view", "can_excuse", "can_sign"), True
    )
    form = ApproveForm(request.POST or None, initial=start)
    words = {"guardian": name_of(row.asked_by), "name": name}

    def act() -> int:
        paper = paper_in(form)
        assert paper is not None  # the form asks for it
        actions.approve(
            actor_of(request), opened, asked, student, relation=form.cleaned_data["relation"], rights=rights_in(form), paper=paper
        )
        return 0

    def outlook() -> Outlook:
        try_out(act)
        says = (_("%(guardian)s is a guardian of %(name)s at once.") % words, *may_in_words(form, words))
        return Outlook((*says, _("The person is told, and sees the child at the next visit.")), _warnings(student, opened))

    def write() -> str:
        act()
        return _("%(guardian)s is a guardian of %(name)s now.") % words

    lead = _("Compare the document with the request and with your own papers. What is approved holds at once.")
    step = Step(_("Approve: %(guardian)s for %(name)s") % words, lead, _("Approve the request"), _list(opened))
    return two_steps(request, form, step, outlook=outlook, write=write)


def _warnings(student: Person, school: School) -> tuple[str, ...]:
    """Whoever is there already should be known to the one who approves."""
    there = [
        link.name for link in guardians_of(student.pk, clock.today(school.time_zone)) if link.state in {"in_force", "waiting"}
    ]
    return (_("Guardians so far: %(names)s.") % {"names": ", ".join(there)},) if there else ()


def _list(school: School) -> str:
    return reverse("access-requests", args=[school.uid])


@with_form
@signed_in
def question(request: HttpRequest, school: UUID, asked: UUID) -> HttpResponse:
    """Ask the asker something first."""
    return _sentence(
        request, school, asked, actions.ask_back, title=_("Ask back: %(guardian)s"),
        label=_("What do you need to know or to see?"),
        verb=_("Send the question"), done=_("%(guardian)s reads your question and can answer it."),
    )  # fmt: skip


@with_form
@signed_in
def refuse(request: HttpRequest, school: UUID, asked: UUID) -> HttpResponse:
    """No link, with a reason in plain words."""
    return _sentence(
        request, school, asked, actions.refuse, title=_("Refuse: %(guardian)s"), label=_("Reason, in plain words"),
        verb=_("Refuse the request"), done=_("The request of %(guardian)s is refused."),
    )  # fmt: skip


def _sentence(
    request: HttpRequest, school: UUID, asked: UUID, action: Callable[..., None], *, title: str, label: str, verb: str, done: str
) -> HttpResponse:
    opened, row = _open(request, school, asked)
    words = {"guardian": name_of(row.asked_by)}
    lead = _("Do not write whether there is such a child, nor anything about other people.")
    return one_sentence(
        request, Step(title % words, lead, verb, _list(opened)), label=label, done=done % words,
        told=lambda text: _("%(guardian)s reads: “%(text)s”") % {**words, "text": text},
        send=lambda text: action(actor_of(request), opened, asked, text),
    )  # fmt: skip
