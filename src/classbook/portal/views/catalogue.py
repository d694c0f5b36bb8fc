"""The catalogue of services, its search, help; and the demo's page of messages."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from classbook.portal import catalogue as services
from classbook.portal import queries
from classbook.portal.faq import questions


def catalogue(request: HttpRequest) -> HttpResponse:
    """Sections and services; `q` searches in both."""
    asked = request.GET.get("q", "").strip()[:100]
    return render(request, "catalogue.html", {"sections": services.sections(asked), "asked": asked})


def service(request: HttpRequest, name: str) -> HttpResponse:
    """One service: where it leads, or that it is not there yet."""
    found = services.service(name)
    if found is None:
        raise Http404
    return render(request, "service.html", {"service": found})


def help_page(request: HttpRequest) -> HttpResponse:
    """Frequent questions."""
    return render(request, "help.html", {"questions": questions()})


def outbox(request: HttpRequest) -> HttpResponse:
    """Every SMS and e-mail of the demo."""
    if not settings.DEMO:
        raise Http404
    return render(request, "outbox.html", {"found": queries.messages_sent()})
