"""Who can see this child: the list, an invitation, an end; and what a pupil of full age lets guardians see."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from classbook.accounts.actions import trusting as actions
from classbook.accounts.queries import trust as queries
from classbook.accounts.queries.consents import text_of
from classbook.accounts.rules import VALID_DAYS
from classbook.common.errors import NotFound, Refusal
from classbook.notifications.actions import EMAIL, can_send
from classbook.office.rehearsal import try_out
from classbook.people.models import Person
from classbook.people.queries import name_of, person_by_uid
from classbook.schools.access import OpenPupil, open_student_to_share
from classbook.web import dates
from classbook.web.request import actor_of, signed_in
from classbook.web.steps import Outlook, PlainForm, Step, day_field, refuse, two_steps, with_form

# A code stands on the page.
never_kept = cache_control(private=True, no_store=True)


class ChoiceForm(PlainForm):
    """What somebody may see, and until when."""

    marks = forms.BooleanField(label=gettext_lazy("Marks and the teachers' remarks"), required=False)
    attendance = forms.BooleanField(label=gettext_lazy("Attendance"), required=False)
    ends_on = day_field(gettext_lazy("Last day"), help_text=gettext_lazy("At most a year. You can end it on any day before."))

    def choice(self) -> actions.Choice:
        """As the action takes it."""
        return actions.Choice(self.cleaned_data["marks"], self.cleaned_data["attendance"], self.cleaned_data["ends_on"])


class InviteForm(ChoiceForm):
    """Somebody whom the family trusts."""

    family = forms.CharField(label=gettext_lazy("Family name"), max_length=120)
    given = forms.CharField(label=gettext_lazy("Given name"), max_length=120)
    email = forms.CharField(
        label=gettext_lazy("E-mail address"), max_length=254, required=False,
        help_text=gettext_lazy("The code goes there. Without one you pass the code on yourself."),
    )  # fmt: skip
    field_order = ("family", "given", "marks", "attendance", "ends_on", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not can_send(EMAIL):
            del self.fields["email"]


@require_safe
@signed_in
def watching(request: HttpRequest, pupil: UUID) -> HttpResponse:
    """Guardians, trusted persons, the school's staff, and when somebody looked last."""
    actor = actor_of(request)
    student = open_student_to_share(actor, pupil)
    context = {
        "pupil": student.uid,
        "name": student.person.given_name,
        "own": student.rights.relation == "self",
        "found": queries.watching(student.person, actor.today),
        "reader": actor.uid,
    }
    return render(request, "diary/watching.html", context)


def _in_half_a_year(today: date) -> date:
    return today + timedelta(days=182)


@never_kept
@with_form
@signed_in
def invite(request: HttpRequest, pupil: UUID) -> HttpResponse:
    """Invite somebody; the code is shown once."""
    actor = actor_of(request)
    student = open_student_to_share(actor, pupil)
    form = InviteForm(request.POST or None, initial={"ends_on": _in_half_a_year(actor.today)})
    context: dict[str, Any] = {"pupil": student.uid, "name": student.person.given_name, "form": form}
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            code = actions.invite(
                actor, student, family=data["family"], given=data["given"], choice=form.choice(), email=data.get("email", "")
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            told = {"code": code, "who": data["given"], "sent": data.get("email", ""), "days": VALID_DAYS}
            context["site_address"] = f"{settings.ADDRESS}/in/"
            return render(request, "diary/invited.html", context | told)
    return render(request, "diary/invite.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def withdraw(request: HttpRequest, pupil: UUID, invitation: UUID) -> HttpResponse:
    """An invitation that nobody has used yet."""
    actor = actor_of(request)
    actions.withdraw_invitation(actor, open_student_to_share(actor, pupil), invitation)
    messages.success(request, _("The invitation is withdrawn. Its code lets nobody in any more."))
    return redirect("watching", pupil)


def _watcher(student: OpenPupil, uid: UUID) -> Person:
    found = person_by_uid(uid)
    if found is None or found.pk == student.pk:
        raise NotFound
    return found


@with_form
@signed_in
def end(request: HttpRequest, pupil: UUID, person: UUID) -> HttpResponse:
    """Somebody sees nothing any more."""
    actor = actor_of(request)
    student = open_student_to_share(actor, pupil)
    return end_in_two_steps(request, student.person, _watcher(student, person), reverse("watching", args=[pupil]))


def end_in_two_steps(request: HttpRequest, student: Person, watcher: Person, back: str) -> HttpResponse:
    """For the family and for the office."""
    words = {"person": name_of(watcher), "name": student.given_name}

    def act() -> int:
        actions.end_trust(actor_of(request), student, watcher)
        return 0

    def outlook() -> Outlook:
        try_out(act)
        return Outlook((_("%(person)s sees nothing of the diary of %(name)s any more, at once.") % words,))

    def write() -> str:
        act()
        return _("%(person)s no longer sees the diary of %(name)s.") % words

    step = Step(_("End it: %(person)s") % words, "", _("End it"), back)
    return two_steps(request, NoFields(request.POST or None), step, outlook=outlook, write=write)


class NoFields(PlainForm):
    """For a change that asks nothing."""


@with_form
@signed_in
def choose(request: HttpRequest, pupil: UUID, person: UUID) -> HttpResponse:
    """A pupil of full age chooses what a guardian sees."""
    actor = actor_of(request)
    student = open_student_to_share(actor, pupil)
    watcher, language = _watcher(student, person), get_language() or "en"
    there = queries.trust_between(watcher.pk, student.pk, actor.today)
    if student.rights.relation != "self" or not queries.was_guardian(watcher.pk, student.pk):
        raise NotFound
    start: dict[str, Any] = {"ends_on": _in_half_a_year(actor.today)}
    if there:
        start = {"marks": there.can_see_marks, "attendance": there.can_see_attendance, "ends_on": there.ends_on}
    form = ChoiceForm(request.POST or None, initial=start)
    words = {"person": name_of(watcher)}

    def act() -> int:
        actions.let_guardian_in(actor, student, watcher, form.choice(), language)
        return 0

    def outlook() -> Outlook:
        try_out(act)
        choice = form.choice()
        says = [_("%(person)s sees your timetable, topics and homework.") % words]
        says += [_("Also your marks and the teachers' remarks.")] if choice.marks else []
        says += [_("Also your attendance.")] if choice.attendance else []
        says.append(_("It ends after %(day)s, or when you end it.") % {"day": dates.with_year(choice.ends_on)})
        return Outlook((*says, _("With this you agree: %(text)s") % {"text": text_of(actions.ADULT_VIEW, language).text}))

    def write() -> str:
        act()
        return _("%(person)s sees what you have chosen.") % words

    lead = _("Timetable, topics and homework are always part of it. Tick what else.")
    back = reverse("watching", args=[pupil])
    step = Step(_("What %(person)s sees of your diary") % words, lead, _("I agree and open it"), back)
    return two_steps(request, form, step, outlook=outlook, write=write)
