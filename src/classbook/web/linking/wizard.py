"""Linking in three steps: name of the entry and proof from the school, check the data, into the diary."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbook.accounts.actions import entering, linking
from classbook.accounts.actions.linking import Look, Proof
from classbook.accounts.actions.old_logins import over_sentence
from classbook.accounts.backends import over_since, slip_of
from classbook.accounts.carrying import put_down
from classbook.accounts.queries.letters import letter_by_code
from classbook.accounts.rules import folded
from classbook.common.errors import Refusal
from classbook.people.queries import name_of
from classbook.people.rules import full_name
from classbook.web.entry.limits import are_too_many, count_wrong
from classbook.web.entry.views import never_kept
from classbook.web.linking import visit
from classbook.web.linking.names import level_name, portal_name
from classbook.web.linking.signin import let_in
from classbook.web.steps import PlainForm, with_form


class ProofForm(PlainForm):
    """The code of a letter, or login and password."""

    label = forms.CharField(
        label=gettext_lazy("Name of this entry"), max_length=60, help_text=gettext_lazy("As you like; you alone see it.")
    )
    code = forms.CharField(
        label=gettext_lazy("Code of your letter"), max_length=80, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip
    login = forms.CharField(
        label=gettext_lazy("Login"), max_length=254, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
    password = forms.CharField(
        label=gettext_lazy("Password"), max_length=1000, strip=False, required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("code") and not (data.get("login") and data.get("password")):
            self.add_error("code", _("Type the code of your letter, or login and password below."))
        return data


class WrongForm(PlainForm):
    """What the school should correct."""

    text = forms.CharField(
        label=gettext_lazy("What should it be?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The school office reads it. Write no password."),
    )  # fmt: skip


@never_kept
@with_form
@visit.where_portal_is
def prove(request: HttpRequest) -> HttpResponse:
    """How the entry is called here, and what the school gave out for it."""
    found = visit.visit_of(request)
    if found is None:
        return visit.start_again(request)
    form = ProofForm(request.POST if request.method == "POST" else None, initial={"label": found.label or _("School diary")})
    if request.method == "POST" and form.is_valid():
        proof = _by_code(request, form) if form.cleaned_data["code"] else _by_password(request, form)
        if proof is not None:
            visit.remember_proof(request, proof, form.cleaned_data["label"])
            return redirect("portal-check")
    context = {"form": form, "portal": portal_name(), "name": _name_there(found)}
    return render(request, "linking/proof.html", context, status=422 if form.errors else 200)


def _by_code(request: HttpRequest, form: ProofForm) -> Proof | None:
    """One answer for every code that lets nobody in, and one count with the letters' own page."""
    if are_too_many(request):
        form.add_error("code", _("Too many codes were tried here. Wait ten minutes; your letter is not lost."))
        return None
    letter = letter_by_code(folded(form.cleaned_data["code"]))
    if letter is None:
        count_wrong(request)
        form.add_error("code", _("This code does not let in."))
        return None
    return Proof(letter=letter.uid)


def _by_password(request: HttpRequest, form: ProofForm) -> Proof | None:
    """The school's slip with a temporary password, or the own password; the limits of the sign-in page hold."""
    adapter = get_adapter(request)
    try:
        user = adapter.authenticate(request, username=form.cleaned_data["login"], password=form.cleaned_data["password"])
    except ValidationError as error:
        form.add_error("login", error)
        return None
    if user is None:
        form.add_error("password", _("This login and password do not belong together. Check both and try again."))
        return None
    if last := over_since(user):
        form.add_error("password", over_sentence(last))
        return None
    slip = slip_of(user)
    return Proof(letter=slip.uid) if slip else linking.proof_by_password(user)


@never_kept
@with_form
@visit.where_portal_is
def check(request: HttpRequest) -> HttpResponse:
    """Both sides beside each other; what differs is named, for the proof was right."""
    found = visit.visit_of(request)
    if found is None:
        return visit.start_again(request)
    if found.proof is None:
        return redirect("portal-link")
    try:
        seen = linking.look(found.citizen, found.proof)
        if request.method == "POST" and not seen.differ and not seen.refused:
            account = linking.link(found.citizen, found.proof, found.label)
            visit.forget(request)
            messages.success(request, _("Linked. From now on %(portal)s lets you in.") % {"portal": portal_name()})
            answer = let_in(request, account, to=found.to, shared=found.shared)
            put_down(answer)
            return answer
    except Refusal as refused:
        messages.warning(request, refused.sentence)
        return redirect("portal-link")
    return _checked(request, found, seen)


def _checked(request: HttpRequest, found: visit.Visit, seen: Look, form: WrongForm | None = None) -> HttpResponse:
    there = _("On the portal my name is %(name)s.") % {"name": _name_there(found)} if "name" in seen.differ else ""
    letter = seen.letter
    context = {
        "portal": portal_name(), "seen": seen, "label": found.label, "there": _name_there(found),
        "here": name_of(seen.person), "level": level_name(found.citizen.level),
        "pupil": name_of(letter.student) if letter and letter.student else "", "school": letter.school.name if letter else "",
        "form": form or WrongForm(initial={"text": there}),
    }  # fmt: skip
    bad = bool(seen.differ or seen.refused or (form and form.errors))
    return render(request, "linking/check.html", context, status=422 if bad else 200)


@never_kept
@with_form
@visit.where_portal_is
def wrong(request: HttpRequest) -> HttpResponse:
    """The family asks the school for a correction there and then."""
    found = visit.visit_of(request)
    if found is None or found.proof is None or found.proof.letter is None or request.method != "POST":
        return redirect("portal-check")
    form = WrongForm(request.POST)
    try:
        if not form.is_valid():
            return _checked(request, found, linking.look(found.citizen, found.proof), form)
        entering.report_wrong(found.proof.letter, is_other=False, text=form.cleaned_data["text"])
    except Refusal as refused:
        messages.warning(request, refused.sentence)
        return redirect("portal-link")
    visit.forget(request)
    return render(request, "linking/told.html", {"portal": portal_name()})


def _name_there(found: visit.Visit) -> str:
    return full_name(found.citizen.family, found.citizen.given, found.citizen.middle)
