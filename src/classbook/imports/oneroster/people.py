"""Persons, sign-ins and guardians of a roster. No password is set, no guardian's link takes effect, no ban is touched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import prefetch_related_objects

from classbook.common import clock
from classbook.imports.oneroster.records import GUARDIAN_ROLES, User
from classbook.imports.oneroster.references import guardian_pairs
from classbook.imports.oneroster.write import Writer
from classbook.imports.problems import Problem
from classbook.imports.sync import BATCH, Tally, joined_id, sync
from classbook.people.models import Account, Contact, Guardianship, Person
from classbook.people.rules import sort_key


def write_people(work: Writer, found: list[Problem]) -> None:
    """Persons by their sourcedId, never by name: names are shared, ids are not."""
    users = {user.id: user for user in work.roster.users.values()}
    by_hand = {row.origin_id: row for row in Person.objects.filter(origin=work.origin, data_by_hand=True)}
    wanted = {user.id: _person(work, user, by_hand.get(user.id)) for user in users.values()}
    persons = sync(Person.objects.all(), work.origin, wanted)
    work.count("persons", persons.tally)
    work.persons = {**{row.origin_id: row for row in Person.objects.filter(origin=work.origin)}, **persons.rows}
    _write_accounts(work, found)
    _write_contacts(work)
    _write_guardians(work)


def _person(work: Writer, user: User, corrected: Person | None) -> dict[str, Any]:
    """`corrected`: the office has set name and birth date by hand; that stays until the package says the same."""
    values: dict[str, Any] = {
        "family_name": user.family, "given_name": user.given, "middle_name": user.middle,
        "sort_key": sort_key(user.family, user.given, user.middle),
    }  # fmt: skip
    # A package that is silent about birth dates does not erase those that the school has typed.
    said = work.roster.demographics.get(user.id)
    if said and said.born:
        values["birth_date"] = said.born
    if said and said.sex:
        values["sex"] = said.sex
    if corrected is None:
        return values
    data = {name: value for name, value in values.items() if name not in {"sex", "sort_key"}}
    if all(getattr(corrected, name) == value for name, value in data.items()):
        return values | {"data_by_hand": False}
    work.left.append(f"users.csv, row {user.row.number}: {user.family} {user.given}; by hand: {_called(corrected)} stays.")
    return {name: value for name, value in values.items() if name == "sex"}


def _called(person: Person) -> str:
    return f"{person.family_name} {person.given_name} {person.middle_name}".strip()


def _write_accounts(work: Writer, found: list[Problem]) -> None:
    """A sign-in for each username, without a password until one is issued; a disabled user's sleeps."""
    wanted = {user.login.lower(): user for user in work.roster.users.values() if user.login and not user.gone}
    by_person = {account.person_id: account for account in Account.objects.filter(person__origin=work.origin)}
    taken = dict(Account.objects.exclude(person__origin=work.origin).values_list("login", "person_id"))
    taken = {login.lower(): person for login, person in taken.items()}
    made, changed, same = [], [], 0
    for login, user in wanted.items():
        if login in taken:
            todo = "Rename one of the two, or import with --source if this is the same school from another system."
            found.append(
                Problem("users.csv", user.row.number, "username", user.login, "Somebody outside the package has it.", todo)
            )
            continue
        person = work.persons[user.id]
        account = by_person.get(person.pk)
        if account is None:
            password = make_password(None)
            made.append(Account(person_id=person.pk, login=user.login, is_active=user.enabled, password=password))
        elif (account.login, account.is_active) != (
            kept := account.login if account.self_registered else user.login,
            user.enabled,
        ):
            # A login that its owner chose is his own word.
            account.login, account.is_active = kept, user.enabled
            changed.append(account)
        else:
            same += 1
    Account.objects.bulk_create(made, batch_size=BATCH)
    Account.objects.bulk_update(changed, ["login", "is_active"], batch_size=200)
    work.count("sign-ins", Tally(len(made), len(changed), _end_accounts(work), same))


def _end_accounts(work: Writer) -> int:
    """Who is no longer in the package, or is called gone there, can no longer sign in; his entries stay."""
    gone = {user.id for user in work.roster.users.values() if user.gone}
    rows = Account.objects.filter(person__origin=work.origin, is_active=True).select_related("person")
    named = set(work.roster.users)
    ended = [
        row for row in rows
        if row.person.origin_id in gone or (row.person.origin_id not in named and "users" in work.roster.package.full)
    ]  # fmt: skip
    for row in ended:
        row.is_active = False
    Account.objects.bulk_update(ended, ["is_active"], batch_size=200)
    return len(ended)


def _write_contacts(work: Writer) -> None:
    """Addresses and numbers as unconfirmed contacts. What a person has added stays."""
    wanted = {
        (work.persons[user.id].pk, kind, value)
        for user in work.roster.users.values()
        for kind, values in ((Contact.Kind.EMAIL, (user.email,)), (Contact.Kind.PHONE, user.phones))
        for value in values
        if value and not user.gone
    }
    there = set(Contact.objects.filter(person__origin=work.origin).values_list("person_id", "kind", "value"))
    new = sorted(wanted - there)
    Contact.objects.bulk_create((Contact(person_id=p, kind=kind, value=value) for p, kind, value in new), batch_size=BATCH)
    work.count("contacts", Tally(len(new), 0, 0, len(wanted) - len(new)))


def _write_guardians(work: Writer) -> None:
    """New links sleep until the school confirms them (quality.md 7.14). Rights of known links are the school's alone.

    What the school has ended or restored by hand is the school's for good, whatever a package says (docs/adr/0015).
    """
    pairs = guardian_pairs(work.roster)
    persons = work.persons
    wanted = {(persons[guardian].pk, persons[child].pk): (guardian, child, order) for (guardian, child), order in pairs.items()}
    there = {
        (row.guardian_id, row.student_id): row
        for row in Guardianship.objects.filter(student__in={child for _, child in wanted})
    }  # fmt: skip
    imported = {(row.guardian_id, row.student_id): row for row in Guardianship.objects.filter(origin=work.origin)}
    made = [
        Guardianship(
            guardian_id=pair[0], student_id=pair[1], priority=order, relation=_relation(work.roster.users[guardian]),
            origin=work.origin, origin_id=joined_id(guardian, ">", child),
        )
        for pair, (guardian, child, order) in wanted.items() if pair not in there
    ]  # fmt: skip
    Guardianship.objects.bulk_create(made, batch_size=BATCH)
    held = {pair: row for pair, row in there.items() if pair in wanted and row.by_hand and row.ends_on is not None}
    for pair, row in held.items():
        guardian, child, _ = wanted[pair]
        place, last = f"users.csv, row {_row_of(work, guardian, child)}", f"by hand: ended on {row.ends_on}"
        work.left.append(f"{place}: {_names(work, guardian)} is a guardian of {_names(work, child)}; {last}.")
    woken = _name_again(wanted, there, work.origin)
    ended = _end_links(work, {pair: row for pair, row in imported.items() if pair not in wanted})
    same = len(wanted) - len(made) - woken - len(held)
    work.count("guardians' links", Tally(len(made), woken, ended, same, len(held)))


def _row_of(work: Writer, guardian: str, child: str) -> int:
    """Where the link is written: beside the child, or else beside the guardian."""
    beside_child = guardian in work.roster.users[child].agents
    return work.roster.users[child if beside_child else guardian].row.number


def _names(work: Writer, user: str) -> str:
    person = work.persons[user]
    return ", ".join(filter(None, (person.family_name, person.given_name)))


def _relation(user: User) -> str:
    return Guardianship.Relation.PARENT if "parent" in user.roles & GUARDIAN_ROLES else Guardianship.Relation.GUARDIAN


def _name_again(wanted: dict[Any, Any], there: dict[Any, Guardianship], origin: str) -> int:
    """A link that an import had ended and that is named again starts anew, asleep."""
    again = [
        row for pair, row in there.items()
        if pair in wanted and row.origin == origin and row.ends_on is not None and not row.by_hand
    ]  # fmt: skip
    for row in again:
        row.ends_on, row.confirmed_at = None, None
    Guardianship.objects.bulk_update(again, ["ends_on", "confirmed_at"], batch_size=200)
    return len(again)


def _end_links(work: Writer, absent: dict[Any, Guardianship]) -> int:
    """In a full package a link that is named no more ends; in a delta only those of the children it names."""
    named = {work.persons[user].pk for user in work.roster.users}
    delta = "users" not in work.roster.package.full
    yesterday = clock.today("UTC") - timedelta(days=1)
    rows = [
        row for (guardian, child), row in absent.items()
        if row.ends_on is None and (not delta or {guardian, child} <= named)
    ]  # fmt: skip
    left, rows = [row for row in rows if row.by_hand], [row for row in rows if not row.by_hand]
    prefetch_related_objects(left, "guardian", "student")
    for row in left:
        who, whose = (", ".join(filter(None, (p.family_name, p.given_name))) for p in (row.guardian, row.student))
        work.left.append(f"users.csv: {who} is no guardian of {whose} any more; by hand: goes on.")
    work.count("guardians' links", Tally(left=len(left)))
    for row in rows:
        row.ends_on = yesterday if row.starts_on is None else max(row.starts_on, yesterday)
    Guardianship.objects.bulk_update(rows, ["ends_on"], batch_size=200)
    return len(rows)
