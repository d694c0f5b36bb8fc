"""Somebody whom a family has invited comes in: what it is about, the text to agree to, an own sign-in or the one there is."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth.password_validation import password_changed
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from classbook.accounts.actions import trusting
from classbook.accounts.carrying import carried, put_down
from classbook.accounts.models import TrustInvitation
from classbook.accounts.queries.consents import text_of
from classbook.common.errors import Refusal
from classbook.people.queries import name_of
from classbook.people.rules import full_name
from classbook.web.entry.forms import InvitedForm
from classbook.web.entry.reach import note_entered
from classbook.web.entry.views import never_kept
from classbook.web.request import actor_of, reader_of
from classbook.web.steps import with_form


@never_kept
@with_form
def invited(request: HttpRequest) -> HttpResponse:
    """The page of an invitation; without one the code is asked for."""
    found = carried(request)
    try:
        invitation = trusting.require_live(found.uid) if found else None
    except Refusal as refused:
        return _over(request, refused)
    if invitation is None:
        return redirect("letter")
    reader = reader_of(request)
    start = {"family": invitation.family_name, "given": invitation.given_name}
    form = InvitedForm(request.POST if request.method == "POST" else None, initial=start, is_new=reader is None)
    if request.method == "POST" and form.is_valid():
        try:
            return _come_in(request, invitation, form)
        except ValidationError as error:
            form.add_error("password", error)
        except Refusal as refused:
            if refused.needs == "invitation":
                return _over(request, refused)
            form.add_error(None, refused.sentence)
    context = {
        "form": form,
        "inviter": name_of(invitation.invited_by),
        "child": invitation.student.given_name,
        "invitation": invitation,
        "text": text_of(trusting.TRUSTED, get_language() or "en"),
        "who": full_name(reader.actor.family_name, reader.actor.given_name) if reader else "",
    }
    return render(request, "entry/invited.html", context, status=422 if form.errors else 200)


def _come_in(request: HttpRequest, invitation: TrustInvitation, form: InvitedForm) -> HttpResponse:
    language, data = get_language() or "en", form.cleaned_data
    if reader_of(request) is not None:
        child = trusting.accept(actor_of(request), invitation.uid, language)
        messages.success(request, _("You see the diary of %(name)s now.") % {"name": child.given_name})
        answer = redirect("diary", child.uid)
    else:
        account = trusting.enter(
            invitation.uid, family=data["family"], given=data["given"], password=data["password"], language=language
        )
        password_changed(data["password"], account)
        answer = perform_login(request, Login(user=account, redirect_url=reverse("letter-reach")))
        note_entered(request)
    put_down(answer)
    return answer


def _over(request: HttpRequest, refused: Refusal) -> HttpResponse:
    answer = render(request, "entry/dead.html", {"sentence": refused.sentence, "family": True}, status=422)
    put_down(answer)
    return answer
