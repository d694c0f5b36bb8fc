"""The help centre, the tours and the page about Classbook. All but the answers to a tour are open to everybody."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from classbook.accounts.actions.tours import begin_tour_again, end_tour
from classbook.common.errors import NotFound
from classbook.people.rules import TOURS
from classbook.schools.queries import schools_to_ask
from classbook.schools.reader import Reader
from classbook.web.help import tours, walks
from classbook.web.help.texts import TOPICS
from classbook.web.help.topics import Topic, find
from classbook.web.request import actor_of, reader_of, to_the_door

ALL = ("family", "pupil", "teacher", "class", "office")


def _readers() -> dict[str, str]:
    return {
        "family": _("For families"),
        "pupil": _("For pupils"),
        "teacher": _("For teachers"),
        "class": _("For class teachers"),
        "office": _("For the office and the head"),
    }


def readers_of(reader: Reader | None) -> tuple[str, ...]:
    """As what the person uses Classbook; () for a visitor."""
    if reader is None:
        return ()
    roles = reader.actor.roles
    held = {
        "family": bool(reader.wards),
        "pupil": reader.is_pupil,
        "teacher": "teacher" in roles,
        "class": reader.leads_class,
        "office": bool(roles & {"office", "head", "deputy", "it", "issuer"}),
    }
    return tuple(code for code in ALL if held[code])


@require_safe
def centre(request: HttpRequest) -> HttpResponse:
    """Topics by who reads them, one's own first; with ?q= those that hold the words."""
    text = request.GET.get("q", "").strip()[:80]
    mine, words = readers_of(reader_of(request)), _readers()
    order = [*mine, *(code for code in ALL if code not in mine)]
    shown: set[str] = set()
    groups: list[tuple[str, list[Topic]]] = []
    for code in order:
        # A topic stands once, with the first whom it is for.
        topics = [one for one in TOPICS.values() if code in one.readers and one.slug not in shown]
        shown.update(one.slug for one in topics)
        if topics:
            groups.append((words[code], topics))
    own_tours = [tours.tour(code) for code in mine]
    found = find(TOPICS.values(), text) if text else []
    context = {"q": text, "found": found, "groups": groups, "tours": own_tours}
    return render(request, "help/centre.html", context)


@require_safe
def topic_page(request: HttpRequest, slug: str) -> HttpResponse:
    """One topic with its walkthrough."""
    topic = TOPICS.get(slug)
    if topic is None:
        raise NotFound
    walk = walks.walk(topic.walk) if topic.walk else None
    same = [one for one in TOPICS.values() if one is not topic and set(one.readers) & set(topic.readers)][:4]
    return render(request, "help/topic.html", {"topic": topic, "walk": walk, "others": same})


@require_http_methods(["GET", "HEAD", "POST"])
def tour_page(request: HttpRequest, code: str) -> HttpResponse:
    """The steps to read; POST ends the tour for ever, or offers it again."""
    if code not in TOURS:
        raise NotFound
    reader = reader_of(request)
    if request.method != "POST":
        return render(request, "help/tour.html", {"shown": tours.tour(code), "mine": code in readers_of(reader)})
    if reader is None:
        return to_the_door(request)
    if request.POST.get("again"):
        begin_tour_again(actor_of(request), code)
        return redirect(_beginning(code, reader) + "#tour")
    end_tour(actor_of(request), code)
    return HttpResponse(status=204) if request.headers.get("Accept") == "application/json" else redirect(safe_next(request))


def _beginning(code: str, reader: Reader) -> str:
    """The page on which the tour is offered."""
    if code == "teacher":
        return reverse("today")
    if code == "class":
        return reverse("my-class")
    if code in {"family", "pupil"} and reader.first_pupil:
        return reverse("diary", args=[reader.wards[0].uid if code == "family" and reader.wards else reader.first_pupil])
    return reverse("home")


def safe_next(request: HttpRequest) -> str:
    """The page from which a small form was sent; the first page if that is none of this site."""
    address = request.POST.get("next", "")
    return address if url_has_allowed_host_and_scheme(address, allowed_hosts=None) else reverse("home")


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What Classbook is, its rules, who sees which data, whom to ask."""
    reader = reader_of(request)
    context = {
        "version": _version(),
        "schools": schools_to_ask(reader.actor) if reader else (),
        "site": settings.ADDRESS,
        "demo": settings.DEMO,
    }
    return render(request, "help/about.html", context)


@cache
def _version() -> str:
    return version("classbook")
