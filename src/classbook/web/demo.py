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


# Gives the code of the letter that visitors of the demo can try.
DEMO_SEED = "demo-letter"


@dataclass(frozen=True, slots=True)
class DemoLetter:
    """A printed letter that is still good: its code, and the birth date that is asked."""

    code: str
    name: str
    pupil: str
    born: date | None


def letter_to_try() -> DemoLetter | None:
    """The letter on the sign-in page; none outside the demo, and none when a visitor has used it."""
    if not settings.DEMO:
        return None
    code = code_from(letters_key(), DEMO_SEED)
    found = letter_by_code(code)
    if found is None or found.student is None:
        return None
    return DemoLetter(spaced(code), name_of(found.person), name_of(found.student), found.student.birth_date)


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
