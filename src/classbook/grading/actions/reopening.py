"""A closed term open again for one group, with a reason and an end."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import raise_versions, record_audit
from classbook.grading.models import TermReopening
from classbook.grading.rules import is_open
from classbook.schools.access import Actor
from classbook.schools.actions.terms import end_of
from classbook.schools.models import School, TeachingGroup, Term
from classbook.schools.roles import Permission

# A term that stays open for longer was closed too early: the head moves its closing day instead.
MOST_DAYS = 31


def _require(actor: Actor, school: School, group: TeachingGroup) -> None:
    if group.school_id != school.pk or not actor.may(Permission.REOPEN_TERM, school.pk):
        raise NotFound


@transaction.atomic
def reopen_term(actor: Actor, school: School, group: TeachingGroup, term: Term, *, last_day: date, reason: str) -> TermReopening:
    """The group's teachers may write in the closed term until `last_day` is over."""
    _require(actor, school, group)
    if term.scheme_id != group.term_scheme_id:
        raise Refusal(_("This group is taught in other terms. Choose one of its own."), field="term")
    if is_open(term.closes_at, None, clock.now()):
        raise Refusal(_("This term is not closed, so its journals can be written in already."), field="term")
    today = clock.today(school.time_zone)
    if not today <= last_day <= today + timedelta(days=MOST_DAYS):
        raise Refusal(_("Choose a day from today on, at most %(most)d days ahead.") % {"most": MOST_DAYS}, field="last_day")
    if not reason.strip():
        raise Refusal(_("Write the reason: it stays beside every entry made late."), field="reason")
    row = TermReopening.objects.create(
        group=group, term=term, open_until=end_of(last_day, school), by_id=actor.person_id, reason=reason.strip(),
        at=clock.now(),
    )  # fmt: skip
    _tell(actor, school, "term.reopened", group, term, last_day=last_day.isoformat())
    return row


@transaction.atomic
def close_again(actor: Actor, school: School, group: TeachingGroup, term: Term) -> None:
    """End the group's reopenings of the term at once; nothing that was entered is lost."""
    _require(actor, school, group)
    rows = TermReopening.objects.filter(group=group, term=term, open_until__gt=clock.now())
    if not rows.update(open_until=clock.now()):
        raise NotFound
    _tell(actor, school, "term.closed_again", group, term)


def _tell(actor: Actor, school: School, kind: str, group: TeachingGroup, term: Term, **data: str) -> None:
    record_audit(kind, actor_id=actor.person_id, school_id=school.pk, subject=("group", group.pk), term=term.pk, **data)
    raise_versions([("group", group.pk)])
