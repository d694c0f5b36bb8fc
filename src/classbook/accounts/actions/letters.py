"""Letters are issued, printed once, printed anew, withdrawn. Nobody sees a code but on paper (docs/adr/0017)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from classbook.accounts import rules
from classbook.accounts.actions.logins import open_account
from classbook.accounts.models import Correction, Invitation, SchoolApplication
from classbook.accounts.queries import board
from classbook.accounts.queries.applying import has_come_in
from classbook.accounts.queries.board import IN, OPEN, Household, Line
from classbook.accounts.queries.letters import code_of, letters_key, open_letters
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import record_audit, record_audit_of_many
from classbook.people.models import Account, Person
from classbook.people.rules import full_name
from classbook.schools.access import Actor, may_in_region
from classbook.schools.models import School, SchoolClass
from classbook.schools.roles import Permission

T = TypeVar("T")
# Letters in one file: more would only cost memory.
CHUNK = 60
# The role of a connected school's first person.
ADMINISTRATOR = "office"


@dataclass(frozen=True, slots=True)
class PrintedLetter:
    """What stands on a letter. It lives as long as the page is being made."""

    locale: str
    role: str
    name: str
    pupil: str
    class_name: str
    school: str
    issuer: str
    code: str
    # The classic slip; empty on a letter with a code.
    login: str
    expires_on: date
    # For somebody who looks after a school's people, not for a teacher.
    is_wide: bool = False


def open_class_for_letters(actor: Actor, uid: UUID) -> SchoolClass:
    """A class for its class teacher and for those whom the school has appointed. Raises NotFound."""
    found = SchoolClass.objects.select_related("school", "year", "class_teacher").filter(uid=uid).first()
    if found is None or not may_issue_for(actor, found):
        raise NotFound
    return found


def may_issue_for(actor: Actor, school_class: SchoolClass) -> bool:
    """The class teacher, or somebody whom the school has appointed."""
    own = school_class.class_teacher_id == actor.person_id and actor.may(Permission.TEACH, school_class.school_id)
    return own or actor.may(Permission.ISSUE_LETTERS, school_class.school_id)


def _require(actor: Actor | None, school: School, school_class: SchoolClass | None, *, staff: bool = False) -> None:
    """None is the operator at the command line. Whoever is named for families' letters has none for colleagues."""
    if actor is None:
        return
    permission = Permission.MANAGE_PEOPLE if staff else Permission.ISSUE_LETTERS
    allowed = may_issue_for(actor, school_class) if school_class else actor.may(permission, school.pk)
    if not allowed:
        raise NotFound


def lines_of(school: School, school_class: SchoolClass | None, *, staff: bool = False, actor: Actor | None = None) -> list[Line]:
    """Everybody on the board of a class, of the school, or of its staff, as the actor sees it."""
    reader_id = actor.person_id if actor else None
    households: Sequence[Household] = (
        board.staff_of(school) if staff else board.households_of(school, school_class, reader_id=reader_id)
    )
    return [line for household in households for line in household.lines]


@transaction.atomic
def issue(
    actor: Actor | None, school: School, school_class: SchoolClass | None = None, *, keys: Iterable[str] | None = None,
    kind: str = Invitation.Kind.CODE, again: bool = False, staff: bool = False,
) -> list[Invitation]:  # fmt: skip
    """Make letters for the lines named by `keys`, or for everybody who has neither signed in nor a letter that holds.

    `again`: also for those who have a letter that holds. An earlier letter of the same person and role ends. Who may not
    have one is left out. Raises NotFound for keys that are not on this board.
    """
    _require(actor, school, None if staff else school_class, staff=staff)
    # Whoever issues at the same time waits: two open letters of one person would be one too many.
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    lines = lines_of(school, school_class, staff=staff, actor=actor)
    if keys is not None:
        asked = set(keys)
        if not asked <= {line.key for line in lines}:
            raise NotFound
        chosen = [line for line in lines if line.key in asked]
    else:
        states = board.WITHOUT | ({OPEN} if again else set())
        chosen = [line for line in lines if line.state in states]
    return _make(actor, school, _one_each(line for line in chosen if line.may_have_one), kind)


def _one_each(lines: Iterable[Line]) -> list[Line]:
    """A guardian of two pupils needs one letter: it opens both."""
    found: dict[tuple[int, str], Line] = {}
    for line in lines:
        found.setdefault((line.person.pk, line.role), line)
    return list(found.values())


def _make(actor: Actor | None, school: School, lines: list[Line], kind: str, *, opens: str = "") -> list[Invitation]:
    now, key = clock.now(), letters_key()
    _end(open_letters().filter(_of(lines), school=school), Invitation.Why.REPRINTED, now)
    # Of a pupil who has come from another school there may be one from there: of a guardian and a child one is open.
    pupils = {line.student.pk for line in lines if line.student}
    _end(open_letters().filter(_of(lines), student_id__in=pupils), Invitation.Why.REPRINTED, now)
    made = []
    for line in lines:
        seed = secrets.token_hex(16)
        made.append(
            Invitation(
                person=line.person, school=school, role=line.role, student=line.student, kind=kind, seed=seed,
                code_hmac=rules.hash_of_code(key, rules.code_from(key, seed)), issued_at=now,
                issued_by_id=actor.person_id if actor else None, opens=opens, expires_at=now + timedelta(days=rules.VALID_DAYS),
            )
        )  # fmt: skip
        if kind == Invitation.Kind.PASSWORD and not line.login:
            open_account(line.person)
    Invitation.objects.bulk_create(made, batch_size=500)
    again = {line.person.pk for line in lines if line.state == IN}
    told = ((letter.person_id, {"role": letter.role, "kind": kind, "again": letter.person_id in again}) for letter in made)
    record_audit_of_many("letter.issued", told, actor_id=actor.person_id if actor else None, school_id=school.pk)
    return made


def _of(lines: Iterable[Line]) -> Q:
    by_role: dict[str, list[int]] = {}
    for line in lines:
        by_role.setdefault(line.role, []).append(line.person.pk)
    found = Q(pk=None)
    for role, people in by_role.items():
        found |= Q(role=role, person_id__in=people)
    return found


def _end(letters: object, why: str, now: datetime) -> None:
    letters.update(ended_at=now, ended_why=why, seed="")  # type: ignore[attr-defined]


@transaction.atomic
def print_letters(
    actor: Actor | None, school: School, letters: Iterable[Invitation], render: Callable[[list[PrintedLetter]], T],
    *, school_class: SchoolClass | None = None,
) -> T:  # fmt: skip
    """Hand the letters to `render` and forget their codes; nothing is forgotten when it fails. Printed only once.

    Raises Refusal when all of them were printed or ended in the meantime.
    """
    _require(actor, school, school_class)
    return _print(actor, school, letters, render)


def _print(actor: Actor | None, school: School, letters: Iterable[Invitation], render: Callable[[list[PrintedLetter]], T]) -> T:
    ids = [letter.pk for letter in letters]
    rows = open_letters().select_for_update(no_key=True).filter(pk__in=ids, school=school, printed_at=None)
    waiting = sorted(rows, key=lambda letter: ids.index(letter.pk))
    if not waiting:
        raise Refusal(_("There is nothing to print here. Letters are printed once; print a new one when it is lost."))
    now = clock.now()
    expires = now + timedelta(days=rules.VALID_DAYS)
    text = render(_texts(school, waiting, expires.astimezone(clock.zone(school.time_zone)).date()))
    printed = [letter.pk for letter in waiting]
    Invitation.objects.filter(pk__in=printed).update(printed_at=now, expires_at=expires, seed="")
    told = ((letter.person_id, {"role": letter.role}) for letter in waiting)
    record_audit_of_many("letter.printed", told, actor_id=actor.person_id if actor else None, school_id=school.pk)
    return text


@transaction.atomic
def print_for_administrator(actor: Actor, row: SchoolApplication, render: Callable[[list[PrintedLetter]], T]) -> T:
    """The letter of a connected school's administrator, new each time; an earlier one ends. `row` was opened for the clerk.

    The school that applied and the region that approved are the two persons that a letter for wide rights needs. Raises
    Refusal once the administrator has signed in: from then on the ways of getting in again hold.
    """
    school, person = row.school, row.administrator
    if school is None or person is None or not may_in_region(actor, Permission.CONNECT_SCHOOLS, row.region_id):
        raise NotFound
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    if has_come_in(person.pk):
        raise Refusal(_("The administrator has signed in already. A new letter is not needed."))
    name, role = _full(person), Invitation.Role.STAFF
    line = Line("", person, None, "", role, name, "", board.NONE)
    return _print(actor, school, _make(actor, school, [line], Invitation.Kind.CODE, opens=ADMINISTRATOR), render)


def _texts(school: School, letters: list[Invitation], expires_on: date) -> list[PrintedLetter]:
    pupils = {letter.student_id or letter.person_id for letter in letters}
    classes = board.class_names(school, pupils)
    ids = {pk for letter in letters for pk in (letter.person_id, letter.student_id, letter.issued_by_id) if pk}
    people = {person.pk: person for person in Person.objects.filter(pk__in=ids)}
    logins = dict(Account.objects.filter(person_id__in=ids).values_list("person_id", "login"))
    found = []
    for letter in letters:
        person = people[letter.person_id]
        student = people.get(letter.student_id or 0)
        issuer = people.get(letter.issued_by_id or 0)
        found.append(
            PrintedLetter(
                locale=person.locale or school.locale, role=letter.role, name=_full(person), pupil=_full(student),
                class_name=classes.get(letter.student_id or letter.person_id, ""), school=school.name, issuer=_full(issuer),
                code=code_of(letter), expires_on=expires_on, is_wide=bool(letter.opens),
                login=logins.get(letter.person_id, "") if letter.kind == Invitation.Kind.PASSWORD else "",
            )
        )  # fmt: skip
    return found


def _full(person: Person | None) -> str:
    return full_name(person.family_name, person.given_name, person.middle_name) if person else ""


@transaction.atomic
def withdraw(actor: Actor, school_class: SchoolClass, key: str) -> str:
    """End the letter of a line, such as one that was lost; answers the name. Raises NotFound when there is none."""
    _require(actor, school_class.school, school_class)
    line = next((one for one in lines_of(school_class.school, school_class, actor=actor) if one.key == key), None)
    letters = open_letters().filter(_of([line]), school_id=school_class.school_id) if line else None
    if line is None or letters is None or not letters.exists():
        raise NotFound
    _end(letters, Invitation.Why.WITHDRAWN, clock.now())
    record_audit(
        "letter.withdrawn", actor_id=actor.person_id, school_id=school_class.school_id, subject=("person", line.person.pk)
    )
    return line.name


@transaction.atomic
def deal_with(actor: Actor, school: School, uid: UUID, answer: str = "") -> None:
    """The office has looked into what a family said is wrong; `answer` is read by whoever shows the letter again."""
    _require(actor, school, None)
    row = Correction.objects.filter(uid=uid, school=school, done_at=None).select_related("invitation").first()
    if row is None:
        raise NotFound
    _close(actor, school, row, answer)


@transaction.atomic
def close_corrections(actor: Actor, school: School, person: Person, answer: str) -> None:
    """The office has corrected the data of a person: what was said to be wrong in them is dealt with."""
    _require(actor, school, None)
    rows = Correction.objects.filter(school=school, done_at=None, is_other=False, invitation__person=person)
    for row in rows.select_related("invitation"):
        _close(actor, school, row, answer)


def _close(actor: Actor, school: School, row: Correction, answer: str) -> None:
    Correction.objects.filter(pk=row.pk).update(done_at=clock.now(), done_by_id=actor.person_id, answer=answer.strip()[:300])
    record_audit("correction.done", actor_id=actor.person_id, school_id=school.pk, subject=("person", row.invitation.person_id))


def print_waiting(
    actor: Actor | None, school: School, render: Callable[[str, list[PrintedLetter]], T]
) -> Iterator[tuple[str, T]]:
    """Print what waits, class by class: (name of the file, what `render` made of a class's letters).

    Each file is a transaction of its own: who stops in between finds the rest waiting.
    """
    _require(actor, school, None)
    _end_barred(actor, school)
    rows = open_letters().filter(school=school, printed_at=None).order_by("pk")
    by_class: dict[str, list[Invitation]] = {}
    names = board.class_names(school, {row.student_id or row.person_id for row in rows})
    for row in rows:
        by_class.setdefault(names.get(row.student_id or row.person_id, ""), []).append(row)
    for name in sorted(by_class, key=rules.by_grade):
        letters = by_class[name]
        parts = [letters[at : at + CHUNK] for at in range(0, len(letters), CHUNK)]
        for number, part in enumerate(parts, 1):
            label = f"{name or '-'} {number}" if len(parts) > 1 else name or "-"
            try:
                file = print_letters(actor, school, part, lambda texts, label=label: render(label, texts))  # type: ignore[misc]
            except Refusal:
                # Somebody else has printed or replaced these while the others were made.
                continue
            yield label, file


@transaction.atomic
def _end_barred(actor: Actor | None, school: School) -> None:
    """End what waits for somebody who may not have one any more: no paper tells of a child to whoever is limited."""
    lines = [*lines_of(school, None), *lines_of(school, None, staff=True)]
    allowed = {(line.person.pk, line.role, line.student) for line in lines if line.may_have_one}
    waiting = open_letters().filter(school=school, printed_at=None).select_related("student")
    over = [letter for letter in waiting if (letter.person_id, letter.role, letter.student) not in allowed]
    _end(open_letters().filter(pk__in=[letter.pk for letter in over]), Invitation.Why.WITHDRAWN, clock.now())
    told = ((letter.person_id, {"role": letter.role}) for letter in over)
    record_audit_of_many("letter.withdrawn", told, actor_id=actor.person_id if actor else None, school_id=school.pk)
