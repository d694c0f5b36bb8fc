"""Notices of a school: the list with who has read them, writing, changing, withdrawing; and the reader's "I have read it"."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from classbook.common import clock
from classbook.common.errors import Refusal
from classbook.events.reading import note_read
from classbook.reports.notices import notice_of, notices_of, reading_of
from classbook.schools.access import open_school
from classbook.schools.actions.notices import change_notice, read_notice, withdraw_notice, write_notice
from classbook.schools.models import School
from classbook.schools.roles import Permission
from classbook.web.help.views import safe_next
from classbook.web.request import actor_of, signed_in
from classbook.web.steps import PlainForm, day_field, refuse, with_form


def audiences() -> dict[str, str]:
    """For whom a notice can be, in words."""
    return {
        "class_teachers": _("All class teachers"),
        "staff": _("Everybody who works at the school"),
        "families": _("All pupils and their guardians"),
    }


class WordsForm(PlainForm):
    """Title, text and last day of a notice."""

    title = forms.CharField(max_length=120)
    text = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 6}))
    ends_on = day_field("")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"title": _("Title"), "text": _("Text"), "ends_on": _("Shown until")}
        for name, label in labels.items():
            self.fields[name].label = label
        hint = _("Plain words, no marks and no names of pupils. It may hold several languages, one below the other.")
        self.fields["text"].help_text = hint


class NewForm(WordsForm):
    """A new notice: for whom it is comes first."""

    audience = forms.ChoiceField(widget=forms.RadioSelect, initial="class_teachers")
    field_order = ("audience",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["audience"].label = _("For whom")
        self.fields["audience"].choices = list(audiences().items())  # type: ignore[attr-defined]


class ChangeForm(WordsForm):
    """A notice that is there: `seen` is the version that the form was made from."""

    again = forms.BooleanField(required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["again"].label = _("Show it again to those who have read it")


def _open(request: HttpRequest, school: UUID) -> School:
    return open_school(actor_of(request), school, Permission.WRITE_NOTICES)


@require_safe
@signed_in
def notices(request: HttpRequest, school: UUID) -> HttpResponse:
    """What the school has told, the newest first."""
    opened = _open(request, school)
    context = {"school": opened.uid, "name": opened.name, "lines": notices_of(opened), "audiences": audiences()}
    return render(request, "notices/list.html", context)


@with_form
@signed_in
def write(request: HttpRequest, school: UUID) -> HttpResponse:
    """A new notice: shown as soon as it is sent."""
    opened = _open(request, school)
    first = {"ends_on": clock.today(opened.time_zone) + timedelta(days=14)}
    form = NewForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            made = write_notice(actor_of(request), opened, **form.cleaned_data)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The notice stands on their first pages now."))
            return redirect("notice", opened.uid, made.uid)
    words = {"title": _("Write a notice"), "verb": _("Show it to them")}
    context = {"form": form, "school": opened.uid, "name": opened.name, **words}
    return render(request, "notices/form.html", context, status=422 if form.errors else 200)


@require_safe
@signed_in
def one(request: HttpRequest, school: UUID, notice: UUID) -> HttpResponse:
    """The notice, and who has read it."""
    opened = _open(request, school)
    reading = reading_of(notice_of(opened, notice), opened, request.GET.get("class", ""))
    if reading.classes:
        # The names of a class and of its families.
        note_read(actor_of(request).person_id, "notice", school_id=opened.pk, subject=("notice", reading.notice.pk))
    words = audiences()[reading.notice.audience]
    return render(request, "notices/one.html", {"school": opened.uid, "name": opened.name, "reading": reading, "audience": words})


@with_form
@signed_in
def change(request: HttpRequest, school: UUID, notice: UUID) -> HttpResponse:
    """Another wording or last day."""
    opened = _open(request, school)
    found = notice_of(opened, notice)
    if found.withdrawn_at:
        return redirect("notice", opened.uid, found.uid)
    first = {"title": found.title, "text": found.text, "ends_on": found.ends_on, "seen": found.version}
    form = ChangeForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        seen = values.pop("seen")
        try:
            change_notice(actor_of(request), opened, found.uid, seen_version=seen, **values)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("The notice is changed."))
            return redirect("notice", opened.uid, found.uid)
    context = {"form": form, "school": opened.uid, "name": opened.name, "title": _("Change the notice"), "verb": _("Save")}
    return render(request, "notices/form.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def withdraw(request: HttpRequest, school: UUID, notice: UUID) -> HttpResponse:
    """Take it from everybody's page."""
    opened = _open(request, school)
    withdraw_notice(actor_of(request), opened, notice)
    messages.success(request, _("The notice is withdrawn; nobody is shown it any more."))
    return redirect("notice", opened.uid, notice)


@require_POST
@signed_in
def read(request: HttpRequest, notice: UUID) -> HttpResponse:
    """ "I have read it": back to the page on which it stood."""
    read_notice(actor_of(request), notice)
    return redirect(safe_next(request))
