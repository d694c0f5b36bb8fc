"""The sign-ins shown on the demo's sign-in page. The demo world registers them; a real site has none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils.translation import gettext as _

from classbook.accounts.queries import names_of_logins
from classbook.accounts.queries.letters import letter_by_code, letters_key
from classbook.accounts.rules import code_from, spaced
from classbook.people.queries import name_of


@dataclass(frozen=True, slots=True)
class SignIn:
    """A row of the table. The password is "demo-" and the login; `look` says what there is to see."""

    login: str
    name: str
    role: str
    look: str

    @property
    def password(self) -> str:
        return f"demo-{self.login}"


LOGINS = (
    "teacher", "classteacher", "substitute", "parent", "parent2", "grandma", "banned", "pupil", "adultpupil", "head",
    "deputy", "office", "it", "nurse", "psychologist", "authority", "stranger",
)  # fmt: skip


def sign_ins() -> tuple[SignIn, ...]:
    """The table on the sign-in page; nothing outside the demo."""
    if not settings.DEMO:
        return ()
    words, names = descriptions(), names_of_logins(LOGINS)
    return tuple(SignIn(login, names.get(login, ""), *words[login]) for login in LOGINS)


# These give the codes of the letters that visitors of the demo can try; at the portal these persons are mismatch, oleg and young.
DEMO_SEED, FATHER_SEED, YOUNG_SEED = "demo-letter", "demo-letter-oleg", "demo-letter-young"


@dataclass(frozen=True, slots=True)
class DemoLetter:
    """A printed letter that is still good: its code, the birth date that is asked, and what there is to see."""

    code: str
    name: str
    born: date | None
    citizen: str
    look: str


def letters_to_try() -> tuple[DemoLetter, ...]:
    """The letters on the sign-in page; none outside the demo, and none that a visitor has used."""
    if not settings.DEMO:
        return ()
    looks = (
        (DEMO_SEED, "mismatch", _("The first sign-in of a guardian: the code, the birth date, an own password")),
        (FATHER_SEED, "oleg", _("A father: his account of the portal and this code open his daughter's diary")),
        (YOUNG_SEED, "young", _("A pupil of 12: her own account of the portal and this code open the own diary")),
    )
    found = []
    for seed, citizen, look in looks:
        code = code_from(letters_key(), seed)
        letter = letter_by_code(code)
        if letter is not None:
            born = (letter.student or letter.person).birth_date
            found.append(DemoLetter(spaced(code), name_of(letter.person), born, citizen, look))
    return tuple(found)


def descriptions() -> dict[str, tuple[str, str]]:
    """Role and what to look at, by login, in the reader's language."""
    return {
        "teacher": (_("Teacher"), _("My day: record a lesson by keyboard, then open the journal")),
        "classteacher": (_("Class teacher"), _("My class: guardians, today's absences, remarks")),
        "substitute": (_("Substitute"), _("One lesson in place of a colleague, and nothing else of that class")),
        "parent": (_("Mother of two"), _("Two children in two schools: the week, the marks, the other child")),
        "parent2": (_("Father, lives apart"), _("The same child with fewer rights")),
        "grandma": (_("Grandmother, trusted"), _("What the mother lets her see: timetable and homework, no marks")),
        "banned": (_("Guardian under a ban"), _("Sees no child and learns nothing")),
        "pupil": (_("Pupil"), _("The own diary; tick homework as done")),
        "adultpupil": (_("Pupil of 18"), _("Half-years instead of quarters; the parents' view has ended")),
        "head": (_("Head of school"), _("Which lessons are not yet recorded, who is absent")),
        "deputy": (_("Deputy head"), _("The same page, any journal to read")),
        "office": (_("School office"), _("Add a pupil, move one to another class, replace a teacher")),
        "it": (_("School IT"), _("Who has a sign-in; never a mark")),
        "nurse": (_("School nurse"), _("Absences with reasons, the class in quarantine")),
        "psychologist": (_("School psychologist"), _("Pupils with many absences or remarks")),
        "authority": (_("Education authority"), _("Figures of the region's schools, never a child")),
        "stranger": (_("Parent at the other school"), _("Any address of the first school answers “nothing here”")),
    }
