"""What the sign-in doctor says to a family: a heading, a sentence, and the one button."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from classbook.accounts.doctor import Cause, Finding, Step


@dataclass(frozen=True, slots=True)
class Advice:
    """`address` is empty where the next step lies outside Classbook. `form`: "tell" or "portal"."""

    title: str
    says: str
    parts: tuple[str, ...]
    verb: str
    address: str
    form: str = ""


def advice(finding: Finding, portal: str) -> Advice:
    """A finding in words; `portal` is its name on buttons."""
    portal = portal or _("Public Services")
    title, says = (text % {"portal": portal} for text in _told()[finding.cause])
    verb, address, form = _steps(portal)[finding.step]
    return Advice(title, says, parts_in_words(finding.parts), verb, address, form)


def parts_in_words(parts: tuple[str, ...]) -> tuple[str, ...]:
    """What differs between school and portal."""
    words = {
        "family": _("Family name"), "given": _("Given name"), "middle": _("Patronymic or further names"), "born": _("Birth date"),
        "snils": _("SNILS"),
    }  # fmt: skip
    return tuple(words[part] for part in parts)


def _steps(portal: str) -> dict[Step, tuple[str, str, str]]:
    """The button, where it leads, and the form it needs."""
    with_portal = _("Sign in with %(portal)s") % {"portal": portal}
    return {
        Step.WAYS: ("", "", ""),
        Step.SIGN_IN: (_("Sign in"), reverse("account_login"), ""),
        Step.LETTER: (_("Type the code of the letter"), reverse("letter"), ""),
        Step.SCHOOL: (_("Ask the class teacher or the school office"), "", ""),
        Step.HEAD: (_("Talk to the head of the school"), "", ""),
        Step.RECOVER: (_("Choose a new password"), reverse("recover"), ""),
        Step.LINK: (_("Link with the letter"), reverse("portal-link"), ""),
        Step.PORTAL: (with_portal, reverse("portal-start"), "portal"),
        Step.AT_PORTAL: (_("Raise the level on the portal, then come back"), "", ""),
        Step.TELL: (_("Tell the school office"), reverse("portal-wrong"), "tell"),
        Step.DIRECTORY: (_("Is my school here?"), reverse("schools"), ""),
        Step.HOME: (_("To the first page"), reverse("home"), ""),
        Step.LATER: (_("Try again later"), "", ""),
    }


def _told() -> dict[Cause, tuple[str, str]]:
    return _of_letters() | _of_people() | _of_portal() | {
        Cause.NEUTRAL: (
            _("These ways lead in"),
            _("What you typed does not prove that the entry is yours, so nothing is told about it. One of these ways will do."),
        ),
        Cause.DIARY_DOWN: (
            _("Letters and %(portal)s have to wait"),
            _("Classbook can be read but not changed at the moment. Login and password let you in meanwhile."),
        ),
        Cause.SECOND_FACTOR: (
            _("The second step is missing"),
            _("Your rights in the school need a second step besides the password. Sign in, and you are led through it."),
        ),
        Cause.FINE: (_("Nothing is in the way"), _("Login and password are right, and the diary opens.")),
    }  # fmt: skip


def _of_letters() -> dict[Cause, tuple[str, str]]:
    anew = _("The class teacher or the school office prints a new one in a minute; nothing is lost.")
    return {
        Cause.LETTER_GOOD: (_("Your letter is good"), _("It has not been used and its time is not over.")),
        Cause.LETTER_USED: (
            _("This letter was used"),
            _("A letter lets in once. Since then the own password counts, or %(portal)s where it is linked."),
        ),
        Cause.LETTER_EXPIRED: (_("The time of this letter is over"), _("Letters hold for two weeks.") + " " + anew),
        Cause.LETTER_REPLACED: (_("There is a newer letter"), _("It has ended this one. Take the code of the newest paper.")),
        Cause.LETTER_ENDED: (_("This letter was withdrawn"), anew),
        Cause.LETTER_DEAD: (
            _("The birth date was wrong too often"),
            _("After five tries a letter is dead. The school can check which date it has noted.") + " " + anew,
        ),
        Cause.NO_LETTER: (_("There is no letter yet"), anew),
        Cause.TO_PRINT: (_("The letter is not printed yet"), anew),
    }


def _of_people() -> dict[Cause, tuple[str, str]]:
    return {
        Cause.ACCOUNT_ENDED: (_("This account has ended"), _("Ask the school office if you think that is wrong.")),
        Cause.STAFF: (
            _("This person works at a school"),
            _("Such an account opens with login and password alone, not by a family's letter and not through the portal."),
        ),
        Cause.BANNED: (
            _("The school does not show you this diary"),
            _("The head of the school has decided so and explains it to you in person. It does not depend on a letter or a "
              "password, so another one would not change it."),
        ),
        Cause.UNCONFIRMED: (
            _("The school has not confirmed you yet"),
            _("Until it says that you belong to the child, no diary opens. The office does that with your document in a minute."),
        ),
        Cause.RIGHTS_ENDED: (_("Your access to this diary has ended"), _("Ask the school office if you think that is wrong.")),
        Cause.OF_AGE: (
            _("The pupil is of age"),
            _("At 18 the diary is the pupil's own. The school office knows what the pupil has agreed to."),
        ),
        Cause.LEFT: (_("No place at the school"), _("The school has nobody of this name in a class today. Its office can look.")),
    }  # fmt: skip


def _of_portal() -> dict[Cause, tuple[str, str]]:
    differ = _("School and portal have to agree. If the school is wrong, tell it here; if the portal is wrong, correct it there.")
    return {
        Cause.PORTAL_DOWN: (
            _("%(portal)s does not answer"),
            _("The fault is not yours. The other ways in work; or try again later."),
        ),
        Cause.PORTAL_ONLY: (
            _("Your region signs in through %(portal)s"),
            _("Login and password alone no longer open the diary. A letter of the school links you once."),
        ),
        Cause.NO_PORTAL: (
            _("The region of this school does not use %(portal)s"),
            _("The letter lets you in by itself: type its code and choose a password."),
        ),
        Cause.NOT_LINKED: (
            _("Not linked yet"),
            _("%(portal)s knows you, and no school has linked you. Show the code of your letter once."),
        ),
        Cause.NOT_CONNECTED: (
            _("No school here knows your SNILS"),
            _("Either your school is not connected, or it has not noted the number. The list of schools tells which it is."),
        ),
        Cause.LINKED_ELSEWHERE: (
            _("Linked with another account of the portal"),
            _("Somebody has shown a letter for this entry before. A new letter of the school ends that link."),
        ),
        Cause.NAME_DIFFERS: (_("The name is not the same at school and on the portal"), differ),
        Cause.BORN_DIFFERS: (_("The birth date is not the same at school and on the portal"), differ),
        Cause.SNILS_DIFFERS: (_("The SNILS is not the same at school and on the portal"), differ),
        Cause.LEVEL_LOW: (
            _("Your level on the portal is too low"),
            _("A guardian needs at least the standard level: have name, SNILS and document checked there. With login and "
              "password instead of a letter the portal must have seen you, and the school must know your SNILS."),
        ),
    }  # fmt: skip
