"""Who may open what on the portal: one row per route."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from classbook.portal.models import Citizen, Consent

ALL = frozenset({"maria", "oleg", "young", "clerk", "support"})
MARIA, CLERK, SUPPORT, NOBODY = (frozenset({name}) for name in ("maria", "clerk", "support", ""))


@dataclass(frozen=True)
class Row:
    """A route with an object that exists: Maria's child, her permission, her person."""

    name: str
    who: frozenset[str] = ALL
    method: str = "GET"
    args: Callable[[], tuple[object, ...]] = lambda: ()
    data: Callable[[], dict[str, str]] = dict
    public: bool = False
    # Where signed-in people are led on, which counts as open.
    status: frozenset[int] = frozenset({200, 302})


def maria() -> Citizen:
    return Citizen.objects.get(login="maria")


def child() -> tuple[object, ...]:
    return (maria().children.order_by("pk")[0].pk,)


def permission() -> tuple[object, ...]:
    found = Consent.objects.filter(citizen=maria(), revoked_at=None).first()
    return ((found or Consent.objects.create(citizen=maria(), client_id="classbook", scopes=["openid"])).pk,)


def person() -> tuple[object, ...]:
    return (maria().uid,)


POLICY = (
    Row("catalogue", public=True),
    Row("service", args=lambda: ("diary",), public=True),
    Row("help", public=True),
    Row("outbox", public=True),
    Row("register", public=True),
    Row("register-code", public=True),
    Row("register-again", method="POST", public=True),
    Row("recover", public=True),
    Row("recover-code", public=True),
    Row("account"),
    Row("account_login", public=True),
    Row("account_logout", method="POST", public=True),
    Row("language", method="POST", data=lambda: {"language": "en", "next": "/"}, public=True),
    Row("account_reauthenticate"),
    Row("identity"),
    Row("check", method="POST", who=frozenset({"maria", "oleg", "young"})),
    Row("proof"),
    Row("contact"),
    Row("contact-code"),
    Row("account_change_password"),
    Row("history"),
    Row("sessions-end", method="POST"),
    Row("child-new"),
    Row("child-remove", who=MARIA, method="POST", args=child),
    Row("child-account", who=MARIA, args=child),
    Row("mfa_activate_totp"),
    Row("mfa_authenticate"),
    Row("mfa_reauthenticate"),
    Row("mfa_deactivate_totp", who=CLERK | SUPPORT),
    Row("mfa_index"),
    Row("permissions"),
    Row("permission-revoke", who=MARIA, method="POST", args=permission),
    Row("centre", who=CLERK),
    Row("centre-person", who=CLERK, args=person),
    Row("support", who=SUPPORT),
    Row("support-person", who=SUPPORT, args=person),
    Row("configuration", public=True),
    Row("jwks", public=True),
    Row("authorization", public=True, status=frozenset({400})),
    Row("logout", public=True),
    Row("token", method="POST", public=True, status=frozenset({400, 401})),
    Row("revoke", method="POST", public=True, status=frozenset({400, 401})),
    Row("userinfo", public=True, status=frozenset({401})),
    Row("device_code", who=NOBODY, public=True),
    Row("healthz", public=True),
    Row("readyz", public=True),
    Row("account_signup", who=NOBODY, public=True),
    Row("account_inactive", who=NOBODY, public=True),
    Row("account_reset_password", who=NOBODY, public=True),
    Row("account_email", who=NOBODY, public=True),
)
