"""Access bans: set and ended by the head alone, in force at once, stronger than every link."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from classbook.common.errors import NotFound, Refusal
from classbook.events.models import AuditEvent, OutboxEvent, Version
from classbook.people.models import AccessBan, TrustedPerson
from classbook.schools.access import pupil_rights
from classbook.schools.actions import bans
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 19)


def set_ban(world: World, login: str = "head", **changes: Any) -> None:
    values = {"scope": "all", "reason": "Решение суда", "starts_on": DAY, "ends_on": None} | changes
    person = values.pop("person", None) or world.person("parent")
    bans.set_ban(world.actor(login), world.school, world.anna, person, **values)


def rights(world: World) -> Any:
    return pupil_rights(world.actor("parent"), world.anna.pk)


def test_ban_holds_at_once_and_is_audited_and_told_to_nobody(world: World) -> None:
    before, told = Version.objects.filter(kind="pupil", subject_id=world.anna.pk).first(), OutboxEvent.objects.count()
    assert rights(world) is not None
    set_ban(world)
    assert rights(world) is None
    event = AuditEvent.objects.get(kind="ban.set")
    assert (event.actor_id, event.subject_id, event.data["scope"]) == (world.person("head").pk, world.anna.pk, "all")
    assert "суда" not in str(event.data)
    assert Version.objects.get(kind="pupil", subject_id=world.anna.pk).number > (before.number if before else 0)
    assert OutboxEvent.objects.count() == told


def test_ban_holds_at_once_where_the_servers_day_is_behind_the_schools(world: World) -> None:
    head = replace(world.actor("head"), today=DAY - timedelta(days=1))
    bans.set_ban(head, world.school, world.anna, world.person("parent"), scope="all", reason="суд", starts_on=DAY, ends_on=None)
    reader = replace(world.actor("parent"), today=DAY - timedelta(days=1))
    assert pupil_rights(reader, world.anna.pk) is None


def test_narrow_bans_take_only_their_part(world: World) -> None:
    set_ban(world, scope="contacts")
    assert (rights(world).can_see_contacts, rights(world).can_see_reasons) == (False, True)
    set_ban(world, scope="reasons")
    assert (rights(world).can_see_contacts, rights(world).can_see_reasons) == (False, False)


def test_ban_that_begins_later_holds_later(world: World) -> None:
    set_ban(world, starts_on=DAY + timedelta(days=1), ends_on=DAY + timedelta(days=2))
    assert rights(world) is not None
    assert pupil_rights(replace(world.actor("parent"), today=DAY + timedelta(days=1)), world.anna.pk) is None
    assert pupil_rights(replace(world.actor("parent"), today=DAY + timedelta(days=3)), world.anna.pk) is not None
    with pytest.raises(Refusal):
        set_ban(world)


def test_ban_ends_at_once_and_may_be_set_again(world: World) -> None:
    set_ban(world)
    person = world.person("parent")
    bans.end_ban(world.actor("head"), world.school, world.anna, person, "all")
    assert rights(world) is not None
    with pytest.raises(NotFound):
        bans.end_ban(world.actor("head"), world.school, world.anna, person, "all")
    set_ban(world, reason="Новое решение")
    assert AccessBan.objects.get(person=person, student=world.anna, scope="all").reason == "Новое решение"
    assert AuditEvent.objects.filter(kind="ban.set").count() == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"ends_on": DAY - timedelta(days=1)}, "ends_on"),
        ({"starts_on": DAY + timedelta(days=5), "ends_on": DAY + timedelta(days=4)}, "ends_on"),
    ],
)
def test_bad_entries_are_refused_beside_their_field(world: World, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        set_ban(world, **changes)
    assert refused.value.field == field


def test_second_ban_of_the_same_scope_is_refused(world: World) -> None:
    set_ban(world)
    with pytest.raises(Refusal) as refused:
        set_ban(world)
    assert refused.value.field == "scope"


def test_unknown_scope_and_unlinked_people_are_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        set_ban(world, scope="everything")
    with pytest.raises(NotFound):
        set_ban(world, person=world.person("stranger"))


def test_trusted_person_can_be_limited(world: World) -> None:
    aunt = world.person("stranger")
    TrustedPerson.objects.create(
        person=aunt, student=world.anna, invited_by=world.person("parent"), starts_on=DAY, ends_on=DAY + timedelta(days=9)
    )
    assert pupil_rights(world.actor("stranger"), world.anna.pk) is not None
    set_ban(world, person=aunt)
    assert pupil_rights(world.actor("stranger"), world.anna.pk) is None


@pytest.mark.parametrize("login", ["deputy", "office", "classteacher", "it", "parent"])
def test_only_the_head_sets_and_ends(world: World, login: str) -> None:
    with pytest.raises(NotFound):
        set_ban(world, login)
    with pytest.raises(NotFound):
        bans.end_ban(world.actor(login), world.school, world.anna, world.person("parent2"), "contacts")


def test_head_of_another_school_sets_none(world: World) -> None:
    with pytest.raises(NotFound):
        bans.set_ban(
            world.actor("head"), world.other_school, world.anna, world.person("parent"), scope="all", reason="суд",
            starts_on=DAY, ends_on=None,
        )  # fmt: skip


def test_no_other_code_writes_bans() -> None:
    """The wall of quality.md 7.14: only this module and the demo world name the table to write it."""
    import re
    from pathlib import Path

    source = Path(bans.__file__).parents[2]
    writers = {
        str(path.relative_to(source))
        for path in source.rglob("*.py")
        if re.search(
            r"AccessBan(\.objects\.(create|bulk_|update_or|get_or)|\()|\bbans?\.(update|delete|save)\(", path.read_text()
        )
    }
    assert writers <= {"schools/actions/bans.py", "demo/personas.py", "people/models.py"}
    assert "schools/actions/bans.py" in writers


def test_no_importer_knows_who_was_limited_trusted_or_shown_a_document() -> None:
    """What the head, the families and the office say of who may see a child is out of every importer's reach."""
    from pathlib import Path

    importers = list((Path(bans.__file__).parents[2] / "imports").rglob("*.py"))
    assert importers
    for path in importers:
        text = path.read_text()
        for table in ("AccessBan", "TrustedPerson", "LegalPaper", "AccessRequest", "Consent", "actions.bans", "trusting"):
            assert table not in text, (path, table)
