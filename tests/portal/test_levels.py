"""Levels: by the register, by a clerk who has seen the person, and never by oneself."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client

from classbook.common.clock import now
from classbook.portal.demo import TOTP_SECRET, current_code
from classbook.portal.models import Citizen, Deed, Message, Proof

pytestmark = pytest.mark.django_db


def signed(login: str, password: str = "") -> Client:
    """A browser in which the citizen is signed in, staff with their second factor."""
    client = Client()
    answer = client.post("/account/login/", {"login": login, "password": password or f"demo-{login}"})
    if login in {"clerk", "support"}:
        assert answer["Location"].startswith("/account/second-factor/")
        answer = client.post(answer["Location"], {"code": current_code()})
    assert answer.status_code == 302, answer.content.decode()
    return client


def citizen(login: str) -> Citizen:
    return Citizen.objects.get(login=login)


def proof_of(client: Client) -> str:
    found = re.search(r"<output[^>]*>([^<]+)<", client.post("/account/proof/").content.decode())
    assert found
    return found[1]


def confirm(clerk: Client, login: str, code: str) -> Any:
    return clerk.post(f"/centre/{citizen(login).uid}/", {"code": code})


def test_from_standard_to_confirmed() -> None:
    oleg, clerk = signed("oleg"), signed("clerk")
    code = proof_of(oleg)
    found = clerk.post("/centre/", {"family_name": "воронцов", "birth_date": "1983-09-21"}).content.decode()
    assert f"/centre/{citizen('oleg').uid}/" in found
    assert confirm(clerk, "oleg", code.lower().replace("-", " "))["Location"] == "/centre/"
    assert citizen("oleg").level == "confirmed"
    deed = Deed.objects.get(kind="level-confirmed")
    assert (deed.citizen_id, deed.actor_id) == (citizen("oleg").pk, citizen("clerk").pk)
    assert Message.objects.filter(address="oleg@example.org", text__contains="confirmed your account").exists()
    assert "by somebody else" in oleg.get("/account/history/").content.decode()


def test_a_code_works_once_for_fifteen_minutes_and_dies_with_a_newer_one() -> None:
    oleg, clerk = signed("oleg"), signed("clerk")
    first, second = proof_of(oleg), proof_of(oleg)
    assert confirm(clerk, "oleg", first).status_code == 422
    with time_machine.travel(now().timestamp() + 15 * 60 + 1):
        assert confirm(clerk, "oleg", second).status_code == 422
    assert confirm(clerk, "oleg", second).status_code == 302
    Citizen.objects.filter(login="oleg").update(level="standard")
    assert confirm(clerk, "oleg", second).status_code == 422
    assert citizen("oleg").level == "standard"


def test_five_wrong_codes_end_it() -> None:
    oleg, clerk = signed("oleg"), signed("clerk")
    code = proof_of(oleg)
    for _ in range(5):
        assert confirm(clerk, "oleg", "AAAA-AAAA").status_code == 422
    assert confirm(clerk, "oleg", code).status_code == 422
    assert Deed.objects.filter(kind="proof-refused").count() == 6


def test_a_code_stands_nowhere_in_clear() -> None:
    code = proof_of(signed("oleg"))
    assert code.replace("-", "") not in str(Proof.objects.values().get())


def test_a_clerk_never_confirms_himself_nor_another_clerk() -> None:
    clerk = signed("clerk")
    for login in ("clerk", "support"):
        assert confirm(clerk, login, "AAAA-AAAA").status_code == 404
    assert (
        "Nobody has these data" in clerk.post("/centre/", {"family_name": "Громова", "birth_date": "1979-04-11"}).content.decode()
    )


def test_the_second_factor_is_asked_for() -> None:
    """Password alone opens no desk; a code works once."""
    client = Client()
    where = client.post("/account/login/", {"login": "clerk", "password": "demo-clerk"})["Location"]
    assert client.get("/centre/")["Location"].startswith("/account/login/")
    assert client.post(where, {"code": "000000"}).status_code == 200
    code = current_code()
    assert client.post(where, {"code": code})["Location"] == "/account/"
    assert client.get("/centre/").status_code == 200
    again = Client()
    where = again.post("/account/login/", {"login": "clerk", "password": "demo-clerk"})["Location"]
    assert "This code is not right" in again.post(where, {"code": code}).content.decode()


def test_a_code_of_a_clock_that_is_off_works_once_for_as_long_as_it_fits() -> None:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    # The next one, so that it still fits when the half minute ends just now.
    code = format_hotp_value(hotp_value(TOTP_SECRET, max(yield_hotp_counters_from_time())))
    client = Client()
    where = client.post("/account/login/", {"login": "clerk", "password": "demo-clerk"})["Location"]
    assert client.post(where, {"code": code})["Location"] == "/account/"
    # What allauth itself remembers is gone after one step.
    cache.delete(f"allauth.mfa.totp.used?user={citizen('clerk').pk}&code={code}")
    again = Client()
    where = again.post("/account/login/", {"login": "clerk", "password": "demo-clerk"})["Location"]
    assert "This code is not right" in again.post(where, {"code": code}).content.decode()
    other = format_hotp_value(hotp_value(TOTP_SECRET, max(yield_hotp_counters_from_time()) + 3))
    assert "This code is not right" in again.post(where, {"code": other}).content.decode()


def test_new_staff_set_the_second_factor_up_first() -> None:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    Citizen.objects.filter(login="maria").update(duty="clerk")
    client = signed("maria")
    assert client.get("/centre/")["Location"] == "/account/second-factor/"
    again = client.get("/account/second-factor/")["Location"]
    assert (
        client.post(again, {"password": "demo-maria", "next": "/account/second-factor/"})["Location"] == "/account/second-factor/"
    )
    page = client.get("/account/second-factor/").content.decode()
    secret = re.search(r"<code>(\w{32})</code>", page)
    assert secret and secret[1] != TOTP_SECRET
    code = format_hotp_value(hotp_value(secret[1], max(yield_hotp_counters_from_time())))
    assert client.post("/account/second-factor/", {"code": code}).status_code == 302
    # Setting it up is no proof yet that it works at a sign-in.
    where = client.get("/centre/")
    assert where.status_code == 200 or where["Location"].startswith("/account/second-factor/again/")


def test_support_sees_the_state_and_no_document() -> None:
    support = signed("support")
    page = support.get(f"/support/{citizen('oleg').uid}/").content.decode()
    assert "Found in the register" in page and "+7 ••• •••-02" in page
    # "•-618": not even the part that the owner is shown. Alone the figures could stand in a random id.
    for secret in ("13425061825", "134-250", "•-618", "0512345602", "+79005550102", "oleg@example.org"):
        assert secret not in page
    assert Deed.objects.filter(kind="looked-at", citizen_id=citizen("oleg").pk, actor_id=citizen("support").pk).count() == 1


def test_a_desk_looks_at_sixty_persons_an_hour() -> None:
    clerk = signed("clerk")
    answers = [clerk.post("/centre/", {"snils": "134-250-618 25"}).status_code for _ in range(61)]
    assert (answers[59], answers[60]) == (200, 422)


IDENTITY = {
    "family_name": "Воронцов", "given_name": "Олег", "middle_name": "Андреевич", "snils": "134-250-618 25", "passport": "0512 345602",
    "other_document": "",
}  # fmt: skip


def test_a_changed_surname_is_checked_again_and_the_level_falls() -> None:
    client = signed("oleg")
    client.post("/account/identity/", IDENTITY | {"family_name": "Новиков"})
    assert (citizen("oleg").level, citizen("oleg").snils_checked_at) == ("simplified", None)
    assert "does not confirm these data" in client.get("/account/").content.decode()
    client.post("/account/identity/", IDENTITY)
    assert citizen("oleg").level == "standard"


def test_confirmed_falls_to_standard_when_the_new_document_is_known() -> None:
    client = signed("maria")
    client.post("/account/identity/", {"family_name": "Белова", "given_name": "Марина", "middle_name": "Игоревна", "snils": "11203450784",
                                       "passport": "0512345699", "other_document": ""})  # fmt: skip
    assert citizen("maria").level == "simplified"
    client.post("/account/identity/", {"family_name": "Белова", "given_name": "Марина", "middle_name": "Игоревна", "snils": "11203450784",
                                       "passport": "0512345601", "other_document": ""})  # fmt: skip
    assert citizen("maria").level == "standard"


def test_with_a_foreign_document_a_centre_confirms(client: Client) -> None:
    """No local passport: SNILS in the register, then the desk."""
    maria = signed("maria")
    maria.post("/account/identity/", {"family_name": "Белова", "given_name": "Марина", "middle_name": "Игоревна", "snils": "11203450784",
                                      "passport": "", "other_document": "AB 12345"})  # fmt: skip
    assert (citizen("maria").level, citizen("maria").snils_checked_at is None) == ("simplified", False)
    clerk = signed("clerk")
    assert "AB 12345" in clerk.get(f"/centre/{citizen('maria').uid}/").content.decode()
    assert confirm(clerk, "maria", proof_of(maria)).status_code == 302
    assert citizen("maria").level == "confirmed"


def test_a_child_under_fourteen_gets_no_further() -> None:
    client = signed("young")
    client.post("/account/check/")
    assert (citizen("young").level, citizen("young").snils_checked_at is None) == ("simplified", False)
    assert "stay simplified" in client.post("/account/proof/", follow=True).content.decode()


def test_without_a_register_nothing_rises(settings: Any) -> None:
    settings.REGISTER = ""
    client = signed("young")
    client.post("/account/check/")
    assert citizen("young").snils_checked_at is None


def test_a_parent_makes_an_account_for_a_child_without_telephone_and_email() -> None:
    maria = signed("maria")
    leo = citizen("maria").children.get(given_name="Лев")
    where = f"/account/children/{leo.pk}/account/"
    assert (
        "Three or more Latin letters" in maria.post(where, {"login": "Лев", "password": "four words that hold"}).content.decode()
    )
    assert "This login is taken" in maria.post(where, {"login": "young", "password": "four words that hold"}).content.decode()
    assert maria.post(where, {"login": "Leo2017", "password": "four words that hold"}).status_code == 302
    made = citizen("leo2017")
    assert (made.level, made.made_by, made.snils) == ("simplified", citizen("maria"), "18452036768")
    child = signed("leo2017", "four words that hold")
    assert child.get("/account/").status_code == 200
    maria.post(where, {"password": "another four words"})
    assert child.get("/account/").status_code == 302
    assert signed("leo2017", "another four words").get("/account/").status_code == 200


def test_from_fourteen_on_one_registers_alone() -> None:
    maria = signed("maria")
    maria.post("/account/children/new/", {"family_name": "Белов", "given_name": "Иван", "birth_date": "2008-01-01"})
    ivan = citizen("maria").children.get(given_name="Иван")
    page = maria.post(f"/account/children/{ivan.pk}/account/", {"login": "ivan2008", "password": "four words that hold"})
    assert "registers alone" in page.content.decode() and not Citizen.objects.filter(login="ivan2008").exists()


def test_a_parent_with_the_simplified_level_makes_no_account() -> None:
    Citizen.objects.filter(login="maria").update(level="simplified")
    maria = signed("maria")
    leo = citizen("maria").children.get(given_name="Лев")
    page = maria.post(f"/account/children/{leo.pk}/account/", {"login": "leo2017", "password": "four words that hold"})
    assert "You need the standard level" in page.content.decode()


def test_contacts_change_by_code_and_the_old_one_is_told() -> None:
    client = signed("oleg")
    client.post("/account/contact/", {"address": "new@example.org"})
    assert citizen("oleg").email == "oleg@example.org"
    code = re.search(r"\b(\d{6})\b", Message.objects.get(address="new@example.org").text)
    assert code and client.post("/account/contact/code/", {"code": code[1]}).status_code == 302
    assert citizen("oleg").email == "new@example.org"
    assert Message.objects.filter(address="oleg@example.org", text__contains="was changed").count() == 1


def test_a_contact_of_somebody_else_is_not_taken_over() -> None:
    client = signed("oleg")
    client.post("/account/contact/", {"address": "maria@example.org"})
    assert not re.search(r"\d{6}", Message.objects.get(address="maria@example.org").text)
    assert client.post("/account/contact/code/", {"code": "123456"}).status_code == 422


def test_a_new_password_ends_the_other_sessions() -> None:
    here, there = signed("oleg"), signed("oleg")
    assert (
        "This password is not right"
        in here.post("/account/password/", {"old": "x", "password": "quite another one"}).content.decode()
    )
    here.post("/account/password/", {"old": "demo-oleg", "password": "quite another one"})
    assert (here.get("/account/").status_code, there.get("/account/").status_code) == (200, 302)


def test_other_sessions_are_ended() -> None:
    here, there = signed("oleg"), signed("oleg")
    here.post("/account/history/end/")
    assert (here.get("/account/").status_code, there.get("/account/").status_code) == (200, 302)


def test_an_account_that_has_ended_is_out_at_once() -> None:
    client = signed("oleg")
    Citizen.objects.filter(login="oleg").update(is_active=False)
    assert client.get("/account/").status_code == 302
    assert Client().post("/account/login/", {"login": "oleg", "password": "demo-oleg"}).status_code == 200


def test_history_is_append_only() -> None:
    signed("oleg")
    for sql in ("UPDATE portal_deed SET kind = 'x'", "DELETE FROM portal_deed"):
        with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"snils": "11203450784", "snils_checked_at": now()}, "citizen_checked_snils_unique|portal_citizen.snils"),
        ({"email": "maria@example.org"}, "citizen_confirmed_email_unique|portal_citizen.email"),
        ({"phone": "+79005550101"}, "citizen_confirmed_phone_unique|portal_citizen.phone"),
        ({"level": "confirmed", "snils_checked_at": None}, "citizen_level_needs_snils"),
        ({"snils": ""}, "citizen_checked_is_there"),
        ({"level": "other"}, "citizen_level_known"),
    ],
)
def test_the_tables_refuse_what_cannot_be(values: dict[str, Any], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Citizen.objects.filter(login="oleg").update(**values)
