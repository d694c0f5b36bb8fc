"""A package on disk, folder or zip: its manifest and its tables. Nothing is ever unpacked to the disk."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from classbook.imports.problems import ImportRefused, Problem
from classbook.imports.tables import MOST_BYTES, Row, Table, read_table

_ALL = "sourcedId status dateLastModified "
# File: columns that are read, columns without which it cannot be used, other names that packages use for a column.
FILES: dict[str, tuple[str, str, dict[str, str]]] = {
    "orgs": ("name type identifier parentSourcedId", "sourcedId name type", {}),
    "academicSessions": (
        "title type startDate endDate parentSourcedId schoolYear",
        "sourcedId title type startDate endDate",
        {},
    ),
    "courses": (
        "schoolYearSourcedId title courseCode grades orgSourcedId subjects subjectCodes",
        "sourcedId title",
        {"schoolyearid": "schoolYearSourcedId", "grade": "grades"},
    ),
    "classes": (
        "title grades courseSourcedId classCode classType location schoolSourcedId termSourcedIds subjects subjectCodes periods",
        "sourcedId title classType schoolSourcedId",
        {"grade": "grades"},
    ),
    "users": (
        "enabledUser orgSourcedIds role username userIds givenName familyName middleName identifier email sms phone "
        "agentSourcedIds grades password userMasterIdentifier preferredGivenName preferredMiddleName preferredFamilyName "
        "primaryOrgSourcedId pronouns",
        "sourcedId enabledUser username givenName familyName",
        {"userid": "userIds", "agents": "agentSourcedIds"},
    ),
    "roles": (
        "userSourcedId roleType role beginDate endDate orgSourcedId userProfileSourcedId",
        "sourcedId userSourcedId role orgSourcedId",
        {},
    ),
    "enrollments": (
        "classSourcedId schoolSourcedId userSourcedId role primary beginDate endDate",
        "sourcedId classSourcedId userSourcedId role",
        {},
    ),
    "demographics": (
        "birthDate sex americanIndianOrAlaskaNative asian blackOrAfricanAmerican nativeHawaiianOrOtherPacificIslander white "
        "demographicRaceTwoOrMoreRaces hispanicOrLatinoEthnicity countryOfBirthCode stateOfBirthAbbreviation cityOfBirth "
        "publicSchoolResidenceStatus",
        "sourcedId",
        {"usersourcedid": "sourcedId"},
    ),
    "categories": ("title weight", "sourcedId title", {}),
    "lineItems": (
        "title description assignDate dueDate classSourcedId categorySourcedId academicSessionSourcedId schoolSourcedId "
        "resultValueMin resultValueMax",
        "sourcedId title classSourcedId",
        {"gradingperiodsourcedid": "academicSessionSourcedId"},
    ),
    "results": (
        "lineItemSourcedId studentSourcedId scoreStatus score scoreDate comment textScore classSourcedId inProgress "
        "incomplete late missing",
        "sourcedId lineItemSourcedId studentSourcedId scoreStatus",
        {},
    ),
}
ELSEWHERE = frozenset({"resources", "classResources", "courseResources", "userResources", "userProfiles", "scoreScales"})
MOST_ENTRIES = 200


@dataclass(slots=True)
class Package:
    """`version` is "1.1" or "1.2"; `delta` names the tables that hold changes only, `full` those that hold everything."""

    version: str
    source: str
    tables: dict[str, Table] = field(default_factory=dict)
    delta: frozenset[str] = frozenset()
    full: frozenset[str] = frozenset()
    notes: list[str] = field(default_factory=list)

    def rows(self, name: str) -> list[Row]:
        table = self.tables.get(name)
        return table.rows if table else []


def read_package(path: Path) -> Package:
    """The package with all its tables. Raises ImportRefused with every fault of form."""
    try:
        data = dict(_folder(path) if path.is_dir() else _zip(path))
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise ImportRefused([Problem(path.name, 0, "", "", f"It cannot be read ({error}).", "Give a folder or a zip.")]) from None
    found: list[Problem] = []
    package = _manifest(data, found)
    for name in FILES:
        if name in data and name not in package.tables:
            package.tables[name] = _table(name, data[name], found)
            if name not in package.delta:
                package.full |= {name}
    if "users" not in package.tables:
        found.append(Problem("users.csv", 0, "", "", "The file is missing.", "A package needs at least users and orgs."))
    if package.version == "1.2" and "users" in package.tables and "roles" not in package.tables:
        found.append(Problem("roles.csv", 0, "", "", "The file is missing.", "OneRoster 1.2 keeps the roles there."))
    if found:
        raise ImportRefused(found)
    for table in package.tables.values():
        if table.unknown:
            package.notes.append(f"{table.file}: columns left out: {', '.join(table.unknown)}.")
    return package


def _folder(path: Path) -> Iterator[tuple[str, bytes]]:
    files = sorted(entry for entry in path.iterdir() if entry.suffix.lower() == ".csv" and entry.is_file())
    if sum(entry.stat().st_size for entry in files) > MOST_BYTES:
        raise OSError(f"more than {MOST_BYTES // 1024 // 1024} MiB")
    for entry in files:
        yield entry.stem, entry.read_bytes()


def _zip(path: Path) -> Iterator[tuple[str, bytes]]:
    """Entries are read with a limit of their own: the size that a zip states may be a lie."""
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".csv")]
        if len(archive.infolist()) > MOST_ENTRIES:
            raise OSError(f"more than {MOST_ENTRIES} files")
        left = MOST_BYTES
        for entry in entries:
            if entry.flag_bits & 1:
                raise OSError("the zip is locked with a password")
            with archive.open(entry) as file:
                data = file.read(left + 1)
            left -= len(data)
            if left < 0:
                raise OSError(f"more than {MOST_BYTES // 1024 // 1024} MiB unpacked")
            yield PurePosixPath(entry.filename).stem, data


def _manifest(data: dict[str, bytes], found: list[Problem]) -> Package:
    version = "1.2" if "roles" in data else "1.1"
    if "manifest" not in data:
        return Package(version, "", notes=[f"There is no manifest.csv; the package is read as OneRoster {version}."])
    known = {"propertyname": "propertyName", "value": "value"}
    table = read_table("manifest.csv", data["manifest"], known, frozenset(known.values()), found)
    said = {row["propertyName"]: row["value"] for row in table.rows}
    version = said.get("oneroster.version", version)
    if version not in ("1.1", "1.2"):
        todo = "Export the package as OneRoster 1.1 or 1.2."
        found.append(Problem("manifest.csv", 0, "oneroster.version", version, "This version is not known.", todo))
    package = Package(version, said.get("source.systemCode") or said.get("source.systemName") or "")
    package.delta = frozenset(name for name in FILES if said.get(f"file.{name}", "").lower() == "delta")
    for row in table.rows:
        name, mode = row["propertyName"].removeprefix("file."), row["value"].lower()
        if not row["propertyName"].startswith("file.") or name not in FILES:
            continue
        if mode in ("bulk", "delta") and name not in data:
            found.append(Problem(f"{name}.csv", 0, "", "", f"The manifest promises it ({mode}).", "Add the file."))
        elif mode == "absent" and name in data:
            package.notes.append(f"{name}.csv: left out, because the manifest calls it absent.")
            package.tables[name] = Table(f"{name}.csv")
        elif mode not in ("bulk", "delta", "absent"):
            todo = 'Write "bulk", "delta" or "absent".'
            found.append(Problem("manifest.csv", row.number, row["propertyName"], row["value"], "This is not a mode.", todo))
    return package


def _table(name: str, data: bytes, found: list[Problem]) -> Table:
    columns, required, other_names = FILES[name]
    known = {column.lower(): column for column in (_ALL + columns).split()}
    known |= {other: column for other, column in other_names.items() if _lacks(data, column)}
    return read_table(f"{name}.csv", data, known, frozenset(required.split()), found)


def _lacks(data: bytes, column: str) -> bool:
    """Does the header lack the column itself? Only then may another name stand for it."""
    header = data.split(b"\n", 1)[0].decode("utf-8-sig", "replace").lower()
    return column.lower() not in [cell.strip().strip('"') for cell in header.split(",")]
