"""Registration as people meet it: what is wrong is said beside the field, nothing is lost, and nobody learns about others."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from classbook.portal.models import Child, Citizen, Deed, Message, Pending

pytestmark = pytest.mark.django_db
VERA = {
    "family_name": "Соколова", "given_name": "Вера", "middle_name": "Андреевна", "birth_date": "1990-02-08",
    "snils": "127-340-956 54", "passport": "0512 345605", "phone": "+7 900 555-01-77", "email": "Vera@Example.org", "by": "sms",
    "password": "four words that hold", "agreed": "on",
}  # fmt: skip


def send(client: Client, **changes: str) -> Any:
    return client.post("/register/", {name: value for name, value in (VERA | changes).items() if value != "-"})


def code_to(address: str) -> str:
    text = Message.objects.filter(address=address).latest("pk").text
    found = re.search(r"\b(\d{6})\b", text)
    return found[1] if found else ""


def finish(client: Client, address: str) -> Any:
    return client.post("/register/code/", {"code": code_to(address)})


def test_from_the_form_to_the_standard_level(client: Client) -> None:
    assert send(client)["Location"] == "/register/code/"
    assert not Citizen.objects.filter(snils="12734095654").exists()
    assert finish(client, "+79005550177")["Location"] == "/account/"
    vera = Citizen.objects.get(snils="12734095654")
    assert (vera.level, vera.phone, vera.email) == ("standard", "+79005550177", "vera@example.org")
    # Only the telephone was proved.
    assert vera.phone_confirmed_at and not vera.email_confirmed_at
    assert client.get("/account/").status_code == 200


def test_by_email(client: Client) -> None:
    send(client, by="email", phone="")
    assert finish(client, "vera@example.org").status_code == 302
    assert Citizen.objects.get(email="vera@example.org").email_confirmed_at


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"family_name": ""}, "family_name", "Fill in this field."),
        ({"given_name": ""}, "given_name", "Fill in this field."),
        ({"given_name": "Вера1"}, "given_name", "A name has letters only"),
        ({"birth_date": ""}, "birth_date", "Fill in this field."),
        ({"birth_date": "31.02.1990"}, "birth_date", "This is not a date."),
        ({"birth_date": "2990-01-01"}, "birth_date", "still to come"),
        ({"birth_date": "1590-01-01"}, "birth_date", "120 years"),
        ({"snils": "127-340-956 55"}, "snils", "its last two digits do not fit"),
        ({"snils": "127-340"}, "snils", "You typed 6"),
        ({"passport": "0512"}, "passport", "4 digits of the series and 6"),
        ({"phone": "12"}, "phone", "not a telephone number"),
        ({"phone": ""}, "phone", "The code goes to your telephone"),
        ({"by": "email", "email": ""}, "email", "The code goes to your e-mail"),
        ({"email": "vera"}, "email", "not an e-mail address"),
        ({"password": "short"}, "password", "too short"),
        ({"password": "password123"}, "password", "too common"),
        ({"password": ""}, "password", "Fill in this field."),
        ({"agreed": "-"}, "agreed", "Without your consent"),
        ({"child_given_name": "Анна"}, "child_family_name", "Fill in this field too"),
        ({"child_family_name": "Я", "child_given_name": "А", "child_birth_date": "2000-01-01"}, "child_birth_date", "before you were 14"),
        ({"child_snils": "1"}, "child_snils", "11 digits"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field_and_all_is_kept(
    client: Client, changes: dict[str, str], field: str, said: str
) -> None:
    answer = send(client, **changes)
    assert answer.status_code == 422
    page = answer.content.decode()
    error = re.search(rf'id="id_{field}_error">(.*?)</span>', page, re.DOTALL)
    assert error and said in error[1], error
    kept = {**VERA, **changes}
    for name in ("family_name", "given_name", "phone", "email", "snils", "password"):
        if kept[name] not in ("", "-"):
            assert f'value="{kept[name]}"' in page, name
    assert Message.objects.count() == Pending.objects.count() == 0


def test_what_one_does_not_have_is_left_empty(client: Client) -> None:
    """No patronymic, no SNILS, no local passport: in all the same, at the simplified level, and told what opens the rest."""
    send(client, family_name="Okafor", given_name="Ada", middle_name="", snils="", passport="", other_document="A1234567")
    finish(client, "+79005550177")
    ada = Citizen.objects.get(phone="+79005550177")
    assert (ada.level, ada.middle_name) == ("simplified", "")
    page = client.get("/account/").content.decode()
    assert "One step to the standard level" in page and "Name and documents" in page
    assert client.post("/account/proof/", follow=True).content.decode().count("First the register has to know your SNILS.") == 1


def test_a_child_of_twelve_registers_alone_and_stays_simplified(client: Client) -> None:
    send(client, birth_date="2014-05-17", family_name="Воронцова", given_name="Дарья", middle_name="Олеговна",
         snils="178-345-209 93", passport="")  # fmt: skip
    finish(client, "+79005550177")
    child = Citizen.objects.get(phone="+79005550177")
    assert child.snils_checked_at and child.level == "simplified"


def test_data_about_the_child_are_kept(client: Client) -> None:
    send(client, child_family_name="Соколов", child_given_name="Пётр", child_birth_date="2015-03-02", child_snils="")
    finish(client, "+79005550177")
    assert [child.given_name for child in Child.objects.filter(parent__phone="+79005550177")] == ["Пётр"]


def answer_of(client: Client, **changes: str) -> tuple[int, str, str]:
    """Status, target and the page behind it, without what differs by chance and by what the person typed himself."""
    first = send(client, **changes)
    page = client.get(first["Location"]).content.decode()
    return first.status_code, first["Location"], re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)


def test_a_second_account_with_a_snils_is_refused_and_nobody_learns_of_the_first() -> None:
    """The page is the same to the byte, nothing is opened by any code, the owner of the number is told."""
    free = answer_of(Client(), email="a@example.org", by="email", snils="", passport="")
    Pending.objects.all().delete()
    Message.objects.all().delete()
    client = Client()
    taken = answer_of(client, email="a@example.org", by="email", snils="112-034-507 84", passport="")
    assert taken == free
    messages = {row.address: row.text for row in Message.objects.all()}
    assert set(messages) == {"a@example.org", "maria@example.org", "+79005550101"}
    assert not re.search(r"\d{6}", messages["a@example.org"])
    assert "Белова" not in str(messages) and "maria" not in messages["a@example.org"]
    assert "Somebody typed your SNILS" in messages["maria@example.org"]
    before = Citizen.objects.count()
    for guess in ("000000", "123456"):
        assert client.post("/register/code/", {"code": guess}).status_code == 422
    assert Citizen.objects.count() == before
    assert Deed.objects.filter(kind="snils-typed-elsewhere").count() == 1


@pytest.mark.parametrize(("by", "address"), [("email", "maria@example.org"), ("sms", "+79005550101")])
def test_a_known_address_gets_a_word_and_no_code(client: Client, by: str, address: str) -> None:
    answer = send(client, by=by, email="maria@example.org", phone="+79005550101", snils="", passport="")
    assert answer["Location"] == "/register/code/"
    row = Message.objects.get()
    assert row.address == address and "cannot be opened a second time" in row.text
    assert not re.search(r"\d{6}", row.text)


def test_a_claimed_number_is_not_kept_busy(client: Client) -> None:
    """Who types another's SNILS with the wrong name gets an account without it being his; the true owner still registers."""
    send(client, family_name="Чужой")
    finish(client, "+79005550177")
    assert Citizen.objects.get(phone="+79005550177").level == "simplified"
    own = Client()
    send(own, phone="+7 900 555-01-78", email="")
    finish(own, "+79005550178")
    assert Citizen.objects.get(phone="+79005550178").level == "standard"
    # And now the number is taken: the register's "yes" no longer helps the first one.
    client.post("/account/identity/", {"family_name": "Соколова", "given_name": "Вера", "middle_name": "Андреевна",
                                       "snils": "12734095654", "passport": "0512345605"})  # fmt: skip
    assert Citizen.objects.get(phone="+79005550177").level == "simplified"


def test_a_code_dies_after_five_tries_and_after_use(client: Client) -> None:
    send(client)
    right = code_to("+79005550177")
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        assert client.post("/register/code/", {"code": wrong}).status_code == 422
    assert "Five wrong codes" in client.post("/register/code/", {"code": right}).content.decode()
    client.post("/register/again/")
    assert finish(client, "+79005550177").status_code == 302
    assert client.get("/register/code/").status_code == 302


def test_codes_are_limited_by_address(client: Client) -> None:
    for _ in range(5):
        assert send(client, snils="", passport="").status_code == 302
    assert "Too many codes" in send(client, snils="", passport="").content.decode()
    # Another telephone behind the same address is served.
    assert send(client, snils="", passport="", phone="+7 900 555-01-79").status_code == 302


def test_passwords_and_codes_stand_nowhere_in_clear(client: Client) -> None:
    send(client)
    code = code_to("+79005550177")
    row = str(Pending.objects.values().get())
    assert VERA["password"] not in row and code not in row


def recover(client: Client, address: str) -> Any:
    return client.post("/recover/", {"address": address})


def test_recovery_by_email_and_by_sms(client: Client) -> None:
    for address, typed in (("maria@example.org", "Maria@example.org"), ("+79005550101", "8 900 555-01-01")):
        recover(client, typed)
        done = client.post("/recover/code/", {"code": code_to(address), "password": f"quite another {address[-3:]}"})
        assert done["Location"] == "/account/login/", done.content.decode()
        signed = Client().post("/account/login/", {"login": typed, "password": f"quite another {address[-3:]}"})
        assert signed["Location"] == "/account/"


def test_recovery_answers_the_same_for_nobody() -> None:
    pages = []
    for address in ("oleg@example.org", "nobody@example.org"):
        client = Client()
        answer = recover(client, address)
        page = client.get("/recover/code/").content.decode().replace(address, "")
        pages.append((answer.status_code, answer["Location"], re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)))
        assert Message.objects.filter(address=address).count() == 1
    assert pages[0] == pages[1]


def test_recovery_ends_every_session(client: Client) -> None:
    client.post("/account/login/", {"login": "oleg", "password": "demo-oleg"})
    assert client.get("/account/").status_code == 200
    other = Client()
    recover(other, "oleg@example.org")
    other.post("/recover/code/", {"code": code_to("oleg@example.org"), "password": "quite another one"})
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize(
    "login", ["maria", "MARIA", "maria@example.org", "+7 900 555-01-01", "8 900 555 01 01", "112-034-507 84"]
)
def test_one_signs_in_by_any_name(client: Client, login: str) -> None:
    assert client.post("/account/login/", {"login": login, "password": "demo-maria"})["Location"] == "/account/"


def test_wrong_password_and_unknown_name_look_the_same() -> None:
    pages = []
    for login in ("maria", "nobody-here"):
        answer = Client().post("/account/login/", {"login": login, "password": "wrong password"})
        page = answer.content.decode().replace(f'name="login" value="{login}" autocomplete', "")
        pages.append((answer.status_code, re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)))
    assert pages[0] == pages[1]
    assert "do not belong together" in pages[0][1]
