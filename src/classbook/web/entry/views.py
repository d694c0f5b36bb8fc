"""The first sign-in: the code, who you are, an own password, done. Each step is a page and needs no script."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth.password_validation import password_changed, validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from classbook.accounts.actions import entering
from classbook.accounts.actions.entering import Holder
from classbook.accounts.carrying import carried, carry, put_down
from classbook.accounts.models import Invitation, TrustInvitation
from classbook.accounts.queries.contacts import can_register, has_confirmed_contact
from classbook.accounts.queries.letters import account_of, letter_by_code, letter_by_uid
from classbook.accounts.queries.linking import must_link
from classbook.accounts.queries.trust import invitation_by_code
from classbook.accounts.rules import folded
from classbook.common import clock
from classbook.common.errors import Refusal
from classbook.people.queries import bears_name, name_of
from classbook.people.rules import full_name, is_named
from classbook.web.entry.forms import BirthForm, CodeForm, PasswordForm, WrongForm
from classbook.web.entry.limits import asks_name, count_wrong, count_wrong_pair, device_is_out, is_flooded
from classbook.web.entry.reach import note_entered
from classbook.web.linking import visit
from classbook.web.linking.names import portal_name
from classbook.web.request import actor_of, reader_of, signed_in
from classbook.web.steps import with_form

# A name and a login on somebody else's telephone stay in no cache.
# In the session of whoever came in by a letter: the page that was asked for.
ASKED_FOR = "entered-to"
never_kept = cache_control(private=True, no_store=True)


@require_safe
def letter_without_slash(request: HttpRequest) -> HttpResponse:
    """The address as people type it; what stands behind # comes along."""
    return redirect("letter")


@with_form
def letter(request: HttpRequest) -> HttpResponse:
    """The code. One answer for every code that lets nobody in: a stranger learns nothing."""
    form = CodeForm(request.POST or None)
    to = visit.local(request.POST.get("next", "") or request.GET.get("next", ""))
    if request.method == "POST" and form.is_valid():
        found = _shown(request, form)
        if found is not None:
            is_family = isinstance(found, TrustInvitation)
            answer = redirect("invited" if is_family else "letter-own" if "own" in request.POST else "letter-you")
            carry(answer, found.uid, to=to)
            return answer
    context = {"form": form, "to": to, "can_register": can_register(), "asks_name": asks_name(request)}
    return render(request, "entry/code.html", context, status=422 if form.errors else 200)


def _shown(request: HttpRequest, form: CodeForm) -> Invitation | TrustInvitation | None:
    """The letter of what was typed, or the invitation of a family; None: the form says why not."""
    code, with_name = folded(form.cleaned_data["code"]), asks_name(request)
    if device_is_out(request) or (with_name and is_flooded(request)):
        form.add_error("code", _("Too many codes were tried here. Wait ten minutes; your letter is not lost."))
    elif with_name and not form.cleaned_data["name"]:
        # Nothing is looked up yet, so nothing is counted.
        form.add_error(
            "name", _("Many wrong codes were tried from this network. Type the family name on your letter too; then it opens.")
        )
    elif with_name:
        found = letter_by_code(code) or invitation_by_code(code)
        if found and _is_named(found, form.cleaned_data["name"]):
            return found
        if code:
            count_wrong_pair(request)
        form.add_error("code", _("This code and this name do not let in."))
    else:
        if found := letter_by_code(code) or invitation_by_code(code):
            return found
        if code:
            # What can be no code, such as one sign too few, guesses nothing and costs the school's address nothing.
            count_wrong(request)
        form.add_error("code", _("This code does not let in."))
    return None


def _is_named(found: Invitation | TrustInvitation, typed: str) -> bool:
    """A letter has its name printed; whom a family invites, it calls by a name."""
    if isinstance(found, TrustInvitation):
        return is_named(typed, (found.family_name, full_name(found.family_name, found.given_name)))
    return bears_name(found.person, typed)


def holder_here(request: HttpRequest, *, proven: bool = False) -> Holder | None:
    """The letter that this browser has shown the code of; None: it is over, or the hour is."""
    found = carried(request)
    live = letter_by_uid(found.uid) if found else None
    if found is None or live is None:
        return None
    reader = reader_of(request)
    holder = entering.holder_of(live, reader.actor if reader else None)
    return None if proven and holder.born is not None and not found.proven else holder


def start_again(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("Please type the code of your letter once more. A letter that was used lets nobody in."))
    answer = redirect("letter")
    put_down(answer)
    return answer


@never_kept
@with_form
def you(request: HttpRequest) -> HttpResponse:
    """Is it you? The birth date shows that the letter has not come into other hands."""
    holder = holder_here(request)
    if holder is None:
        return start_again(request)
    asked = holder.born is not None and holder.way in {"new", "again", "add"}
    form = BirthForm(request.POST if request.method == "POST" else None, asked=asked, today=clock.today("UTC"))
    if request.method == "POST" and form.is_valid():
        try:
            return _go_on(request, holder, form)
        except Refusal as refused:
            if refused.needs == "letter":
                return is_dead(request, refused)
            form.add_error(None, refused.sentence)
    context = {"form": form, "holder": holder, "asked": asked, "facts": facts_of(request, holder)}
    context["can_register"] = holder.way == "new" and can_register()
    return render(request, "entry/you.html", context, status=422 if form.errors else 200)


def _go_on(request: HttpRequest, holder: Holder, form: BirthForm) -> HttpResponse:
    if holder.way not in {"new", "again", "add", "own"}:
        return redirect("letter-you")
    if form.asked:
        entering.check_birth_date(holder.letter.uid, form.cleaned_data["born"])
    if holder.way in {"add", "own"}:
        return _add(request, holder)
    if links(holder.letter):
        answer = redirect("letter-portal")
    else:
        entering.prepare(holder.letter.uid)
        answer = redirect("letter-password")
    carry(answer, holder.letter.uid, proven=True, to=_asked_for(request))
    return answer


def links(letter: Invitation) -> bool:
    """Does the region let this letter in through the portal alone?"""
    return bool(portal_name()) and must_link(letter)


def _asked_for(request: HttpRequest) -> str:
    found = carried(request)
    return visit.local(found.to) if found else ""


@never_kept
@require_safe
def through_portal(request: HttpRequest) -> HttpResponse:
    """The birth date was right; the portal is where this region signs in, and the letter links once."""
    holder = holder_here(request, proven=True)
    if holder is None:
        return start_again(request)
    if not links(holder.letter):
        return redirect("letter-you")
    return render(request, "entry/portal.html", {"portal": portal_name(), "to": _asked_for(request)})


def _add(request: HttpRequest, holder: Holder) -> HttpResponse:
    if holder.letter.student is None:
        answer = redirect("home")
    else:
        child = entering.add_child(actor_of(request), holder.letter.uid)
        messages.success(
            request, _("%(name)s is in your account now.") % {"name": full_name(child.family_name, child.given_name)}
        )
        answer = redirect("diary", child.uid)
    put_down(answer)
    return answer


def is_dead(request: HttpRequest, refused: Refusal) -> HttpResponse:
    answer = render(request, "entry/dead.html", {"sentence": refused.sentence, "family": False}, status=422)
    put_down(answer)
    return answer


def facts_of(request: HttpRequest, holder: Holder) -> dict[str, str]:
    """Name, pupil, class and school of the letter, and who is signed in."""
    found, reader = holder.letter, reader_of(request)
    return {
        "name": name_of(found.person),
        "pupil": name_of(found.student) if found.student else "",
        "given": found.student.given_name if found.student else "",
        "class": entering.class_of(found),
        "school": found.school.name,
        "me": full_name(reader.actor.family_name, reader.actor.given_name) if reader else "",
        "role": found.role,
    }


@never_kept
@with_form
def wrong(request: HttpRequest) -> HttpResponse:
    """Something in the letter is wrong, or it is not for this person."""
    holder = holder_here(request)
    if holder is None:
        return start_again(request)
    form = WrongForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        is_other = form.cleaned_data["what"] == "other"
        try:
            entering.report_wrong(holder.letter.uid, is_other=is_other, text=form.cleaned_data["text"])
        except Refusal as refused:
            form.add_error(refused.field, refused.sentence)
        else:
            return _is_told(request, is_other=is_other)
    context = {"form": form, "facts": facts_of(request, holder)}
    return render(request, "entry/wrong.html", context, status=422 if form.errors else 200)


def _is_told(request: HttpRequest, *, is_other: bool) -> HttpResponse:
    answer = render(request, "entry/told.html", {"is_other": is_other})
    if is_other:
        put_down(answer)
    return answer


@never_kept
@with_form
def password(request: HttpRequest) -> HttpResponse:
    """An own password; then the person is in."""
    holder = holder_here(request, proven=True)
    if holder is None:
        return start_again(request)
    if holder.way not in {"new", "again"} or links(holder.letter):
        return redirect("letter-you")
    account = account_of(holder.letter.person_id)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            validate_password(form.cleaned_data["password"], account)
            entered = entering.enter(holder.letter.uid, form.cleaned_data["password"])
        except ValidationError as error:
            form.add_error("password", error)
        except Refusal as refused:
            return is_dead(request, refused)
        else:
            password_changed(form.cleaned_data["password"], entered)
            answer = perform_login(request, Login(user=entered, redirect_url=reverse("letter-reach")))
            note_entered(request)
            request.session[ASKED_FOR] = _asked_for(request)
            put_down(answer)
            return answer
    context = {"form": form, "holder": holder, "login": account.login if account else ""}
    return render(request, "entry/password.html", context, status=422 if form.errors else 200)


@never_kept
@require_safe
@signed_in
def done(request: HttpRequest) -> HttpResponse:
    """The login to note down, and the way into the diary."""
    account = account_of(actor_of(request).person_id)
    context = {
        "to": visit.local(request.session.get(ASKED_FOR, "")) or reverse("home"),
        "login": account.login if account else "", "reached": has_confirmed_contact(actor_of(request).person_id),
    }  # fmt: skip
    return render(request, "entry/done.html", context)
