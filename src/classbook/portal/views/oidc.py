"""The provider's pages: permission in plain words, what was permitted, signing out for a client.

Stricter than allauth: PKCE S256 for every client, redirect addresses to the letter, a code once also under a hundred
requests at a time, and an answer that names its issuer.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from allauth.core.internal.httpkit import add_query_params, extract_basic_auth
from allauth.idp.oidc import views as allauth_views
from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.internal.oauthlib.utils import extract_headers
from allauth.idp.oidc.models import Client, Token
from django.contrib import messages
from django.core.cache import cache
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from classbook.portal import queries
from classbook.portal.actions import consents
from classbook.portal.identity import scope_words
from classbook.portal.middleware import let_form_lead_to
from classbook.portal.models import Citizen
from classbook.portal.rules import NEEDED, SCOPES, contact_masked, full_name, snils_masked
from classbook.portal.views.guards import citizen_of, signed_in

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
# Asked once or not at all: a repeated parameter is read differently by different programs.
ONCE = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
)
CODE_SECONDS = 600


class Found(HttpResponse):
    """A redirect to a client: its address was registered, whatever its scheme."""

    def __init__(self, address: str) -> None:
        super().__init__(status=302)
        self["Location"] = address


class Authorization(allauth_views.AuthorizationView):
    """The page that asks for permission."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        refused = self._refused(request)
        if refused is not None:
            return refused
        if request.GET.get("prompt") == "none":
            _forget_prompt(request)
        return self._signed(super().get(request, *args, **kwargs))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._signed(super().post(request, *args, **kwargs))

    def _refused(self, request: HttpRequest) -> HttpResponse | None:
        """What allauth would let through. Nothing is sent to an address that is not registered to the letter."""
        asked = request.GET
        client = queries.client_called(asked.get("client_id", ""))
        if (
            client is None
            or asked.get("redirect_uri", "") not in client.get_redirect_uris()
            or any(len(asked.getlist(name)) > 1 for name in ONCE)
        ):
            return render(request, "idp/oidc/error.html", status=400)
        self.client, address = client, asked["redirect_uri"]
        problem = ""
        if asked.get("response_type") != "code":
            problem = "unsupported_response_type"
        elif "openid" not in asked.get("scope", "").split() or not set(asked["scope"].split()) <= set(client.get_scopes()) & set(
            SCOPES
        ):
            problem = "invalid_scope"
        elif (
            asked.get("code_challenge_method") != "S256"
            or not CHALLENGE.fullmatch(asked.get("code_challenge", ""))
            or asked.get("response_mode", "query") != "query"
            or "request" in asked
            or "request_uri" in asked
        ):
            problem = "invalid_request"
        elif asked.get("prompt") == "none":
            problem = self._silently(request, client, asked["scope"].split())
        return self._problem(address, asked.get("state", ""), problem) if problem else None

    def _silently(self, request: HttpRequest, client: Client, scopes: list[str]) -> str:
        """prompt=none leads on only with a session and a consent that covers everything."""
        if not request.user.is_authenticated:
            return "login_required"
        consent = queries.open_consent(citizen_of(request), client)
        # Without a page nothing is given that was ever refused, needed or not.
        return "" if consent is not None and set(scopes) <= set(consent.scopes) else "consent_required"

    def _problem(self, address: str, state: str, problem: str) -> HttpResponse:
        return self._signed(Found(add_query_params(address, {"error": problem} | ({"state": state} if state else {}))))

    def _signed(self, response: HttpResponse) -> HttpResponse:
        """RFC 9207: the answer names who gives it, so that a client with several providers cannot be mixed up."""
        address = response.get("Location", "")
        if re.search(r"[?&](code|error)=", address) and "/identity/o/authorize?" not in address:
            response["Location"] = add_query_params(address, {"iss": get_adapter().get_issuer()})
        return response

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """A consent that covers everything is not asked for again."""
        citizen, client = citizen_of(self.request), context["client"]
        consent = queries.open_consent(citizen, client)
        if "consent" not in (self._request_info.get("prompt") or ()) and _covers(citizen, client, self._scopes):
            assert consent is not None
            return self._grant(sorted(set(consent.scopes) & set(self._scopes)))
        context |= {"asked": _asked(citizen, self._scopes), "citizen": citizen}
        response: HttpResponse = super().render_to_response(context, **kwargs)
        let_form_lead_to(response, self._request_info["redirect_uri"])
        return response

    def _grant(self, scopes: list[str]) -> HttpResponse:
        form = self.form_class(data={"scopes": scopes, "request": "-"}, user=self.request.user, requested_scopes=self._scopes)
        assert form.is_valid()
        return self.form_valid(form)

    def form_valid(self, form: Any) -> HttpResponse:
        """What is needed belongs to every permission; the rest is as ticked."""
        chosen = {*form.cleaned_data["scopes"], *(NEEDED & set(self._scopes))}
        scopes = [scope for scope in self._scopes if scope in chosen]
        form.cleaned_data["scopes"] = scopes
        client = queries.client_called(self._request_info["client_id"])
        assert client is not None
        with transaction.atomic():
            # First the consent: a code is of no use without it.
            if self.request.method == "POST":
                citizen = citizen_of(self.request)
                consents.give(citizen, client, _consented(citizen, client, self._scopes, scopes))
            response: HttpResponse = super().form_valid(form)
        return response


def _forget_prompt(request: HttpRequest) -> None:
    """The consent that covers everything answers; allauth would ask for tokens that are still alive, whose they may be."""
    query = request.GET.copy()
    del query["prompt"]
    request.META["QUERY_STRING"] = query.urlencode()
    # Read anew from there.
    request.__dict__.pop("GET", None)


def _consented(citizen: Citizen, client: Client, asked: list[str], allowed: list[str]) -> list[str]:
    """What holds from now on: this page's answer, and what was allowed before and is not on this page."""
    consent = queries.open_consent(citizen, client)
    return sorted({*allowed, *(set(consent.scopes) - set(asked) if consent is not None else ())})


def _covers(citizen: Citizen, client: Client, scopes: list[str]) -> bool:
    consent = queries.open_consent(citizen, client)
    return consent is not None and NEEDED & set(scopes) <= set(consent.scopes)


def _asked(citizen: Citizen, scopes: list[str]) -> list[dict[str, Any]]:
    """Each datum with the value that would be given, in the order of the page."""
    values = {
        "profile": full_name(citizen.family_name, citizen.given_name, citizen.middle_name),
        "birthdate": citizen.birth_date,
        "snils": snils_masked(citizen.snils),
        "email": contact_masked(citizen.email),
        "phone": contact_masked(citizen.phone),
    }
    words = scope_words()
    return [
        {"scope": scope, "title": words[scope][0], "icon": words[scope][1], "value": values[scope], "needed": scope in NEEDED}
        for scope in SCOPES
        if scope in scopes and scope in words
    ]


@method_decorator(csrf_exempt, name="dispatch")
class TokenView(allauth_views.TokenView):
    """A code becomes tokens once; whoever comes with it again also ends the tokens of the first time."""

    def _post_device_token(self, request: HttpRequest) -> HttpResponse:
        return _refusal("unsupported_grant_type")

    def _create_token_response(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if request.POST.get("grant_type") != "authorization_code":
            return _refusal("unsupported_grant_type")
        used = "code-used:" + hashlib.sha256(request.POST.get("code", "").encode()).hexdigest()
        before = cache.get(used)
        if before is not None:
            Token.objects.filter(hash=before).delete()
            return _refusal("invalid_grant")
        response: HttpResponse = super()._create_token_response(request, **kwargs)
        if response.status_code == 200:
            given = json.loads(response.content)
            # Nobody reads a citizen's data later without the citizen: a new visit brings new tokens.
            Token.objects.filter(hash=get_adapter().hash_token(given.pop("refresh_token", ""))).delete()
            given.pop("refresh_expires_in", None)
            response.content = json.dumps(given)
            token = get_adapter().hash_token(given["access_token"])
            if not cache.add(used, token, timeout=CODE_SECONDS):
                # Another request was quicker by a moment: this one's token is not kept.
                transaction.set_rollback(True)
                return _refusal("invalid_grant")
        return response


def _refusal(error: str) -> HttpResponse:
    return JsonResponse({"error": error}, status=400)


@method_decorator(csrf_exempt, name="dispatch")
class RevokeView(allauth_views.RevokeView):
    """A client ends its own tokens; those of others it may not even name."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        value = request.POST.get("token", "")
        found = Token.objects.by_value(value).first()
        name = extract_basic_auth(extract_headers(request))[0] or request.POST.get("client_id", "")
        if found is not None and found.client_id != name:
            return _refusal("unauthorized_client")
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response


authorization = Authorization.as_view()
token = TokenView.as_view()
revoke = RevokeView.as_view()


@csrf_exempt
def closed(request: HttpRequest, **_names: str) -> HttpResponse:
    """Addresses that allauth reverses and that are not open."""
    raise Http404


@signed_in
def permissions(request: HttpRequest) -> HttpResponse:
    """What one has allowed, and to whom."""
    found = queries.permissions_of(citizen_of(request))
    return render(request, "permissions.html", {"found": found, "words": scope_words()})


@require_POST
@signed_in
def permission_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a permission back."""
    consents.revoke(citizen_of(request), pk)
    messages.success(request, _("The permission is taken back. The service cannot read your data here any more."))
    return redirect("permissions")
