"""A guardian by hand: find or enter the person, the rights, the document that was shown."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from classbook.common.errors import NotFound
from classbook.office.queries import people_known
from classbook.office.rehearsal import try_out
from classbook.people.models import Person
from classbook.people.queries import name_of, person_by_uid
from classbook.people.rules import full_name
from classbook.schools.access import open_guardian_to_be
from classbook.schools.actions import new_guardians as actions
from classbook.schools.actions.guardians import link_of
from classbook.schools.models import School
from classbook.web import dates
from classbook.web.diary.sharing import end_in_two_steps
from classbook.web.office.forms import NewGuardianForm, RightsForm
from classbook.web.office.views import opened_pupil
from classbook.web.request import actor_of, signed_in
from classbook.web.steps import Outlook, Step, two_steps, with_form


@require_safe
@signed_in
def find(request: HttpRequest, school: UUID, pupil: UUID) -> HttpResponse:
    """Is the person known to the school already?"""
    opened, student, name = opened_pupil(request, school, pupil)
    text = request.GET.get("q", "")[:80].strip()
    context = {
        "school": opened.uid,
        "pupil": student.uid,
        "pupil_name": name,
        "q": text,
        "found": people_known(opened, text, besides=student),
    }
    return render(request, "office/find.html", context)


@with_form
@signed_in
def add(request: HttpRequest, school: UUID, pupil: UUID) -> HttpResponse:
    """The rights and the document; the names too, when the person is new."""
    opened, student, name = opened_pupil(request, school, pupil)
    known = _chosen(request, opened)
    start = {"can_view": True, "can_excuse": True, "can_sign": True}
    kind = RightsForm if known else NewGuardianForm
    form = kind(request.POST or None, initial=start)

    def act() -> int:
        actions.add_guardian(
            actor_of(request), opened, student, known or _typed(form.cleaned_data), relation=form.cleaned_data["relation"],
            rights=rights_in(form), paper=paper_in(form), allow_twin=form.cleaned_data.get("another", False),
        )  # fmt: skip
        return 0

    def words() -> dict[str, str]:
        data = form.cleaned_data
        return {"guardian": name_of(known) if known else full_name(data["family"], data["given"], data["middle"]), "name": name}

    def outlook() -> Outlook:
        try_out(act)
        return Outlook((_starts(form, words()), *may_in_words(form, words()), _("No later import changes this link.")))

    def write() -> str:
        act()
        if form.cleaned_data["basis"]:
            return _("%(guardian)s is a guardian of %(name)s now.") % words()
        return _("%(guardian)s is linked with %(name)s and waits for a confirmation.") % words()

    who = {"name": name, "guardian": name_of(known)} if known else {"name": name}
    title = _("%(guardian)s as a guardian of %(name)s") if known else _("New guardian for %(name)s")
    lead = _("With a document that you have seen the link holds at once. Without one it waits until it is confirmed.")
    step = Step(title % who, lead, _("Add the guardian"), reverse("pupil", args=[opened.uid, student.uid]))
    return two_steps(request, form, step, outlook=outlook, write=write)


def _chosen(request: HttpRequest, school: School) -> Person | None:
    """The person of the address; None: a new one. Only whom the school knows can be chosen."""
    asked = request.GET.get("person", "")
    if not asked:
        return None
    try:
        found = person_by_uid(UUID(asked))
    except ValueError:
        raise NotFound from None
    return open_guardian_to_be(actor_of(request), school, found)


def _typed(data: dict[str, Any]) -> actions.NewPerson:
    return actions.NewPerson(**{name: data[name] for name in ("family", "given", "middle", "born", "email", "phone")})


def rights_in(form: forms.Form) -> actions.GuardianRights:
    """What is ticked."""
    data = form.cleaned_data
    return actions.GuardianRights(data["can_view"], data["can_excuse"], data["can_sign"])


def paper_in(form: forms.Form) -> actions.Paper | None:
    """The document; None: none was seen."""
    data = form.cleaned_data
    if not data["basis"]:
        return None
    return actions.Paper(data["basis"], data["document"], data["number"], data["issued_on"], data["ends_on"])


def _starts(form: forms.Form, words: dict[str, str]) -> str:
    data = form.cleaned_data
    if not data["basis"]:
        return _("%(guardian)s is linked with %(name)s. Nothing is seen before the link is confirmed.") % words
    if data["ends_on"]:
        words = {**words, "day": dates.with_year(data["ends_on"])}
        return _("%(guardian)s is a guardian of %(name)s at once, until %(day)s.") % words
    return _("%(guardian)s is a guardian of %(name)s at once.") % words


def may_in_words(form: forms.Form, words: dict[str, str]) -> tuple[str, ...]:
    """What is ticked, in sentences."""
    data = form.cleaned_data
    if not data["can_view"]:
        return (_("%(guardian)s does not read the diary.") % words,)
    says = [_("May read the diary: week, marks, attendance, homework.")]
    says += [_("May excuse absences.")] if data["can_excuse"] else []
    says += [_("May sign the week.")] if data["can_sign"] else []
    return (*says, _("A limit that the head has set goes on."))


@with_form
@signed_in
def change(request: HttpRequest, school: UUID, pupil: UUID, guardian: UUID) -> HttpResponse:
    """Other rights, another relation, a newer document."""
    opened, student, name = opened_pupil(request, school, pupil)
    link = link_of(actor_of(request), opened, student, guardian)
    start = {one: getattr(link, one) for one in ("relation", "can_view", "can_excuse", "can_sign")}
    form = RightsForm(request.POST or None, initial=start)
    words = {"guardian": name_of(link.guardian), "name": name}

    def act() -> int:
        actions.change_guardian(
            actor_of(request), opened, link, relation=form.cleaned_data["relation"], rights=rights_in(form), paper=paper_in(form)
        )
        return 0

    def outlook() -> Outlook:
        try_out(act)
        says = list(may_in_words(form, words))
        if form.cleaned_data["ends_on"]:
            says.append(
                _("The link ends with the document, after %(day)s.") % {"day": dates.with_year(form.cleaned_data["ends_on"])}
            )
        elif form.cleaned_data["basis"] and link.ends_on:
            says.append(_("The link has no end any more."))
        return Outlook(tuple(says))

    def write() -> str:
        act()
        return _("The rights of %(guardian)s for %(name)s are changed.") % words

    lead = _("Enter a document only when a newer one was shown. For a limit by a court or by the head, ask the head.")
    back = reverse("pupil", args=[opened.uid, student.uid])
    step = Step(_("Rights of %(guardian)s for %(name)s") % words, lead, _("Change the rights"), back)
    return two_steps(request, form, step, outlook=outlook, write=write)


@with_form
@signed_in
def end_trust(request: HttpRequest, school: UUID, pupil: UUID, person: UUID) -> HttpResponse:
    """The school ends what a family has given to a trusted person."""
    opened, student, _name = opened_pupil(request, school, pupil)
    watcher = person_by_uid(person)
    if watcher is None:
        raise NotFound
    return end_in_two_steps(request, student, watcher, reverse("pupil", args=[opened.uid, student.uid]))
