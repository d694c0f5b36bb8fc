"""Hostile and broken files: each is refused with its place, nothing comes in, and no file makes the import stumble."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classbook import profiles
from classbook.imports.oneroster.package import read_package
from classbook.imports.oneroster.records import read_roster
from classbook.imports.oneroster.references import Known, check_references
from classbook.imports.oneroster.run import import_package
from classbook.imports.oneroster.write import Options
from classbook.imports.oneroster.years import plan_years
from classbook.imports.problems import MOST_FAULTS, Faults, ImportRefused
from classbook.imports.tables import MOST_ROWS, Columns, Limits, read_table
from classbook.imports.timetable import import_timetable
from classbook.people.models import Guardianship, Person
from classbook.schools.models import Position, School, Subject
from tests.imports.packages import SmallSchool
from tests.imports.test_oneroster import bring, faults

pytestmark = pytest.mark.django_db
HEAD = "sourcedId,enabledUser,username,givenName,familyName,role\n"


def zipped(path: Path, **entries: bytes) -> Path:
    """A zip of the small school with other entries; a key's "__" is a slash and "_csv" the ending."""
    files = {name: text.encode() for name, text in SmallSchool().files().items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (files | {key.replace("_csv", ".csv"): data for key, data in entries.items()}).items():
            archive.writestr(name, data)
    return path


def named(path: Path, name: str) -> Path:
    """A zip of the small school with one more entry."""
    return zipped(path, **{name: b"sourcedId\n"})


BOMBS = {
    "one line without an end": (b"0" * 50_000_000, "users.csv, row 1: The line does not end. Export the file again as plain CSV."),
    "too many rows": (HEAD.encode() + b"a,true,b,c,d,student\n" * 3_000_000,
                      f"users.csv, row {MOST_ROWS + 1}: The package has more than {MOST_ROWS} rows. Split it by school."),
    "empty rows": (HEAD.encode() + b"\n" * 40_000_000,
                   f"users.csv, row {MOST_ROWS + 1}: The package has more than {MOST_ROWS} rows. Split it by school."),
    "too much text": (HEAD.encode() + (b"x" * 20_000 + b",true,b,c,d,student\n") * 6_000,
                      "users.csv, row 5029: The package holds more than 96 MiB. Split it by school."),
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_for_what_it_unpacks_to(tmp_path: Path, bomb: str) -> None:
    data, told = BOMBS[bomb]
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("users.csv", data)
    assert path.stat().st_size < len(data) / 20
    assert faults(path) == [told]


def test_a_bomb_takes_little_memory(tmp_path: Path) -> None:
    """In a process that may not have more than 512 MiB; the file unpacks to 600 MiB."""
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive, archive.open("users.csv", "w") as file:
        file.write(HEAD.encode())
        for _ in range(600):
            file.write((b"x" * 1022 + b",\n") * 1024)
    program = (
        "import resource, sys, pathlib; resource.setrlimit(resource.RLIMIT_AS, (512 * 1024**2,) * 2)\n"
        "from classbook.imports.oneroster.package import read_package\n"
        "from classbook.imports.problems import ImportRefused\n"
        "try: read_package(pathlib.Path(sys.argv[1]))\n"
        "except ImportRefused as refused: print(refused.problems[-1])\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("users.csv, row ")


@pytest.mark.parametrize("name", ["../users.csv", "/etc/users.csv", "a/../../users.csv", "..\\users.csv", "C:\\users.csv"])
def test_a_name_that_leads_out_of_the_zip_is_refused(tmp_path: Path, name: str) -> None:
    assert faults(named(tmp_path / "p.zip", name)) == [f'p.zip "{name}": The name leads out of the zip. Make the zip again.']


def test_a_file_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = named(tmp_path / "p.zip", "old/users.csv")
    assert faults(path) == ['p.zip "old/users.csv": The file is there twice. Keep one of them.']


def test_what_other_systems_leave_in_a_zip_is_left_out(tmp_path: Path) -> None:
    assert bring(named(tmp_path / "p.zip", "__MACOSX/._users.csv")).touched


def test_the_case_of_a_files_name_does_not_matter(tmp_path: Path) -> None:
    folder = SmallSchool().folder(tmp_path / "p")
    (folder / "users.csv").rename(folder / "Users.CSV")
    assert bring(folder).tallies["persons"].made == 8


def test_a_locked_zip_is_refused(tmp_path: Path) -> None:
    path = SmallSchool().zip(tmp_path / "p.zip")
    data = bytearray(path.read_bytes())
    # The flag of encryption, in the central directory.
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert faults(path) == ['p.zip "package/manifest.csv": The zip is locked with a password. Make one without.']


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.zip").write_bytes(b"PK\x03\x04 nothing more")
    assert faults(tmp_path / "p.zip") == ["p.zip: It cannot be read (File is not a zip file). Give a folder or a zip."]


def read(data: bytes) -> list[str]:
    found = Faults()
    read_table("users.csv", io.BytesIO(data), Columns(("sourcedId", "givenName"), frozenset({"sourcedId"})), found, Limits())
    return [str(problem) for problem in found]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("sourcedId,givenName\n1,Ж\n".encode("cp1251"), ["users.csv, row 2: This is not UTF-8 text. Export the file as CSV in UTF-8."]),
        ("sourcedId\n1\n".encode("utf-16"), ["users.csv, row 1: This is not UTF-8 text. Export the file as CSV in UTF-8."]),
        ("sourcedId\n1\n".encode("utf-16-le"), ["users.csv, row 1: There is a zero byte. Export the file again as plain CSV."]),
        ("sourcedId,givenName\n1,Ж\n".encode("utf-8-sig"), []),
        ("\u200fsourcedId\n1\n".encode(), ["users.csv, row 1, sourcedId: The column is missing. Add it, or export the package again."]),
        (b"sourcedId,SOURCEDID\n", ["users.csv, row 1, sourcedId: The column stands there twice. Keep one of them."]),
        (b'sourcedId,givenName\n1,"a\n', ["users.csv, row 2: This is not CSV (unexpected end of data). "
         "Close the quotation marks and export again."]),
        (b"sourcedId,givenName\n1," + b"x" * 40_000, ["users.csv, row 2 \"" + "x" * 57 + "...\": A cell is longer than 32000 signs. "
         "Shorten it."]),
        (b"sourcedId,givenName\n1," + b"x" * 200_000, ["users.csv, row 2: This is not CSV (field larger than field limit (131072)). "
         "Close the quotation marks and export again."]),
        (b"", ["users.csv: The file is empty. Export the package again."]),
        (b"sourcedId\r\n1\r\n", []),
        (b"a" * 65_535 + "Ж".encode(), ["users.csv, row 1, sourcedId: The column is missing. Add it, or export the package again."]),
    ],
)  # fmt: skip
def test_how_a_table_is_read(data: bytes, told: list[str]) -> None:
    assert read(data) == told


@pytest.mark.parametrize(
    "value", ["2026-02-30", "2026-13-01", "30.02.2026", "yesterday", "0000-00-00", "2026-02-29T25:00:00", "9999-01-01"]
)
def test_a_date_that_does_not_exist_is_refused(tmp_path: Path, value: str) -> None:
    package = SmallSchool()
    package.row("demographics", "u-s0")["birthDate"] = value
    (told,) = faults(package.folder(tmp_path / "p"))
    assert told.startswith(f'demographics.csv, row 2, birthDate "{value}": ')


@pytest.mark.parametrize("score", ["1e999999", "1e99999999999", "-1e5", "NaN", "Infinity", "٤٤٤", "9" * 5000, "1e-99999"])
@pytest.mark.parametrize("profile", ["russia", "percent"])
def test_a_number_that_is_no_mark_is_refused(tmp_path: Path, score: str, profile: str) -> None:
    package = SmallSchool()
    package.add("lineItems", sourcedId="l1", title="Test 1", dueDate="2025-10-10", classSourcedId="m5A")
    package.add(
        "results", sourcedId="r1", lineItemSourcedId="l1", studentSourcedId="u-s0", scoreStatus="fully graded", score=score
    )
    (told,) = faults(package.folder(tmp_path / "p"), profile=profile)
    assert told.startswith('results.csv, row 2, score "')


def test_the_longest_ids_come_in_and_stay_apart(tmp_path: Path) -> None:
    """Ids of a hundred signs; the tables keep 120, also for pairs of them."""
    package = SmallSchool(2)
    text = package.files()
    for number, short in enumerate(("u-s0", "u-s1", "u-g", "u-t", "o1", "c-math")):
        text = {name: body.replace(short, f"{short}{'x' * (99 - len(short))}{number}") for name, body in text.items()}
    folder = tmp_path / "p"
    folder.mkdir()
    for name, body in text.items():
        (folder / name).write_text(body, encoding="utf-8")
    bring(folder)
    links = Guardianship.objects.filter(origin="oneroster:tests").values_list("origin_id", flat=True)
    assert len(set(links)) == 2
    assert {len(link) for link in links} == {113}
    assert Position.objects.get(origin="oneroster:tests").role == "teacher"
    assert Subject.objects.filter(origin="oneroster:tests").count() == 2
    assert bring(folder).touched == 0


def test_a_million_faults_are_counted_and_not_kept(tmp_path: Path) -> None:
    folder = SmallSchool().folder(tmp_path / "p")
    (folder / "demographics.csv").write_text("sourcedId,birthDate\n" + "".join(f"x{n},never\n" for n in range(20_000)))
    with pytest.raises(ImportRefused) as refused:
        bring(folder)
    assert len(refused.value.problems) == MOST_FAULTS
    # A date that is none and a person who is not there, in each row.
    assert refused.value.more == 40_000 - MOST_FAULTS


TIMETABLE = "dayName,periodName,startTime,endTime,classSourcedId,room,teacherSourcedIds\n"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            "Mon,1,08:30+02:00,09:15,m5A,,",
            'startTime "08:30+02:00": This is not a time. Write it as 08:30, on the school\'s own clock.',
        ),
        ("Mon,1,25:00,09:15,m5A,,", 'startTime "25:00": This is not a time. Write it as 08:30, on the school\'s own clock.'),
        ("Mon,1,09:30,09:15,m5A,,", 'endTime "09:15": It is not after the start (09:30). Correct one of the two.'),
        (",1,08:30,09:15,m5A,,", "dayName: It is empty or longer than 40 signs. Give it a short name."),
        (
            "Mon,1,08:30,09:15,m5A,,nobody",
            'teacherSourcedIds "nobody": nobody is no teacher of the school. Import the teacher first.',
        ),
    ],
)
def test_a_broken_row_of_a_timetable_is_named(tmp_path: Path, row: str, told: str) -> None:
    bring(SmallSchool().folder(tmp_path / "p"), year=2026)
    path = tmp_path / "t.csv"
    path.write_text(TIMETABLE + row + "\n")
    with pytest.raises(ImportRefused) as refused:
        import_timetable(path, School.objects.get(origin="oneroster:tests").pk)
    assert [str(problem) for problem in refused.value.problems] == [f"t.csv, row 2, {told}"]


def test_a_year_without_a_school_day_is_refused(tmp_path: Path) -> None:
    bring(SmallSchool().folder(tmp_path / "p"), year=2026)
    school = School.objects.get(origin="oneroster:tests")
    (tmp_path / "t.csv").write_text(TIMETABLE + "Mon,1,08:30,09:15,m5A,,\n")
    # Every listed date is a Sunday of another year's list, moved nowhere near a school day.
    (tmp_path / "d.csv").write_text("date,dayName\n2031-01-05,Mon\n2026-12-01,Mon\n")
    import_timetable(tmp_path / "t.csv", school.pk, tmp_path / "d.csv")
    school.calendar_days.filter(date="2026-12-01").update(kind="off", name="Ours")
    with pytest.raises(ImportRefused) as refused:
        import_timetable(tmp_path / "t.csv", school.pk, tmp_path / "d.csv")
    assert str(refused.value.problems[0]) == (
        "t.csv: The school year 2026-2027 has no school day. Check the cycle dates, and the school's days off."
    )


TEXTS = {name: text.encode() for name, text in SmallSchool(3).files().items()}
NAUGHTY = [
    b"\0",
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\xff",
    "\u202e".encode(),
    b"../",
    b"2026-02-30",
    b"1e999",
    b"\xef\xbb\xbf",
    b"true",
    b"-1",
]


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, bytes]:
    """The small school with some bytes of some files changed."""
    files = dict(TEXTS)
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(sorted(files)))
        data = files[name]
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 12))
        files[name] = data[:at] + draw(st.sampled_from(NAUGHTY) | st.binary(max_size=6)) + data[at + length :]
    return files


def write(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


FUZZ = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)


@settings(FUZZ, max_examples=300)
@given(files=spoilt())
def test_reading_never_stumbles(tmp_path: Path, files: dict[str, bytes]) -> None:
    found = Faults()
    try:
        roster = read_roster(read_package(write(tmp_path / "p", files)), found)
    except ImportRefused as refused:
        assert refused.problems
        return
    check_references(roster, Known(), found, [])
    plan_years(roster, profiles.profile("default"), None, found, [])
    assert all(problem.file and problem.wrong and problem.todo for problem in found)


@settings(FUZZ, max_examples=30)
@given(files=spoilt())
def test_an_import_takes_all_or_nothing(tmp_path: Path, files: dict[str, bytes]) -> None:
    before = Person.objects.count(), School.objects.count()
    try:
        import_package(write(tmp_path / "p", files), Options(profiles.profile("default"), None, "UTC", "fuzz"), dry_run=True)
    except ImportRefused as refused:
        assert refused.problems
    assert (Person.objects.count(), School.objects.count()) == before


@settings(FUZZ, max_examples=200)
@given(data=st.data())
def test_a_spoilt_zip_never_makes_it_stumble(tmp_path: Path, data: st.DataObject) -> None:
    whole = bytearray(SmallSchool(2).zip(tmp_path / "p.zip").read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    del whole[data.draw(st.integers(len(whole) // 2, len(whole))) :]
    (tmp_path / "p.zip").write_bytes(whole)
    try:
        read_package(tmp_path / "p.zip")
    except ImportRefused as refused:
        assert refused.problems
