"""Roles as data: a name, a sentence, a list of permissions. `docs/roles.md` is the same table in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """What a position in a school or region lets a person do there."""

    TEACH = "teach"  # keep the journals of own groups
    SEE_SCHOOL = "see_school"  # head's page: what is recorded and what is not
    SEE_JOURNALS = "see_journals"  # open any journal of the school, read only
    SEE_PUPILS = "see_pupils"  # open any pupil's diary of the school
    MANAGE_PEOPLE = "manage_people"  # add, move and leave pupils, replace teachers
    MANAGE_LESSONS = "manage_lessons"  # substitutions, cancelled lessons, rooms
    SET_BANS = "set_bans"  # limits of a court or of the head
    CLOSE_TERMS = "close_terms"  # the day on which a term closes; who besides may open one again
    REOPEN_TERM = "reopen_term"  # a closed term open again for one group
    SEE_ABSENCES = "see_absences"  # who is absent today, in the whole school
    SEE_REASONS = "see_reasons"  # confidential reasons of an absence
    SEE_REMARKS = "see_remarks"  # remarks about any pupil
    SEE_ACCOUNTS = "see_accounts"  # who has a sign-in; never a password, never a mark
    HELP_SIGN_IN = "help_sign_in"  # why a family does not get in, by name; never a password, a code or a mark
    ISSUE_LETTERS = "issue_letters"  # letters for first sign-ins of pupils and guardians of the school; never a password
    APPOINT = "appoint"  # name somebody of the staff who issues letters for the whole school
    PRINT_CODES = "print_codes"  # a list of single codes for a colleague who has no more rights than oneself
    WRITE_NOTICES = "write_notices"  # tell class teachers, staff or families of the school; see who has read it
    SEE_FIGURES = "see_figures"  # figures of the region's schools; never a child
    SET_PORTAL = "set_portal"  # whether families of the region sign in through the portal
    CONNECT_SCHOOLS = "connect_schools"  # approve that a school of the region is connected, and print its first letter


@dataclass(frozen=True, slots=True)
class Role:
    code: str
    permissions: frozenset[Permission]
    # In a region rather than in a school.
    regional: bool = False


def _role(code: str, *permissions: Permission, regional: bool = False) -> Role:
    return Role(code, frozenset(permissions), regional)


P = Permission
ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        _role("teacher", P.TEACH),
        _role(
            "head",
            P.SEE_SCHOOL, P.SEE_JOURNALS, P.SEE_PUPILS, P.MANAGE_LESSONS, P.SET_BANS, P.CLOSE_TERMS,
            P.REOPEN_TERM, P.SEE_ABSENCES, P.SEE_REASONS, P.SEE_REMARKS, P.APPOINT, P.WRITE_NOTICES,
        ),
        _role(
            "deputy",
            P.SEE_SCHOOL, P.SEE_JOURNALS, P.SEE_PUPILS, P.MANAGE_LESSONS, P.SEE_ABSENCES, P.SEE_REMARKS,
            P.WRITE_NOTICES,
        ),
        # Held beside "deputy" by a deputy whom the head names: a position of its own, so that it begins and ends like one.
        _role("reopener", P.REOPEN_TERM),
        _role(
            "office",
            P.SEE_SCHOOL, P.MANAGE_PEOPLE, P.MANAGE_LESSONS, P.SEE_ABSENCES, P.ISSUE_LETTERS, P.PRINT_CODES, P.WRITE_NOTICES,
        ),
        # Somebody of the staff whom the head appoints (S15); a position of its own beside any other.
        _role("issuer", P.ISSUE_LETTERS),
        _role("it", P.SEE_ACCOUNTS, P.HELP_SIGN_IN, P.PRINT_CODES),
        _role("nurse", P.SEE_ABSENCES, P.SEE_REASONS),
        _role("psychologist", P.SEE_ABSENCES, P.SEE_REMARKS),
        _role("authority", P.SEE_FIGURES, P.CONNECT_SCHOOLS, P.SET_PORTAL, regional=True),
    )
}  # fmt: skip


def permissions_of(role: str) -> frozenset[Permission]:
    """Permissions of a role; a name that is no longer known permits nothing."""
    known = ROLES.get(role)
    return known.permissions if known else frozenset()


def only_teach(roles: Iterable[str]) -> bool:
    """Do these roles, held anywhere, permit nothing but to keep the own journals?"""
    return all(permissions_of(role) <= {Permission.TEACH} for role in roles)
