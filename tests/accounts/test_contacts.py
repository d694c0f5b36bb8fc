"""One's own addresses: proved by a code, replaced with a word to the old one, and never the school's note by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings

from classbook.accounts.actions import notices
from classbook.accounts.actions.contacts import ask_code, confirm_code, forget_old_codes, remove_contact, require_own_password
from classbook.accounts.actions.limits import Limit, forget_old_buckets, take
from classbook.accounts.models import ContactCode, RateBucket
from classbook.accounts.queries.contacts import OwnContact, own_contacts
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.models import AuditEvent
from classbook.people.contacts import candidates, normalised, readable
from classbook.people.models import Contact, Guardianship, Person
from tests.accounts.mailbox import arrived, code_in
from tests.world import World

pytestmark = pytest.mark.django_db
NEW = "new@example.org"


def later(**parts: float) -> None:
    clock.stand_on(clock.now() + timedelta(**parts))


def prove(person: Person, kind: str, value: str) -> None:
    """Ask for a code, read it, type it."""
    found = ask_code(person, kind, value, "en")
    confirm_code(person, kind, value, code_in(arrived(found)[-1]))


def confirmed(person: Person) -> dict[str, str]:
    return dict(Contact.objects.filter(person=person).exclude(confirmed_at=None).values_list("kind", "value"))


def refused(action: Any, *args: Any) -> Refusal:
    with pytest.raises(Refusal) as told:
        action(*args)
    return told.value


@pytest.mark.parametrize(
    ("kind", "typed", "country", "value"),
    [
        ("email", "  M.Belova@Example.ORG ", "", "m.belova@example.org"),
        ("email", "ａ＠example.jp", "", "a@example.jp"),
        ("email", "почта@пример.рф", "", ""),
        ("email", "nobody", "", ""),
        ("email", "a@b.example\nBcc: c@d.example", "", ""),
        ("email", "a" * 250 + "@example.org", "", ""),
        ("phone", "8 (900) 000-00-01", "RU", "+79000000001"),
        ("phone", "+7 900 000 00 01", "", "+79000000001"),
        ("phone", "+７９０００００００１", "JP", ""),
        ("phone", "０９０-1234-5678", "JP", "+819012345678"),
        ("phone", "900", "RU", ""),
        ("phone", "8 900 000-00-01", "", ""),
        ("phone", "call me", "RU", ""),
    ],
)
def test_one_spelling(kind: str, typed: str, country: str, value: str) -> None:
    assert normalised(kind, typed, country) == value


def test_a_number_without_its_country_may_mean_several() -> None:
    assert candidates("8 900 000-00-01", ["RU"]) == ("phone", ["+79000000001"])
    assert candidates("8 900 000-00-01", ["JP", "RU"]) == ("phone", ["+79000000001"])
    assert candidates("090-1234-5678", ["JP", "RU"]) == ("phone", ["+819012345678"])
    assert candidates("0301234567", ["DE", "FR"]) == ("phone", ["+33301234567", "+49301234567"])
    assert candidates("+7 900 000-00-01", ["JP", "RU"]) == ("phone", ["+79000000001"])
    assert candidates("A@b.example", ["RU"]) == ("email", ["a@b.example"])
    assert readable("phone", "+79000000001") == "+7 900 000-00-01"
    assert (readable("phone", "tel. 5"), readable("email", "+7@x.y")) == ("tel. 5", "+7@x.y")


def test_an_address_is_proved_by_the_code_that_was_sent_there(world: World) -> None:
    pupil = world.person("pupil")
    assert ask_code(pupil, "email", " New@Example.org", "en") == NEW
    (message,) = arrived(NEW)
    row = ContactCode.objects.get(person=pupil)
    assert code_in(message) not in str(row.__dict__)
    assert confirmed(pupil) == {}
    confirm_code(pupil, "email", "NEW@example.org", f" {code_in(message)[:3]} {code_in(message)[3:]} ")
    assert confirmed(pupil) == {"email": NEW}
    assert not ContactCode.objects.exists()
    assert AuditEvent.objects.get(kind="account.contact_confirmed").subject_id == pupil.pk
    # Used once.
    assert refused(confirm_code, pupil, "email", NEW, code_in(message)).field == "code"


def test_a_number_by_the_country_of_the_school(world: World) -> None:
    prove(world.person("pupil"), "phone", "8 900 123-45-67")
    assert confirmed(world.person("pupil")) == {"phone": "+79001234567"}
    prove(world.person("stranger"), "phone", "090-1234-5678")
    assert confirmed(world.person("stranger")) == {"phone": "+819012345678"}


def test_what_the_school_wrote_down_becomes_ones_own_in_any_spelling(world: World) -> None:
    father = world.person("parent2")
    assert confirmed(father) == {}
    prove(father, "phone", "+7 (900) 000 00 02")
    assert list(Contact.objects.filter(person=father).values_list("value", flat=True)) == ["+79000000002"]


def test_the_old_address_hears_that_it_was_replaced_or_removed(world: World) -> None:
    mother = world.person("parent")
    prove(mother, "email", NEW)
    assert confirmed(mother)["email"] == NEW
    assert Contact.objects.filter(person=mother, kind="email").count() == 1
    (told,) = arrived("m.belova@example.org")
    assert "Другой адрес" in told.splitlines()[0]
    remove_contact(mother, "email")
    assert len(arrived(NEW)) == 2
    assert confirmed(mother) == {"phone": "+79000000001"}
    with pytest.raises(NotFound):
        remove_contact(mother, "email")


def test_a_wrong_code_five_times_and_the_right_one_no_longer_helps(world: World) -> None:
    pupil = world.person("pupil")
    ask_code(pupil, "email", NEW, "en")
    right = code_in(arrived(NEW)[0])
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for typed in (wrong, "", "12345", "1" * 30, "abcdef"):
        assert refused(confirm_code, pupil, "email", NEW, typed).needs is None
    assert refused(confirm_code, pupil, "email", NEW, right).needs == "code"
    assert confirmed(pupil) == {}


def test_a_code_ends_with_its_time_and_with_the_next_one(world: World) -> None:
    pupil = world.person("pupil")
    ask_code(pupil, "email", NEW, "en")
    first = code_in(arrived(NEW)[0])
    ask_code(pupil, "email", NEW, "en")
    second = code_in(arrived(NEW)[1])
    if first != second:
        refused(confirm_code, pupil, "email", NEW, first)
    later(minutes=11)
    assert refused(confirm_code, pupil, "email", NEW, second).needs == "code"
    assert forget_old_codes() == 1


def test_a_code_is_for_one_person_one_address_and_one_kind(world: World) -> None:
    pupil, other = world.person("pupil"), world.person("parent2")
    ask_code(pupil, "email", NEW, "en")
    code = code_in(arrived(NEW)[0])
    ask_code(other, "email", "other@example.org", "en")
    for person, value in ((other, NEW), (other, "other@example.org"), (pupil, "other@example.org")):
        refused(confirm_code, person, "email", value, code)
    ContactCode.objects.filter(person=other).update(value=NEW)
    assert "does not fit" in refused(confirm_code, other, "email", NEW, code).sentence
    confirm_code(pupil, "email", NEW, code)


def test_what_is_no_address_and_no_channel_is_refused(world: World) -> None:
    pupil = world.person("pupil")
    assert refused(ask_code, pupil, "email", "nobody", "en").field == "value"
    assert refused(ask_code, pupil, "phone", "12", "en").field == "value"
    with override_settings(CHANNELS=frozenset({"email"})), pytest.raises(NotFound):
        ask_code(pupil, "phone", "+79000000001", "en")
    with pytest.raises(NotFound):
        ask_code(pupil, "pigeon", "x", "en")
    assert not ContactCode.objects.exists()


def test_a_mailbox_is_not_flooded(world: World) -> None:
    people = list(Person.objects.order_by("pk")[:6])
    for person in people[:5]:
        ask_code(person, "email", NEW, "en")
    assert refused(ask_code, people[5], "email", NEW, "en").field == "value"
    # The try that was refused is not counted: it was undone with all else.
    for number in range(10):
        ask_code(people[5], "email", f"n{number}@example.org", "en")
    assert refused(ask_code, people[5], "email", "n11@example.org", "en").field == "value"
    later(hours=1, seconds=1)
    ask_code(people[5], "email", NEW, "en")
    forget_old_buckets()
    # The hour's for this person and this address, and the day's of each person.
    assert RateBucket.objects.count() == 2 + len(people)


def test_an_import_that_brings_a_confirmed_address_again_changes_nothing(world: World) -> None:
    mother = world.person("parent")
    Contact.objects.create(person=mother, kind="phone", value="8 (900) 000-00-01")
    assert own_contacts(world.actor("parent"))[1] == OwnContact("phone", "+7 900 000-00-01", ())
    Contact.objects.create(person=mother, kind="phone", value="+7 900 000-00-01")
    page = world.client("classteacher").get(f"/class/{world.school_class.uid}/").content.decode()
    assert page.count('href="tel:+79000000001"') == 1


def test_a_bucket_counts_each_try(world: World) -> None:
    limit = Limit("test", 3, timedelta(minutes=1))
    assert [take(limit, "a") for _ in range(5)] == [True, True, True, False, False]
    assert take(limit, "b")
    later(seconds=61)
    assert take(limit, "a")
    assert not RateBucket.objects.filter(key__contains="a:").exists()


def test_a_number_that_a_stranger_proves_later_is_no_longer_the_former_owners(world: World) -> None:
    mother, stranger = world.person("parent"), world.person("stranger")
    prove(stranger, "phone", "+79000000001")
    assert confirmed(mother) == {"email": "m.belova@example.org"}
    assert "подтвердить ещё раз" in arrived("m.belova@example.org")[-1].splitlines()[0]
    assert AuditEvent.objects.get(kind="account.contact_void").subject_id == mother.pk
    # She proves it again, and then it is hers.
    prove(mother, "phone", "+79000000001")
    assert "phone" not in confirmed(stranger)


def test_a_family_shares_a_number_and_anybody_may_share_a_mailbox(world: World) -> None:
    mother, daughter, father = world.person("parent"), world.person("pupil"), world.person("parent2")
    prove(daughter, "phone", "+79000000001")
    prove(father, "phone", "+79000000001")
    assert {confirmed(one)["phone"] for one in (mother, daughter, father)} == {"+79000000001"}
    prove(world.person("stranger"), "email", "m.belova@example.org")
    assert confirmed(mother)["email"] == "m.belova@example.org"
    # A link that the school has not confirmed makes no family.
    Guardianship.objects.filter(student=daughter).update(confirmed_at=None)
    prove(father, "phone", "+79000000001")
    assert "phone" not in confirmed(mother)


def test_the_password_is_asked_before_the_ways_in_change(world: World) -> None:
    mother = world.person("parent")
    require_own_password(mother, "demo-parent")
    assert refused(require_own_password, mother, "wrong").field == "password"
    mother.account.set_unusable_password()
    mother.account.save()
    require_own_password(mother, "")


def test_guessing_the_password_there_is_limited(world: World) -> None:
    mother = world.person("parent")
    for _number in range(10):
        refused(require_own_password, mother, "wrong")
    assert "quarter" in refused(require_own_password, mother, "demo-parent").sentence


def test_the_pages_of_ones_own_addresses(world: World) -> None:
    client = world.client("pupil")
    assert "No address of your own yet" in client.get("/account/contacts/").content.decode()
    form = {"value": "new.example.org", "password": "wrong"}
    page = client.post("/account/contacts/email/", form)
    assert page.status_code == 422
    assert "This is not the password of your account." in page.content.decode()
    assert 'value="new.example.org"' in page.content.decode()
    page = client.post("/account/contacts/email/", form | {"password": "demo-pupil"})
    assert "This is no e-mail address." in page.content.decode()
    answer = client.post("/account/contacts/email/", {"value": NEW, "password": "demo-pupil"})
    assert answer["Location"] == "/account/contacts/email/code/"
    assert NEW in client.get("/account/contacts/email/code/").content.decode()
    page = client.post("/account/contacts/email/code/", {"code": "000"})
    assert (page.status_code, "This code does not fit." in page.content.decode()) == (422, True)
    client.post("/account/contacts/email/code/", {"again": "1"})
    done = client.post("/account/contacts/email/code/", {"code": code_in(arrived(NEW)[-1])}, follow=True)
    assert NEW in done.content.decode()
    assert "Confirmed." in done.content.decode()
    assert client.get("/account/contacts/email/code/").status_code == 404
    assert client.post("/account/contacts/email/remove/", {"password": "wrong"}).status_code == 422
    assert client.post("/account/contacts/email/remove/", {"password": "demo-pupil"}).status_code == 302
    assert confirmed(world.person("pupil")) == {}


def test_the_schools_note_is_shown_with_a_way_to_confirm_it(world: World) -> None:
    page = world.client("parent2").get("/account/contacts/").content.decode()
    assert "+7 900 000-00-02" in page
    assert "The school has written this down." in page
    assert 'href="/account/contacts/phone/?value=%2B7%20900%20000-00-02"' in page


def test_a_site_without_channels_says_so(world: World) -> None:
    with override_settings(CHANNELS=frozenset()):
        client = world.client("pupil")
        assert "This site sends no messages" in client.get("/account/contacts/").content.decode()
        assert client.get("/account/contacts/email/").status_code == 404


@pytest.mark.parametrize("more", [0, 3])
def test_the_page_asks_alike_for_one_address_and_for_many(world: World, django_assert_num_queries: Any, more: int) -> None:
    for number in range(more):
        Contact.objects.create(person=world.person("pupil"), kind="email", value=f"n{number}@example.org")
    client = world.client("pupil")
    with django_assert_num_queries(4):
        client.get("/account/contacts/")


def test_who_has_no_mailbox_is_told_by_text_message_of_what_is_worth_one(world: World) -> None:
    person = world.person("parent")
    Contact.objects.filter(person=person, kind="email").delete()
    before = len(arrived("+79000000001"))
    notices.tell(person.pk, "password-changed")
    assert len(arrived("+79000000001")) == before + 1
    notices.tell(person.pk, "factor", {"what": "factor.used:codes"}, by_sms=False)
    assert len(arrived("+79000000001")) == before + 1
