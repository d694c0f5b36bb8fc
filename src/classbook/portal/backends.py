"""How citizens sign in: by telephone, e-mail, SNILS or login, with one password."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from classbook.portal.models import Citizen
from classbook.portal.queries import citizen_behind


class ByAnyName(BaseBackend):
    """Costs the same whether the account exists or not."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Citizen | None:
        if username is None or password is None:
            return None
        found = citizen_behind(username)
        if found is None:
            Citizen().set_password(password)
            return None
        return found if found.check_password(password) and found.is_active else None

    def get_user(self, user_id: int) -> Citizen | None:
        return Citizen.objects.filter(pk=user_id, is_active=True).first()
