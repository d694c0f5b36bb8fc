"""How one signs in at this school: a sheet to hang up or hand out, one page for each language that is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _

from classbook.accounts.actions.old_logins import old_logins_until
from classbook.schools.access import open_own_school
from classbook.schools.actions.contact import set_help_contact
from classbook.schools.models import School
from classbook.schools.queries import portal_policies
from classbook.schools.roles import Permission
from classbook.web import dates
from classbook.web.account.squares import square
from classbook.web.frames import rendered
from classbook.web.linking.names import portal_name
from classbook.web.request import actor_of, signed_in
from classbook.web.steps import PlainForm, with_form


class ContactForm(PlainForm):
    """Whom to ask; may be empty."""

    text = forms.CharField(max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Whom to ask at your school")
        hint = _("A room, a telephone number, hours. It stands on the sheet and on the page about Classbook.")
        self.fields["text"].help_text = hint


@dataclass(frozen=True, slots=True)
class Page:
    """The sheet in one language."""

    language: str
    html: str


@with_form
@signed_in
def instructions(request: HttpRequest, school: UUID) -> HttpResponse:
    """Choose languages, look, print. POST: the office says whom one asks."""
    actor = actor_of(request)
    opened = open_own_school(actor, school)
    sets = actor.may(Permission.ISSUE_LETTERS, opened.pk)
    if request.method == "POST":
        form = ContactForm(request.POST)
        if form.is_valid():
            set_help_contact(actor, opened, form.cleaned_data["text"])
            messages.success(request, _("Saved. It stands on the sheet now."))
            return redirect("instructions", opened.uid)
    else:
        form = ContactForm(initial={"text": opened.help_contact})
    known = [code for code, _name in settings.LANGUAGES]
    own = opened.locale if opened.locale in known else "en"
    chosen = [code for code in known if code in request.GET.getlist("language")] or [own]
    pages = [Page(code, _sheet(opened, code)) for code in chosen]
    context = {"pages": pages, "chosen": chosen, "name": opened.name, "form": form if sets else None}
    return render(request, "help/instructions.html", context, status=422 if form.errors else 200)


def _sheet(school: School, language: str) -> str:
    """What the region and the site offer decides which ways stand on it."""
    with translation.override(language):
        until = old_logins_until()
        context = {
            "language_code": language,
            "school": school.name,
            "contact": school.help_contact,
            "address": settings.ADDRESS,
            "shown": settings.ADDRESS.split("://", 1)[-1],
            "square": square(f"{settings.ADDRESS}/"),
            "portal": portal_name() if portal_policies()[school.region_id].is_offered else "",
            "old_until": dates.with_year(until) if until else "",
            "recovers": bool(settings.CHANNELS),
        }
        return rendered("help/sheet.html", context)
