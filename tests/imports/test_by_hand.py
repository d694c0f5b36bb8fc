"""What the office has changed by hand stays so when the next package comes, and the report says it (docs/adr/0015)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classbook.cli import cli
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.imports.guardians import confirm_links
from classbook.imports.oneroster.run import Imported
from classbook.office import actions as office_actions
from classbook.people.models import Guardianship, Person
from classbook.schools.access import Actor, actor_for
from classbook.schools.actions import guardians, pupils
from classbook.schools.models import (
    ClassPlacement,
    Enrollment,
    PlaceTakenOut,
    Position,
    School,
    SchoolClass,
    TeachingAssignment,
    TeachingGroup,
)
from classbook.schools.positions import set_position
from tests.imports.packages import SmallSchool
from tests.imports.test_oneroster import bring, faults, person

pytestmark = pytest.mark.django_db
FIRST = date(2026, 8, 31)
DAY = date(2026, 11, 9)
BEFORE = DAY - timedelta(days=1)
MATHEMATICS_5B = "Mathematics 5B"


class Town:
    """An imported school with an office, and the package that is changed and brought again."""

    def __init__(self, path: Path, pupils_in_all: int = 4) -> None:
        self.path = path / "p"
        self.package = SmallSchool(pupils_in_all)
        self.package.user("u-t2", "teacher", "Pardo", "Juan", "t.pardo")
        self.again()
        self.school = School.objects.get(origin="oneroster:tests")
        clerk = Person.objects.create(family_name="Clerk", given_name="Ana", sort_key="clerk")
        Position.objects.create(person=clerk, role="office", school=self.school, starts_on=FIRST)
        self.clerk = clerk

    @property
    def office(self) -> Actor:
        return actor_for(self.clerk.pk, clock.today("UTC"))

    def again(self, mode: str = "bulk", *, dry_run: bool = False) -> Imported:
        return bring(self.package.folder(self.path, mode=mode), year=2026, dry_run=dry_run, profile="russia")

    def form(self, name: str) -> SchoolClass:
        return SchoolClass.objects.get(school=self.school, name=name)

    def group(self, name: str) -> TeachingGroup:
        return TeachingGroup.objects.get(school=self.school, name=name)

    def move(self, to: str = "5B", day: date = DAY) -> None:
        pupils.move_pupil(self.office, person("u-s0"), self.form(to), starts_on=day)

    def leave(self, day: date = BEFORE) -> None:
        pupils.leave_school(self.office, person("u-s0"), self.school, last_day=day, reason="")

    def take_back(self) -> None:
        office_actions.take_back(self.office, person("u-s0"), self.school)

    def replace_teacher(self, day: date = DAY) -> None:
        office_actions.replace_teacher(self.office, self.group(MATHEMATICS_5B), person("u-t2"), starts_on=day)

    def link(self) -> Guardianship:
        return Guardianship.objects.get(guardian=person("u-g"), student=person("u-s0"))

    def end_link(self) -> None:
        guardians.end_link(self.office, self.school, self.link(), last_day=clock.today("UTC") - timedelta(days=1))


def state() -> list[tuple[Any, ...]]:
    """Everything that says who belongs where, without the marks and ids that an import may set."""
    classes = ClassPlacement.objects.values_list("school_class__name", "student_id", "starts_on", "ends_on")
    groups = Enrollment.objects.values_list("group__name", "student_id", "starts_on", "ends_on")
    teachers = TeachingAssignment.objects.values_list("group__name", "teacher_id", "starts_on", "ends_on")
    links = Guardianship.objects.values_list("guardian_id", "student_id", "confirmed_at", "ends_on")
    positions = Position.objects.values_list("role", "person_id", "starts_on", "ends_on")
    return sorted(str(row) for rows in (classes, groups, teachers, links, positions) for row in rows)  # type: ignore[arg-type]


def touched(done: Imported) -> int:
    """Places that the import made, changed or ended."""
    return sum(done.tallies[kind].touched for kind in ("places in classes", "places in groups", "teachers of groups"))


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def moved_and_back(town: Town) -> None:
    town.move()
    town.move("5A", DAY + timedelta(days=3))


def left_and_taken_back(town: Town) -> None:
    town.leave()
    town.take_back()


def moved_with_another_day(town: Town) -> None:
    town.move()
    office_actions.correct_day(town.office, person("u-s0"), town.school, day=DAY + timedelta(days=1))


def left_and_came_back(town: Town) -> None:
    town.leave()
    pupils.readmit_pupil(town.office, person("u-s0"), town.form("5A"), starts_on=DAY + timedelta(days=2))


def moved_and_taken_back(town: Town) -> None:
    town.move()
    town.take_back()


def joined_later(town: Town) -> None:
    office_actions.correct_day(town.office, person("u-s0"), town.school, day=DAY)


def ended_link(town: Town) -> None:
    confirm_links(town.school.pk)
    town.end_link()


def ended_sleeping_link(town: Town) -> None:
    town.end_link()


def end_role(town: Town) -> None:
    set_position("t.pardo", "teacher", town.school.pk, end=True)


# What the office did, and how many rows the same package then disputes.
CHANGES: dict[str, tuple[Callable[[Town], None], int]] = {
    "moved": (Town.move, 3),  # 5A, Mathematics 5A, Chess
    "moved and back": (moved_and_back, 3),  # both places have other days than the package says, and Chess ended
    "moved, another day": (moved_with_another_day, 3),
    "left": (Town.leave, 3),
    "left, came back": (left_and_came_back, 3),
    "left, taken back": (left_and_taken_back, 0),
    "moved, taken back": (moved_and_taken_back, 0),
    "joined later": (joined_later, 3),
    "never joined": (Town.take_back, 3),
    "another teacher": (Town.replace_teacher, 1),
    "another teacher from the first day": (lambda town: town.replace_teacher(FIRST), 1),
    "ended link": (ended_link, 1),
    "ended link that slept": (ended_sleeping_link, 1),
    "a teacher no more": (end_role, 1),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_same_package_again_changes_nothing(town: Town, name: str) -> None:
    act, disputed = CHANGES[name]
    act(town)
    before = state()
    tried = town.again(dry_run=True)
    done = town.again()
    assert state() == before
    assert done.touched == 0
    assert len(done.left) == sum(tally.left for tally in done.tallies.values()) == disputed
    assert tried.left == done.left
    assert town.again().left == done.left
    assert state() == before


@pytest.mark.parametrize("name", CHANGES)
def test_new_ids_for_all_places_bring_nothing_back(town: Town, name: str) -> None:
    """Many systems number their enrollments anew in every export."""
    CHANGES[name][0](town)
    before = state()
    for row in town.package.tables["enrollments"]:
        row["sourcedId"] = f"new-{row['sourcedId']}"
    left = town.again().left
    assert state() == before
    assert town.again().left == left
    assert state() == before


@pytest.mark.parametrize("name", CHANGES)
def test_an_empty_package_ends_nothing_that_was_set_by_hand(town: Town, name: str) -> None:
    CHANGES[name][0](town)
    by_hand = {
        model: list(model.objects.filter(by_hand=True).order_by("pk").values("pk", "starts_on", "ends_on"))
        for model in (ClassPlacement, Enrollment, TeachingAssignment, Guardianship, Position)
    }
    town.package.tables["enrollments"] = [row for row in town.package.tables["enrollments"] if row["userSourcedId"] == "u-s1"]
    town.package.row("users", "u-s0")["agentSourcedIds"] = town.package.row("users", "u-g")["agentSourcedIds"] = ""
    town.again()
    for model, rows in by_hand.items():
        pks = [row["pk"] for row in rows]
        assert list(model.objects.filter(pk__in=pks).order_by("pk").values("pk", "starts_on", "ends_on")) == rows


def test_the_report_names_row_person_and_both_words(town: Town) -> None:
    town.move()
    row = next(n for n, r in enumerate(town.package.tables["enrollments"], 2) if r["sourcedId"] == "s0-f")
    said = f"enrollments.csv, row {row}: Young, Pupil 0 in 5A from 2026-08-31; by hand: from 2026-08-31 to 2026-11-08."
    assert said in town.again().left


def test_a_package_that_catches_up_takes_the_rows_over(town: Town) -> None:
    """The moved pupil stands in the package as in the office's books: nothing is doubled, nothing is disputed any more."""
    town.move()
    before = state()
    for pk in ("s0-f", "s0-m", "s0-x"):
        town.package.row("enrollments", pk)["endDate"] = "2025-11-10"  # the day after the last, a year of weeks before
    town.package.place("s0-f2", "f5B", "u-s0", "student", beginDate="2025-11-10")
    town.package.place("s0-m2", "m5B", "u-s0", "student", beginDate="2025-11-10")
    done = town.again()
    assert (state(), touched(done), done.left) == (before, 0, ())
    taken = ClassPlacement.objects.get(student=person("u-s0"), ends_on=None)
    assert (taken.origin, taken.origin_id, taken.by_hand) == ("oneroster:tests", "s0-f2", False)
    assert not Enrollment.objects.filter(by_hand=True).exists()
    # From now on the package moves these places again, as any other.
    town.package.remove("enrollments", "s0-f2")
    assert town.again().tallies["places in classes"].ended == 1


def test_a_package_that_catches_up_with_another_day_keeps_the_offices(town: Town) -> None:
    town.move()
    before = state()
    for pk in ("s0-f", "s0-m", "s0-x"):
        town.package.remove("enrollments", pk)
    town.package.place("s0-f2", "f5B", "u-s0", "student")
    town.package.place("s0-m2", "m5B", "u-s0", "student")
    for _ in range(2):
        done = town.again()
        assert (state(), touched(done), len(done.left)) == (before, 0, 2)


def test_a_package_that_keeps_the_id_of_a_moved_place(town: Town) -> None:
    town.move()
    before = state()
    town.package.row("enrollments", "s0-f").update(classSourcedId="f5B", beginDate="2025-11-10")
    town.package.row("enrollments", "s0-m").update(classSourcedId="m5B", beginDate="2025-11-10")
    town.package.remove("enrollments", "s0-x")
    for _ in range(2):
        done = town.again()
        assert (state(), touched(done), done.left) == (before, 0, ())
    here = ClassPlacement.objects.get(student=person("u-s0"), ends_on=None)
    assert (here.school_class.name, here.origin_id) == ("5B", "s0-f")


def test_a_delta_takes_over_and_ends_what_it_calls_gone(town: Town) -> None:
    town.move()
    before = state()
    sessions = town.package.tables["academicSessions"]
    town.package.tables = {name: [] for name in town.package.tables} | {"academicSessions": sessions}
    town.package.place("s0-f", "f5A", "u-s0", "student", status="tobedeleted", dateLastModified="2026-11-10T00:00:00Z")
    town.package.place(
        "s0-f2", "f5B", "u-s0", "student", beginDate="2025-11-10", status="active", dateLastModified="2026-11-10T00:00:00Z"
    )
    users = [{"sourcedId": "u-s0", "enabledUser": "true", "orgSourcedIds": "o1", "role": "student", "username": "s0",
              "familyName": "Young", "givenName": "Pupil 0", "email": "s0@example.org", "status": "active",
              "dateLastModified": "2026-11-10T00:00:00Z"}]  # fmt: skip
    town.package.tables["users"] = users
    for row in sessions:
        row.update(status="active", dateLastModified="2026-11-10T00:00:00Z")
    done = town.again("delta")
    assert (state(), done.left) == (before, ())


def test_a_return_that_begins_later_is_a_new_place(town: Town) -> None:
    """The pupil left in autumn; the package names a stay that begins after it."""
    town.leave()
    for pk in ("s0-f", "s0-m", "s0-x"):
        town.package.remove("enrollments", pk)
    town.package.place("s0-back", "f5A", "u-s0", "student", beginDate="2025-11-16")
    assert town.again().tallies["places in classes"].made == 1
    rows = ClassPlacement.objects.filter(student=person("u-s0")).order_by("starts_on")
    assert [(row.starts_on, row.ends_on) for row in rows] == [(FIRST, BEFORE), (date(2026, 11, 15), None)]


def test_a_removed_place_stays_removed_until_the_office_gives_it(town: Town) -> None:
    town.take_back()
    assert not ClassPlacement.objects.filter(student=person("u-s0")).exists()
    town.again()
    assert not Enrollment.objects.filter(student=person("u-s0")).exists()
    assert PlaceTakenOut.objects.count() == 3
    pupils._place(town.form("5A"), person("u-s0").pk, FIRST, ())
    assert set(PlaceTakenOut.objects.values_list("kind", "place")) == {("group", town.group("Chess").pk)}
    before = state()
    done = town.again()
    assert (state(), len(done.left)) == (before, 1)
    assert ClassPlacement.objects.get(student=person("u-s0")).origin_id == "s0-f"


def test_marks_of_a_removed_place_do_not_stop_the_import(town: Town) -> None:
    town.take_back()
    town.package.add("lineItems", sourcedId="l1", title="Test", classSourcedId="m5A", dueDate="2025-11-01")
    town.package.add(
        "results", sourcedId="r1", lineItemSourcedId="l1", studentSourcedId="u-s0", scoreStatus="fully graded", score="5"
    )
    town.package.add(
        "results", sourcedId="r2", lineItemSourcedId="l1", studentSourcedId="u-s2", scoreStatus="fully graded", score="5"
    )
    tally = town.again().tallies["marks"]
    assert (tally.made, tally.left) == (1, 1)


def test_one_person_twice_in_a_class_is_named(town: Town) -> None:
    town.package.place("s1-again", "f5B", "u-s1", "student")
    first = next(n for n, row in enumerate(town.package.tables["enrollments"], 2) if row["sourcedId"] == "s1-f")
    last = len(town.package.tables["enrollments"]) + 1
    wrong = f"Row {first} puts this person into this class too, and neither of them has an endDate."
    found = faults(town.package.folder(town.path), year=2026)
    assert found == [f'enrollments.csv, row {last}, userSourcedId "u-s1": {wrong} Keep one of the two rows.']


def test_a_restored_link_goes_on_without_the_package(town: Town) -> None:
    confirm_links(town.school.pk)
    users = town.package.tables["users"]
    agents = {row["sourcedId"]: row.get("agentSourcedIds", "") for row in users}
    for row in users:
        row["agentSourcedIds"] = ""
    town.again()
    assert town.link().ends_on is not None
    guardians.restore_link(town.office, town.school, town.link())
    done = town.again()
    assert done.left == ("users.csv: Young, Robin is no guardian of Young, Pupil 0 any more; by hand: goes on.",)
    for row in users:
        row["agentSourcedIds"] = agents[row["sourcedId"]]
    town.again()
    link = town.link()
    assert (link.ends_on, link.confirmed_at is None) == (None, False)


def test_the_guardian_of_an_adult_does_not_come_back(town: Town) -> None:
    """Neither by the same package, nor dropped and named again, nor under another id, nor by confirming everybody."""
    confirm_links(town.school.pk)
    town.end_link()
    ended = town.link().ends_on
    told = town.again().left
    assert [line.split(": ")[0] for line in told] == ["users.csv, row 3"]
    users = town.package.tables["users"]
    agents = {row["sourcedId"]: row.get("agentSourcedIds", "") for row in users}
    for row in users:
        row["agentSourcedIds"] = ""
    town.again()
    for row in users:
        row["agentSourcedIds"] = agents[row["sourcedId"]]
    town.again()
    confirm_links(town.school.pk)
    assert (town.link().ends_on, town.link().confirmed_at is not None) == (ended, True)
    town.package.user("u-g9", "guardian", "Young", "Robin", "g9.young", agentSourcedIds="u-s0,u-s1")
    town.again()
    found, singly = confirm_links(town.school.pk)
    assert (found.links, singly) == (1, 1)
    sleeping = Guardianship.objects.get(guardian=person("u-g9"), student=person("u-s0"))
    assert sleeping.confirmed_at is None
    with pytest.raises(Refusal):
        guardians.confirm_guardians(town.office, town.school, expected=1)
    guardians.confirm_link(town.office, town.school, sleeping)
    sleeping.refresh_from_db()
    assert sleeping.confirmed_at is not None


STEPS = ("move", "back", "leave", "readmit", "take back", "teacher", "end link", "import", "new ids", "drop", "restore")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STEPS), min_size=2, max_size=9))
def test_no_order_of_changes_and_packages_breaks(tmp_path: Path, steps: list[str]) -> None:
    """After whatever happened an import never fails, never undoes the office's last word, and is the same twice."""
    for model in (PlaceTakenOut, Enrollment, ClassPlacement, TeachingAssignment, Guardianship):
        model._default_manager.all().delete()
    Position.objects.all().delete()
    town = Town(tmp_path)
    full = [dict(row) for row in town.package.tables["enrollments"]]
    day = DAY
    for number, step in enumerate(steps):
        day += timedelta(days=1)
        before = state()
        try:
            _step(town, step, day)
        except (Refusal, NotFound):
            assert state() == before
            continue
        if step == "new ids":
            for row in town.package.tables["enrollments"]:
                row["sourcedId"] = f"{number}-{row['sourcedId'].split('-', 1)[-1]}-{row['userSourcedId']}-{row['classSourcedId']}"
        elif step == "drop":
            town.package.tables["enrollments"] = [r for r in town.package.tables["enrollments"] if r["userSourcedId"] != "u-s0"]
        elif step == "restore":
            town.package.tables["enrollments"] = [dict(row) for row in full]
        marked = hand_rows()
        done = town.again()
        assert [row for rows in marked for row in rows] == [row for rows in marked for row in same_rows(rows)]
        again = town.again()
        assert (again.touched, again.left) == (0, done.left)


Row = tuple[type[Any], int, date | None, date | None]


def hand_rows() -> list[list[Row]]:
    """The days of every row that the office made or changed, by table."""
    return [
        [
            (model, *row)
            for row in model._default_manager.filter(by_hand=True).order_by("pk").values_list("pk", "starts_on", "ends_on")
        ]
        for model in (ClassPlacement, Enrollment, TeachingAssignment, Guardianship)
    ]


def same_rows(rows: list[Row]) -> list[Row]:
    """The same rows as they are now."""
    return [
        (model, *model._default_manager.filter(pk=pk).values_list("pk", "starts_on", "ends_on").get()) for model, pk, _, _ in rows
    ]


def _step(town: Town, step: str, day: date) -> None:
    student = person("u-s0")
    if step == "move":
        town.move("5B", day)
    elif step == "back":
        town.move("5A", day)
    elif step == "leave":
        town.leave(day)
    elif step == "readmit":
        pupils.readmit_pupil(town.office, student, town.form("5A"), starts_on=day)
    elif step == "take back":
        town.take_back()
    elif step == "teacher":
        town.replace_teacher(day)
    elif step == "end link":
        town.end_link()


def test_the_command_prints_what_stays(town: Town) -> None:
    town.move()
    town.end_link()
    words = ["import", "oneroster", str(town.path), "--year", "2026", "--profile", "russia", "--dry-run"]
    told = CliRunner().invoke(cli, words).output.splitlines()
    heading = "4 rows stay as the school set them by hand, although the package says something else:"
    assert told[told.index(heading) + 1].startswith("  users.csv, row 3: Young, Robin is a guardian of Young, Pupil 0; by hand: ")
    assert [line.split()[-2:] for line in told if line.startswith("places in")] == [["3", "1"], ["4", "2"]]
    asleep = CliRunner().invoke(cli, ["guardians", "confirm", "--school", str(town.school.pk), "--dry-run"]).output.splitlines()
    assert asleep == ["1 links would be confirmed: 1 guardians, 1 children."]


def test_a_name_that_the_office_has_corrected_stays_until_the_package_agrees(town: Town) -> None:
    from classbook.schools.actions.identity import correct_person

    pupil = Person.objects.filter(placements__school=town.school).order_by("pk")[0]
    was = (pupil.family_name, pupil.given_name, pupil.middle_name)
    data = {"family": "Corrected", "given": pupil.given_name, "middle": pupil.middle_name, "snils": None}
    correct_person(town.office, town.school, pupil, born=pupil.birth_date, **data)
    again = town.again()
    pupil.refresh_from_db()
    assert (pupil.family_name, pupil.data_by_hand) == ("Corrected", True)
    assert [line for line in again.left if "Corrected" in line and was[0] in line]
    # The package has learned it: from now on it leads again.
    Person.objects.filter(pk=pupil.pk).update(family_name=was[0])
    town.again()
    pupil.refresh_from_db()
    assert (pupil.family_name, pupil.data_by_hand) == (was[0], False)
