"""What points where in a roster. A package that is silent about a table is helped out; one that speaks must be right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from classbook.imports.oneroster.records import GUARDIAN_ROLES, Class, Record, Roster
from classbook.imports.problems import Problem


class Known:
    """Ids that are known from earlier imports: a delta package may point at them."""

    def __init__(self, ids: Mapping[str, Collection[str]] | None = None) -> None:
        self._ids = ids or {}

    def of(self, table: str) -> Collection[str]:
        return self._ids.get(table, ())


def check_references(roster: Roster, known: Known, found: list[Problem], notes: list[str]) -> None:
    """Every reference leads somewhere. Faults go to `found`, what was helped out to `notes`."""
    check = _Checker(roster, known, found, notes)
    for school_class in roster.classes.values():
        check.points("classes", school_class, "schoolSourcedId", school_class.school, "orgs", roster.orgs)
        check.points("classes", school_class, "courseSourcedId", school_class.course, "courses", roster.courses)
        for session in school_class.sessions:
            check.points("classes", school_class, "termSourcedIds", session, "academicSessions", roster.sessions)
    for place in roster.places.values():
        check.points("enrollments", place, "classSourcedId", place.class_id, "classes", roster.classes)
        check.points("enrollments", place, "userSourcedId", place.user, "users", roster.users)
    for user in roster.users.values():
        for agent in user.agents:
            check.points("users", user, "agentSourcedIds", agent, "users", roster.users)
            if agent == user.id:
                check.fault("users", user, "agentSourcedIds", agent, "Nobody is an own guardian.", "Remove the id.")
    for item in roster.line_items.values():
        check.points("lineItems", item, "classSourcedId", item.class_id, "classes", roster.classes)
    for result in roster.results.values():
        check.points("results", result, "lineItemSourcedId", result.line_item, "lineItems", roster.line_items)
        check.points("results", result, "studentSourcedId", result.student, "users", roster.users)
    for person in roster.demographics.values():
        check.points("demographics", person, "sourcedId", person.id, "users", roster.users)
    check.places()
    check.logins()
    check.class_names()


class _Checker:
    def __init__(self, roster: Roster, known: Known, found: list[Problem], notes: list[str]) -> None:
        self.roster, self.known, self.found, self.notes = roster, known, found, notes
        self._told: set[str] = set()

    def fault(self, table: str, record: Record, column: str, value: str, wrong: str, todo: str) -> None:
        self.found.append(Problem(f"{table}.csv", record.row.number, column, value, wrong, todo))

    def points(self, table: str, record: Record, column: str, value: str, target: str, there: Mapping[str, Record]) -> None:
        if value in there or value in self.known.of(target):
            return
        if not value or (target in ("courses", "academicSessions") and not there):
            what = f"{table}.csv points at {target}, which the package does not describe; the ids are left out."
            if value and what not in self._told:
                self._told.add(what)
                self.notes.append(what)
            if value or target in ("courses", "academicSessions"):
                return
        wrong = f"There is no such row in {target}.csv." if value else "It is empty."
        self.fault(table, record, column, value, wrong, f"Add it to {target}.csv, or correct the id.")

    def places(self) -> None:
        """Nobody has two places without an end in one class."""
        rows: dict[tuple[str, str, str], int] = {}
        for place in self.roster.places.values():
            one = self.roster.classes.get(place.class_id)
            counts = place.role == "student" or (place.role == "teacher" and not (one and one.homeroom))
            if place.gone or place.ends or not counts:
                continue
            row = rows.setdefault((place.class_id, place.user, place.role), place.row.number)
            if row != place.row.number:
                wrong = f"Row {row} puts this person into this class too, and neither of them has an endDate."
                self.fault("enrollments", place, "userSourcedId", place.user, wrong, "Keep one of the two rows.")

    def logins(self) -> None:
        """A sign-in belongs to one person."""
        rows: dict[str, int] = {}
        for user in self.roster.users.values():
            login = user.login.lower()
            if login and not user.gone and rows.setdefault(login, user.row.number) != user.row.number:
                wrong = f"The name stands in row {rows[login]} too."
                self.fault("users", user, "username", user.login, wrong, "Give everybody a name of their own.")

    def class_names(self) -> None:
        """Two homeroom classes of one school and year are told apart by their names."""
        names: dict[tuple[str, str, tuple[str, ...]], Class] = {}
        for one in self.roster.classes.values():
            if one.homeroom and not one.gone:
                other = names.setdefault((one.school, one.title, one.sessions[:1]), one)
                if other is not one:
                    wrong = f"The class of row {other.row.number} has this name too."
                    self.fault("classes", one, "title", one.title, wrong, "Give each class its own name.")


def guardian_pairs(roster: Roster) -> dict[tuple[str, str], int]:
    """(guardian, child) with the guardian's place in the child's list, 1 first. Links are written on either side.

    The child is the one who is a pupil; between two who are none, the one whom a guardian names.
    """
    pupils = {user.id for user in roster.users.values() if "student" in user.roles}
    found: dict[tuple[str, str], int] = {}
    for user in roster.users.values():
        for order, agent in enumerate(user.agents, 1):
            other = roster.users.get(agent)
            if other is None or agent == user.id or user.gone or other.gone:
                continue
            if user.id in pupils and agent not in pupils:
                found[agent, user.id] = order
            elif (agent in pupils and user.id not in pupils) or (_guards(roster, user.id) and not _guards(roster, agent)):
                found.setdefault((user.id, agent), 1)
            elif _guards(roster, agent) and not _guards(roster, user.id):
                found[agent, user.id] = order
    return found


def _guards(roster: Roster, user: str) -> bool:
    return bool(roster.users[user].roles & GUARDIAN_ROLES)


def role_notes(roster: Roster) -> list[str]:
    """What is deliberately not taken over."""
    strong = Counter(
        role for user in roster.users.values() for role in user.roles if role not in GUARDIAN_ROLES | {"student", "teacher"}
    )
    notes = [
        f"{count} with the role {role}: they can sign in, but get no rights by an import. "
        f"Give rights with: classbook account role LOGIN ROLE --school ID"
        for role, count in sorted(strong.items())
    ]
    if any(user.row["password"] for user in roster.users.values()):
        notes.append("Passwords of the package are not used. Issue one with: classbook account issue LOGIN")
    return notes
