"""The rows of a package as typed records, each checked by itself. What points where is checked in references.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from classbook.imports.oneroster.package import Package
from classbook.imports.problems import Problem
from classbook.imports.tables import Cells, Row, Table

ORG_TYPES = frozenset({"department", "school", "district", "local", "state", "national"})
SESSION_TYPES = frozenset({"gradingPeriod", "semester", "schoolYear", "term"})
USER_ROLES = frozenset(
    {
        "administrator", "aide", "counselor", "districtAdministrator", "guardian", "parent", "principal", "proctor", "relative",
        "siteAdministrator", "student", "systemAdministrator", "teacher",
    }
)  # fmt: skip
ENROLLMENT_ROLES = frozenset({"administrator", "aide", "proctor", "student", "teacher"})
STATUSES = frozenset({"active", "inactive", "tobedeleted"})
LONGEST_NUMBER = 12
GUARDIAN_ROLES = frozenset({"guardian", "parent", "relative"})


@dataclass(frozen=True, slots=True)
class Record:
    """`row` is the row in its file. `gone`: the package says that this no longer is."""

    id: str
    row: Row
    gone: bool


@dataclass(frozen=True, slots=True)
class Org(Record):
    name: str
    type: str
    parent: str


@dataclass(frozen=True, slots=True)
class Session(Record):
    """Both days inclusive, as packages in the wild mean them."""

    title: str
    type: str
    starts: date
    ends: date
    parent: str
    school_year: str


@dataclass(frozen=True, slots=True)
class Course(Record):
    title: str
    code: str
    org: str
    year: str


@dataclass(frozen=True, slots=True)
class Class(Record):
    title: str
    code: str
    homeroom: bool
    course: str
    school: str
    sessions: tuple[str, ...]
    grades: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class User(Record):
    enabled: bool
    login: str
    family: str
    given: str
    middle: str
    email: str
    phones: tuple[str, ...]
    agents: tuple[str, ...]
    roles: frozenset[str]
    orgs: tuple[str, ...]
    grades: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place(Record):
    """An enrollment. `ends` is the last day: the file's endDate is the day after (standards.md 1.1)."""

    class_id: str
    user: str
    role: str
    primary: bool
    starts: date | None
    ends: date | None


@dataclass(frozen=True, slots=True)
class Demographic(Record):
    """Nothing else of the file is kept: a school needs no race and no place of birth."""

    born: date | None
    sex: str


@dataclass(frozen=True, slots=True)
class LineItem(Record):
    title: str
    class_id: str
    on: date | None


@dataclass(frozen=True, slots=True)
class Result(Record):
    line_item: str
    student: str
    value: str
    exempt: bool
    comment: str


@dataclass(frozen=True, slots=True)
class Roster:
    """Everything that a package says, by sourcedId. `silent` names the tables without a single row."""

    package: Package
    orgs: dict[str, Org]
    sessions: dict[str, Session]
    courses: dict[str, Course]
    classes: dict[str, Class]
    users: dict[str, User]
    places: dict[str, Place]
    demographics: dict[str, Demographic]
    line_items: dict[str, LineItem]
    results: dict[str, Result]


T = TypeVar("T", bound=Record)


def read_roster(package: Package, found: list[Problem]) -> Roster:
    """Typed records of every table; faults of single cells go to `found`."""
    strict = package.version == "1.2"

    def records(name: str, make: Callable[[Cells, Row, bool], T]) -> dict[str, T]:
        cells = Cells(package.tables.get(name, Table(f"{name}.csv")), found)
        return _by_id(cells, (make(cells, row, _gone(cells, row)) for row in cells.table.rows))

    roles = _roles(package, found)
    return Roster(
        package=package,
        orgs=records("orgs", _org),
        sessions=records("academicSessions", _session),
        courses=records("courses", _course),
        classes=records("classes", _class),
        users=records("users", lambda cells, row, gone: _user(cells, row, gone, roles, strict)),
        places=records("enrollments", lambda cells, row, gone: _place(cells, row, gone, strict)),
        demographics=records("demographics", _demographic),
        line_items=records("lineItems", _line_item),
        results=records("results", _result),
    )


def _by_id(cells: Cells, records: Iterable[T]) -> dict[str, T]:
    found: dict[str, T] = {}
    for record in records:
        if record.id in found:
            cells.fault(record.row, "sourcedId", f"The id stands in row {found[record.id].row.number} too.", "Keep one row.")
        found[record.id] = record
    return found


def _gone(cells: Cells, row: Row) -> bool:
    if not row["status"]:
        return False
    return cells.choice(row, "status", STATUSES) in ("inactive", "tobedeleted")


def _id(cells: Cells, row: Row) -> str:
    return cells.text(row, "sourcedId", 100, needed=True)


def _org(cells: Cells, row: Row, gone: bool) -> Org:
    name = cells.text(row, "name", 200, needed=True)
    return Org(_id(cells, row), row, gone, name, cells.choice(row, "type", ORG_TYPES), row["parentSourcedId"])


def _session(cells: Cells, row: Row, gone: bool) -> Session:
    starts, ends = cells.day(row, "startDate", needed=True), cells.day(row, "endDate", needed=True)
    if starts and ends and ends < starts:
        cells.fault(row, "endDate", f"It lies before the start ({starts}).", "Correct one of the two.")
    title = cells.text(row, "title", 40, needed=True)
    kind = cells.choice(row, "type", SESSION_TYPES)
    first = starts or date.min
    school_year = cells.text(row, "schoolYear", 40)
    return Session(_id(cells, row), row, gone, title, kind, first, ends or first, row["parentSourcedId"], school_year)


def _course(cells: Cells, row: Row, gone: bool) -> Course:
    title = cells.text(row, "title", 160, needed=True)
    code = cells.text(row, "courseCode", 60)
    return Course(_id(cells, row), row, gone, title, code, row["orgSourcedId"], row["schoolYearSourcedId"])


def _class(cells: Cells, row: Row, gone: bool) -> Class:
    homeroom = cells.choice(row, "classType", frozenset({"homeroom", "scheduled"})) == "homeroom"
    return Class(
        _id(cells, row), row, gone,
        title=cells.text(row, "title", 60 if homeroom else 160, needed=True),
        code=cells.text(row, "classCode", 60),
        homeroom=homeroom,
        course=row["courseSourcedId"],
        school=cells.text(row, "schoolSourcedId", 100, needed=True),
        sessions=cells.ids(row, "termSourcedIds"),
        grades=cells.ids(row, "grades"),
    )  # fmt: skip


def _roles(package: Package, found: list[Problem]) -> dict[str, list[tuple[str, str]]]:
    """Roles of each user in 1.2: (role, org)."""
    table = package.tables.get("roles", Table("roles.csv"))
    cells = Cells(table, found)
    roles: dict[str, list[tuple[str, str]]] = {}
    users = {row["sourcedId"] for row in package.rows("users")} if "users" not in package.delta else None
    for row in table.rows:
        role = cells.choice(row, "role", USER_ROLES)
        if users is not None and row["userSourcedId"] not in users:
            cells.fault(row, "userSourcedId", "There is no such user in users.csv.", "Add the user, or remove the row.")
        if not _gone(cells, row):
            roles.setdefault(row["userSourcedId"], []).append((role, row["orgSourcedId"]))
    return roles


def _user(cells: Cells, row: Row, gone: bool, roles: dict[str, list[tuple[str, str]]], strict: bool) -> User:
    own = roles.get(row["sourcedId"], [])
    if not strict:
        role = cells.choice(row, "role", USER_ROLES)
        own = [(role, org) for org in cells.ids(row, "orgSourcedIds")] or [(role, "")]
    elif not own and not gone:
        cells.fault(row, "sourcedId", "The user has no role in roles.csv.", "Add a row there.")
    email = cells.text(row, "email", 254)
    if email and ("@" not in email or " " in email):
        cells.fault(row, "email", "This is not a mail address.", "Correct it, or leave it empty.")
    return User(
        _id(cells, row), row, gone,
        enabled=cells.flag(row, "enabledUser", strict=strict, default=True),
        login=cells.text(row, "username", 60),
        family=cells.text(row, "familyName", 120, needed=True),
        given=cells.text(row, "givenName", 120),
        middle=cells.text(row, "middleName", 120),
        email=email,
        phones=tuple(filter(None, dict.fromkeys(cells.text(row, column, 60) for column in ("sms", "phone")))),
        agents=cells.ids(row, "agentSourcedIds"),
        roles=frozenset(role for role, _ in own),
        orgs=tuple(dict.fromkeys(org for _, org in own if org)),
        grades=cells.ids(row, "grades"),
    )  # fmt: skip


def _place(cells: Cells, row: Row, gone: bool, strict: bool) -> Place:
    starts, after = cells.day(row, "beginDate"), cells.day(row, "endDate")
    if starts and after and after < starts:
        cells.fault(row, "endDate", f"It lies before beginDate ({starts}).", "Correct one of the two.")
    ends = max(after - timedelta(days=1), starts or date.min) if after else None
    role = cells.choice(row, "role", ENROLLMENT_ROLES)
    primary = cells.flag(row, "primary", strict=strict, default=False)
    return Place(_id(cells, row), row, gone, row["classSourcedId"], row["userSourcedId"], role, primary, starts, ends)


def _demographic(cells: Cells, row: Row, gone: bool) -> Demographic:
    sex = cells.choice(row, "sex", frozenset({"male", "female", "unspecified", "other"})) if row["sex"] else ""
    return Demographic(_id(cells, row), row, gone, cells.day(row, "birthDate"), "" if sex == "unspecified" else sex)


def _line_item(cells: Cells, row: Row, gone: bool) -> LineItem:
    on = cells.day(row, "dueDate") or cells.day(row, "assignDate")
    title = cells.text(row, "title", 160, needed=True)
    return LineItem(_id(cells, row), row, gone, title, row["classSourcedId"], on)


def _result(cells: Cells, row: Row, gone: bool) -> Result:
    status = row["scoreStatus"].lower()
    value = row["textScore"] or _number(row["score"])
    return Result(
        _id(cells, row), row, gone,
        line_item=row["lineItemSourcedId"],
        student=row["studentSourcedId"],
        value="" if status == "not submitted" else value,
        exempt=status == "exempt",
        comment=cells.text(row, "comment", 500),
    )  # fmt: skip


def _number(score: str) -> str:
    """4.0 is the mark 4. What is longer than any mark stays as it is: 1e999999 would become a million signs."""
    try:
        number = Decimal(score)
    except InvalidOperation:
        return score
    plain = number.is_finite() and abs(number.adjusted()) < LONGEST_NUMBER and len(score) <= LONGEST_NUMBER
    return format(number.normalize(), "f") if plain else score
