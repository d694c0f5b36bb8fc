"""The board: who of a class or school has signed in, who has a letter, whose letter is over, who may not have one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from classbook.accounts.models import Correction, Invitation
from classbook.accounts.rules import is_of_full_age
from classbook.common import clock
from classbook.people.models import AccessBan, Account, Guardianship, Person
from classbook.people.rules import full_name, list_name
from classbook.schools.access import in_force
from classbook.schools.models import ClassPlacement, Position, School, SchoolClass
from classbook.schools.roles import only_teach

# States of a line. Whoever is IN, or BARRED, gets no letter by itself.
IN, OPEN, WAITING, EXPIRED, DEAD, NONE, BARRED = "in", "open", "waiting", "expired", "dead", "none", "barred"
# Those for whom "everybody without a letter" prints one.
WITHOUT = frozenset({NONE, EXPIRED, DEAD, WAITING})


@dataclass(frozen=True, slots=True)
class Line:
    """A person in a role. `at`: since when signed in, or until when the letter holds. `barred` says why there is none."""

    key: str
    person: Person
    student: Person | None
    class_name: str
    role: str
    name: str
    relation: str
    state: str
    at: datetime | None = None
    barred: str = ""
    login: str = ""

    @property
    def may_have_one(self) -> bool:
        """May a letter be printed when it is asked for?"""
        return not self.barred


@dataclass(frozen=True, slots=True)
class Household:
    """A pupil and the guardians; of the staff a person alone."""

    uid: UUID
    own: Line
    guardians: tuple[Line, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        return (self.own, *self.guardians)

    @property
    def is_reached(self) -> bool:
        """Has a guardian signed in; for the staff, the person?"""
        return any(line.state == IN for line in self.guardians or (self.own,))


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of the persons on a board, by id."""

    accounts: dict[int, Account]
    letters: dict[tuple[int, str], Invitation]
    staff: frozenset[int]
    now: datetime


def households_of(
    school: School, school_class: SchoolClass | None = None, *, reader_id: int | None = None
) -> tuple[Household, ...]:
    """The pupils of a class, or of the school by class, with their guardians. Six queries whatever the size.

    Pupils about whom the reader is limited himself are left out, as in the diary.
    """
    today = clock.today(school.time_zone)
    limits = AccessBan.objects.filter(in_force(today), person_id=reader_id or 0, scope=AccessBan.Scope.ALL)
    placed = ClassPlacement.objects.filter(in_force(today), school=school).exclude(student_id__in=limits.values("student_id"))
    if school_class is not None:
        placed = placed.filter(school_class=school_class)
    order = ("school_class__grade_level", "school_class__name", "register_number", "student__sort_key", "pk")
    rows = list(placed.select_related("student", "school_class").order_by(*order))
    ids = [row.student_id for row in rows]
    links: dict[int, list[Guardianship]] = defaultdict(list)
    found = Guardianship.objects.filter(in_force(today), student_id__in=ids).select_related("guardian")
    for link in found.order_by("priority", "pk"):
        links[link.student_id].append(link)
    guardians = {link.guardian_id for some in links.values() for link in some}
    bans = AccessBan.objects.filter(in_force(today), student_id__in=ids, scope=AccessBan.Scope.ALL)
    banned = set(bans.values_list("person_id", "student_id"))
    facts = _facts(school, {*ids, *guardians}, today)
    return tuple(
        Household(
            row.student.uid,
            _pupil(row, facts),
            tuple(_guardian(row, link, facts, banned, today) for link in links[row.student_id]),
        )
        for row in rows
    )


def staff_of(school: School) -> tuple[Household, ...]:
    """The teachers of the school. Letters for wider rights are the operator's: two persons give those."""
    today = clock.today(school.time_zone)
    rows = Position.objects.filter(in_force(today), school=school).select_related("person").order_by("person__sort_key", "pk")
    people = {row.person_id: row.person for row in rows}
    held: dict[int, set[str]] = defaultdict(set)
    # Also what they may do elsewhere: one account opens all of it.
    for pk, held_role in Position.objects.filter(in_force(today), person_id__in=people).values_list("person_id", "role"):
        held[pk].add(held_role)
    facts = _facts(school, people, today)
    role = Invitation.Role.STAFF
    found = []
    for pk, person in people.items():
        state, at, barred = _state(pk, role, facts)
        if state != IN and not only_teach(held[pk]):
            state, at, barred = BARRED, None, "rights"
        elif state == IN:
            barred = "two"
        found.append(Household(person.uid, _line(f"s:{person.uid}", person, None, "", role, "", (state, at, barred), facts), ()))
    return tuple(found)


def _facts(school: School, people: Iterable[int], today: date) -> _Facts:
    ids = list(people)
    letters: dict[tuple[int, str], Invitation] = {}
    rows = Invitation.objects.filter(school=school, person_id__in=ids).order_by("issued_at", "pk")
    for letter in rows:
        letters[letter.person_id, letter.role] = letter
    accounts = {account.person_id: account for account in Account.objects.filter(person_id__in=ids)}
    staff = Position.objects.filter(in_force(today), Q(person_id__in=ids)).values_list("person_id", flat=True)
    return _Facts(accounts, letters, frozenset(staff), clock.now())


def _pupil(row: ClassPlacement, facts: _Facts) -> Line:
    role, person = Invitation.Role.PUPIL, row.student
    told = _state(person.pk, role, facts)
    return _line(f"p:{person.uid}", person, None, row.school_class.name, role, "", told, facts)


def _guardian(row: ClassPlacement, link: Guardianship, facts: _Facts, banned: set[tuple[int, int]], today: date) -> Line:
    role, person = Invitation.Role.GUARDIAN, link.guardian
    told = _state(person.pk, role, facts)
    barred = _why_not(row, link, facts, banned, today)
    if barred:
        told = (BARRED, None, barred)
    elif person.pk in facts.staff:
        # A letter handed out by a class teacher must not open what a colleague may do.
        told = (IN, told[1], "staff") if told[0] == IN else (BARRED, None, "staff")
    key = f"g:{person.uid}:{row.student.uid}"
    return _line(key, person, row.student, row.school_class.name, role, link.relation, told, facts)


def _why_not(row: ClassPlacement, link: Guardianship, facts: _Facts, banned: set[tuple[int, int]], today: date) -> str:
    """Why a guardian gets no letter; empty when nothing is in the way."""
    if (link.guardian_id, link.student_id) in banned:
        return "limited"
    if link.confirmed_at is None:
        return "unconfirmed"
    if not link.can_view:
        return "ended"
    if is_of_full_age(row.student.birth_date, today):
        return "adult"
    return ""


def _is_in(person_id: int, facts: _Facts) -> bool:
    account = facts.accounts.get(person_id)
    return account is not None and account.is_active and account.first_used_at is not None


def _state(person_id: int, role: str, facts: _Facts) -> tuple[str, datetime | None, str]:
    account, letter = facts.accounts.get(person_id), facts.letters.get((person_id, role))
    if account is not None and not account.is_active:
        return BARRED, None, "inactive"
    if letter is not None and letter.used_by_id not in (None, person_id):
        # The child was added to an account that was there.
        return IN, letter.used_at, ""
    is_open = letter is not None and letter.used_at is None and letter.ended_at is None
    if _is_in(person_id, facts):
        return IN, account.first_used_at if account else None, ""
    if letter is not None and is_open:
        if letter.printed_at is None:
            return WAITING, None, ""
        return (OPEN if letter.expires_at > facts.now else EXPIRED), letter.expires_at, ""
    if letter is not None and letter.ended_why == Invitation.Why.TRIES:
        return DEAD, letter.ended_at, ""
    return NONE, None, ""


def _line(
    key: str, person: Person, student: Person | None, class_name: str, role: str, relation: str,
    told: tuple[str, datetime | None, str], facts: _Facts,
) -> Line:  # fmt: skip
    state, at, barred = told
    in_list = role == Invitation.Role.PUPIL or role == Invitation.Role.STAFF
    name = (
        list_name(person.family_name, person.given_name)
        if in_list
        else full_name(person.family_name, person.given_name, person.middle_name)
    )
    account = facts.accounts.get(person.pk)
    return Line(key, person, student, class_name, role, name, relation, state, at, barred, login=account.login if account else "")


def class_names(school: School, pupils: Iterable[int]) -> dict[int, str]:
    """The class of each pupil today."""
    rows = ClassPlacement.objects.filter(in_force(clock.today(school.time_zone)), school=school, student_id__in=list(pupils))
    return dict(rows.order_by("starts_on").values_list("student_id", "school_class__name"))


@dataclass(frozen=True, slots=True)
class Tally:
    """A class, the staff or the school in numbers."""

    people: int
    signed_in: int
    open: int
    over: int
    waiting: int
    without: int

    @classmethod
    def of(cls, lines: Iterable[Line]) -> Tally:
        """Each person counts once in a role; who may not have a letter does not count."""
        states = {(line.person.pk, line.role): line.state for line in lines if line.state != BARRED}
        counted = list(states.values())
        return cls(
            len(counted), counted.count(IN), counted.count(OPEN), counted.count(EXPIRED) + counted.count(DEAD),
            counted.count(WAITING), counted.count(NONE),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClassTally:
    """A class of the school's board."""

    uid: UUID
    name: str
    tally: Tally


def classes_of_board(school: School, *, reader_id: int) -> tuple[tuple[ClassTally, ...], Tally]:
    """The whole school by class, and all together."""
    classes = {row.name: row for row in SchoolClass.objects.filter(school=school, **_this_year(school))}
    by_class: dict[str, list[Line]] = {}
    for household in households_of(school, reader_id=reader_id):
        by_class.setdefault(household.own.class_name, []).extend(household.lines)
    rows = tuple(ClassTally(classes[name].uid, name, Tally.of(lines)) for name, lines in by_class.items() if name in classes)
    return rows, Tally.of(line for lines in by_class.values() for line in lines)


def _this_year(school: School) -> dict[str, date]:
    today = clock.today(school.time_zone)
    return {"year__starts_on__lte": today, "year__ends_on__gte": today}


def open_corrections(school: School) -> list[Correction]:
    """What families said is wrong and nobody has dealt with."""
    rows = Correction.objects.filter(school=school, done_at=None).select_related("invitation__person", "invitation__student")
    return list(rows.order_by("created_at", "pk"))


def print_state(school: School) -> tuple[int, datetime | None]:
    """How many letters wait to be printed, and when the last one was."""
    waiting = Invitation.objects.filter(school=school, used_at=None, ended_at=None, printed_at=None).count()
    last = Invitation.objects.filter(school=school, printed_at__isnull=False).order_by("-printed_at").first()
    return waiting, last.printed_at if last else None
