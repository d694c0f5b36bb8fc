"""The office links a guardian by hand, with the document it was shown, and changes what one may do (docs/adr/0024)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from classbook.common import clock
from classbook.common.errors import Refusal
from classbook.events.actions import add_to_outbox, raise_versions, record_audit
from classbook.people.contacts import normalised
from classbook.people.models import Contact, Guardianship, LegalPaper, Person
from classbook.people.rules import adult_if_born_by, sort_key
from classbook.schools.access import Actor
from classbook.schools.actions.pupils import lock, require_manager, same_person
from classbook.schools.models import School
from classbook.schools.queries import country_of_school_of


@dataclass(frozen=True, slots=True)
class GuardianRights:
    """What a guardian may do. Without `view` the others say nothing."""

    view: bool = True
    excuse: bool = True
    sign: bool = True


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that the office has seen. `basis`: parent, authority, foster."""

    basis: str
    document: str
    number: str
    issued_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody whom the school does not know yet. Address and number are what the school writes down: nobody gets in by them."""

    family: str
    given: str
    middle: str
    born: date | None
    email: str
    phone: str


@transaction.atomic
def add_guardian(
    actor: Actor, school: School, student: Person, who: Person | NewPerson, *, relation: str, rights: GuardianRights,
    paper: Paper | None, allow_twin: bool = False,
) -> Guardianship:  # fmt: skip
    """Link somebody with a pupil of the school. With a document seen the link holds at once, without one it waits.

    Raises Refusal for a pair that is linked already, for somebody who is known already, and for a document that is over.
    """
    require_manager(actor, school.pk)
    lock(student)
    today = clock.today(school.time_zone)
    _require_paper_in_force(paper, today)
    person = who if isinstance(who, Person) else _made(who, allow_twin, country_of_school_of(actor))
    if person.pk == actor.person_id:
        raise Refusal(own_link())
    _require_possible(person, student, today)
    link = Guardianship.objects.create(
        guardian=person, student=student, relation=relation, priority=_next_priority(student), can_view=rights.view,
        can_excuse=rights.excuse, can_sign=rights.sign,
        # No first day: a mistake can be ended at once, with yesterday.
        ends_on=paper.ends_on if paper else None,
        confirmed_at=clock.now() if paper else None, by_hand=True,
    )  # fmt: skip
    if paper:
        keep_paper(actor, link, paper)
    _tell(actor, school, "guardian.added", link, seen=paper is not None, ends_on=str(link.ends_on or ""))
    add_to_outbox("guardian.added", person=student.pk, guardian=person.pk)
    return link


@transaction.atomic
def change_guardian(
    actor: Actor, school: School, link: Guardianship, *, relation: str, rights: GuardianRights, paper: Paper | None
) -> None:
    """Another relation, other rights, or a newer document; its last day becomes the link's."""
    require_manager(actor, school.pk)
    today = clock.today(school.time_zone)
    if link.guardian_id == actor.person_id:
        raise Refusal(own_link())
    if link.ends_on is not None and link.ends_on < today:
        raise Refusal(_("This link has ended. Take back its end first."))
    _require_paper_in_force(paper, today)
    before = [link.relation, link.can_view, link.can_excuse, link.can_sign]
    after = [relation, rights.view, rights.excuse, rights.sign]
    if before == after and paper is None:
        raise Refusal(_("Nothing is different from before."))
    values = dict(zip(("relation", "can_view", "can_excuse", "can_sign"), after, strict=True))
    ends_on = paper.ends_on if paper else link.ends_on
    Guardianship.objects.filter(pk=link.pk).update(**values, ends_on=ends_on, by_hand=True)
    if paper:
        keep_paper(actor, link, paper)
    _tell(actor, school, "guardian.changed", link, before=before, after=after, ends_on=str(ends_on or ""))


def own_link() -> str:
    """Nobody lets himself in."""
    return _("This is about yourself. Ask somebody else at the office to do it.")


def keep_paper(actor: Actor, link: Guardianship, paper: Paper) -> None:
    """One row for each document that was shown; earlier ones stay."""
    LegalPaper.objects.create(
        link=link, basis=paper.basis, document=paper.document.strip(), number=paper.number.strip(), issued_on=paper.issued_on,
        ends_on=paper.ends_on, seen_by_id=actor.person_id, seen_at=clock.now(),
    )  # fmt: skip


def _require_paper_in_force(paper: Paper | None, today: date) -> None:
    if paper is None:
        return
    if paper.issued_on is not None and paper.issued_on > today:
        raise Refusal(_("The document cannot be of a day to come."), field="issued_on")
    if paper.ends_on is not None and paper.ends_on < today:
        raise Refusal(_("This document is over already. Ask for the new one."), field="ends_on")


def _made(who: NewPerson, allow_twin: bool, country: str) -> Person:
    if not allow_twin and same_person(who.family, who.given, who.born):
        raise Refusal(
            _(
                "A person with this name and birth date is already known. Search for the name first; if it is somebody else, "
                "tick “Another person”."
            ),
            field="family",
            needs="another",
        )
    contacts = [
        (kind, _contact(kind, typed, country)) for kind, typed in (("email", who.email), ("phone", who.phone)) if typed.strip()
    ]
    person = Person.objects.create(
        family_name=who.family.strip(), given_name=who.given.strip(), middle_name=who.middle.strip(), birth_date=who.born,
        sort_key=sort_key(who.family, who.given, who.middle),
    )  # fmt: skip
    Contact.objects.bulk_create(Contact(person=person, kind=kind, value=value) for kind, value in contacts)
    return person


def _contact(kind: str, typed: str, country: str) -> str:
    value = normalised(kind, typed, country)
    if not value:
        sentence = (
            _("This is not an e-mail address. It looks like name@example.org.")
            if kind == "email"
            else _("This is not a telephone number. Write it with + and the country in front.")
        )
        raise Refusal(sentence, field=kind)
    return value


def _require_possible(person: Person, student: Person, today: date) -> None:
    if person.pk == student.pk:
        raise Refusal(_("A pupil cannot be the own guardian. Choose somebody else."))
    if person.birth_date is not None and person.birth_date > adult_if_born_by(today):
        raise Refusal(_("A guardian has to be of full age. Check the birth date."), field="born")
    if student.birth_date is not None and student.birth_date <= adult_if_born_by(today):
        raise Refusal(_("This pupil is of full age. Who may see the diary is the pupil's own choice, on the own page."))
    there = Guardianship.objects.filter(guardian=person, student=student).first()
    if there is None:
        return
    if there.ends_on is not None and there.ends_on < today:
        raise Refusal(_("This person was linked before, and the link has ended. Take back its end on the pupil's page."))
    if there.confirmed_at is None:
        raise Refusal(_("This person's link waits for a confirmation. Confirm it on the pupil's page."))
    raise Refusal(_("This person is a guardian of the pupil already."))


def _next_priority(student: Person) -> int:
    last = Guardianship.objects.filter(student=student).order_by("-priority").values_list("priority", flat=True).first()
    return min((last or 0) + 1, 99)


def _tell(actor: Actor, school: School, kind: str, link: Guardianship, **data: object) -> None:
    subject = ("person", link.student_id)
    record_audit(kind, actor_id=actor.person_id, school_id=school.pk, subject=subject, guardian=link.guardian_id, **data)
    raise_versions([("pupil", link.student_id)])
