"""Sign-in and security: what one gets in by, in one place. Passkeys, an app, a list of single codes."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from classbook.accounts import passkeys, queries
from classbook.accounts.actions import factors as actions
from classbook.accounts.queries.contacts import kinds, own_contacts
from classbook.accounts.queries.factors import factors_of, required_from
from classbook.accounts.queries.letters import account_of
from classbook.common.devices import name_of
from classbook.common.errors import Refusal
from classbook.web.account.forms import CodeForm, NameForm
from classbook.web.account.proving import require_proof
from classbook.web.account.squares import square
from classbook.web.entry.views import never_kept
from classbook.web.linking.names import portal_name
from classbook.web.request import actor_of, signed_in
from classbook.web.steps import refuse, with_form

# In the session, sealed: the key of an app that is being set up.
_SECRET = "app-secret"


@require_safe
@signed_in
def security(request: HttpRequest) -> HttpResponse:
    """What there is, and from when on more is needed."""
    actor = actor_of(request)
    since = required_from(actor)
    context = {
        "found": factors_of(actor.person_id),
        "has_password": queries.needs_password(actor),
        "devices": len(queries.devices_of(actor, request.session.session_key)),
        "contacts": [one.confirmed for one in own_contacts(actor) if one.confirmed] if kinds() else None,
        "portal": portal_name(),
        "required_from": since,
        "is_due": since is not None and since <= actor.today,
    }
    return render(request, "account/security.html", context)


@never_kept
@with_form
@signed_in
def prove(request: HttpRequest) -> HttpResponse:
    """For entries of the journal that wait for it: in a tab of its own, the page that sends them goes on by itself."""
    require_proof(request)
    return render(request, "account/proved.html")


@never_kept
@with_form
@signed_in
def app(request: HttpRequest) -> HttpResponse:
    """Set an app up: scan the square or type the key, then type a code that the app shows."""
    actor = actor_of(request)
    require_proof(request)
    sealer = get_adapter()
    secret = sealer.decrypt(request.session.get(_SECRET, "")) if request.session.get(_SECRET) else ""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if not secret:
        # Nothing that was typed can fit a key that nobody has seen yet.
        form, secret = CodeForm(), generate_totp_secret()
        request.session[_SECRET] = sealer.encrypt(secret)
    if form.is_valid():
        try:
            codes = actions.add_app(actor, secret, form.cleaned_data["code"])
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            del request.session[_SECRET]
            return _added(request, _("The app is set up. Its codes are asked for when you sign in."), codes)
    address = sealer.build_totp_url(account_of(actor.person_id), secret)
    spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    context = {"form": form, "square": square(address), "key": spaced, "address": address, "found": factors_of(actor.person_id)}
    return render(request, "account/app.html", context, status=422 if form.errors else 200)


def _added(request: HttpRequest, sentence: str, codes: list[str]) -> HttpResponse:
    """Where there was no list yet, it is shown now: without it a lost telephone locks out."""
    if codes:
        return codes_page(request, codes, login=_login(request), sentence=sentence)
    messages.success(request, sentence)
    return redirect("security")


def codes_page(request: HttpRequest, codes: list[str], *, login: str = "", sentence: str = "", **more: str) -> HttpResponse:
    """The one page that shows the codes; `more`: whose they are and the way back, when they are a colleague's."""
    context = {"codes": codes, "login": login, "sentence": sentence, "name": "", "back": ""} | more
    return render(request, "account/codes.html", context)


def _login(request: HttpRequest) -> str:
    account = account_of(actor_of(request).person_id)
    return account.login if account else ""


@never_kept
@with_form
@signed_in
def app_remove(request: HttpRequest) -> HttpResponse:
    """Take the app away, after a question."""
    actor = actor_of(request)
    found = factors_of(actor.person_id)
    if found.app_since is None:
        raise Http404
    done = _("The app is removed. Its codes no longer count.")
    return _remove(request, "app", lambda: actions.remove_app(actor), done, is_last=not found.passkeys)


@never_kept
@with_form
@signed_in
def codes(request: HttpRequest) -> HttpResponse:
    """Make a list of single codes; the page that shows it is the only one that does."""
    actor = actor_of(request)
    require_proof(request)
    if request.method == "POST":
        made = actions.make_codes(actor)
        return codes_page(request, made, login=_login(request))
    return render(request, "account/codes_make.html", {"found": factors_of(actor.person_id)})


@never_kept
@with_form
@signed_in
def codes_remove(request: HttpRequest) -> HttpResponse:
    """End a list that stands alone."""
    actor = actor_of(request)
    if not factors_of(actor.person_id).only_codes:
        raise Http404
    done = _("The list has ended. Your password alone lets you in again.")
    return _remove(request, "codes", lambda: actions.remove_codes(actor), done, is_last=True)


@never_kept
@with_form
@signed_in
def passkey_add(request: HttpRequest) -> HttpResponse:
    """Make a passkey on this device or on a key; the page's script asks the browser for it."""
    actor = actor_of(request)
    require_proof(request)
    device = name_of(request.headers.get("User-Agent", ""))
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": device})
    if request.method == "POST" and form.is_valid():
        try:
            credential = passkeys.finish_adding(request.session, request.POST.get("passkey", ""))
            made = actions.add_passkey(actor, form.cleaned_data["name"], credential)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            return _added(request, _("The passkey is made. With it you sign in without a password."), made)
    context = {"form": form, "options": passkeys.ADD, "found": factors_of(actor.person_id)}
    return render(request, "account/passkey_add.html", context, status=422 if form.errors else 200)


@with_form
@signed_in
def passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name for a passkey."""
    actor = actor_of(request)
    one = next((one for one in factors_of(actor.person_id).passkeys if one.pk == pk), None)
    if one is None:
        raise Http404
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": one.name})
    if request.method == "POST" and form.is_valid():
        actions.rename_passkey(actor, pk, form.cleaned_data["name"])
        messages.success(request, _("The name is changed."))
        return redirect("security")
    return render(request, "account/passkey.html", {"form": form, "one": one}, status=422 if form.errors else 200)


@never_kept
@with_form
@signed_in
def passkey_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a passkey away, after a question."""
    actor = actor_of(request)
    found = factors_of(actor.person_id)
    one = next((one for one in found.passkeys if one.pk == pk), None)
    if one is None:
        raise Http404
    is_last = len(found.passkeys) == 1 and found.app_since is None
    done = _("The passkey is removed. It lets nobody in any more.")
    return _remove(request, "passkey", lambda: actions.remove_passkey(actor, pk), done, is_last=is_last, name=one.name)


def _remove(
    request: HttpRequest, what: str, remove: Callable[[], object], done: str, *, is_last: bool, name: str = ""
) -> HttpResponse:
    """The question, then the deed, for whoever has just proved who sits there."""
    require_proof(request)
    if request.method == "POST":
        remove()
        messages.success(request, done)
        return redirect("security")
    return render(request, "account/factor_remove.html", {"what": what, "name": name, "is_last": is_last})
