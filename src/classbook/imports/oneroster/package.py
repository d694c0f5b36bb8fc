"""A package on disk: its manifest and its tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from classbook.imports.oneroster.source import Files, open_source
from classbook.imports.problems import Faults, ImportRefused, Problem
from classbook.imports.tables import Columns, Limits, Row, Table, read_table

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
MANIFEST = Columns(("propertyName", "value"), frozenset({"propertyName", "value"}))


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
    found, limits = Faults(), Limits()
    with open_source(path) as files:
        package = _manifest(files, found, limits)
        for name in FILES:
            if name.lower() in files and name not in package.tables:
                package.tables[name] = _table(name, files, found, limits)
                if name not in package.delta:
                    package.full |= {name}
    if "users" not in package.tables:
        found.append(Problem("users.csv", 0, "", "", "The file is missing.", "A package needs at least users and orgs."))
    if package.version == "1.2" and "users" in package.tables and "roles" not in package.tables:
        found.append(Problem("roles.csv", 0, "", "", "The file is missing.", "OneRoster 1.2 keeps the roles there."))
    if found:
        raise ImportRefused(found, found.more)
    for table in package.tables.values():
        if table.unknown:
            package.notes.append(f"{table.file}: columns left out: {', '.join(table.unknown)}.")
    return package


def _manifest(files: Files, found: Faults, limits: Limits) -> Package:
    version = "1.2" if "roles" in files else "1.1"
    if "manifest" not in files:
        return Package(version, "", notes=[f"There is no manifest.csv; the package is read as OneRoster {version}."])
    with files["manifest"]() as stream:
        table = read_table("manifest.csv", stream, MANIFEST, found, limits)
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
        if mode in ("bulk", "delta") and name.lower() not in files:
            found.append(Problem(f"{name}.csv", 0, "", "", f"The manifest promises it ({mode}).", "Add the file."))
        elif mode == "absent" and name.lower() in files:
            package.notes.append(f"{name}.csv: left out, because the manifest calls it absent.")
            package.tables[name] = Table(f"{name}.csv")
        elif mode not in ("bulk", "delta", "absent"):
            todo = 'Write "bulk", "delta" or "absent".'
            found.append(Problem("manifest.csv", row.number, row["propertyName"], row["value"], "This is not a mode.", todo))
    return package


def _table(name: str, files: Files, found: Faults, limits: Limits) -> Table:
    columns, required, others = FILES[name]
    with files[name.lower()]() as stream:
        asked = Columns(tuple((_ALL + columns).split()), frozenset(required.split()), others)
        return read_table(f"{name}.csv", stream, asked, found, limits)
