"""Why does somebody not get in, and what is the one next step? Pure functions over facts that were read before."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """What is found. NEUTRAL is the one answer for everybody who has proved nothing."""

    NEUTRAL = "neutral"
    PORTAL_DOWN = "portal-down"
    DIARY_DOWN = "diary-down"
    ACCOUNT_ENDED = "account-ended"
    STAFF = "staff"
    BANNED = "banned"
    UNCONFIRMED = "unconfirmed"
    RIGHTS_ENDED = "rights-ended"
    OF_AGE = "of-age"
    LEFT = "left"
    LETTER_USED = "letter-used"
    LETTER_EXPIRED = "letter-expired"
    LETTER_REPLACED = "letter-replaced"
    LETTER_ENDED = "letter-ended"
    LETTER_DEAD = "letter-dead"
    NO_LETTER = "no-letter"
    TO_PRINT = "to-print"
    NO_PORTAL = "no-portal"
    LINKED_ELSEWHERE = "linked-elsewhere"
    NAME_DIFFERS = "name-differs"
    BORN_DIFFERS = "born-differs"
    SNILS_DIFFERS = "snils-differs"
    LEVEL_LOW = "level-low"
    NOT_LINKED = "not-linked"
    NOT_CONNECTED = "not-connected"
    PORTAL_ONLY = "portal-only"
    SECOND_FACTOR = "second-factor"
    LETTER_GOOD = "letter-good"
    FINE = "fine"


class Step(StrEnum):
    """The one thing to do next."""

    WAYS = "ways"
    SIGN_IN = "sign-in"
    LETTER = "letter"
    SCHOOL = "school"
    HEAD = "head"
    RECOVER = "recover"
    LINK = "link"
    PORTAL = "portal"
    AT_PORTAL = "at-portal"
    TELL = "tell"
    DIRECTORY = "directory"
    HOME = "home"
    LATER = "later"


class Fix(StrEnum):
    """What the school does about it."""

    NONE = ""
    PRINT = "print"
    CONFIRM = "confirm"
    DATA = "data"
    UNLINK = "unlink"
    HEAD = "head"
    OFFICE = "office"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known. Without a proof nothing about a person is read, so everything has the value of "not known"."""

    # "letter", "password", "portal", "school" (its staff asks for a family); empty: nothing was proved.
    proof: str = ""
    portal_down: bool = False
    # Nothing can be stored at the moment: neither a letter nor the portal lets anybody in.
    read_only: bool = False
    account_ended: bool = False
    # Works at a school, and letter or portal are a family's.
    works: bool = False
    # "", "banned", "unconfirmed", "ended", "of-age", "left": why no diary opens.
    barred: str = ""
    # "", "good", "used", "expired", "replaced", "ended", "dead", "none", "to-print".
    letter: str = ""
    # Somebody has signed in with the account before.
    is_in: bool = False
    can_recover: bool = False
    linked: bool = False
    # The region of the school: "none", "offered", "required" (the grace period is over).
    portal: str = "none"
    # A citizen of the portal is here; what differs, as in matching.differences with the parts of the name.
    citizen: bool = False
    differ: tuple[str, ...] = ()
    level_low: bool = False
    linked_elsewhere: bool = False
    # Nobody here has the SNILS that the portal vouches for.
    unknown: bool = False
    second_factor_missing: bool = False
    # The family has told the school that something is wrong, and nobody has dealt with it yet.
    told: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """The cause, the parts of the data that differ, and the one next step."""

    cause: Cause
    step: Step
    parts: tuple[str, ...] = ()


NAME_PARTS = ("family", "given", "middle")
_BARRED = {
    "banned": Cause.BANNED, "unconfirmed": Cause.UNCONFIRMED, "ended": Cause.RIGHTS_ENDED, "of-age": Cause.OF_AGE,
    "left": Cause.LEFT,
}  # fmt: skip
_LETTER = {
    "expired": Cause.LETTER_EXPIRED, "replaced": Cause.LETTER_REPLACED, "ended": Cause.LETTER_ENDED, "dead": Cause.LETTER_DEAD,
    "none": Cause.NO_LETTER, "to-print": Cause.TO_PRINT,
}  # fmt: skip
_STEPS = {
    Cause.NEUTRAL: Step.WAYS, Cause.PORTAL_DOWN: Step.WAYS, Cause.DIARY_DOWN: Step.LATER, Cause.STAFF: Step.SIGN_IN,
    Cause.BANNED: Step.HEAD, Cause.LETTER_REPLACED: Step.LETTER, Cause.LETTER_GOOD: Step.LETTER, Cause.NO_PORTAL: Step.LETTER,
    Cause.LEVEL_LOW: Step.AT_PORTAL, Cause.NOT_LINKED: Step.LINK, Cause.NOT_CONNECTED: Step.DIRECTORY,
    Cause.PORTAL_ONLY: Step.PORTAL, Cause.SECOND_FACTOR: Step.SIGN_IN,
}  # fmt: skip


def diagnose(facts: Facts) -> Finding:
    """The first thing in the way. Without a proof there is one answer, and only what everybody may know besides."""
    if not facts.proof:
        return _found(Cause.PORTAL_DOWN if facts.portal_down else Cause.NEUTRAL)
    cause = _of_person(facts) or _of_letter(facts) or _of_portal(facts) or _of_service(facts)
    if cause is not None:
        return _with_step(cause, facts)
    if facts.proof == "letter" or facts.letter == "good":
        step = Step.PORTAL if facts.portal == "required" else Step.LETTER
        return _found(Cause.LETTER_GOOD, Step.LINK if facts.citizen else step)
    return _found(Cause.FINE, Step.PORTAL if facts.linked and facts.portal == "required" else Step.SIGN_IN)


def _found(cause: Cause, step: Step | None = None, parts: tuple[str, ...] = ()) -> Finding:
    return Finding(cause, step or _STEPS.get(cause, Step.SCHOOL), parts)


def _of_person(facts: Facts) -> Cause | None:
    """What no letter and no password changes."""
    if facts.account_ended:
        return Cause.ACCOUNT_ENDED
    if facts.works and (facts.citizen or facts.proof in {"letter", "school"}):
        return Cause.STAFF
    return _BARRED.get(facts.barred)


def _of_letter(facts: Facts) -> Cause | None:
    # Whoever is in needs no letter; only the one who shows it asks about it.
    if facts.letter == "used" and facts.proof == "letter":
        return Cause.LETTER_USED
    return _LETTER.get(facts.letter) if facts.proof == "letter" or not facts.is_in else None


def _of_portal(facts: Facts) -> Cause | None:
    if not facts.citizen:
        return Cause.PORTAL_ONLY if facts.portal == "required" and facts.proof == "password" else None
    if facts.proof == "portal":
        return Cause.NOT_CONNECTED if facts.unknown else Cause.NOT_LINKED
    if facts.portal == "none":
        return Cause.NO_PORTAL
    if facts.linked_elsewhere:
        return Cause.LINKED_ELSEWHERE
    if facts.differ:
        return _that_differs(facts.differ)
    return Cause.LEVEL_LOW if facts.level_low else None


def _that_differs(differ: tuple[str, ...]) -> Cause:
    if set(differ) & set(NAME_PARTS):
        return Cause.NAME_DIFFERS
    return Cause.BORN_DIFFERS if "born" in differ else Cause.SNILS_DIFFERS


def _of_service(facts: Facts) -> Cause | None:
    if facts.second_factor_missing:
        return Cause.SECOND_FACTOR
    return Cause.DIARY_DOWN if facts.read_only and facts.proof in {"letter", "portal"} else None


def _with_step(cause: Cause, facts: Facts) -> Finding:
    """Where the next step hangs on more than the cause."""
    if cause == Cause.LETTER_USED:
        step = Step.PORTAL if facts.linked else Step.RECOVER if facts.can_recover else Step.SCHOOL
        return _found(cause, step)
    if cause in {Cause.NAME_DIFFERS, Cause.BORN_DIFFERS, Cause.SNILS_DIFFERS}:
        # Asked once; then the office has the word. Without a letter nobody here can be asked in writing.
        step = Step.LATER if facts.told else Step.TELL if facts.letter == "good" else Step.SCHOOL
        return _found(cause, step, facts.differ)
    return _found(cause)


_FIXES = {
    Cause.ACCOUNT_ENDED: Fix.OPERATOR, Cause.STAFF: Fix.NONE, Cause.BANNED: Fix.HEAD, Cause.UNCONFIRMED: Fix.CONFIRM,
    Cause.RIGHTS_ENDED: Fix.OFFICE, Cause.LEFT: Fix.OFFICE, Cause.LETTER_EXPIRED: Fix.PRINT, Cause.LETTER_ENDED: Fix.PRINT,
    Cause.LETTER_DEAD: Fix.PRINT, Cause.NO_LETTER: Fix.PRINT, Cause.TO_PRINT: Fix.PRINT,
}  # fmt: skip


def fix_of(finding: Finding, facts: Facts) -> Fix:
    """What the school does beside a family's line."""
    if facts.told and finding.cause in {Cause.LETTER_GOOD, Cause.FINE, Cause.LETTER_EXPIRED}:
        return Fix.DATA
    if finding.cause == Cause.FINE and facts.linked:
        return Fix.UNLINK
    return _FIXES.get(finding.cause, Fix.PRINT if finding.cause in {Cause.FINE, Cause.LETTER_GOOD} else Fix.NONE)
