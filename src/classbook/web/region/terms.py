"""Terms: when they close, and closed ones open again for a group."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from classbook.common import clock
from classbook.common.errors import NotFound
from classbook.grading.actions import close_again as close_group_again
from classbook.grading.actions import reopen_term
from classbook.office.rehearsal import try_out
from classbook.people.queries import person_by_uid
from classbook.people.rules import full_name
from classbook.reports import directory, limits
from classbook.reports.limits import TermLine
from classbook.schools.access import Actor, open_group_to_reopen, open_school
from classbook.schools.actions import terms as actions
from classbook.schools.models import School
from classbook.schools.roles import Permission
from classbook.web import dates
from classbook.web.account.proving import require_proof
from classbook.web.office.forms import NoFields
from classbook.web.region.forms import ClosingForm, ReopenForm
from classbook.web.request import actor_of, signed_in
from classbook.web.steps import Outlook, Step, said, two_steps, with_form


def _open(request: HttpRequest, school: UUID, permission: Permission) -> tuple[Actor, School, str]:
    actor = actor_of(request)
    opened = open_school(actor, school, permission)
    return actor, opened, reverse("terms", args=[opened.uid])


@require_safe
@signed_in
def terms(request: HttpRequest, school: UUID) -> HttpResponse:
    """The year's terms and what is open again."""
    actor, opened, _back = _open(request, school, Permission.REOPEN_TERM)
    heads = actor.may(Permission.CLOSE_TERMS, opened.pk)
    lines = limits.terms_of_school(opened)
    context = {
        "school": opened.uid,
        "name": opened.name,
        "terms": [(line, term_label(line)) for line in lines],
        "any_closed": any(line.closed for line in lines),
        "open": [(row, term_label(row.term)) for row in limits.open_reopenings(opened)],
        "is_head": heads,
        "deputies": limits.deputies_of(opened, actor.today) if heads else (),
    }
    return render(request, "region/terms.html", context)


def term_label(line: TermLine) -> str:
    """Quarter 2; a term's own name wins."""
    term = line.term
    words = {
        "quarter": _("quarter %(n)d"),
        "half_year": _("half-year %(n)d"),
        "trimester": _("trimester %(n)d"),
    }
    return term.name or words.get(term.kind, _("term %(n)d")) % {"n": term.number}


def _choices(lines: list[TermLine]) -> list[tuple[str, str]]:
    return [(line.key, f"{term_label(line)} ({dates.span(line.term.starts_on, line.term.ends_on)})") for line in lines]


def _chosen(lines: list[TermLine], key: str) -> TermLine:
    found = next((line for line in lines if line.key == key), None)
    if found is None:
        raise NotFound
    return found


@with_form
@signed_in
def closing(request: HttpRequest, school: UUID) -> HttpResponse:
    """The day on which a term closes."""
    actor, opened, back = _open(request, school, Permission.CLOSE_TERMS)
    lines = list(limits.terms_of_school(opened))
    named = next((line for line in lines if line.key == request.GET.get("term")), None)
    start = {"term": named.key, "last_day": named.last_day} if named else {}
    form = ClosingForm(request.POST or None, terms=_choices(lines), initial=start)

    def act() -> int:
        line = _chosen(lines, form.cleaned_data["term"])
        actions.set_closing(actor, opened, line.term, form.cleaned_data["last_day"])
        return 0

    def words() -> dict[str, str]:
        line, day = _chosen(lines, form.cleaned_data["term"]), form.cleaned_data["last_day"]
        count = ngettext("%(num)s group", "%(num)s groups", line.groups) % {"num": line.groups}
        return {"term": term_label(line), "day": said(day) if day else "", "groups": count}

    def outlook() -> Outlook:
        try_out(act)
        day = form.cleaned_data["last_day"]
        if day is None:
            return Outlook((_("%(term)s stays open: entries can be made in %(groups)s.") % words(),))
        over = day < clock.today(opened.time_zone)
        first = _("%(term)s is closed at once for %(groups)s.") if over else _("%(term)s closes after %(day)s for %(groups)s.")
        says = (
            first % words(),
            _("Then nothing in its lessons can be entered or changed, unless you open it again for a group."),
        )
        return Outlook((*says, _("Families go on reading everything.")))

    def write() -> str:
        act()
        if form.cleaned_data["last_day"] is None:
            return _("%(term)s stays open.") % words()
        return _("%(term)s: entries until %(day)s.") % words()

    lead = _("Until that day the teachers enter and correct. It can be moved at any time.")
    step = Step(_("When a term closes"), lead, _("Set the day"), back)
    return two_steps(request, form, step, outlook=outlook, write=write)


@with_form
@signed_in
def reopen(request: HttpRequest, school: UUID) -> HttpResponse:
    """Choose a class, then the group and the term."""
    actor, opened, back = _open(request, school, Permission.REOPEN_TERM)
    classes = directory.classes_of(opened)
    chosen = next((row for row in classes if row.name == request.GET.get("class", "")), None)
    closed = [line for line in limits.terms_of_school(opened) if line.closed]
    if chosen is None or not closed:
        context = {"school": opened.uid, "classes": [row.name for row in classes], "closed": bool(closed), "back": back}
        return render(request, "region/reopen.html", context)
    groups = limits.groups_of_class(chosen)
    form = ReopenForm(request.POST or None, groups=[(str(uid), name) for uid, name in groups], terms=_choices(closed))

    def act() -> int:
        data = form.cleaned_data
        group = open_group_to_reopen(actor, opened, UUID(data["group"]))
        line = _chosen(closed, data["term"])
        reopen_term(actor, opened, group, line.term, last_day=data["last_day"], reason=data["reason"])
        return 0

    def words() -> dict[str, str]:
        data = form.cleaned_data
        name = next(one for uid, one in groups if str(uid) == data["group"])
        return {"group": name, "term": term_label(_chosen(closed, data["term"])), "day": said(data["last_day"])}

    def outlook() -> Outlook:
        try_out(act)
        return Outlook(
            (_("The teachers of %(group)s may enter and correct in %(term)s until the end of %(day)s.") % words(),
             _("Each change keeps what stood there before, with name and time. Afterwards the term is closed again by itself."))
        )  # fmt: skip

    def write() -> str:
        act()
        return _("%(term)s is open again for %(group)s until %(day)s.") % words()

    title = _("Open a closed term again: class %(name)s") % {"name": chosen.name}
    step = Step(title, _("One group at a time; everything else stays closed."), _("Open the term"), back)
    return two_steps(request, form, step, outlook=outlook, write=write)


@with_form
@signed_in
def close_again(request: HttpRequest, school: UUID, group: UUID) -> HttpResponse:
    """End a reopening before its day."""
    actor, opened, back = _open(request, school, Permission.REOPEN_TERM)
    row = open_group_to_reopen(actor, opened, group)
    line = _chosen(list(limits.terms_of_school(opened)), request.GET.get("term", ""))
    words = {"group": row.name, "term": term_label(line)}

    def act() -> int:
        close_group_again(actor, opened, row, line.term)
        return 0

    def outlook() -> Outlook:
        try_out(act)
        says = _("%(term)s is closed for %(group)s at once.") % words
        return Outlook((says, _("Everything entered so far stays. Entries that a device has not sent yet will be refused.")))

    def write() -> str:
        act()
        return _("%(term)s is closed for %(group)s.") % words

    step = Step(_("Close again: %(group)s") % words, "", _("Close the term"), back)
    return two_steps(request, NoFields(request.POST or None), step, outlook=outlook, write=write)


@with_form
@signed_in
def deputy(request: HttpRequest, school: UUID, person: UUID) -> HttpResponse:
    """Name a deputy who may open closed terms again, or take it back."""
    actor, opened, back = _open(request, school, Permission.CLOSE_TERMS)
    found = person_by_uid(person)
    line = next((one for one in limits.deputies_of(opened, actor.today) if one.uid == person), None)
    if found is None or line is None:
        raise NotFound
    words = {"name": full_name(found.family_name, found.given_name, found.middle_name)}
    require_proof(request)

    def outlook() -> Outlook:
        if line.may_reopen:
            says = _("%(name)s may no longer open closed terms. What is open now stays open until its day.")
            return Outlook((says % words,), seen="take")
        says = _("%(name)s may open closed terms again for single groups, with a reason, as you do.")
        return Outlook((says % words,), seen="give")

    def write() -> str:
        actions.name_reopener(actor, opened, found, named=request.POST.get("seen") == "give")
        return _("%(name)s: changed.") % words

    title = _("Deputies who may open closed terms")
    verb = _("Take the permission back") if line.may_reopen else _("Give the permission")
    return two_steps(request, NoFields(request.POST or None), Step(title, "", verb, back), outlook=outlook, write=write)
