"""What the school confirms and ends of the links between guardians and pupils (quality.md 7.14)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import add_to_outbox, raise_versions, record_audit
from classbook.people.models import AccessBan, Guardianship, LegalPaper, Person
from classbook.schools.access import Actor, in_force
from classbook.schools.actions.pupils import require_manager
from classbook.schools.models import ClassPlacement, Enrollment, School


@dataclass(frozen=True, slots=True)
class Confirmed:
    """`banned`: links that a ban limits all the same."""

    links: int
    guardians: int
    children: int
    banned: int


def sleeping_links(school_id: int, class_name: str = "") -> QuerySet[Guardianship]:
    """Links to the school's pupils, or to those of one class, that wait for the school's confirmation."""
    # Who has left is another school's to confirm.
    stays = Q(ends_on=None) | Q(ends_on__gte=clock.today(School.objects.get(pk=school_id).time_zone))
    placed = ClassPlacement.objects.filter(stays, school_id=school_id)
    if class_name:
        placed = placed.filter(school_class__name=class_name, ends_on=None)
        of_school = Q(student__in=placed.values("student_id"))
    else:
        enrolled = Enrollment.objects.filter(stays, school_id=school_id).values("student_id")
        of_school = Q(student__in=placed.values("student_id")) | Q(student__in=enrolled)
    return Guardianship.objects.filter(of_school, confirmed_at=None, ends_on=None)


def with_ended_links() -> QuerySet[Guardianship]:
    """Links that a school has ended by hand. Their pupils' other links are looked at one by one."""
    return Guardianship.objects.filter(by_hand=True, ends_on__isnull=False)


def joint_links(school_id: int, class_name: str = "") -> QuerySet[Guardianship]:
    """Sleeping links that may be confirmed together.

    Not those of a pupil for whom a link was ended by hand: the same guardian may come again under another id.
    """
    return sleeping_links(school_id, class_name).exclude(student_id__in=with_ended_links().values("student_id"))


def tally_of(sleeping: QuerySet[Guardianship]) -> Confirmed:
    """How many links, guardians and children, and how many of the links a ban limits."""
    pairs = set(sleeping.values_list("guardian_id", "student_id"))
    bans = AccessBan.objects.filter(in_force(clock.today("UTC")), person__in={guardian for guardian, _ in pairs})
    banned = len(pairs & set(bans.values_list("person_id", "student_id")))
    return Confirmed(len(pairs), len({g for g, _ in pairs}), len({s for _, s in pairs}), banned)


def wake_links(sleeping: QuerySet[Guardianship], *, school_id: int, actor_id: int | None) -> Confirmed:
    """Make the links effective. Bans stay. The caller has authorised and holds the transaction."""
    found = tally_of(sleeping)
    pairs = sorted(sleeping.values_list("guardian_id", "student_id"))
    if pairs:
        sleeping.update(confirmed_at=clock.now())
        raise_versions(("pupil", student) for _, student in pairs)
        record_audit("guardians.confirmed", actor_id=actor_id, school_id=school_id, links=pairs)
        add_to_outbox("guardians.confirmed", school=school_id, links=len(pairs))
    return found


@transaction.atomic
def confirm_guardians(actor: Actor, school: School, *, class_name: str = "", expected: int) -> Confirmed:
    """Confirm the waiting links of a class, or of the whole school with an empty name.

    Those of a pupil for whom a link was ended by hand stay asleep. `expected` is the number that the person saw. Raises
    Refusal when it has changed in the meantime.
    """
    require_manager(actor, school.pk)
    sleeping = joint_links(school.pk, class_name)
    if sleeping.count() != expected:
        raise Refusal(_("The list has changed in the meantime. Nothing was confirmed; please look at it once more."))
    return wake_links(sleeping, school_id=school.pk, actor_id=actor.person_id)


def link_of(actor: Actor, school: School, student: Person, guardian: UUID) -> Guardianship:
    """The link between a pupil whom the office has opened and a guardian. Raises NotFound."""
    require_manager(actor, school.pk)
    found = Guardianship.objects.select_related("guardian", "student").filter(student=student, guardian__uid=guardian).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def confirm_link(actor: Actor, school: School, link: Guardianship) -> None:
    """One link becomes effective."""
    require_manager(actor, school.pk)
    if link.confirmed_at is not None or link.ends_on is not None:
        raise Refusal(_("This link does not wait for a confirmation any more."))
    wake_links(Guardianship.objects.filter(pk=link.pk), school_id=school.pk, actor_id=actor.person_id)


@transaction.atomic
def end_link(actor: Actor, school: School, link: Guardianship, *, last_day: date) -> None:
    """The guardian sees the pupil's diary until `last_day`; yesterday means: from now on not any more.

    A link that ends with a document can end before it.
    """
    require_manager(actor, school.pk)
    if link.ends_on is not None and last_day >= link.ends_on:
        raise Refusal(_("This link has an end already. Take it back first."), field="last_day")
    if link.starts_on is not None and last_day < link.starts_on:
        raise Refusal(_("The end lies before the beginning. Choose the first day or later."), field="last_day")
    yesterday = actor.today - timedelta(days=1)
    # By the site's calendar: where the school's is a day ahead, "yesterday" would still be today.
    ends_on = min(last_day, yesterday) if last_day < clock.today(school.time_zone) else last_day
    if link.starts_on is not None:
        ends_on = max(ends_on, link.starts_on)
    Guardianship.objects.filter(pk=link.pk).update(ends_on=ends_on, by_hand=True)
    _tell(actor, school, "guardian.ended", link, ends_on=ends_on.isoformat())


@transaction.atomic
def restore_link(actor: Actor, school: School, link: Guardianship) -> None:
    """Take back an end that was entered by mistake. The end of the document that was shown last stays."""
    require_manager(actor, school.pk)
    last = LegalPaper.objects.filter(link=link).order_by("-pk").first()
    by_paper = last.ends_on if last else None
    if link.ends_on is None:
        raise Refusal(_("This link has no end that could be taken back."))
    if link.ends_on == by_paper or (by_paper is not None and by_paper < clock.today(school.time_zone)):
        raise Refusal(_("This end is the document's. With a newer document, change it under “Rights and document”."))
    Guardianship.objects.filter(pk=link.pk).update(ends_on=by_paper, by_hand=True)
    _tell(actor, school, "guardian.restored", link, ends_on=link.ends_on.isoformat())


def _tell(actor: Actor, school: School, kind: str, link: Guardianship, **data: str) -> None:
    subject = ("person", link.student_id)
    record_audit(kind, actor_id=actor.person_id, school_id=school.pk, subject=subject, guardian=link.guardian_id, **data)
    raise_versions([("pupil", link.student_id)])


def limited_pairs(students: Iterable[int], today: date) -> set[tuple[int, int]]:
    """(guardian, pupil) of the bans in force, of whatever scope."""
    rows = AccessBan.objects.filter(in_force(today), student_id__in=list(students))
    return set(rows.values_list("person_id", "student_id"))
