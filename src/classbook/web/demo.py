"""The sign-ins shown on the demo's sign-in page. The demo world registers them; a real site has none."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from classbook.accounts.queries import names_of_logins


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
    "teacher", "classteacher", "substitute", "parent", "parent2", "banned", "pupil", "adultpupil", "head",
    "deputy", "office", "it", "nurse", "psychologist", "authority", "stranger",
)  # fmt: skip


def sign_ins() -> tuple[SignIn, ...]:
    """The table on the sign-in page; nothing outside the demo."""
    if not settings.DEMO:
        return ()
    words, names = descriptions(), names_of_logins(LOGINS)
    return tuple(SignIn(login, names.get(login, ""), *words[login]) for login in LOGINS)


def descriptions() -> dict[str, tuple[str, str]]:
    """Role and what to look at, by login, in the reader's language."""
    return {
        "teacher": (_("Teacher"), _("My day: record a lesson by keyboard, then open the journal")),
        "classteacher": (_("Class teacher"), _("My class: guardians, today's absences, remarks")),
        "substitute": (_("Substitute"), _("One lesson in place of a colleague, and nothing else of that class")),
        "parent": (_("Mother of two"), _("Two children in two schools: the week, the marks, the other child")),
        "parent2": (_("Father, lives apart"), _("The same child with fewer rights")),
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
