"""What the session keeps of a sign-in through the portal. It is a row on the server; the browser has its key alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from classbook.accounts.actions.linking import Proof
from classbook.accounts.portal_client import BEGUN_SECONDS, Begun, Citizen
from classbook.common import clock
from classbook.common.errors import NotFound
from classbook.web.linking.names import portal_name

_BEGUN, _VISIT = "portal-begun", "portal-visit"
HALF_AN_HOUR = timedelta(minutes=30)
View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Visit:
    """A citizen whom the portal has signed in and whom nobody here is linked with yet."""

    citizen: Citizen
    to: str
    shared: bool
    label: str
    proof: Proof | None


def local(address: str) -> str:
    """The page that was asked for, when it is one of this site; else nothing."""
    is_local = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if is_local else ""


def remember_begun(request: HttpRequest, begun: Begun, *, to: str, shared: bool) -> None:
    """The browser goes to the portal."""
    request.session.pop(_VISIT, None)
    request.session[_BEGUN] = {"begun": asdict(begun), "to": to, "shared": shared, "at": clock.now().isoformat()}


def take_begun(request: HttpRequest) -> tuple[Begun | None, str, bool]:
    """What was begun, once; nothing when it was long ago or never."""
    kept = request.session.pop(_BEGUN, None)
    if kept is None or _age(kept) > timedelta(seconds=BEGUN_SECONDS):
        return None, "", False
    return Begun(**kept["begun"]), kept["to"], kept["shared"]


def remember_visit(request: HttpRequest, citizen: Citizen, *, to: str, shared: bool) -> None:
    """The citizen is not linked: on to the wizard."""
    request.session[_VISIT] = {
        "citizen": citizen.as_dict(), "to": to, "shared": shared, "label": "", "proof": None, "at": clock.now().isoformat(),
    }  # fmt: skip


def remember_proof(request: HttpRequest, proof: Proof, label: str) -> None:
    """Something of the school was shown."""
    kept = request.session[_VISIT]
    kept |= {"label": label, "proof": [str(proof.letter or ""), proof.account, proof.stamp]}
    request.session[_VISIT] = kept


def forget(request: HttpRequest) -> None:
    """Linked, or given up."""
    request.session.pop(_VISIT, None)


def visit_of(request: HttpRequest) -> Visit | None:
    """The visit under way."""
    kept = request.session.get(_VISIT)
    if kept is None or _age(kept) > HALF_AN_HOUR:
        return None
    proof = None
    if kept["proof"]:
        letter, account, stamp = kept["proof"]
        proof = Proof(UUID(letter) if letter else None, account, stamp)
    return Visit(Citizen(**kept["citizen"]), kept["to"], kept["shared"], kept["label"], proof)


def _age(kept: dict[str, Any]) -> timedelta:
    return clock.now() - datetime.fromisoformat(kept["at"])


def where_portal_is(view: View) -> View:
    """Where the site has no portal, its pages do not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not portal_name():
            raise NotFound
        return view(request, *args, **kwargs)

    return guarded


def start_again(request: HttpRequest) -> HttpResponse:
    """The half hour is over, or nobody came from the portal."""
    messages.warning(request, _("Please sign in with %(portal)s once more.") % {"portal": portal_name()})
    return redirect("account_login")
