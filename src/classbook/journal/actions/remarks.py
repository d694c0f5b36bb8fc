"""Remarks from the lesson page: a small operation of its own, sent once however often it is pressed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.operations import answer_of, store_answer
from classbook.journal.actions.check import closed_words
from classbook.journal.book import closed_on
from classbook.lessons.access import OpenLesson
from classbook.lessons.actions.changes import add_remark, withdraw_remark
from classbook.lessons.models import Lesson
from classbook.schools.access import Actor


@dataclass(frozen=True, slots=True)
class NewRemark:
    """A remark as it was typed. `op` was made with the page, so that a double click writes one."""

    op: UUID
    student: UUID
    kind: str
    text: str

    def digest(self, lesson: Lesson) -> str:
        """What tells this remark from another under the same id."""
        return hashlib.sha256(json.dumps([str(lesson.uid), str(self.student), self.kind, self.text]).encode()).hexdigest()


def write_remark(actor: Actor, opened: OpenLesson, asked: NewRemark) -> str:
    """Tell the family; answers the remark's public id. Raises NotFound, and Refusal with a sentence."""
    lesson = _open(opened)
    try:
        return _write_once(actor, lesson, asked)
    except IntegrityError:
        # The twin of a double click was faster: now its answer is there.
        return _write_once(actor, lesson, asked)


@transaction.atomic
def _write_once(actor: Actor, lesson: Lesson, asked: NewRemark) -> str:
    digest = asked.digest(lesson)
    stored = answer_of(asked.op, actor_id=actor.person_id, digest=digest)
    if stored is not None:
        return str(stored["remark"])
    if lesson.status == Lesson.Status.CANCELLED:
        raise Refusal(_("This lesson was cancelled."))
    if lesson.date > clock.today(lesson.group.school.time_zone):
        raise Refusal(_("This lesson has not begun yet. A remark about it can be written then."))
    if term := closed_on(lesson.group, lesson.date, clock.now()):
        raise Refusal(closed_words(term.ends_on))
    pupil = lesson.group.enrollments.filter(student__uid=asked.student).values_list("student_id", flat=True).first()
    if pupil is None:
        raise NotFound
    remark = add_remark(actor, lesson, pupil, asked.text, kind=asked.kind)
    store_answer(asked.op, actor_id=actor.person_id, digest=digest, answer={"remark": str(remark.uid)})
    return str(remark.uid)


def take_back_remark(actor: Actor, opened: OpenLesson, remark: UUID) -> None:
    """Withdraw an own remark of this lesson. Raises NotFound for anybody else's."""
    withdraw_remark(actor, _open(opened), remark)


def _open(opened: OpenLesson) -> Lesson:
    if not opened.can_write:
        raise NotFound
    return opened.lesson
