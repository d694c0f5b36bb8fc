"""The sign-in doctor for families. Without a proof everybody gets one answer, by the same work."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from allauth.account.adapter import get_adapter
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from classbook.accounts.actions import doctor as actions
from classbook.accounts.actions.linking import Proof
from classbook.accounts.backends import slip_of
from classbook.accounts.doctor import Cause, Facts, Finding, Step, diagnose
from classbook.accounts.queries.doctor import answer_to, letter_of
from classbook.common import clock
from classbook.people.rules import full_name
from classbook.web.doctor import proofs
from classbook.web.doctor.words import advice
from classbook.web.entry.forms import BirthForm
from classbook.web.entry.limits import are_too_many, count_wrong
from classbook.web.entry.views import never_kept
from classbook.web.linking import visit
from classbook.web.linking.names import portal_name
from classbook.web.linking.wizard import WrongForm
from classbook.web.request import reader_of
from classbook.web.steps import PlainForm, with_form


class LetterForm(BirthForm):
    """The code of a letter, also of one that has ended, and the birth date that it asks."""

    code = forms.CharField(
        label=gettext_lazy("Code of your letter"), max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip


class PasswordForm(PlainForm):
    """Login and password, looked at and not used to sign in."""

    login = forms.CharField(
        label=gettext_lazy("Login"), max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
    password = forms.CharField(
        label=gettext_lazy("Password"), max_length=1000, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip


@never_kept
@with_form
def ask(request: HttpRequest) -> HttpResponse:
    """Show something that proves the entry is yours; or read the ways that lead in."""
    asked = request.POST.get("what", "") if request.method == "POST" else ""
    letter = LetterForm(request.POST if asked == "letter" else None, asked=True, today=clock.today("UTC"))
    password = PasswordForm(request.POST if asked == "password" else None)
    is_proved = False
    if asked == "letter" and letter.is_valid():
        is_proved = _by_letter(request, letter)
    elif asked == "password" and password.is_valid():
        is_proved = _by_password(request, password)
    if is_proved:
        return redirect("help-found")
    bad = bool(letter.errors or password.errors)
    context = {
        "letter": letter, "password": password, "portal": portal_name(), "found": reverse("help-found"),
        "neutral": advice(diagnose(Facts()), "") if asked and not bad else None,
    }  # fmt: skip
    return render(request, "doctor/ask.html", context, status=422 if bad else 200)


def _by_letter(request: HttpRequest, form: LetterForm) -> bool:
    if are_too_many(request):
        form.add_error("code", _("Too many codes were tried here. Wait ten minutes; your letter is not lost."))
        return False
    proved = actions.prove_by_code(form.cleaned_data["code"], form.cleaned_data["born"])
    if proved is None:
        count_wrong(request)
        return False
    proofs.forget(request)
    proofs.remember_letter(request, proved)
    return True


def _by_password(request: HttpRequest, form: PasswordForm) -> bool:
    """The limits of the sign-in page hold: it is the same question."""
    words = {"username": form.cleaned_data["login"], "password": form.cleaned_data["password"]}
    try:
        user = get_adapter(request).authenticate(request, **words)
    except ValidationError as error:
        form.add_error("login", error)
        return False
    if user is None:
        return False
    proofs.forget(request)
    slip = slip_of(user)
    if slip is not None:
        proofs.remember_letter(request, slip.uid)
    else:
        proofs.remember_account(request, user)
    return True


@never_kept
@require_safe
def found(request: HttpRequest) -> HttpResponse:
    """What stands in the way of whoever has proved something, and the one next step."""
    finding = diagnose(proofs.facts_of(request))
    if finding.cause == Cause.NEUTRAL:
        return redirect("help-in")
    letter, citizen = proofs.shown_letter(request), proofs.citizen_here(request)
    there = full_name(citizen.family, citizen.given, citizen.middle) if citizen else ""
    if letter and citizen and finding.step in {Step.TELL, Step.LINK}:
        # The wizard goes on with what was shown here.
        kept = visit.visit_of(request)
        visit.remember_proof(request, Proof(letter=letter), (kept.label if kept else "") or _("School diary"))
    told = advice(_for_reader(request, finding), portal_name())
    if letter and finding.step == Step.LINK:
        told = replace(told, address=reverse("portal-check"))
    text = _("On the portal my name is %(name)s.") % {"name": there} if finding.cause == Cause.NAME_DIFFERS else ""
    context = {
        "advice": told, "portal": portal_name(), "there": there,
        "form": WrongForm(initial={"text": text}),
        "answer": _answer(letter), "told": finding.step == Step.LATER and finding.parts, "found": reverse("help-found"),
    }  # fmt: skip
    return render(request, "doctor/found.html", context)


def _answer(letter: UUID | None) -> str:
    """What the office has said to an earlier message about this letter."""
    found = letter_of(letter) if letter else None
    return answer_to(found) if found else ""


def _for_reader(request: HttpRequest, finding: Finding) -> Finding:
    """Whoever is signed in need not do it again."""
    return replace(finding, step=Step.HOME) if finding.step == Step.SIGN_IN and reader_of(request) else finding
