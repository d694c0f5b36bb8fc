"""A notice stands on the first pages of those whom it is for, until each has read it; nobody else writes or reads it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.models import AuditEvent
from classbook.people.models import AccessBan, Guardianship
from classbook.reports.notices import reading_of
from classbook.schools.actions.notices import change_notice, read_notice, withdraw_notice, write_notice
from classbook.schools.models import Notice, NoticeRead
from classbook.schools.queries import notices_for
from tests.schools.test_reader import assert_agree
from tests.world import World

pytestmark = pytest.mark.django_db
TITLE = "Собрание в среду"


def write(world: World, audience: str = "class_teachers", login: str = "office", **values: Any) -> Notice:
    words = {"title": TITLE, "text": "В 12 кабинете.\nПринести журнал.", "ends_on": world.actor(login).today, **values}
    return write_notice(world.actor(login), world.school, audience=audience, **words)


def change(world: World, notice: Notice, **values: Any) -> Notice:
    words = {"title": "Собрание в пятницу", "text": notice.text, "ends_on": notice.ends_on, "seen_version": 1, "again": False}
    return change_notice(world.actor("deputy"), world.school, notice.uid, **{**words, **values})


def sees(world: World, login: str) -> bool:
    return any(told.title == TITLE for told in notices_for(world.actor(login)))


@pytest.mark.parametrize(
    ("audience", "readers"),
    [
        ("class_teachers", {"classteacher"}),
        ("staff", {"teacher", "classteacher", "substitute", "head", "deputy", "office", "it", "nurse", "psychologist"}),
        ("families", {"pupil", "parent", "parent2", "adultpupil"}),
    ],
)
def test_it_reaches_those_whom_it_is_for_and_both_spellings_agree(world: World, audience: str, readers: set[str]) -> None:
    write(world, audience)
    led = {login for login in world.logins if audience == "class_teachers" and world.person(login).pk in _leaders(world)}
    assert {login for login in world.logins if sees(world, login)} == readers | led
    for login in world.logins:
        assert_agree(world, login)


def _leaders(world: World) -> set[int]:
    from classbook.schools.models import SchoolClass

    return set(SchoolClass.objects.filter(school=world.school).values_list("class_teacher_id", flat=True))


def test_a_family_sees_it_only_while_the_link_holds(world: World) -> None:
    write(world, "families")
    links, day = Guardianship.objects.filter(guardian=world.person("parent"), student=world.anna), timedelta(days=1)
    today = world.actor("parent").today
    for values in (
        {"confirmed_at": None},
        {"confirmed_at": clock.now(), "can_view": False},
        {"can_view": True, "ends_on": today - day},
    ):
        links.update(**values)
        assert not sees(world, "parent"), values
        assert_agree(world, "parent")
    links.update(ends_on=None)
    assert sees(world, "parent")
    AccessBan.objects.create(person=world.person("parent"), student=world.anna, scope="all", reason="Суд", starts_on=today)
    assert not sees(world, "parent")
    assert_agree(world, "parent")


@pytest.mark.parametrize("login", ["teacher", "classteacher", "parent", "pupil", "it", "nurse", "authority", "stranger"])
def test_only_head_deputy_and_office_write(world: World, login: str) -> None:
    notice = write(world)
    actor = world.actor(login)
    words = {"title": "Нет", "text": "Нет", "ends_on": actor.today}
    for deed in (
        lambda: write_notice(actor, world.school, audience="staff", **words),
        lambda: change_notice(actor, world.school, notice.uid, seen_version=1, again=True, **words),
        lambda: withdraw_notice(actor, world.school, notice.uid),
    ):
        with pytest.raises(NotFound):
            deed()
    assert Notice.objects.count() == 1


def test_another_school_neither_changes_nor_reads_it(world: World) -> None:
    notice = write(world, "staff")
    with pytest.raises(NotFound):
        write_notice(world.actor("head"), world.other_school, audience="staff", title="A", text="B", ends_on=notice.ends_on)
    for login in ("parent", "authority", "stranger"):
        with pytest.raises(NotFound):
            read_notice(world.actor(login), notice.uid)
    assert not NoticeRead.objects.exists()


def test_read_once_it_is_gone_and_a_change_comes_again_only_when_asked(world: World) -> None:
    notice, reader = write(world), world.actor("classteacher")
    read_notice(reader, notice.uid)
    read_notice(reader, notice.uid)
    assert not sees(world, "classteacher")
    assert AuditEvent.objects.filter(kind="notice.read").count() == 1
    change(world, notice)
    assert notices_for(reader) == ()
    change(world, notice, again=True)
    assert [told.title for told in notices_for(reader)] == ["Собрание в пятницу"]
    assert reading_of(Notice.objects.get(), world.school).read == 0
    read_notice(reader, notice.uid)
    assert notices_for(reader) == ()
    found = reading_of(Notice.objects.get(), world.school)
    assert (found.read, len(found.done), found.all) == (1, 1, len(_leaders(world) - {None}))
    # Two who change at once: the second is told, and nothing is lost silently.
    with pytest.raises(Refusal):
        change(world, notice, seen_version=1)
    assert_agree(world, "classteacher")


def test_after_its_day_and_after_withdrawal_nobody_is_shown_it(world: World) -> None:
    notice = write(world, "staff")
    assert sees(world, "teacher")
    clock.stand_on(clock.now() + timedelta(days=1))
    assert not sees(world, "teacher")
    with pytest.raises(NotFound):
        read_notice(world.actor("teacher"), notice.uid)
    change(world, notice, title=TITLE, ends_on=world.actor("deputy").today)
    assert sees(world, "teacher")
    for _twice in range(2):
        withdraw_notice(world.actor("head"), world.school, notice.uid)
    assert not sees(world, "teacher")
    with pytest.raises(NotFound):
        change(world, notice)
    kinds = list(AuditEvent.objects.filter(kind__startswith="notice.").order_by("pk").values_list("kind", flat=True))
    assert kinds == ["notice.written", "notice.changed", "notice.withdrawn"]


def test_bad_input_gets_a_sentence_beside_its_field_and_keeps_what_was_typed(world: World) -> None:
    client, page = world.client("office"), f"/school/{world.school.uid}/notices/write/"
    good = {"audience": "staff", "title": TITLE, "text": "Текст объявления", "ends_on": "2026-12-01"}
    for field, value in (
        ("title", ""),
        ("text", "   "),
        ("ends_on", "2026-11-01"),
        ("ends_on", "soon"),
        ("audience", "everybody"),
    ):
        answer = client.post(page, {**good, field: value})
        assert answer.status_code == 422, field
        text = answer.content.decode()
        assert f'id="id_{field}_error"' in text
        assert good["title" if field != "title" else "text"] in text
    assert not Notice.objects.exists()
    assert client.post(page, good).status_code == 302


def test_it_stands_on_the_first_page_alone_and_goes_with_a_press(world: World) -> None:
    notice = write(world, "families", title="<b>Ярмарка</b>")
    client, week = world.client("parent"), f"/diary/{world.anna.uid}/week/{world.lesson.date}/"
    client.cookies["classbook-csrf"] = "a" * 32
    text = client.get(week).content.decode()
    assert "&lt;b&gt;Ярмарка" in text
    assert "Ярмарка" not in client.get(f"/diary/{world.anna.uid}/marks/").content.decode()
    assert client.get(f"/notices/{notice.uid}/read/").status_code == 405
    assert client.post(f"/notices/{notice.uid}/read/", {"next": week})["Location"] == week
    assert "Ярмарка" not in client.get(week).content.decode()


def test_first_pages_cost_no_query_more_with_notices_than_without(world: World) -> None:
    week = f"/diary/{world.anna.uid}/week/{world.lesson.date}/"
    clients = {"parent": week, "teacher": "/today/", "head": f"/school/{world.school.uid}/"}
    costs: dict[str, list[int]] = {login: [] for login in clients}
    for round_ in range(2):
        for login, page in clients.items():
            client = world.client(login)
            client.cookies["classbook-csrf"] = "a" * 32
            client.get(page)
            with CaptureQueriesContext(connection) as asked:
                assert (TITLE in client.get(page).content.decode()) == bool(round_)
            costs[login].append(len(asked))
        write(world, "families")
        write(world, "staff")
    assert all(few == many for few, many in costs.values()), costs
    assert costs["parent"] == [0, 0]


def test_the_writers_pages_cost_alike_for_few_and_many(world: World) -> None:
    client = world.client("office")
    notice = write(world, "families")
    pages = (f"/school/{world.school.uid}/notices/", f"/school/{world.school.uid}/notices/{notice.uid}/?class=7Б")
    costs = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as asked:
            assert all(client.get(page).status_code == 200 for page in pages)
        costs.append(len(asked))
        for login in ("parent", "pupil"):
            read_notice(world.actor(login), notice.uid)
        for number in range(4):
            write(world, "staff", title=f"Ещё {number}")
    assert costs[0] == costs[1] <= 14


def test_families_are_listed_by_class_and_the_list_agrees_with_the_reader(world: World) -> None:
    notice = write(world, "families")
    read_notice(world.actor("parent"), notice.uid)
    found = reading_of(notice, world.school, "7Б")
    assert found.of_class == "7Б"
    assert found.read == 1
    assert len(found.done) == 1
    assert found.all > len(found.people) > 20
    assert reading_of(notice, world.school, "99Ы").of_class == found.classes[0]
