"""A change in two steps: the form, then the page that says what will happen, then the deed and what was done."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from classbook.common.errors import Refusal
from classbook.office.once import once
from classbook.office.rehearsal import try_out
from classbook.web import dates
from classbook.web.request import actor_of

with_form = require_http_methods(["GET", "HEAD", "POST"])


def refuse(form: forms.Form, refusal: Refusal) -> None:
    """The sentence beside its field; what was typed is kept."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)


@dataclass(frozen=True, slots=True)
class Choice:
    """A further question on the second page: (value, label) of the answers, the first is proposed."""

    label: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What will happen, in sentences. `warnings` are things that the person should have seen before."""

    says: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = field(default=())
    # Sent back with the confirmation, so that the deed can be refused when something else is there by then.
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """The words of a change. `back` is where it was begun and where one is afterwards."""

    title: str
    lead: str
    verb: str
    back: str


def day_field(label: Any, **kwargs: Any) -> forms.DateField:
    """A date in a form."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


def said(day: date) -> str:
    """A day within a sentence: Russian writes the weekday small there."""
    text = dates.full(day)
    return text[:1].lower() + text[1:] if get_language() == "ru" else text


class PlainForm(forms.Form):
    """A form whose faults are told in plain words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in self.fields.values():
            chosen = isinstance(one, forms.ChoiceField)
            one.error_messages["required"] = _("Please choose one.") if chosen else _("Please fill this in.")
            if isinstance(one, forms.DateField):
                one.error_messages["invalid"] = _("This is not a date. Choose one, or write it as 2026-11-19.")


class SentenceForm(PlainForm):
    """A sentence for somebody who has asked."""

    text = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": "4"}))

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = label


def two_steps(
    request: HttpRequest, form: forms.Form, step: Step, *, outlook: Callable[[], Outlook], write: Callable[[], str],
    done: Callable[[], str] | None = None,
) -> HttpResponse:  # fmt: skip
    """Show the form; when it is right, show what will happen; when that is confirmed, write and say what was done.

    `outlook` and `write` may refuse: the sentence stands beside its field and everything typed is kept. A form without
    fields begins at the second page.
    """

    def work() -> tuple[str, str]:
        sentence = write()
        return sentence, done() if done else step.back

    if (request.method == "POST" and form.is_valid() and "again" not in request.POST) or not form.fields:
        try:
            if request.method == "POST" and "sure" in request.POST:
                sentence, to = once(_operation(request), actor_id=actor_of(request).person_id, address=request.path, work=work)
                messages.success(request, sentence)
                return redirect(to)
            context = {"form": form, "step": step, "outlook": _unless_read_only(outlook), "operation": uuid.uuid4()}
            return render(request, "office/confirm.html", context)
        except Refusal as error:
            if not form.fields:
                messages.warning(request, error.sentence)
                return redirect(step.back)
            refuse(form, error)
    return render(request, "office/form.html", {"form": form, "step": step}, status=422 if form.errors else 200)


def one_sentence(
    request: HttpRequest, step: Step, *, label: str, send: Callable[[str], None], told: Callable[[str], str], done: str
) -> HttpResponse:
    """A sentence to somebody who has asked, shown before it goes, as `told` puts it."""
    form = SentenceForm(request.POST or None, label=label)

    def act() -> int:
        send(form.cleaned_data["text"])
        return 0

    def outlook() -> Outlook:
        try_out(act)
        return Outlook((told(form.cleaned_data["text"]),))

    def write() -> str:
        act()
        return done

    return two_steps(request, form, step, outlook=outlook, write=write)


def _unless_read_only(outlook: Callable[[], Outlook]) -> Outlook:
    """What will happen is found out by doing it and taking it back, which needs a database that can be written."""
    if settings.READ_ONLY:
        return Outlook((_("Classbook can be read but not changed at the moment. Please come back later."),))
    return outlook()


def _operation(request: HttpRequest) -> uuid.UUID:
    """The id that the second page gave to this change."""
    try:
        return uuid.UUID(request.POST.get("operation", ""))
    except ValueError:
        return uuid.uuid4()
