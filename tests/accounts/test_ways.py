"""The sign-in doctor for the school, and the data that decide linking."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from classbook.accounts.actions import entering, linking
from classbook.accounts.actions.ways import unlink_for
from classbook.accounts.models import Correction, Invitation, PortalLink
from classbook.accounts.queries.letters import letter_by_code
from classbook.accounts.queries.ways import ways_of
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.common.snils import digits_of, masked
from classbook.events.models import AuditEvent, OutboxEvent
from classbook.events.reading import import_reads
from classbook.people.models import AccessBan, Account, Guardianship, Person
from classbook.people.rules import sort_key
from classbook.schools.access import open_person_to_correct
from classbook.schools.actions.identity import correct_person, same_number
from tests.accounts.test_letters import family, key, printed
from tests.accounts.test_portal_link import ISSUER, OLGA
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_letters_yet(db: None) -> None:
    Invitation.objects.all().delete()


def way(world: World, person: Person) -> tuple[str, str]:
    """(cause, fix) of the person's line."""
    rows = ways_of(world.school, world.school_class, reader_id=world.person("classteacher").pk)
    found = next(one for row in rows for one in (row.own, *row.guardians) if one.line.person.pk == person.pk)
    return found.cause.value, found.fix.value


def test_the_fix_stands_beside_the_person(world: World, settings: Any) -> None:
    settings.PORTAL_ISSUER = ISSUER
    pupil, mother = family(world)
    assert way(world, mother) == ("no-letter", "print")
    code = printed(world, [key(mother, pupil)])[0].code
    assert way(world, mother) == ("letter-good", "print")
    Invitation.objects.update(expires_at=clock.now() - timedelta(days=1))
    assert way(world, mother) == ("letter-expired", "print")
    Invitation.objects.update(expires_at=clock.now() + timedelta(days=1))
    letter = letter_by_code(code)
    assert letter is not None
    entering.report_wrong(letter.uid, is_other=False, text="Ольга")
    assert way(world, mother) == ("letter-good", "data")
    Correction.objects.update(done_at=clock.now(), done_by=mother)
    linking.link(OLGA, linking.Proof(letter=letter.uid), "")
    Account.objects.filter(person=mother).update(first_used_at=clock.now())
    assert way(world, mother) == ("fine", "unlink")
    Guardianship.objects.filter(guardian=mother).update(confirmed_at=None)
    assert way(world, mother) == ("unconfirmed", "confirm")
    Guardianship.objects.filter(guardian=mother).update(confirmed_at=clock.now())
    AccessBan.objects.create(person=mother, student=pupil, scope="all", reason="-", starts_on=clock.today("UTC"))
    assert way(world, mother) == ("banned", "head")
    assert way(world, world.person("parent"))[1] == "print"


def test_one_table_for_class_teacher_office_and_it(world: World) -> None:
    pupil, mother = family(world)
    Person.objects.filter(pk=mother.pk).update(snils="11203450784")
    address = f"/class/{world.school_class.uid}/ways/"
    pages = {}
    for login in ("classteacher", "office", "it"):
        pages[login] = world.client(login).get(address).content.decode()
        assert "Ольга Громова" in pages[login]
        for secret in ("11203450784", "112-034", "pbkdf2", "argon2"):
            assert secret not in pages[login]
    prints = f"/class/{world.school_class.uid}/letters/print/"
    assert [prints in pages[login] for login in ("classteacher", "office", "it")] == [True, True, False]
    identity = f"/office/{world.school.uid}/persons/"
    assert [identity in pages[login] for login in ("classteacher", "office", "it")] == [False, True, False]
    one = world.client("it").get(address, {"pupil": str(pupil.uid)}).content.decode()
    assert ("Ольга Громова" in one, "Анна" in one) == (True, False)
    for wrong in ("x", str(mother.uid)):
        assert world.client("it").get(address, {"pupil": wrong}).status_code == 404
    import_reads()
    noted = AuditEvent.objects.filter(kind="read.ways", subject_id=world.school_class.pk, subject_type="class")
    readers = {world.person(login).pk for login in ("classteacher", "office", "it")}
    assert set(noted.values_list("actor_id", flat=True)) >= readers


def test_it_asks_as_often_for_one_family_as_for_many(world: World, django_assert_num_queries: Any, settings: Any) -> None:
    settings.PORTAL_ISSUER = ISSUER
    reader, school, row = world.person("classteacher").pk, world.school, world.school_class
    with django_assert_num_queries(10):
        ways_of(school, row, reader_id=reader)
    for name in ("Громова", "Лисова"):
        family(world, name)
    with django_assert_num_queries(10):
        ways_of(school, row, reader_id=reader)


def test_a_wrong_link_is_ended_by_the_school_and_the_person_is_told(world: World, settings: Any) -> None:
    settings.PORTAL_ISSUER = ISSUER
    mother = world.person("parent")
    line = f"g:{mother.uid}:{world.anna.uid}"
    for login in world.logins:
        if login not in {"classteacher", "office"}:
            with pytest.raises(NotFound):
                unlink_for(world.actor(login), world.school_class, line)
    with pytest.raises(NotFound):
        unlink_for(world.actor("office"), world.school_class, line)
    PortalLink.objects.create(iss=ISSUER, sub="x", person=mother, level="confirmed", linked_at=clock.now(), used_at=clock.now())
    answer = world.client("classteacher").post(f"/class/{world.school_class.uid}/ways/unlink/", {"only": line})
    assert answer.status_code == 302
    assert not PortalLink.objects.exists()
    assert AuditEvent.objects.filter(kind="account.unlinked", subject_id=mother.pk, school_id=world.school.pk).count() == 1
    assert OutboxEvent.objects.filter(kind="message").count() == 1


def data_of(person: Person, **changes: Any) -> dict[str, Any]:
    return {
        "family": person.family_name, "given": person.given_name, "middle": person.middle_name, "born": person.birth_date,
        "snils": None, **changes,
    }  # fmt: skip


def test_the_office_corrects_who_somebody_is(world: World) -> None:
    _pupil, mother = family(world)
    actor = world.actor("office")
    assert correct_person(actor, world.school, mother, **data_of(mother, given=" Олга ", snils="11203450784")) == (
        "given_name", "snils",
    )  # fmt: skip
    mother.refresh_from_db()
    assert (mother.given_name, mother.sort_key, mother.data_by_hand) == ("Олга", sort_key("Громова", "Олга"), True)
    event = AuditEvent.objects.get(kind="person.corrected")
    assert (event.subject_id, event.data) == (mother.pk, {"fields": ["given_name", "snils"]})
    correct_person(actor, world.school, mother, **data_of(mother, snils=""))
    assert Person.objects.get(pk=mother.pk).snils == ""
    for changes, told in (({}, "Nothing is different"), ({"snils": "11203450785"}, "no SNILS")):
        with pytest.raises(Refusal, match=told):
            correct_person(actor, world.school, Person.objects.get(pk=mother.pk), **data_of(mother, **changes))
    with pytest.raises(Refusal, match="works at a school"):
        correct_person(actor, world.school, world.person("teacher"), **data_of(world.person("teacher"), given="Х"))
    for login in set(world.logins) - {"office"}:
        with pytest.raises(NotFound):
            correct_person(world.actor(login), world.school, mother, **data_of(mother, given="Х"))


def test_only_people_of_the_own_school_can_be_opened(world: World) -> None:
    actor = world.actor("office")
    assert open_person_to_correct(actor, world.school, world.person("parent").uid) == world.person("parent")
    for login in ("stranger", "teacher", "head"):
        with pytest.raises(NotFound):
            open_person_to_correct(actor, world.school, world.person(login).uid)


def test_the_page_shows_the_number_in_part_and_answers_the_family(world: World) -> None:
    pupil, mother = family(world)
    Person.objects.filter(pk=mother.pk).update(snils="11203450784")
    letter = letter_by_code(printed(world, [key(mother, pupil)])[0].code)
    assert letter is not None
    entering.report_wrong(letter.uid, is_other=False, text="Олга")
    client, address = world.client("office"), f"/office/{world.school.uid}/persons/{mother.uid}/"
    page = client.get(address).content.decode()
    assert "•••-•••-507 84" in page and "11203450784" not in page
    form = {"family": "Громова", "given": "Олга", "middle": "", "born": "", "snils": "134-250-618 25"}
    page = client.post(address, form | {"snils": "134-250-618 26"}).content.decode()
    assert "This is no SNILS" in page and "134-250-618 26" in page
    page = client.post(address, form).content.decode()
    assert "Ольга → Олга" in page and "•••-•••-507 84 → •••-•••-618 25" in page
    operation = re.search(r'name="operation" value="([^"]+)"', page)
    assert operation is not None
    assert client.post(address, form | {"sure": "1", "operation": operation[1]}).status_code == 302
    row = Correction.objects.get()
    assert (row.done_by, row.answer) == (world.person("office"), "The school has corrected its data.")
    assert Person.objects.get(pk=mother.pk).snils == "13425061825"


def test_the_office_may_answer_without_correcting(world: World, settings: Any) -> None:
    settings.PORTAL_ISSUER = ISSUER
    pupil, mother = family(world)
    code = printed(world, [key(mother, pupil)])[0].code
    letter = letter_by_code(code)
    assert letter is not None
    entering.report_wrong(letter.uid, is_other=False, text="Олга")
    row = Correction.objects.get()
    address = f"/school/{world.school.uid}/letters/corrections/{row.uid}/"
    from django.urls import reverse

    address = reverse("correction-done", args=[world.school.uid, row.uid])
    world.client("office").post(address, {"answer": "Ваш паспорт говорит: Ольга."})
    from tests.accounts.test_doctor import FOUND, told, visitor, with_code

    client = visitor()
    told(client, with_code(code))
    assert "Ваш паспорт говорит: Ольга." in client.get(FOUND).content.decode()
    assert replace(OLGA).given == mother.given_name


@pytest.mark.parametrize(
    ("typed", "digits"), [("112-034-507 84", "11203450784"), ("112 034 507 84", "11203450784"), ("", ""), ("x1", "x1")]
)
def test_a_number_as_people_write_it(typed: str, digits: str) -> None:
    assert digits_of(typed) == digits


def test_a_number_in_part() -> None:
    assert masked("11203450784") == "•••-•••-507 84"
    assert masked("") == ""


def test_a_link_of_nobody_on_the_table_is_not_ended(world: World, settings: Any) -> None:
    settings.PORTAL_ISSUER = ISSUER
    with pytest.raises(NotFound):
        unlink_for(world.actor("office"), world.school_class, "g:nobody:nothing")


def test_somebody_else_with_the_number_is_found_and_nobody_without_one(world: World) -> None:
    _pupil, mother = family(world)
    Person.objects.filter(pk=world.anna.pk).update(snils="12734095654")
    today = clock.today(world.school.time_zone)
    assert same_number(world.school, mother, "12734095654", today) == world.anna
    assert same_number(world.school, world.anna, "12734095654", today) is None
    assert same_number(world.school, mother, "", today) is None
