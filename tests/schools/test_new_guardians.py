"""A guardian by hand: with a document at once, without one asleep; rights, ends and newer documents; nobody but the office."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from classbook.common.errors import NotFound, Refusal
from classbook.events.models import AuditEvent
from classbook.people.models import Contact, Guardianship, LegalPaper, Person
from classbook.schools.access import open_guardian_to_be, pupil_rights
from classbook.schools.actions import guardians
from classbook.schools.actions import new_guardians as actions
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 19)
ORDER = actions.Paper("authority", "Приказ органа опеки", "12-А", date(2026, 11, 2), date(2027, 6, 30))


def person(**changes: Any) -> actions.NewPerson:
    values = {"family": "Орлова", "given": "Нина", "middle": "", "born": date(1962, 4, 5), "email": "", "phone": ""}
    return actions.NewPerson(**{**values, **changes})


def add(world: World, who: Any, *, login: str = "office", **changes: Any) -> Guardianship:
    values = {"relation": "guardian", "rights": actions.GuardianRights(), "paper": ORDER} | changes
    return actions.add_guardian(world.actor(login), world.school, world.anna, who, **values)


def may(world: World, link: Guardianship, today: date = DAY) -> Any:
    return pupil_rights(replace(world.actor("stranger"), person_id=link.guardian_id, today=today), world.anna.pk)


def test_with_a_document_the_link_holds_at_once_and_ends_with_it(world: World) -> None:
    link = add(world, person(email="Nina@Example.org", phone="8 900 000-00-77"))
    assert may(world, link).can_sign
    assert may(world, link, date(2027, 6, 30)) is not None
    assert may(world, link, date(2027, 7, 1)) is None
    assert link.by_hand
    paper = LegalPaper.objects.get(link=link)
    assert (paper.document, paper.number, paper.seen_by_id) == ("Приказ органа опеки", "12-А", world.person("office").pk)
    contacts = Contact.objects.filter(person=link.guardian).order_by("kind")
    # What the school writes down lets nobody in.
    assert [(row.value, row.confirmed_at) for row in contacts] == [("nina@example.org", None), ("+79000000077", None)]
    told = AuditEvent.objects.get(kind="guardian.added")
    assert (told.subject_id, told.data["guardian"], told.data["seen"]) == (world.anna.pk, link.guardian_id, True)
    assert "Орлова" not in str(told.data)


def test_without_a_document_it_waits_for_a_confirmation(world: World) -> None:
    link = add(world, person(), paper=None)
    assert may(world, link) is None
    assert link in guardians.sleeping_links(world.school.pk, "7Б")
    guardians.confirm_link(world.actor("office"), world.school, link)
    assert may(world, link) is not None


def test_rights_are_as_they_were_ticked_and_can_change(world: World) -> None:
    link = add(world, person(), rights=actions.GuardianRights(view=True, excuse=False, sign=False))
    assert (may(world, link).can_excuse, may(world, link).can_sign) == (False, False)
    office = world.actor("office")
    actions.change_guardian(office, world.school, link, relation="guardian", rights=actions.GuardianRights(), paper=None)
    assert may(world, link).can_sign
    link.refresh_from_db()
    assert link.ends_on == ORDER.ends_on
    with pytest.raises(Refusal, match="Nothing is different"):
        actions.change_guardian(office, world.school, link, relation="guardian", rights=actions.GuardianRights(), paper=None)
    newer = actions.Paper("authority", "Приказ органа опеки", "31", DAY, None)
    actions.change_guardian(office, world.school, link, relation="guardian", rights=actions.GuardianRights(), paper=newer)
    assert may(world, link, date(2030, 1, 1)) is not None
    assert LegalPaper.objects.filter(link=link).count() == 2


def test_end_before_the_document_and_back_to_the_documents_end(world: World) -> None:
    office, link = world.actor("office"), add(world, person())
    with pytest.raises(Refusal, match="the document's"):
        guardians.restore_link(office, world.school, link)
    guardians.end_link(office, world.school, link, last_day=DAY - timedelta(days=1))
    link.refresh_from_db()
    assert link.ends_on == DAY - timedelta(days=1)
    assert may(world, link) is None
    guardians.restore_link(office, world.school, link)
    link.refresh_from_db()
    assert link.ends_on == ORDER.ends_on
    LegalPaper.objects.filter(link=link).update(ends_on=DAY - timedelta(days=9))
    Guardianship.objects.filter(pk=link.pk).update(ends_on=DAY - timedelta(days=20))
    link.refresh_from_db()
    with pytest.raises(Refusal, match="the document's"):
        guardians.restore_link(office, world.school, link)


@pytest.mark.parametrize(
    ("who", "changes", "field"),
    [
        (person(email="not an address"), {}, "email"),
        (person(phone="12"), {}, "phone"),
        (person(born=date(2010, 1, 1)), {}, "born"),
        (person(), {"paper": actions.Paper("foster", "Договор", "1", date(2026, 11, 20), None)}, "issued_on"),
        (person(), {"paper": actions.Paper("foster", "Договор", "1", None, date(2026, 11, 18))}, "ends_on"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(world: World, who: Any, changes: Any, field: str) -> None:
    people = Person.objects.count()
    with pytest.raises(Refusal) as refused:
        add(world, who, **changes)
    assert refused.value.field == field
    assert Person.objects.count() == people


def test_somebody_who_is_known_is_not_typed_again(world: World) -> None:
    mother = world.person("parent")
    known = person(family=mother.family_name, given=mother.given_name, born=mother.birth_date)
    with pytest.raises(Refusal) as refused:
        add(world, known)
    assert (refused.value.field, refused.value.needs) == ("family", "another")
    assert add(world, known, allow_twin=True).guardian_id != mother.pk


def test_a_pair_is_linked_once(world: World) -> None:
    office = world.actor("office")
    with pytest.raises(Refusal, match="already"):
        add(world, world.person("parent"))
    link = Guardianship.objects.get(guardian=world.person("parent"), student=world.anna)
    guardians.end_link(office, world.school, link, last_day=DAY - timedelta(days=1))
    with pytest.raises(Refusal, match="Take back its end"):
        add(world, world.person("parent"))
    with pytest.raises(Refusal, match="about yourself"):
        add(world, world.person("office"))
    with pytest.raises(Refusal, match="own guardian"):
        add(world, world.anna)


def test_only_whom_the_school_knows_can_be_chosen(world: World) -> None:
    office = world.actor("office")
    assert open_guardian_to_be(office, world.school, world.person("parent")) == world.person("parent")
    assert open_guardian_to_be(office, world.school, world.person("teacher")) == world.person("teacher")
    for wrong in (world.person("stranger"), None):
        with pytest.raises(NotFound):
            open_guardian_to_be(office, world.school, wrong)
    with pytest.raises(NotFound):
        open_guardian_to_be(world.actor("head"), world.school, world.person("parent"))


@pytest.mark.parametrize("login", ["head", "classteacher", "parent"])
def test_nobody_else_adds_or_changes(world: World, login: str) -> None:
    link = Guardianship.objects.get(guardian=world.person("parent"), student=world.anna)
    with pytest.raises(NotFound):
        add(world, person(), login=login)
    with pytest.raises(NotFound):
        actions.change_guardian(
            world.actor(login), world.school, link, relation="other", rights=actions.GuardianRights(), paper=None
        )


def test_the_own_link_an_ended_one_and_one_of_a_pupil_of_age_are_not_changed(world: World) -> None:
    office, link = world.actor("office"), add(world, person())
    rights = actions.GuardianRights(view=True, excuse=False, sign=False)

    def change(actor: Any, one: Guardianship) -> None:
        actions.change_guardian(actor, world.school, one, relation="guardian", rights=rights, paper=None)

    own = Guardianship.objects.create(guardian=world.person("office"), student=world.anna, confirmed_at=link.confirmed_at)
    with pytest.raises(Refusal, match="about yourself"):
        change(office, own)
    Guardianship.objects.filter(pk=link.pk).update(ends_on=DAY - timedelta(days=1))
    link.refresh_from_db()
    with pytest.raises(Refusal, match="has ended"):
        change(office, link)
    grown = world.person("adultpupil")
    with pytest.raises(Refusal, match="of full age"):
        actions.add_guardian(office, world.school, grown, person(given="Зоя"), relation="guardian", rights=rights, paper=ORDER)


def test_somebody_whose_link_waits_is_confirmed_and_not_added_again(world: World) -> None:
    link = add(world, person(), paper=None)
    with pytest.raises(Refusal, match="waits for a confirmation"):
        add(world, link.guardian)
    assert Guardianship.objects.filter(guardian=link.guardian).count() == 1
