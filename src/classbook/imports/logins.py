"""Logins and password hashes of an old system, for the people of one school; all of them or none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q

from classbook.accounts.actions.old_logins import GRACE_DAYS
from classbook.accounts.models import OldPassword
from classbook.common import clock
from classbook.common.old_hashes import FORMS, is_known, is_same, kept_form
from classbook.events.actions import record_audit
from classbook.imports.problems import Faults, ImportRefused, Problem
from classbook.imports.sync import Tally
from classbook.imports.tables import Cells, Columns, Limits, Row, Table, read_table
from classbook.people.models import Account, Person
from classbook.schools.models import School

LOGINS = Columns(("sourcedId", "login", "hash"), frozenset({"sourcedId", "login", "hash"}))
LONGEST_LOGIN = 254


@dataclass(frozen=True, slots=True)
class LoginsImported:
    """What was done. `left`: a sentence for each row whose person has a password of his own."""

    tally: Tally
    until: date
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    row: Row
    person: Person
    login: str
    encoded: str


def import_logins(
    path: Path, school_id: int, until: date | None = None, *, dry_run: bool = False, tell: Callable[[str], None] = lambda _: None
) -> LoginsImported:
    """Let the people of the school come in with their old login and password until the day. Raises ImportRefused.

    A second run changes nothing, and nobody who has a password of his own gets the old one back.
    """
    found = Faults()
    school = School.objects.filter(pk=school_id).first()
    if school is None:
        todo = "Use the number that the import printed."
        raise ImportRefused([Problem(path.name, 0, "--school", str(school_id), "There is no such school.", todo)])
    today = clock.today(settings.TIME_ZONE)
    last = until or today + timedelta(days=GRACE_DAYS)
    if last < today:
        found.append(Problem(path.name, 0, "--until", last.isoformat(), "The day is over.", "Give a day to come."))
    table = _read(path, found)
    tell(f"Checking {len(table.rows)} rows")
    wanted = _Reader(school, table, found).wanted()
    if not table.rows and not found:
        found.append(Problem(table.file, 0, "", "", "There are no rows.", "Export the logins again."))
    if found:
        raise ImportRefused(sorted(found, key=lambda problem: (problem.row, problem.column)), found.more)
    with transaction.atomic():
        done = _write(wanted, last)
        if done.tally.touched:
            rows = [done.tally.made, done.tally.changed, done.tally.left]
            record_audit("import.logins", actor_id=None, school_id=school.pk, rows=rows, until=last.isoformat())
        if dry_run:
            transaction.set_rollback(True)
    return done


def _read(path: Path, found: Faults) -> Table:
    try:
        with path.open("rb") as stream:
            return read_table(path.name, stream, LOGINS, found, Limits())
    except OSError as error:
        found.append(Problem(path.name, 0, "", "", f"It cannot be read ({error.strerror}).", "Give one CSV file."))
        return Table(path.name)


class _Reader:
    """Rows as what is wanted; what is wrong goes to `found`. A fault shows no hash."""

    def __init__(self, school: School, table: Table, found: Faults) -> None:
        self.table, self.found, self.cells = table, found, Cells(table, found)
        ours = Q(placements__school=school) | Q(wards__student__placements__school=school) | Q(positions__school=school)
        self.people: dict[str, list[Person]] = {}
        for person in Person.objects.filter(ours).distinct():
            for key in filter(None, (person.origin_id, str(person.uid))):
                self.people.setdefault(key, []).append(person)
        self.owners = {login.lower(): person for login, person in Account.objects.values_list("login", "person_id")}
        self.persons_seen: dict[int, int] = {}
        self.logins_seen: dict[str, int] = {}

    def wanted(self) -> list[_Wanted]:
        rows = [self._wanted(row) for row in self.table.rows]
        return [one for one in rows if one is not None]

    def _wanted(self, row: Row) -> _Wanted | None:
        before = len(self.found) + self.found.more
        person, login = self._person(row), self._login(row)
        # MD5 is wrapped when it is written: to try the file costs no thousand hashes.
        encoded = row["hash"]
        if not is_known(encoded):
            shown = Problem(
                self.table.file,
                row.number,
                "hash",
                "",
                "This form of a hash is not known, or costs too much.",
                f"Known are {FORMS}.",
            )
            self.found.append(shown)
        if person is not None and login:
            self._compare(row, person, login)
        clean = len(self.found) + self.found.more == before
        return _Wanted(row, person, login, encoded) if clean and person is not None else None

    def _person(self, row: Row) -> Person | None:
        people = self.people.get(_key(row["sourcedId"]), [])
        if len(people) != 1:
            wrong = "Several people of the school have it." if people else "The school has nobody with it."
            self.cells.fault(row, "sourcedId", wrong, "Write the sourcedId of the package, or the person's uid in Classbook.")
            return None
        return people[0]

    def _login(self, row: Row) -> str:
        login = self.cells.text(row, "login", LONGEST_LOGIN, needed=True).lower()
        if len(login.split()) > 1:
            self.cells.fault(row, "login", "There is a space in it.", "Correct it.")
        return login

    def _compare(self, row: Row, person: Person, login: str) -> None:
        if self.owners.get(login, person.pk) != person.pk:
            self.cells.fault(
                row, "login", "Somebody else has this login here.", "Give the person another way in, such as a letter."
            )
        for column, seen, key in (("login", self.logins_seen, login), ("sourcedId", self.persons_seen, person.pk)):
            if key in seen:  # type: ignore[operator]
                self.cells.fault(row, column, f"Row {seen[key]} has it too.", "Keep one of the rows.")  # type: ignore[index]
            seen[key] = row.number  # type: ignore[index]


def _key(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return text


def _write(wanted: list[_Wanted], last: date) -> LoginsImported:
    tally, left = Tally(0, 0, 0, 0), []
    accounts = Account.objects.select_related("old_password").in_bulk([one.person.pk for one in wanted], field_name="person")
    by_person = {account.person_id: account for account in accounts.values()}
    for one in wanted:
        account = by_person.get(one.person.pk)
        old = getattr(account, "old_password", None) if account else None
        if account is not None and old is None and (account.has_usable_password() or account.first_used_at is not None):
            tally.left += 1
            left.append(f"row {one.row.number}, {one.login}: has come in already and keeps the own password.")
        elif account is not None and old is not None and account.login == one.login and is_same(old.encoded, one.encoded):
            tally.same += old.until == last
            tally.changed += OldPassword.objects.filter(pk=old.pk).exclude(until=last).update(until=last)
        else:
            tally.made += old is None
            tally.changed += old is not None
            _keep(one, account, last)
    return LoginsImported(tally, last, tuple(left))


def _keep(one: _Wanted, account: Account | None, last: date) -> None:
    if account is None:
        account = Account.objects.create(person=one.person, login=one.login, password=make_password(None), created_at=clock.now())
    elif account.login != one.login:
        Account.objects.filter(pk=account.pk).update(login=one.login)
    values = {"encoded": kept_form(one.encoded), "until": last, "imported_at": clock.now()}
    OldPassword.objects.update_or_create(account=account, defaults=values)
