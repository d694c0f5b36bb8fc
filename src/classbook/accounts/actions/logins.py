"""Logins for those who have none: out of the name, else by lot."""

from __future__ import annotations

import secrets

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import IntegrityError, transaction

from classbook.accounts.rules import login_from
from classbook.common.clock import now
from classbook.people.models import Account, Person

TRIES = 5


def open_account(person: Person) -> Account:
    """The person's account, made when there is none: with a login and without a password that fits."""
    found = Account.objects.filter(person=person).first()
    for _ in range(TRIES):
        if found is not None:
            return found
        try:
            with transaction.atomic():
                return Account.objects.create(
                    person=person, login=free_login(person), password=UNUSABLE_PASSWORD_PREFIX + secrets.token_hex(20),
                    created_at=now(),
                )  # fmt: skip
        except IntegrityError:
            # Somebody took the login, or made the account, a moment ago.
            found = Account.objects.filter(person=person).first()
    raise RuntimeError("No login could be found.")


def free_login(person: Person) -> str:
    """belova.m, belova.m2 ...; a short number where the name has no Latin spelling."""
    base = login_from(person.family_name, person.given_name)
    if not base:
        while True:
            login = f"id{secrets.randbelow(900_000) + 100_000}"
            if not Account.objects.filter(login__iexact=login).exists():
                return login
    taken = {login.lower() for login in Account.objects.filter(login__istartswith=base).values_list("login", flat=True)}
    number = 2
    login = base
    while login in taken:
        login, number = f"{base}{number}", number + 1
    return login
