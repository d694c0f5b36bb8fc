"""A package comes in whole or not at all; twice is once; protections of the school are beyond its reach."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classbook import profiles
from classbook.common import clock
from classbook.common.errors import NotFound
from classbook.events.models import AuditEvent
from classbook.grading.models import Mark, MarkChange
from classbook.imports.guardians import confirm_links
from classbook.imports.oneroster.run import Imported, import_package
from classbook.imports.oneroster.write import Options
from classbook.imports.problems import ImportRefused
from classbook.people.models import AccessBan, Account, Guardianship, Person
from classbook.schools.access import actor_for, open_student
from classbook.schools.models import AcademicYear, ClassPlacement, Enrollment, School, SchoolClass, TeachingGroup, Term
from tests.imports.packages import SmallSchool

pytestmark = pytest.mark.django_db


def bring(path: Path, *, year: int | None = None, profile: str = "default", dry_run: bool = False) -> Imported:
    return import_package(path, Options(profiles.profile(profile), year, "Europe/Madrid", ""), dry_run=dry_run)


def faults(path: Path, **options: object) -> list[str]:
    with pytest.raises(ImportRefused) as refused:
        bring(path, **options)  # type: ignore[arg-type]
    return [str(problem) for problem in refused.value.problems]


def person(pk: str) -> Person:
    return Person.objects.get(origin="oneroster:tests", origin_id=pk)


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_both_versions_bring_the_same_school(tmp_path: Path, version: str) -> None:
    done = bring(SmallSchool().zip(tmp_path / "p.zip", version))
    assert {kind: tally.made for kind, tally in done.tallies.items()} == {
        "schools": 1, "school years": 1, "terms": 2, "persons": 8, "sign-ins": 8, "contacts": 8, "guardians' links": 2,
        "subjects": 2, "classes": 2, "teaching groups": 3, "places in classes": 6, "places in groups": 8,
        "teachers of groups": 2, "class teachers": 2, "teachers": 1,
    }  # fmt: skip
    form = SchoolClass.objects.get(origin="oneroster:tests", origin_id="f5A")
    assert (form.name, form.grade_level, form.class_teacher) == ("5A", 5, person("u-t"))
    groups = {group.name: group.school_class_id for group in TeachingGroup.objects.filter(origin="oneroster:tests")}
    assert groups == {"Mathematics 5A": form.pk, "Mathematics 5B": groups["Mathematics 5B"], "Chess": None}
    assert person("u-s3").birth_date == date(2015, 3, 4)


def test_twice_is_once(tmp_path: Path) -> None:
    path = SmallSchool().folder(tmp_path / "p")
    bring(path)
    rows = Person.objects.count(), Enrollment.objects.count(), AuditEvent.objects.count()
    assert bring(path).touched == 0
    assert (Person.objects.count(), Enrollment.objects.count(), AuditEvent.objects.count()) == rows


def test_a_dry_run_keeps_nothing(tmp_path: Path) -> None:
    before = Person.objects.count(), School.objects.count()
    assert bring(SmallSchool().folder(tmp_path / "p"), dry_run=True).tallies["persons"].made == 8
    assert (Person.objects.count(), School.objects.count()) == before


def test_a_changed_package_updates_and_ends(tmp_path: Path) -> None:
    package = SmallSchool()
    bring(package.folder(tmp_path / "p"))
    package.row("users", "u-s1")["familyName"] = "Newname"
    package.remove("enrollments", "s1-x")
    package.remove("enrollments", "s2-f")
    package.remove("enrollments", "s2-m")
    done = bring(package.folder(tmp_path / "p"))
    told = {kind: (t.made, t.changed, t.ended) for kind, t in done.tallies.items() if t.touched}
    # The chess group has pupils of one class now.
    assert told == {
        "persons": (0, 1, 0), "places in classes": (0, 0, 1), "places in groups": (0, 0, 2), "teaching groups": (0, 1, 0)
    }  # fmt: skip
    assert person("u-s1").family_name == "Newname"
    place = ClassPlacement.objects.get(origin="oneroster:tests", origin_id="s2-f")
    assert place.ends_on == clock.today("UTC") - timedelta(days=1)


def test_a_person_who_left_the_package_cannot_sign_in(tmp_path: Path) -> None:
    package = SmallSchool()
    bring(package.folder(tmp_path / "p"))
    for table, pk in (("users", "u-s5"), ("enrollments", "s5-f"), ("enrollments", "s5-m"), ("demographics", "u-s5")):
        package.remove(table, pk)
    assert bring(package.folder(tmp_path / "p")).tallies["sign-ins"].ended == 1
    assert not Account.objects.get(login="s5").is_active


def test_a_delta_leaves_the_rest_alone(tmp_path: Path) -> None:
    bring(SmallSchool().folder(tmp_path / "p"))
    delta = SmallSchool()
    for table in ("enrollments", "demographics", "classes", "courses", "lineItems"):
        delta.tables[table] = []
    delta.tables["users"] = [delta.row("users", "u-s1")]
    delta.row("users", "u-s1")["givenName"] = "Renamed"
    done = bring(delta.folder(tmp_path / "d", mode="delta"))
    assert {kind: (t.made, t.changed, t.ended) for kind, t in done.tallies.items() if t.touched} == {"persons": (0, 1, 0)}


def test_nobody_has_a_password(tmp_path: Path) -> None:
    package = SmallSchool()
    package.row("users", "u-t")["password"] = "in-the-file-1"
    done = bring(package.folder(tmp_path / "p"))
    account = Account.objects.get(login="t.ortega")
    assert not account.has_usable_password()
    assert not account.check_password("in-the-file-1")
    assert [note for note in done.notes if note.startswith("Passwords")] == [
        "Passwords of the package are not used. Issue one with: classbook account issue LOGIN"
    ]


def test_the_year_moves_by_whole_weeks(tmp_path: Path) -> None:
    bring(SmallSchool().folder(tmp_path / "p"), year=2026)
    year = AcademicYear.objects.get(origin="oneroster:tests")
    assert (year.starts_on, year.ends_on, year.name) == (date(2026, 8, 31), date(2027, 6, 25), "2026-2027")
    assert list(Term.objects.filter(scheme__year=year).order_by("number").values_list("name", "starts_on")) == [
        ("Autumn", date(2026, 8, 31)),
        ("Spring", date(2027, 1, 4)),
    ]


def test_the_profile_speaks_where_the_package_is_silent(tmp_path: Path) -> None:
    package = SmallSchool()
    package.tables["academicSessions"] = []
    assert faults(package.folder(tmp_path / "p")) == [
        "academicSessions.csv: The package names no school year. "
        "Add --year YYYY, the calendar year in which the school year begins."
    ]
    bring(package.folder(tmp_path / "p"), year=2026, profile="russia")
    year = AcademicYear.objects.get(origin="oneroster:tests")
    assert year.starts_on == date(2026, 9, 1)
    assert Term.objects.filter(scheme__year=year, kind="quarter").count() == 4


def test_guardians_sleep_until_the_school_confirms(tmp_path: Path) -> None:
    bring(SmallSchool().folder(tmp_path / "p"), year=2026)
    guardian, child = person("u-g"), person("u-s0")
    school = School.objects.get(origin="oneroster:tests")
    with pytest.raises(NotFound):
        open_student(actor_for(guardian.pk, date(2026, 11, 19)), child.uid)
    done, _ = confirm_links(school.pk)
    assert (done.links, done.guardians, done.children, done.banned) == (2, 1, 2, 0)
    assert AuditEvent.objects.filter(kind="guardians.confirmed", school_id=school.pk).count() == 1
    assert open_student(actor_for(guardian.pk, date(2026, 11, 19)), child.uid).pk == child.pk


def test_a_school_confirms_only_its_own_pupils(tmp_path: Path) -> None:
    """Who has left is another school's to confirm."""
    bring(SmallSchool().folder(tmp_path / "p"), year=2026)
    child = person("u-s0")
    for model in (ClassPlacement, Enrollment):
        model.objects.filter(student=child).update(ends_on=date(2026, 9, 30))
    assert confirm_links(School.objects.get(origin="oneroster:tests").pk)[0].links == 1
    assert Guardianship.objects.get(student=child).confirmed_at is None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["import", "drop link", "drop child", "restore", "confirm", "rename"]), max_size=7))
def test_no_import_touches_a_ban_or_wakes_a_link(tmp_path: Path, steps: list[str]) -> None:
    package = SmallSchool(2)
    bring(package.folder(tmp_path / "p"), year=2026)
    guardian, child = person("u-g"), person("u-s0")
    AccessBan.objects.filter(person=guardian).delete()
    ban = AccessBan.objects.create(person=guardian, student=child, reason="order 7", starts_on=date(2026, 9, 1))
    fixed = AccessBan.objects.filter(pk=ban.pk).values_list().get()
    for step in steps:
        awake = set(Guardianship.objects.exclude(confirmed_at=None).filter(ends_on=None).values_list("pk", flat=True))
        if step == "drop link":
            package.row("users", "u-s0")["agentSourcedIds"] = package.row("users", "u-g")["agentSourcedIds"] = ""
        elif step == "drop child":
            package.row("users", "u-g")["agentSourcedIds"] = "u-s1"
        elif step == "restore":
            package.row("users", "u-g")["agentSourcedIds"] = "u-s0,u-s1"
        elif step == "rename":
            package.row("users", "u-g")["familyName"] += "x"
        if step == "confirm":
            confirm_links(School.objects.get(origin="oneroster:tests").pk)
        else:
            bring(package.folder(tmp_path / "p"), year=2026)
            now = set(Guardianship.objects.exclude(confirmed_at=None).filter(ends_on=None).values_list("pk", flat=True))
            assert now <= awake
        assert AccessBan.objects.filter(pk=ban.pk).values_list().get() == fixed


def test_marks_come_with_their_history(tmp_path: Path) -> None:
    package = SmallSchool()
    package.add("lineItems", sourcedId="l1", title="Test 1", dueDate="2025-10-10", classSourcedId="m5A")
    package.add(
        "results", sourcedId="r1", lineItemSourcedId="l1", studentSourcedId="u-s0", scoreStatus="fully graded", score="4.0"
    )
    bring(package.folder(tmp_path / "p"), profile="russia")
    package.row("results", "r1")["score"] = "5"
    bring(package.folder(tmp_path / "p"), profile="russia")
    mark = Mark.objects.get(student=person("u-s0"))
    assert (mark.code, mark.assessment.title) == ("5", "Test 1")
    assert list(MarkChange.objects.filter(mark=mark).order_by("version").values_list("code", flat=True)) == ["4", "5"]
    assert bring(package.folder(tmp_path / "p"), profile="russia").touched == 0


BROKEN = [
    ("users", "u-s0", "familyName", "", 'users.csv, row 3, familyName: It is empty. Fill it in.'),
    ("users", "u-s0", "role", "pupil", 'users.csv, row 3, role "pupil": This word is not known here. Use one of: administrator, '
     "aide, counselor, districtAdministrator, guardian, parent, principal, proctor, relative, siteAdministrator, student, "
     "systemAdministrator, teacher."),
    ("users", "u-s0", "username", "T.Ortega", 'users.csv, row 3, username "T.Ortega": The name stands in row 2 too. '
     "Give everybody a name of their own."),
    ("users", "u-s0", "givenName", "A" * 121, f'users.csv, row 3, givenName "{"A" * 57}...": It is longer than 120 signs. Shorten it.'),
    ("users", "u-s0", "givenName", "a\u202eb", 'users.csv, row 3, givenName "a?b": It holds invisible control characters. Type it anew.'),
    ("users", "u-s0", "agentSourcedIds", "u-zz", 'users.csv, row 3, agentSourcedIds "u-zz": There is no such row in users.csv. '
     "Add it to users.csv, or correct the id."),
    ("enrollments", "s0-m", "classSourcedId", "m9", 'enrollments.csv, row 7, classSourcedId "m9": There is no such row in '
     "classes.csv. Add it to classes.csv, or correct the id."),
    ("enrollments", "s0-m", "beginDate", "32.01.2026", 'enrollments.csv, row 7, beginDate "32.01.2026": This is not a date. '
     "Write it as 2026-09-01."),
    ("academicSessions", "t1", "endDate", "2025-01-01", 'academicSessions.csv, row 3, endDate "2025-01-01": It lies before the '
     "start (2025-09-01). Correct one of the two."),
    ("classes", "m5A", "courseSourcedId", "c9", 'classes.csv, row 3, courseSourcedId "c9": There is no such row in courses.csv. '
     "Add it to courses.csv, or correct the id."),
    ("classes", "f5B", "title", "5A", 'classes.csv, row 4, title "5A": The class of row 2 has this name too. Give each class its own name.'),
]  # fmt: skip


@pytest.mark.parametrize(("table", "pk", "column", "value", "told"), BROKEN)
def test_a_fault_is_told_with_its_row_and_nothing_comes_in(
    tmp_path: Path, table: str, pk: str, column: str, value: str, told: str
) -> None:
    package = SmallSchool()
    package.row(table, pk)[column] = value
    before = Person.objects.count()
    assert faults(package.folder(tmp_path / "p")) == [told]
    assert Person.objects.count() == before


def test_a_login_of_somebody_else_is_refused(tmp_path: Path) -> None:
    package = SmallSchool()
    package.row("users", "u-t")["username"] = "Teacher"
    assert faults(package.folder(tmp_path / "p")) == [
        'users.csv, row 2, username "Teacher": Somebody outside the package has it. '
        "Rename one of the two, or import with --source if this is the same school from another system."
    ]
    assert not School.objects.filter(origin="oneroster:tests").exists()


def test_a_mark_outside_the_scale_is_refused(tmp_path: Path) -> None:
    package = SmallSchool()
    package.add("lineItems", sourcedId="l1", title="Test 1", dueDate="2025-10-10", classSourcedId="m5A")
    package.add(
        "results", sourcedId="r1", lineItemSourcedId="l1", studentSourcedId="u-s0", scoreStatus="fully graded", score="87"
    )
    assert faults(package.folder(tmp_path / "p"), profile="russia") == [
        'results.csv, row 2, score "87": This is no mark of the school\'s scale. '
        "The school marks by Пятибалльная; choose another --profile or correct the value."
    ]


def damaged(path: Path, name: str, data: bytes) -> Path:
    SmallSchool().folder(path)
    (path / name).write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("users.csv", b"", "users.csv, row 1"),
        ("users.csv", "sourcedId,имя\n".encode("cp1251"), "users.csv, row 1: This is not UTF-8 text."),
        ("users.csv", b"sourcedId,enabledUser,username,givenName,familyName\n\0", "users.csv, row 2: There is a zero byte."),
        ("users.csv", b'sourcedId,enabledUser,username,givenName,familyName\n"u', "users.csv, row 2: This is not CSV"),
        ("users.csv", b"sourcedId,sourcedId\n", "users.csv, row 1, sourcedId: The column stands there twice."),
        ("orgs.csv", b"sourcedId,name,type\na,b,school,d,e\n", "orgs.csv, row 2: 5 cells under 3 columns."),
        ("orgs.csv", b"sourcedId,name,type\na," + b"x" * 40_000 + b",school\n", "orgs.csv, row 2"),
        ("manifest.csv", b"propertyName,value\noneroster.version,0.9\n", 'manifest.csv, oneroster.version "0.9"'),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, name: str, data: bytes, told: str) -> None:
    if data == b"":
        damaged(tmp_path / "p", name, data)
        (tmp_path / "p" / name).unlink()
        assert faults(tmp_path / "p")[0] == "users.csv: The manifest promises it (bulk). Add the file."
        return
    assert faults(damaged(tmp_path / "p", name, data))[0].startswith(told)
