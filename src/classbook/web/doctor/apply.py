"""A school applies to be connected: a form, a mail with a code, a page that says how far it is. No account is needed."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from classbook.accounts.actions import applying as actions
from classbook.accounts.actions.applying import Applied
from classbook.accounts.queries.contacts import kinds
from classbook.common import clock
from classbook.common.errors import Refusal
from classbook.schools.queries import regions_to_choose, school_to_connect
from classbook.web.account.recovery import source_of
from classbook.web.doctor.forms import ApplyForm, FindForm, ReplyForm
from classbook.web.steps import refuse, with_form


@with_form
def apply(request: HttpRequest) -> HttpResponse:
    """What the region has to know. `school` in the address is one that the directory shows as not connected."""
    school = school_to_connect(request.GET.get("school", ""))
    regions = regions_to_choose()
    if school is not None and school.region is not None:
        regions = [(str(school.region.uid), school.region.name)]
    start = {"name": school.name, "town": school.town} if school else {}
    data = request.POST if request.method == "POST" else None
    form = ApplyForm(data, regions=regions, today=clock.today(settings.TIME_ZONE), initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            number = actions.apply(
                form.cleaned_data["op"], _said(form, school.uid if school else None), get_language() or "en", source_of(request)
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            return redirect(f"{reverse('application-find')}?{urlencode({'number': actions.spaced(number)})}")
    context = {"form": form, "school": school, "open": bool(regions) and "email" in kinds()}
    return render(request, "doctor/apply.html", context, status=422 if form.errors else 200)


def _said(form: ApplyForm, school: UUID | None) -> Applied:
    data = {name: value for name, value in form.cleaned_data.items() if name not in {"op", "region"}}
    return Applied(region=UUID(form.cleaned_data["region"]), school=school, **data)


@with_form
def find(request: HttpRequest) -> HttpResponse:
    """Number and code of the mail open the application. With a number in the address the mail has just been sent."""
    number = request.GET.get("number", "")[:20]
    form = FindForm(request.POST if request.method == "POST" else None, initial={"number": number})
    if request.method == "POST" and form.is_valid():
        try:
            token = actions.find(form.cleaned_data["number"], form.cleaned_data["code"], source_of(request))
            # Whoever types the code has read the mail.
            actions.confirm(token)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            return redirect("application", token)
    context = {"form": form, "sent": bool(number), "demo": settings.DEMO}
    return render(request, "doctor/apply_find.html", context, status=422 if form.errors else 200)


@require_safe
def one(request: HttpRequest, token: str) -> HttpResponse:
    """How far the application is. To look at the page changes nothing: mail programs do that too."""
    return _page(request, token, ReplyForm())


def _page(request: HttpRequest, token: str, form: ReplyForm) -> HttpResponse:
    row = actions.opened(token)
    context = {"row": row, "number": actions.spaced(row.number), "token": token, "form": form, "region": row.region.name}
    answer = render(request, "doctor/application.html", context, status=422 if form.errors else 200)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@require_POST
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """It is the school's own application."""
    actions.confirm(token)
    return redirect("application", token)


@require_POST
def reply(request: HttpRequest, token: str) -> HttpResponse:
    """Answer what the region asked."""
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _page(request, token, form)
    actions.reply(token, form.cleaned_data["text"])
    messages.success(request, _("Your answer is with the region."))
    return redirect("application", token)


@require_POST
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """Take the application back."""
    actions.withdraw(token)
    messages.success(request, _("The application is withdrawn."))
    return redirect("application", token)
