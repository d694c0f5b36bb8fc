"""An adult asks to be linked with a child; the school's office approves, asks back or refuses (docs/adr/0024).

Asking reads nothing about children: whoever asks learns nothing from the answer, nor from its time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from classbook.accounts.actions.limits import Limit, take
from classbook.accounts.actions.notices import tell
from classbook.accounts.models import AccessRequest
from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import record_audit
from classbook.people.models import Guardianship, Person
from classbook.schools.access import Actor, is_pupil
from classbook.schools.actions.guardians import confirm_link
from classbook.schools.actions.new_guardians import GuardianRights, Paper, add_guardian, change_guardian, own_link
from classbook.schools.actions.pupils import require_manager
from classbook.schools.models import School

A_DAY = Limit("access-request", 5, timedelta(days=1))
# What one person can put before the offices; more would only bury what others ask.
MOST_OPEN = 3
State = AccessRequest.State
WAITING = (State.OPEN, State.ASKED)


@dataclass(frozen=True, slots=True)
class Asked:
    """The child as the asker describes it, and by what right."""

    family: str
    given: str
    born: date
    class_name: str
    relation: str
    basis: str
    document: str


def may_ask(actor: Actor) -> bool:
    """Grown-ups ask; who has a place in a class is no guardian."""
    return not is_pupil(actor)


def ask(actor: Actor, school_uid: UUID, asked: Asked) -> AccessRequest:
    """Put a request before the school's office."""
    school = School.objects.filter(uid=school_uid).first()
    if school is None or not may_ask(actor):
        raise NotFound
    if AccessRequest.objects.filter(asked_by_id=actor.person_id, state__in=WAITING).count() >= MOST_OPEN:
        raise Refusal(_("Three of your requests are not answered yet. Wait for an answer, or withdraw one."))
    # Not in the transaction: what was tried counts.
    if not take(A_DAY, actor.person_id):
        raise Refusal(_("You have asked five times today. Please try again tomorrow, or call the school."))
    with transaction.atomic():
        made = AccessRequest.objects.create(
            school=school, asked_by_id=actor.person_id, family_name=asked.family.strip(), given_name=asked.given.strip(),
            born=asked.born, class_name=asked.class_name.strip(), relation=asked.relation, basis=asked.basis,
            document=asked.document.strip(), created_at=clock.now(),
        )  # fmt: skip
        _audit("access.asked", made, actor)
    return made


@transaction.atomic
def reply(actor: Actor, uid: UUID, text: str) -> None:
    """Answer what the office asked back; the request waits for it again."""
    row = _own(actor, uid, State.ASKED)
    if not text.strip():
        raise Refusal(_("Write your answer."), field="reply")
    AccessRequest.objects.filter(pk=row.pk).update(state=State.OPEN, reply=text.strip()[:500])
    _audit("access.replied", row, actor)


@transaction.atomic
def withdraw(actor: Actor, uid: UUID) -> None:
    """The asker thinks better of it."""
    row = _own(actor, uid, *WAITING)
    _close(row, actor, State.WITHDRAWN)
    _audit("access.withdrawn", row, actor)


def _own(actor: Actor, uid: UUID, *states: str) -> AccessRequest:
    rows = AccessRequest.objects.select_for_update(of=("self",))
    row = rows.filter(uid=uid, asked_by_id=actor.person_id, state__in=states).first()
    if row is None:
        raise NotFound
    return row


def open_request(actor: Actor, school: School, uid: UUID) -> AccessRequest:
    """A request that waits for the school, for its office. Raises NotFound."""
    require_manager(actor, school.pk)
    found = AccessRequest.objects.filter(uid=uid, school=school, state__in=WAITING).select_related("asked_by").first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def approve(
    actor: Actor, school: School, uid: UUID, student: Person, *, relation: str, rights: GuardianRights, paper: Paper
) -> None:
    """The asker becomes a guardian of the pupil, with the document that the office has seen.

    The caller has opened the pupil for the office. A link that waits for a confirmation is confirmed. Raises Refusal where
    the two cannot be linked.
    """
    row = _taken(actor, school, uid)
    there = Guardianship.objects.filter(guardian_id=row.asked_by_id, student=student, confirmed_at=None, ends_on=None).first()
    if there is None:
        add_guardian(actor, school, student, row.asked_by, relation=relation, rights=rights, paper=paper)
    else:
        confirm_link(actor, school, there)
        change_guardian(actor, school, there, relation=relation, rights=rights, paper=paper)
    _close(row, actor, State.GRANTED, student=student)
    _audit("access.granted", row, actor, pupil=student.pk)
    tell(row.asked_by_id, "access-granted", {"school": school.name})


@transaction.atomic
def ask_back(actor: Actor, school: School, uid: UUID, question: str) -> None:
    """The office needs to know or to see something first."""
    row = _taken(actor, school, uid)
    if not question.strip():
        raise Refusal(_("Write what you need to know."), field="text")
    AccessRequest.objects.filter(pk=row.pk).update(state=State.ASKED, question=question.strip()[:500], reply="")
    _audit("access.asked_back", row, actor)
    tell(row.asked_by_id, "access-question", {"school": school.name})


@transaction.atomic
def refuse(actor: Actor, school: School, uid: UUID, reason: str) -> None:
    """No link; the asker reads why, in the office's words."""
    row = _taken(actor, school, uid)
    if not reason.strip():
        raise Refusal(_("Write the reason. The person reads it."), field="text")
    _close(row, actor, State.REFUSED, reason=reason.strip()[:500])
    _audit("access.refused", row, actor)
    tell(row.asked_by_id, "access-refused", {"school": school.name})


def _taken(actor: Actor, school: School, uid: UUID) -> AccessRequest:
    """One at a time: two of the office who answer at once get one answer."""
    require_manager(actor, school.pk)
    list(AccessRequest.objects.select_for_update().filter(uid=uid).values_list("pk"))
    found = open_request(actor, school, uid)
    if found.asked_by_id == actor.person_id:
        raise Refusal(own_link())
    return found


def _close(row: AccessRequest, actor: Actor, state: str, **values: object) -> None:
    AccessRequest.objects.filter(pk=row.pk).update(state=state, closed_at=clock.now(), closed_by_id=actor.person_id, **values)


def _audit(kind: str, row: AccessRequest, actor: Actor, **data: object) -> None:
    subject = ("person", row.asked_by_id)
    record_audit(kind, actor_id=actor.person_id, school_id=row.school_id, subject=subject, request=row.pk, **data)
