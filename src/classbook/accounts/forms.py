"""The sign-in form: the school's login, a password, and whether others use this computer too."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from classbook.accounts.actions.old_logins import over_sentence
from classbook.accounts.adapter import CHANGE, must_choose
from classbook.accounts.backends import over_since, slip_of
from classbook.accounts.carrying import carry
from classbook.accounts.queries.linking import is_required_of
from classbook.people.sessions import SHARED


class SignInForm(LoginForm):
    """allauth's form in the product's words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Login")
        self.fields["password"].label = _("Password")
        self.fields.pop("remember", None)
        self.fields["shared"] = forms.BooleanField(required=False, label=_("This is a shared computer"))

    def clean(self) -> dict[str, Any]:
        """What only the right password proves may be told: the time of an old one is over, or the region asks for the portal."""
        data: dict[str, Any] = super().clean() or {}
        user = getattr(self, "user", None)
        if last := over_since(user):
            raise forms.ValidationError(over_sentence(last))
        if user is not None and slip_of(user) is None and is_required_of(user.person_id):
            raise forms.ValidationError(
                _("Your region signs in through the portal: use its button. A letter from school links you once.")
            )
        return data

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        if letter := slip_of(self.user):
            # A temporary password opens the letter's steps, never a session.
            answer = HttpResponseRedirect("/in/you/")
            carry(answer, letter.uid, to=redirect_url or "")
            return answer
        request.session[SHARED] = bool(self.cleaned_data.get("shared"))
        if must_choose(self.user):
            # Before the page that was asked for.
            redirect_url = f"{CHANGE}?{urlencode({'next': redirect_url})}" if redirect_url else CHANGE
        response: HttpResponse = super().login(request, redirect_url=redirect_url)
        return response
