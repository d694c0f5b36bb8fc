"""An adult asks to be linked with a child: one answer for everybody, and the office decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from classbook.accounts.actions import asking as actions
from classbook.accounts.models import AccessRequest
from classbook.accounts.queries import asking as queries
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.models import AuditEvent
from classbook.people.models import AccessBan, Contact, Guardianship, LegalPaper, Person
from classbook.schools.access import pupil_rights
from classbook.schools.actions.new_guardians import GuardianRights, Paper
from tests.accounts.mailbox import arrived
from tests.web.test_office import hidden, text
from tests.world import World

pytestmark = pytest.mark.django_db
PAPER = Paper("parent", "Свидетельство о рождении", "I-АБ 1", date(2013, 6, 1), None)


def asked(world: World, **changes: Any) -> actions.Asked:
    values = {
        "family": world.anna.family_name, "given": world.anna.given_name, "born": world.anna.birth_date, "class_name": "7 б",
        "relation": "grandparent", "basis": "authority", "document": "Приказ 7",
    }  # fmt: skip
    return actions.Asked(**{**values, **changes})


def ask(world: World, login: str = "stranger", **changes: Any) -> AccessRequest:
    return actions.ask(world.actor(login), world.school.uid, asked(world, **changes))


def approve(world: World, row: AccessRequest, student: Person | None = None, login: str = "office") -> None:
    actions.approve(
        world.actor(login),
        world.school,
        row.uid,
        student or world.anna,
        relation="grandparent",
        rights=GuardianRights(),
        paper=PAPER,
    )


def test_approved_asker_sees_the_child_is_told_and_it_is_in_the_audit(world: World) -> None:
    Contact.objects.create(person=world.person("stranger"), kind="email", value="s@b.example", confirmed_at=clock.now())
    row = ask(world)
    assert pupil_rights(world.actor("stranger"), world.anna.pk) is None
    assert queries.number_waiting(world.school) == 1
    best = queries.candidates(world.school, row)[0]
    assert (best.uid, best.same) == (world.anna.uid, {"name", "born", "class"})
    approve(world, row)
    assert pupil_rights(world.actor("stranger"), world.anna.pk) is not None
    assert LegalPaper.objects.get(link__guardian=world.person("stranger")).number == "I-АБ 1"
    (told,) = arrived("s@b.example")
    assert "approved" in told or "одобр" in told or "承認" in told
    assert world.anna.family_name not in told
    kinds = list(AuditEvent.objects.filter(kind__startswith="access.").order_by("pk").values_list("kind", "actor_id"))
    assert kinds == [("access.asked", world.person("stranger").pk), ("access.granted", world.person("office").pk)]
    with pytest.raises(NotFound):
        approve(world, row)  # once


def test_answer_is_the_same_whether_the_child_exists(world: World) -> None:
    client = world.client("stranger")
    pages = []
    for family in (world.anna.family_name, "Незнакомова"):
        data = {**asked(world, family=family).__dict__} if hasattr(asked(world), "__dict__") else {}
        data = {
            "school": str(world.school.uid), "family": family, "given": "Анна", "born": "2013-05-04", "class_name": "7Б",
            "relation": "mother", "basis": "parent", "document": "Свидетельство",
        }  # fmt: skip
        answer = client.post(reverse("access-ask"), data, follow=True)
        assert answer.status_code == 200
        pages.append(text(answer).split("What you asked for")[0])
        AccessRequest.objects.filter(asked_by=world.person("stranger")).delete()
    assert pages[0] == pages[1]
    assert "is with the school's office".replace("'", "&#39;") in pages[0]


def test_question_reply_refusal(world: World) -> None:
    office, stranger, row = world.actor("office"), world.actor("stranger"), ask(world)
    with pytest.raises(Refusal):
        actions.ask_back(office, world.school, row.uid, "  ")
    actions.ask_back(office, world.school, row.uid, "Какой документ?")
    assert queries.number_waiting(world.school) == 0
    page = text(world.client("stranger").get(reverse("children")))
    assert "The office asks: Какой документ?" in page
    with pytest.raises(NotFound):
        actions.reply(world.actor("parent"), row.uid, "Я")
    actions.reply(stranger, row.uid, "Приказ опеки")
    assert queries.number_waiting(world.school) == 1
    actions.refuse(office, world.school, row.uid, "Приказ отменён.")
    page = text(world.client("stranger").get(reverse("children")))
    assert "not approved" in page and "The office writes: Приказ отменён." in page
    for late in (
        lambda: actions.reply(stranger, row.uid, "x"),
        lambda: actions.withdraw(stranger, row.uid),
        lambda: actions.ask_back(office, world.school, row.uid, "x"),
    ):
        with pytest.raises(NotFound):
            late()


def test_requests_are_few_at_a_time_and_few_a_day(world: World) -> None:
    rows = [ask(world, given=str(number)) for number in range(3)]
    with pytest.raises(Refusal, match="not answered yet"):
        ask(world)
    for row in rows:
        actions.withdraw(world.actor("stranger"), row.uid)
    for number in range(2):
        actions.withdraw(world.actor("stranger"), ask(world, given=str(number)).uid)
    with pytest.raises(Refusal, match="five times today"):
        ask(world)
    ask(world, "parent2")


@pytest.mark.parametrize("login", ["head", "classteacher", "stranger"])
def test_only_the_office_decides(world: World, login: str) -> None:
    row, actor = ask(world), world.actor(login)
    for decide in (
        lambda: approve(world, row, login=login),
        lambda: actions.ask_back(actor, world.school, row.uid, "x"),
        lambda: actions.refuse(actor, world.school, row.uid, "x"),
        lambda: actions.open_request(actor, world.school, row.uid),
    ):
        with pytest.raises(NotFound):
            decide()


def test_other_schools_office_does_not_see_it(world: World) -> None:
    row = ask(world)
    held = replace(world.actor("office").positions[0], school_id=world.other_school.pk, school_uid=world.other_school.uid)
    other = replace(world.actor("office"), positions=(held,))
    with pytest.raises(NotFound):
        actions.open_request(other, world.other_school, row.uid)


def test_nobody_of_the_office_answers_the_own_request(world: World) -> None:
    row = ask(world, "office")
    with pytest.raises(Refusal, match="about yourself"):
        approve(world, row)
    assert pupil_rights(world.actor("office"), world.anna.pk) is None


def test_pupils_do_not_ask(world: World) -> None:
    with pytest.raises(NotFound):
        ask(world, "pupil")


def test_ban_of_the_head_goes_on_after_an_approval(world: World) -> None:
    AccessBan.objects.create(
        person=world.person("stranger"), student=world.anna, scope="all", reason="суд", starts_on=date(2026, 9, 1)
    )
    row = ask(world)
    assert queries.candidates(world.school, row)[0].limited
    approve(world, row)
    assert pupil_rights(world.actor("stranger"), world.anna.pk) is None


def test_waiting_link_is_confirmed_by_the_approval(world: World) -> None:
    link = Guardianship.objects.get(guardian=world.person("parent"), student=world.anna)
    Guardianship.objects.filter(pk=link.pk).update(confirmed_at=None)
    approve(world, ask(world, "parent"))
    assert pupil_rights(world.actor("parent"), world.anna.pk) is not None
    assert Guardianship.objects.filter(guardian=world.person("parent"), student=world.anna).count() == 1


def test_office_finds_approves_and_refuses_on_its_pages(world: World) -> None:
    row, client = ask(world), world.client("office")
    at = [world.school.uid, row.uid]
    assert "1 person asks for a child" in text(client.get(reverse("office", args=at[:1])))
    assert world.anna.family_name in text(client.get(reverse("access-requests", args=at[:1])))
    page = client.get(reverse("access-request", args=at))
    assert "name, birth date and class agree" in text(page)
    step = reverse("access-approve", args=[*at, world.anna.uid])
    wrong = client.post(step, {"relation": "grandparent", "can_view": "on"})
    assert wrong.status_code == 422  # no document
    second = client.post(step, {"relation": "grandparent", "can_view": "on", "basis": "authority", "document": "Приказ"})
    assert "Guardians so far:" in text(second)
    done = client.post(step, hidden(second) | {"sure": "1"}, follow=True)
    assert "is a guardian of" in text(done)
    other = ask(world, "parent2", given="Никто")
    refuse = reverse("access-refuse", args=[world.school.uid, other.uid])
    second = client.post(refuse, {"text": "Такого документа нет."})
    assert "Такого документа нет." in text(second)
    assert "is refused" in text(client.post(refuse, hidden(second) | {"sure": "1"}, follow=True))


def test_an_empty_answer_and_an_empty_reason_are_refused_beside_their_fields(world: World) -> None:
    office, row = world.actor("office"), ask(world)
    with pytest.raises(Refusal) as refused:
        actions.refuse(office, world.school, row.uid, "  ")
    assert refused.value.field == "text"
    actions.ask_back(office, world.school, row.uid, "Какой документ?")
    with pytest.raises(Refusal) as refused:
        actions.reply(world.actor("stranger"), row.uid, " ")
    assert refused.value.field == "reply"
    row.refresh_from_db()
    assert (row.state, row.reply) == (AccessRequest.State.ASKED, "")
