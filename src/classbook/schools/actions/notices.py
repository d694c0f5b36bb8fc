"""What a school tells many of its people: write, change, withdraw, and say that one has read it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from classbook.common import clock
from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import record_audit
from classbook.schools.access import Actor
from classbook.schools.models import Notice, NoticeRead, School
from classbook.schools.queries import notices_to
from classbook.schools.roles import Permission


@transaction.atomic
def write_notice(actor: Actor, school: School, *, audience: str, title: str, text: str, ends_on: date) -> Notice:
    """Show a notice from now on until its last day."""
    _require_may_write(actor, school)
    _require_right(actor, title, text, ends_on)
    if audience not in Notice.Audience.values:
        raise Refusal(_("Please choose one."), field="audience")
    now = clock.now()
    made = Notice.objects.create(
        school=school, audience=audience, title=title, text=text, ends_on=ends_on, written_by_id=actor.person_id,
        created_at=now, changed_at=now,
    )  # fmt: skip
    _note("notice.written", actor, made)
    return made


@transaction.atomic
def change_notice(
    actor: Actor, school: School, uid: UUID, *, title: str, text: str, ends_on: date, seen_version: int, again: bool
) -> Notice:
    """Another wording or last day. `again`: whoever has read it already is to read it once more."""
    _require_may_write(actor, school)
    notice = _mine(school, uid)
    _require_right(actor, title, text, ends_on)
    if notice.version != seen_version:
        raise Refusal(_("Somebody else has changed this notice meanwhile. Look at it as it is now, then change it."))
    notice.title, notice.text, notice.ends_on, notice.changed_at = title, text, ends_on, clock.now()
    notice.version += again
    notice.save(update_fields=["title", "text", "ends_on", "changed_at", "version"])
    _note("notice.changed", actor, notice, again=again)
    return notice


@transaction.atomic
def withdraw_notice(actor: Actor, school: School, uid: UUID) -> Notice:
    """Nobody is shown it any more. Doing it twice changes nothing."""
    _require_may_write(actor, school)
    notice = Notice.objects.select_for_update().filter(school=school, uid=uid).first()
    if notice is None:
        raise NotFound
    if notice.withdrawn_at is None:
        notice.withdrawn_at = clock.now()
        notice.save(update_fields=["withdrawn_at"])
        _note("notice.withdrawn", actor, notice)
    return notice


@transaction.atomic
def read_notice(actor: Actor, uid: UUID) -> None:
    """The actor, to whom it is addressed, has read it. Doing it twice changes nothing."""
    notice = notices_to(actor).filter(uid=uid).first()
    if notice is None:
        raise NotFound
    already = NoticeRead.objects.filter(notice=notice, person_id=actor.person_id, version=notice.version)
    if already.exists():
        return
    NoticeRead.objects.update_or_create(
        notice=notice, person_id=actor.person_id, defaults={"version": notice.version, "at": clock.now()}
    )
    _note("notice.read", actor, notice)


def _require_may_write(actor: Actor, school: School) -> None:
    if not actor.may(Permission.WRITE_NOTICES, school.pk):
        raise NotFound


def _require_right(actor: Actor, title: str, text: str, ends_on: date) -> None:
    for field, value in (("title", title), ("text", text)):
        if not value.strip():
            raise Refusal(_("Please fill this in."), field=field)
    if ends_on < actor.today:
        raise Refusal(_("This day is over. Choose today or a later one."), field="ends_on")


def _mine(school: School, uid: UUID) -> Notice:
    notice = Notice.objects.select_for_update().filter(school=school, uid=uid, withdrawn_at=None).first()
    if notice is None:
        raise NotFound
    return notice


def _note(kind: str, actor: Actor, notice: Notice, **data: object) -> None:
    record_audit(
        kind, actor_id=actor.person_id, school_id=notice.school_id, subject=("notice", notice.pk), version=notice.version, **data
    )
