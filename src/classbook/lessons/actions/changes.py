"""Changes of the plan: another teacher, another room, a lesson that does not take place (S67)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import add_to_outbox, raise_versions, record_audit
from classbook.lessons.models import Lesson, Remark, Room, Substitution, TimetableEntry
from classbook.people.models import Person
from classbook.schools.access import Actor, in_force
from classbook.schools.models import ClassPlacement
from classbook.schools.roles import Permission


def _require(actor: Actor, lesson: Lesson) -> None:
    if not actor.may(Permission.MANAGE_LESSONS, lesson.school_id):
        raise NotFound
    if lesson.register_taken_at is not None:
        raise Refusal(_("This lesson is already recorded, so its plan is not changed any more."))


@transaction.atomic
def substitute_teacher(actor: Actor, lesson: Lesson, teacher: Person, *, reason: str = "", note: str = "") -> None:
    """Another teacher holds the lesson. `reason` stays within the school; `note` is for families."""
    _require(actor, lesson)
    _remember_plan(actor, lesson, note=note, reason=reason)
    Lesson.objects.filter(pk=lesson.pk).update(teacher=teacher)
    _tell(actor, lesson, "lesson.substituted")


@transaction.atomic
def move_room(actor: Actor, lesson: Lesson, room: Room, *, note: str = "") -> None:
    """The lesson takes place in another room of the school."""
    _require(actor, lesson)
    _remember_plan(actor, lesson, note=note)
    Lesson.objects.filter(pk=lesson.pk).update(room=room)
    _tell(actor, lesson, "lesson.moved")


@transaction.atomic
def cancel_lesson(actor: Actor, lesson: Lesson, *, note: str) -> None:
    """The lesson does not take place; its row stays and families see it struck out with the note."""
    _require(actor, lesson)
    _remember_plan(actor, lesson, note=note)
    Lesson.objects.filter(pk=lesson.pk).update(status=Lesson.Status.CANCELLED)
    _tell(actor, lesson, "lesson.cancelled")


@transaction.atomic
def restore_lesson(actor: Actor, lesson: Lesson) -> None:
    """Take back every change of the plan."""
    _require(actor, lesson)
    planned = Substitution.objects.filter(lesson=lesson).first()
    changes: dict[str, object] = {"status": Lesson.Status.PLANNED}
    if planned is not None:
        changes |= {"teacher_id": planned.planned_teacher_id, "room_id": planned.planned_room_id}
        planned.delete()
    Lesson.objects.filter(pk=lesson.pk).update(**changes)
    _tell(actor, lesson, "lesson.restored")


def _remember_plan(actor: Actor, lesson: Lesson, *, note: str, reason: str = "") -> None:
    # The first change keeps the plan; later ones only add their words.
    row, _made = Substitution.objects.get_or_create(
        lesson=lesson,
        defaults={"planned_teacher_id": lesson.teacher_id, "planned_room_id": lesson.room_id, "by_id": actor.person_id},
    )
    row.note, row.reason, row.at = note or row.note, reason or row.reason, clock.now()
    row.save(update_fields=["note", "reason", "at"])


def _tell(actor: Actor, lesson: Lesson, kind: str) -> None:
    raise_versions([("group", lesson.group_id), *(("class", pk) for pk in classes_of_group(lesson))])
    record_audit(kind, actor_id=actor.person_id, school_id=lesson.school_id, subject=("lesson", lesson.pk))
    add_to_outbox(kind, lesson=lesson.pk)


def classes_of_group(lesson: Lesson) -> list[int]:
    """The classes whose pupils' weeks the lesson stands in."""
    if lesson.group.school_class_id:
        return [lesson.group.school_class_id]
    placed = ClassPlacement.objects.filter(student__enrollments__group_id=lesson.group_id, ends_on=None)
    return sorted(set(placed.values_list("school_class_id", flat=True)))


MOST_REMARK = 1000


@transaction.atomic
def add_remark(actor: Actor, lesson: Lesson, student_id: int, text: str, *, kind: str) -> Remark:
    """A sentence for the family about a pupil of the lesson; the caller has opened the lesson for writing."""
    if not lesson.group.enrollments.filter(in_force(lesson.date), student_id=student_id).exists():
        raise Refusal(_("The pupil was not in this group on that day."), field="student")
    if kind not in Remark.Kind.values:
        raise Refusal(_("Choose whether it is praise, a remark or a note."), field="kind")
    said = text.strip().replace("\x00", "")
    if not said:
        raise Refusal(_("Write what the family should read."), field="text")
    if len(said) > MOST_REMARK:
        sentence = _("This text is longer than %(most)d signs. It is kept here, not yet saved: please shorten it.")
        raise Refusal(sentence % {"most": MOST_REMARK}, field="text")
    remark = Remark.objects.create(
        school_id=lesson.school_id, student_id=student_id, lesson=lesson, date=lesson.date, kind=kind,
        text=said, author_id=actor.person_id, created_at=clock.now(),
    )  # fmt: skip
    raise_versions([("pupil", student_id), ("group", lesson.group_id)])
    add_to_outbox("remark.added", remark=remark.pk)
    return remark


@transaction.atomic
def withdraw_remark(actor: Actor, lesson: Lesson, uid: UUID) -> None:
    """Take back what one wrote: families see it no more, the row stays. A second time changes nothing."""
    remark = Remark.objects.filter(uid=uid, lesson=lesson, author_id=actor.person_id).first()
    if remark is None:
        raise NotFound
    if not Remark.objects.filter(pk=remark.pk, withdrawn_at=None).update(withdrawn_at=clock.now()):
        return
    raise_versions([("pupil", remark.student_id), ("group", lesson.group_id)])
    record_audit("remark.withdrawn", actor_id=actor.person_id, school_id=lesson.school_id, subject=("remark", remark.pk))
    add_to_outbox("remark.withdrawn", remark=remark.pk)


def hand_over_lessons(group_id: int, teacher_id: int, starts_on: date, *, earlier: Iterable[int] = ()) -> int:
    """Lessons of a group from the day on that nobody has recorded go to its new teacher; answers how many.

    The caller has authorised. A lesson that somebody covers stays with him, and the timetable follows, so that
    publishing it again does not bring the earlier teacher back.
    """
    mine = Lesson.objects.filter(group_id=group_id, date__gte=starts_on, register_taken_at=None)
    of_earlier = Q(teacher_id__in=list(earlier)) | Q(teacher=None)
    moved = mine.filter(Q(substitution=None) | of_earlier).update(teacher_id=teacher_id)
    Substitution.objects.filter(lesson__in=mine, planned_teacher_id__in=list(earlier)).update(planned_teacher_id=teacher_id)
    TimetableEntry.objects.filter(
        Q(teacher_id__in=list(earlier)) | Q(teacher=None), group_id=group_id, timetable__ends_on__gte=starts_on
    ).update(teacher_id=teacher_id)
    return moved
