"""The provider's rules: who a client sees (a name of its own for each citizen), which data each scope opens, which key signs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.internal.private_keys import filter_keys
from allauth.idp.oidc.models import Client, PrivateKey
from django.conf import settings
from django.utils.translation import gettext as _

from classbook.portal import keys
from classbook.portal.actions.consents import subject_for
from classbook.portal.models import Citizen, Subject
from classbook.portal.queries import open_consent
from classbook.portal.rules import SCOPES

CLAIMS = (
    "sub", "iss", "acr", "name", "family_name", "given_name", "middle_name", "birthdate", "snils", "snils_verified",
    "email", "email_verified", "phone_number", "phone_number_verified",
)  # fmt: skip


def scope_words() -> dict[str, tuple[str, str]]:
    """Each scope by a plain name and its icon; "openid" says nothing to a person."""
    return {
        "profile": (_("Your name"), "user"),
        "birthdate": (_("Your date of birth"), "calendar"),
        "snils": (_("Your SNILS"), "id"),
        "email": (_("Your e-mail"), "mail"),
        "phone": (_("Your telephone"), "phone"),
    }


class IdentityAdapter(DefaultOIDCAdapter):
    """Overrides of allauth's defaults."""

    def get_issuer(self) -> str:
        return settings.ADDRESS or str(super().get_issuer())

    def get_user_sub(self, client: Client, user: Any) -> str:
        return subject_for(user, client)

    def get_user_by_sub(self, client: Client, sub: str) -> Citizen | None:
        """The citizen, if he is there and still allows this client anything: a code in flight dies with the consent."""
        found = Subject.objects.select_related("citizen").filter(sub=sub).first()
        if found is None or not found.citizen.is_active or open_consent(found.citizen, client) is None:
            return None
        return found.citizen

    def get_claims(
        self,
        purpose: Literal["id_token", "userinfo"],
        user: Any,
        client: Client,
        scopes: Iterable[str],
        email: str | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """The level always; the data of each scope, also in the ID token, so that a client needs no second question."""
        citizen: Citizen = user
        granted = set(scopes)
        claims: dict[str, Any] = {"sub": self.get_user_sub(client, citizen), "acr": citizen.level}
        if "profile" in granted:
            names = [citizen.family_name, citizen.given_name, citizen.middle_name]
            claims |= {"name": " ".join(part for part in names if part), "family_name": names[0], "given_name": names[1]}
            if names[2]:
                claims["middle_name"] = names[2]
        if "birthdate" in granted:
            claims["birthdate"] = citizen.birth_date.isoformat()
        if "snils" in granted and citizen.snils:
            claims |= {"snils": citizen.snils, "snils_verified": citizen.snils_checked_at is not None}
        if "email" in granted and citizen.email:
            claims |= {"email": citizen.email, "email_verified": citizen.email_confirmed_at is not None}
        if "phone" in granted and citizen.phone:
            claims |= {"phone_number": citizen.phone, "phone_number_verified": citizen.phone_confirmed_at is not None}
        return claims

    def populate_server_metadata(self, data: dict[str, Any]) -> None:
        """What is really offered: the code flow with PKCE, pairwise names."""
        del data["device_authorization_endpoint"]
        data |= {
            "scopes_supported": list(SCOPES),
            "claims_supported": list(CLAIMS),
            "acr_values_supported": list(Citizen.Level.values),
            "grant_types_supported": ["authorization_code"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "subject_types_supported": ["pairwise"],
            "prompt_values_supported": ["none", "login", "consent"],
            "authorization_response_iss_parameter_supported": True,
            "ui_locales_supported": [code for code, _name in settings.LANGUAGES],
        }

    def list_private_keys(
        self, *, did_activate: Literal[True] | None = None, is_active: Literal[True] | None = None
    ) -> list[PrivateKey]:
        return filter_keys(keys.signing() if did_activate else keys.published(), is_active=is_active)
