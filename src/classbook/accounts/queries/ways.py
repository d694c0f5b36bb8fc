"""How each person of a class gets in, what stands in the way, and what the school does about it: the doctor for the school."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from classbook.accounts import portal_client
from classbook.accounts.doctor import Cause, Facts, Fix, diagnose, fix_of
from classbook.accounts.models import PortalLink
from classbook.accounts.queries.board import BARRED, IN, OPEN, WAITING, Line, households_of
from classbook.accounts.queries.doctor import corrections_of
from classbook.common.snils import masked
from classbook.people.models import Account, Contact
from classbook.schools.models import School, SchoolClass


@dataclass(frozen=True, slots=True)
class WayIn:
    """A person of the table. `line` is that of the board; no password, no code, no mark is in it."""

    line: Line
    cause: Cause
    fix: Fix
    has_password: bool
    linked: bool
    can_recover: bool
    snils: str
    told: bool


@dataclass(frozen=True, slots=True)
class Household:
    """A pupil and the guardians."""

    uid: UUID
    own: WayIn
    guardians: tuple[WayIn, ...]


_LETTERS = {OPEN: "good", WAITING: "to-print", IN: ""}
_BARRED = {"limited": "banned", "unconfirmed": "unconfirmed", "ended": "ended", "adult": "of-age"}


def ways_of(
    school: School, school_class: SchoolClass, *, reader_id: int, only: UUID | None = None, portal: str = "offered"
) -> tuple[Household, ...]:
    """The class, or one pupil's household of it. Ten queries whatever the size."""
    found = [one for one in households_of(school, school_class, reader_id=reader_id) if only in (None, one.uid)]
    known = _Known.of({line.person.pk for one in found for line in one.lines}, portal)
    return tuple(Household(one.uid, known.way(one.own), tuple(known.way(line) for line in one.guardians)) for one in found)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the board does not know, by person."""

    linked: frozenset[int]
    reachable: frozenset[int]
    with_password: frozenset[int]
    told: frozenset[int]
    portal: str

    @classmethod
    def of(cls, people: set[int], portal: str) -> _Known:
        links = PortalLink.objects.filter(person_id__in=people, iss=settings.PORTAL_ISSUER) if portal_client.is_on() else None
        reached = Contact.objects.filter(person_id__in=people, confirmed_at__isnull=False)
        accounts = Account.objects.filter(person_id__in=people)
        return cls(
            frozenset(links.values_list("person_id", flat=True)) if links is not None else frozenset(),
            frozenset(reached.values_list("person_id", flat=True)),
            frozenset(one.person_id for one in accounts if one.has_usable_password()),
            frozenset(corrections_of(people)),
            portal if portal_client.is_on() else "none",
        )

    def way(self, line: Line) -> WayIn:
        pk = line.person.pk
        facts = Facts(
            proof="school", account_ended=line.barred == "inactive", works=line.barred == "staff",
            barred=_BARRED.get(line.barred, ""), letter=_LETTERS.get(line.state, "" if line.state == BARRED else line.state),
            is_in=line.state == IN, can_recover=pk in self.reachable, linked=pk in self.linked, portal=self.portal,
            told=pk in self.told,
        )  # fmt: skip
        finding = diagnose(facts)
        return WayIn(
            line, finding.cause, fix_of(finding, facts), has_password=line.state == IN and pk in self.with_password,
            linked=facts.linked, can_recover=facts.can_recover, snils=masked(line.person.snils), told=facts.told,
        )  # fmt: skip
