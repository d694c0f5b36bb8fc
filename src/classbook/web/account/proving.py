"""Before the grave things: is it still the owner who sits there? Asked again when the last proof is a quarter of an hour old.

What was asked for waits in the page that asks: a form's fields travel with it and are sent on, so nothing typed is lost.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbook.accounts import passkeys
from classbook.accounts.actions import factors as actions
from classbook.accounts.actions.contacts import require_own_password
from classbook.accounts.adapter import is_proved, note_proof
from classbook.accounts.queries.contacts import myself, needs_password
from classbook.accounts.queries.factors import Factors, factors_of
from classbook.accounts.queries.letters import account_of
from classbook.common.errors import Refusal
from classbook.web.account.forms import CODE
from classbook.web.linking.visit import local
from classbook.web.request import actor_of
from classbook.web.steps import PlainForm, refuse

# The fields of the page that asks. `GET`: nothing was sent, the page is opened afterwards.
ASKED, GET = "proof-asked", "get"
BACK = "proof-back"
PREFIX = "proof"
TOKEN = "csrfmiddlewaretoken"


class ProofForm(PlainForm):
    """The password or a code; which of the two there are hangs on the account."""

    prefix = PREFIX
    password = forms.CharField(
        label=gettext_lazy("Your password"), max_length=500, required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip
    code = forms.CharField(
        label=gettext_lazy("Code of the app or of your list"), max_length=20, required=False, widget=forms.TextInput(attrs=CODE)
    )
    passkey = forms.CharField(max_length=passkeys.LONGEST, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, has_password: bool, found: Factors, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not has_password:
            del self.fields["password"]
        if not found.takes_code:
            del self.fields["code"]
        if not found.passkeys:
            del self.fields["passkey"]


class Interrupted(Exception):
    """The view does not go on; this is the answer instead."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__()
        self.answer = answer


def require_proof(request: HttpRequest, *, download: bool = False) -> None:
    """Go on only with a fresh proof; call it when it is clear that the person may. Raises Interrupted with the page that asks.

    `download`: what follows is a file, so the page that asked leads back by itself.
    """
    is_answer = request.method == "POST" and ASKED in request.POST
    if not is_proved(request.session):
        form = _form(request, is_answer=is_answer)
        if not is_answer or not _is_right(request, form):
            raise Interrupted(_page(request, form, download=download))
        # A new key for what is more than before.
        request.session.cycle_key()
        note_proof(request.session)
    if is_answer:
        if request.POST[ASKED] == GET:
            raise Interrupted(redirect(request.get_full_path()))
        _take_out(request)


def _form(request: HttpRequest, *, is_answer: bool) -> ProofForm:
    actor = actor_of(request)
    return ProofForm(request.POST if is_answer else None, has_password=needs_password(actor), found=factors_of(actor.person_id))


def _is_right(request: HttpRequest, form: ProofForm) -> bool:
    """One of them is enough."""
    if not form.is_valid():
        return False
    actor, given = actor_of(request), form.cleaned_data
    account = account_of(actor.person_id)
    try:
        if account is not None and given.get("passkey"):
            found = passkeys.finish_asking(request.session, given["passkey"], account, passkeys.PROOF)
            actions.note_passkey_used(found.pk)
        elif account is not None and given.get("code"):
            actions.use_code(account, given["code"])
        elif "password" in form.fields:
            require_own_password(myself(actor), given.get("password", ""))
        else:
            form.add_error(None, _("Please fill this in."))
    except Refusal as refused:
        refuse(form, refused)
    return not form.errors


def _page(request: HttpRequest, form: ProofForm, *, download: bool) -> HttpResponse:
    own = {ASKED, BACK, TOKEN, *(form.add_prefix(name) for name in ("password", "code", "passkey"))}
    # Files are sent on no page that asks; a field that was sent several times is kept several times.
    carried = [(name, value) for name, values in request.POST.lists() if name not in own for value in values]
    asked = request.POST.get(ASKED) or ("post" if request.method == "POST" else GET)
    context = {
        "form": form, "carried": carried, "asked": asked, "address": request.get_full_path(), "asked_name": ASKED,
        "download": download, "back": _back(request), "back_name": BACK,
    }  # fmt: skip
    answer = render(request, "account/prove.html", context, status=403)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _back(request: HttpRequest) -> str:
    """The page from which it was asked; the second time the page that asks knows it itself."""
    given = request.POST.get(BACK, "")
    if not given:
        whole = urlsplit(request.headers.get("Referer", ""))
        given = f"{whole.path}?{whole.query}" if whole.query else whole.path
        given = given if whole.netloc == request.get_host() else ""
    return local(given) or reverse("home")


def _take_out(request: HttpRequest) -> None:
    """What the view gets is what was sent to it in the first place."""
    kept: QueryDict = request.POST.copy()
    for name in [name for name in kept if name == ASKED or name.startswith(f"{PREFIX}-")]:
        del kept[name]
    request.POST = kept  # type: ignore[assignment]
