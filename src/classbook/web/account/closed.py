"""Addresses that allauth reverses while it works and that are not open: they answer like an unknown address."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path


def closed(request: HttpRequest, **_: str) -> HttpResponse:
    raise Http404


urlpatterns = [
    path("signup/", closed, name="account_signup"),
    path("reauthenticate/", closed, name="account_reauthenticate"),
    path("inactive/", closed, name="account_inactive"),
    path("password/reset/", closed, name="account_reset_password"),
    path("email/", closed, name="account_email"),
]
