"""The portal's rarer answers: two at once, limits that are used up, what is the operator's alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from unittest.mock import patch

import pytest
from allauth.idp.oidc.models import Client as Program
from django.db import IntegrityError
from django.test import Client

from classbook.common.clock import now
from classbook.common.errors import NotFound, Refusal
from classbook.portal.actions import account, clients, codes, consents, levels, registration, staff
from classbook.portal.actions.registration import ChildData
from classbook.portal.limits import BUCKETS, allow
from classbook.portal.models import Child, Citizen, Consent, Deed, Message, Pending, Proof, Subject
from classbook.portal.register import Answer
from tests.portal.test_levels import citizen, proof_of, signed
from tests.portal.test_registration import code_to, finish, recover, send

pytestmark = pytest.mark.django_db


def use_up(bucket: str, key: str) -> None:
    for _ in range(BUCKETS[bucket][0]):
        assert allow(bucket, key)


def meanwhile(module: Any, name: str, twin: Callable[[], object]) -> Any:
    """The twin acts right after a function of the module has answered the slower one."""
    real = getattr(module, name)

    def slower(*args: Any, **parts: Any) -> Any:
        answer = real(*args, **parts)
        twin()
        return answer

    return patch.object(module, name, slower)


def test_codes_for_a_way_back_and_for_an_address_are_limited() -> None:
    use_up("code-to", "oleg@example.org")
    for asked in (
        lambda: account.start_recovery("oleg@example.org", "127.0.0.1"),
        lambda: account.start_contact(citizen("oleg"), "oleg@example.org", "127.0.0.1"),
    ):
        with pytest.raises(Refusal, match="Too many codes"):
            asked()
    use_up("code-from", "10.0.0.7")
    with pytest.raises(Refusal, match="Too many codes"):
        account.start_recovery("maria@example.org", "10.0.0.7")
    assert not Message.objects.filter(text__contains="code").exists()


def waiting_contact(login: str, address: str) -> tuple[str, str]:
    key = account.start_contact(citizen(login), address, "127.0.0.1")
    return key, code_to(address)


def test_a_code_for_an_address_is_the_asker_s_alone() -> None:
    key, code = waiting_contact("oleg", "new@example.org")
    with pytest.raises(Refusal, match="used already"):
        account.finish_contact(citizen("maria"), key, code)
    assert not Citizen.objects.filter(email="new@example.org").exists()


def test_an_address_that_somebody_else_proves_in_the_same_moment_stays_his() -> None:
    key, code = waiting_contact("oleg", "new@example.org")
    twin = lambda: Citizen.objects.filter(login="maria").update(email="new@example.org", email_confirmed_at=now())
    with meanwhile(account, "take", twin), pytest.raises(Refusal, match="used already"):
        account.finish_contact(citizen("oleg"), key, code)
    assert citizen("oleg").email == "oleg@example.org"


def test_a_code_is_taken_once() -> None:
    key, _code = waiting_contact("oleg", "new@example.org")
    pending = codes.pending_behind(key, Pending.Kind.CONTACT)
    late = codes.pending_behind(key, Pending.Kind.CONTACT)
    codes.take(pending)
    with pytest.raises(Refusal, match="used already"):
        codes.take(late)


def test_a_list_of_children_ends_at_twenty() -> None:
    maria = citizen("maria")
    born = date(2018, 5, 1)
    for number in range(maria.children.count(), 20):
        Child.objects.create(parent=maria, family_name="Белова", given_name=f"Я{number}", birth_date=born)
    with pytest.raises(Refusal, match="twenty"):
        account.add_child(maria, ChildData("Белова", "Зоя", "", born, ""))
    assert maria.children.count() == 20


def a_child(parent: Citizen, **changes: Any) -> Child:
    values = {"family_name": "Белова", "given_name": "Зоя", "birth_date": date(2018, 5, 1)}
    return Child.objects.create(parent=parent, **{**values, **changes})


def test_a_child_gets_one_account_and_its_maker_alone_sets_its_password() -> None:
    oleg = citizen("oleg")
    child = a_child(oleg)
    with pytest.raises(Refusal, match="no longer yours"):
        account.set_child_password(oleg, child.pk, "four words that hold")
    Child.objects.filter(pk=child.pk).update(account=citizen("mismatch"))
    with pytest.raises(Refusal, match="account already"):
        account.make_child_account(oleg, child.pk, "zoya", "four words that hold")
    with pytest.raises(Refusal, match="no longer yours"):
        account.set_child_password(oleg, child.pk, "four words that hold")


def test_a_program_asks_for_what_there_is_and_is_taken_away_once() -> None:
    for scopes in (["profile"], ["openid", "shoe-size"]):
        with pytest.raises(Refusal, match="Scopes are openid"):
            clients.add_client("x", "X", ["https://x.example/"], [], scopes, "", "s" * 30)
    clients.add_client("x", "X", ["https://x.example/"], [], ["openid"], "", "s" * 30)
    clients.remove_client("x")
    assert not Program.objects.filter(pk="x").exists()
    with pytest.raises(NotFound):
        clients.remove_client("x")


def test_a_duty_is_given_by_the_operator_and_ends_what_was_signed_in() -> None:
    client = signed("oleg")
    assert client.get("/account/").status_code == 200
    clients.set_duty("oleg", "clerk")
    assert (citizen("oleg").duty, client.get("/account/").status_code) == ("clerk", 302)
    assert Deed.objects.filter(kind="duty-changed", citizen_id=citizen("oleg").pk).count() == 1
    with pytest.raises(NotFound):
        clients.set_duty("nobody-here", "clerk")


def test_a_name_for_a_program_that_is_made_in_the_same_moment_is_one_name() -> None:
    program, oleg = Program.objects.get(pk="classbook"), citizen("oleg")
    Subject.objects.create(citizen=oleg, sector=consents.sector_of(program), sub="quicker")
    with patch.object(Subject.objects, "filter", lambda **_parts: Subject.objects.none()):
        assert consents.subject_for(oleg, program) == "quicker"


def test_a_permission_is_kept_once_and_a_wider_one_takes_its_place() -> None:
    program, oleg = Program.objects.get(pk="classbook"), citizen("oleg")
    consents.give(oleg, program, ["profile", "openid"])
    consents.give(oleg, program, ["openid", "profile"])
    assert Consent.objects.filter(citizen=oleg).count() == 1
    consents.give(oleg, program, ["openid", "profile", "email"])
    (old, new) = Consent.objects.filter(citizen=oleg).order_by("pk")
    assert (old.revoked_at is not None, new.revoked_at, new.scopes) == (True, None, ["email", "openid", "profile"])
    assert Deed.objects.filter(kind="consent-given", citizen_id=oleg.pk).count() == 2


def test_the_register_is_asked_for_a_number_and_five_times_an_hour() -> None:
    young = citizen("young")
    Citizen.objects.filter(pk=young.pk).update(snils="")
    with pytest.raises(Refusal) as refused:
        levels.ask_register(citizen("young"))
    assert refused.value.field == "snils"
    oleg = citizen("oleg")
    use_up("check", str(oleg.pk))
    with pytest.raises(Refusal, match="five times"):
        levels.ask_register(oleg)


def test_a_number_that_somebody_else_proves_in_the_same_moment_differs() -> None:
    with patch.object(levels, "_set_by", side_effect=IntegrityError):
        assert levels.ask_register(citizen("oleg")) == Answer.DIFFERS


def same_data(person: Citizen, **changes: str) -> dict[str, str]:
    names = ("family_name", "given_name", "middle_name", "snils", "passport", "other_document")
    return {name: getattr(person, name) for name in names} | changes


def test_the_same_data_change_nothing_and_another_paper_keeps_the_level() -> None:
    oleg = citizen("oleg")
    assert levels.change_identity(oleg, **same_data(oleg)) is None
    assert citizen("oleg").level == "standard"
    levels.change_identity(oleg, **same_data(oleg, other_document="Вид на жительство 82 1234567"))
    assert citizen("oleg").snils_checked_at is not None


def test_who_is_confirmed_needs_no_proof() -> None:
    with pytest.raises(Refusal, match="confirmed already"):
        levels.ask_for_proof(citizen("maria"))


def test_only_a_clerk_confirms_and_ten_codes_an_hour() -> None:
    oleg, clerk = citizen("oleg"), citizen("clerk")
    for who, whom in ((citizen("support"), oleg), (citizen("maria"), oleg), (clerk, clerk), (clerk, citizen("support"))):
        with pytest.raises(NotFound):
            levels.confirm(who, whom, "AAAA-AAAA")
    use_up("proof", f"{clerk.pk}|{oleg.pk}")
    with pytest.raises(Refusal, match="Ten codes"):
        levels.confirm(clerk, oleg, proof_of(signed("oleg")))
    assert citizen("oleg").level == "standard"


def test_a_proof_that_was_used_meanwhile_or_stands_on_nothing_any_more_confirms_nobody() -> None:
    oleg, clerk = citizen("oleg"), citizen("clerk")
    code = levels.ask_for_proof(oleg)
    with meanwhile(levels, "code_hash", lambda: Proof.objects.update(used_at=now())), pytest.raises(Refusal, match="not right"):
        levels.confirm(clerk, oleg, code)
    code = levels.ask_for_proof(oleg)
    Citizen.objects.filter(pk=oleg.pk).update(level="simplified", snils_checked_at=None)
    with pytest.raises(Refusal, match="not right"):
        levels.confirm(clerk, oleg, code)
    assert citizen("oleg").level == "simplified"


def test_staff_alone_look_people_up() -> None:
    for deed in (
        lambda: staff.find(citizen("maria"), snils="13425061825", family="", born=None),
        lambda: staff.look_at(citizen("maria"), citizen("oleg")),
    ):
        with pytest.raises(NotFound):
            deed()
    assert not Deed.objects.filter(kind="looked-at").exists()


def test_of_two_who_finish_with_one_address_one_is_told(client: Client) -> None:
    send(client)
    with patch.object(registration, "_open", side_effect=IntegrityError):
        answer = finish(client, "+79005550177")
    assert (answer.status_code, "used already" in answer.content.decode()) == (422, True)
    assert not Citizen.objects.filter(phone="+79005550177").exists()


def test_another_code_is_limited_and_for_a_known_address_it_is_a_word(client: Client) -> None:
    send(client, by="email", email="maria@example.org")
    before = Message.objects.filter(address="maria@example.org").count()
    assert client.post("/register/again/").status_code == 302
    told = Message.objects.filter(address="maria@example.org")
    assert told.count() == before + 1
    assert code_to("maria@example.org") == ""
    for _ in range(5):
        answer = client.post("/register/again/")
    assert "Too many codes" in answer.content.decode()
    # The first one came with the form.
    assert told.count() == before + BUCKETS["code-to"][0] - 1


def test_a_way_back_for_an_account_that_has_ended_is_a_word_and_no_code() -> None:
    Citizen.objects.filter(login="oleg").update(is_active=False)
    recover(Client(), "oleg@example.org")
    assert code_to("oleg@example.org") == ""
