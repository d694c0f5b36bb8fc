"""Who asks, in one prepared statement: the session's person with positions, own class and children.

Every page begins with it, so it is one of the few statements by hand (docs/adr/0013). It is the second spelling of
people.sessions, access.actor_for, access.children_of, access.is_pupil, queries.classes_led_by and
queries.locale_of_school_of and notices_for; tests/schools/test_reader.py proves that they agree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from classbook.common.compact import loads
from classbook.common.prepared import Statement, moment
from classbook.people.queries import tours_over
from classbook.people.rules import adult_if_born_by
from classbook.people.sessions import hash_of, is_due
from classbook.schools.access import Actor, Held, actor_for, children_of, is_pupil, pupil_rights
from classbook.schools.models import ClassPlacement
from classbook.schools.queries import Told, classes_led_by, locale_of_school_of, notices_for, placement_on, told_from


@dataclass(frozen=True, slots=True)
class Ward:
    """A child whose diary the reader may open; `class_name` is empty for one who was never in a class."""

    pk: int
    uid: UUID
    given_name: str
    class_name: str
    school: str
    # Not for every trusted person.
    sees_marks: bool = True


@dataclass(frozen=True, slots=True)
class Reader:
    """The signed-in person as the frame of every page needs him. `school_locale` is empty without a school."""

    actor: Actor
    is_pupil: bool
    leads_class: bool
    school_locale: str
    wards: tuple[Ward, ...]
    shared: bool
    # So much time has passed since the device's use was noted that it is to be noted again.
    is_due: bool
    # What the own schools tell and the person has not read yet; the tours that are over.
    told: tuple[Told, ...] = ()
    tours_over: str = ""

    @property
    def first_pupil(self) -> UUID | None:
        """Whose diary the navigation opens: one's own, else the eldest child's."""
        return self.actor.uid if self.is_pupil else self.wards[0].uid if self.wards else None

    @property
    def first_with_marks(self) -> UUID | None:
        """Whose marks the navigation opens; None: nobody's."""
        return self.actor.uid if self.is_pupil else next((ward.uid for ward in self.wards if ward.sees_marks), None)


def statement(sql: str, parameters: dict[str, str]) -> Statement:
    """A statement in which in_force(x) stands for the condition of access.in_force on row x, with :today."""
    condition = r"((\1.starts_on IS NULL OR \1.starts_on <= :today) AND (\1.ends_on IS NULL OR \1.ends_on >= :today))"
    return Statement(re.sub(r"\bin_force\((\w)\)", condition, sql), parameters)


# The person of a live session; nobody while a temporary password has to be replaced (web.request). Parameters :key, :now.
ME = """
me AS MATERIALIZED (
  SELECT p.id, p.uid, p.family_name, p.given_name, p.middle_name, p.locale, a.tours_over, s.shared_computer, s.seen_at,
    s.expires_at
  FROM people_session s JOIN people_person p ON p.id = s.person_id JOIN people_account a ON a.person_id = p.id
  WHERE s.key_hash = :key AND s.expires_at > :now AND s.epoch = p.epoch AND a.is_active
    AND NOT a.must_change_password
)"""
# Guardians act for those under age (access.is_minor).
MINOR = "(p.birth_date IS NULL OR p.birth_date > :of_age)"
# What a trusted person was given stands on the inviter (access.trusts_in_force, but for MINOR).
TRUST = """t.can_view AND in_force(t) AND (t.invited_by_id = t.student_id OR (EXISTS (
    SELECT 1 FROM people_guardianship i WHERE i.guardian_id = t.invited_by_id AND i.student_id = t.student_id
      AND i.can_view AND i.confirmed_at IS NOT NULL AND in_force(i))
  AND NOT EXISTS (SELECT 1 FROM people_accessban n WHERE n.person_id = t.invited_by_id AND n.student_id = t.student_id
    AND n.scope = 'all' AND in_force(n))))"""
# The children of "me" (access.children_of), whether their marks may be seen, and their lines for the switcher.
CHILD = f"""
ward AS (
  SELECT g.student_id AS id, 0 AS of_pupil, 1 AS marks FROM me JOIN people_guardianship g ON g.guardian_id = me.id
  WHERE g.can_view AND g.confirmed_at IS NOT NULL AND in_force(g)
  UNION ALL SELECT t.student_id, CASE WHEN t.invited_by_id = t.student_id THEN 1 ELSE 0 END,
    CASE WHEN t.can_see_marks THEN 1 ELSE 0 END
  FROM me JOIN people_trustedperson t ON t.person_id = me.id WHERE {TRUST}
), child AS MATERIALIZED (
  SELECT p.id, p.uid, p.given_name, p.birth_date, p.sort_key, MAX(ward.marks) AS marks
  FROM ward CROSS JOIN people_person p WHERE p.id = ward.id AND (ward.of_pupil = 1 OR {MINOR})
    AND NOT EXISTS (SELECT 1 FROM me JOIN people_accessban b ON b.person_id = me.id
      WHERE b.student_id = ward.id AND b.scope = 'all' AND in_force(b))
  GROUP BY p.id
)"""
CHILDREN = """
  (SELECT @list(@json(line)) FROM (
    SELECT @array(child.id, child.uid, child.given_name, k.name, s.short_name, s.name, child.marks) AS line
    FROM child LEFT JOIN schools_classplacement p ON p.id = (
      SELECT c.id FROM schools_classplacement c WHERE c.student_id = child.id
      ORDER BY in_force(c) DESC, c.starts_on DESC, c.id DESC LIMIT 1)
    LEFT JOIN schools_schoolclass k ON k.id = p.school_class_id LEFT JOIN schools_school s ON s.id = p.school_id
    ORDER BY child.birth_date, child.sort_key, child.id) lines)"""
IS_PUPIL = "EXISTS (SELECT 1 FROM schools_classplacement c WHERE c.student_id = me.id AND in_force(c))"
FAMILY_LOCALE = """
  (SELECT s.locale FROM schools_classplacement c JOIN schools_school s ON s.id = c.school_id
    WHERE c.student_id IN (SELECT me.id UNION ALL SELECT id FROM child) ORDER BY c.starts_on DESC, c.id LIMIT 1)"""

# To which schools "me" belongs as a family: pupils, and guardians who may look in; no trusted person.
_FAMILY_OF = """SELECT c.school_id, 'families' AS audience FROM schools_classplacement c WHERE in_force(c) AND c.student_id IN (
    SELECT me.id FROM me UNION ALL SELECT child.id FROM me CROSS JOIN child JOIN people_guardianship g
      ON g.guardian_id = me.id AND g.student_id = child.id
    WHERE g.can_view AND g.confirmed_at IS NOT NULL AND in_force(g))"""
_STAFF_OF = """SELECT held.school_id, 'staff' FROM held WHERE held.school_id IS NOT NULL
  UNION SELECT k.school_id, 'class_teachers' FROM me JOIN schools_schoolclass k ON k.class_teacher_id = me.id
    JOIN schools_academicyear y ON y.id = k.year_id WHERE in_force(y)"""


def _told(belongs: str) -> str:
    """What these schools tell and "me" has not read yet, as JSON (queries.notices_for). Most days nobody tells anything:
    then no school is looked up."""
    return f"""
  @json((SELECT CASE WHEN EXISTS (SELECT 1 FROM schools_notice x WHERE x.withdrawn_at IS NULL AND x.ends_on >= :today) THEN (
  SELECT @list(@json(line)) FROM (
    SELECT @array(n.uid, n.title, n.text, s.short_name, s.name) AS line
    FROM (SELECT school_id, audience FROM ({belongs}) belongs GROUP BY school_id, audience) mine
    CROSS JOIN schools_notice n JOIN schools_school s ON s.id = n.school_id
    WHERE n.school_id = mine.school_id AND n.audience = mine.audience AND n.withdrawn_at IS NULL AND n.ends_on >= :today
      AND NOT EXISTS (SELECT 1 FROM me JOIN schools_noticeread r ON r.person_id = me.id
        WHERE r.notice_id = n.id AND r.version = n.version)
    ORDER BY n.created_at, n.id) told) END))"""


TOLD_TO_FAMILY = _told(_FAMILY_OF)
_TOLD = _told(f"{_FAMILY_OF} UNION {_STAFF_OF}")

# The positions of "me" that are in force (access.actor_for).
HELD = """
held AS MATERIALIZED (
  SELECT h.role, h.school_id, s.uid AS school, h.region_id, r.uid AS region, s.locale
  FROM me JOIN schools_position h ON h.person_id = me.id
  LEFT JOIN schools_school s ON s.id = h.school_id LEFT JOIN schools_region r ON r.id = h.region_id
  WHERE in_force(h)
)"""
POSITIONS = """
  (SELECT @list(@json(line)) FROM (
    SELECT @array(role, school_id, school, region_id, region) AS line FROM held ORDER BY role, school_id) lines)"""
# The first two cells of a statement that begins with ME and HELD, for actor_from.
ACTOR = f"""
  (SELECT @array(me.id, me.uid, me.family_name, me.given_name, me.middle_name, me.locale, me.seen_at, me.expires_at) FROM me),
  {POSITIONS}"""

_READER = statement(
    f"""
WITH {ME}, {CHILD}, {HELD}
SELECT
  (SELECT @array(me.id, me.uid, me.family_name, me.given_name, me.middle_name, me.locale, {IS_PUPIL},
    EXISTS (SELECT 1 FROM schools_schoolclass k JOIN schools_academicyear y ON y.id = k.year_id
      WHERE k.class_teacher_id = me.id AND in_force(y)),
    (SELECT held.locale FROM held WHERE held.school_id IS NOT NULL ORDER BY held.role, held.school_id LIMIT 1),
    {FAMILY_LOCALE}, me.shared_computer, me.tours_over, {_TOLD}, me.seen_at, me.expires_at) FROM me),
  {POSITIONS},
  {CHILDREN}
""",
    {"key": "text", "now": "timestamptz", "today": "date", "of_age": "date"},
)


def reader_behind(session_key: str, *, now: datetime, today: date) -> Reader | None:
    """The person behind a session cookie; None when the session has ended. `today` judges rights (Actor.today)."""
    row = _READER.row(hash_of(session_key), now, today, adult_if_born_by(today))
    if row is None or row[0] is None:
        return None
    pk, uid, family, given, middle, locale, pupil, leads, of_position, of_family, shared, tours, told, *times = loads(row[0])
    actor = Actor(pk, UUID(uid), family, given, middle, locale, today, _positions(row[1]))
    locale_of_school = of_position or of_family or ""
    due = use_is_due(*times, now=now)
    return Reader(actor, bool(pupil), bool(leads), locale_of_school, _wards(row[2]), bool(shared), due, told_from(told), tours)


def actor_from(me: str, positions: str | None, *, today: date, now: datetime) -> tuple[Actor, bool]:
    """The actor in a statement's first two cells (ACTOR), and whether the use of the device is to be noted again."""
    pk, uid, family, given, middle, locale, *times = loads(me)
    return Actor(pk, UUID(uid), family, given, middle, locale, today, _positions(positions)), use_is_due(*times, now=now)


def use_is_due(seen_at: str, expires_at: str, *, now: datetime) -> bool:
    """Is the use of a device to be noted again? Both times as a statement's JSON brings them."""
    return is_due(moment(seen_at), moment(expires_at), now)


def reader_of_person(person_id: int, *, today: date, shared: bool) -> Reader:
    """The reader through the plain tables: for a session that lies in the cookie alone (people.sessions)."""
    actor = actor_for(person_id, today)
    places = [(child, placement_on(child.pk, today)) for child in children_of(actor)]
    wards = tuple(
        Ward(child.pk, child.uid, child.given_name, *_place_names(place), sees_marks=_sees_marks(actor, child.pk))
        for child, place in places
    )
    locale = locale_of_school_of(actor)
    pupil, leads, told = is_pupil(actor), bool(classes_led_by(actor)), notices_for(actor)
    return Reader(actor, pupil, leads, locale, wards, shared, is_due=False, told=told, tours_over=tours_over(person_id))


def _place_names(place: ClassPlacement | None) -> tuple[str, str]:
    return (place.school_class.name, place.school.short_name or place.school.name) if place else ("", "")


def _sees_marks(actor: Actor, child_id: int) -> bool:
    rights = pupil_rights(actor, child_id)
    return rights is not None and rights.can_see_marks


def _positions(cell: str | None) -> tuple[Held, ...]:
    rows: list[list[Any]] = loads(cell or "[]")
    return tuple(
        Held(role, school_id, UUID(school) if school else None, region_id, UUID(region) if region else None)
        for role, school_id, school, region_id, region in rows
    )


def _wards(cell: str | None) -> tuple[Ward, ...]:
    rows: list[list[Any]] = loads(cell or "[]")
    return tuple(
        Ward(pk, UUID(uid), given, name or "", short or school or "", bool(marks))
        for pk, uid, given, name, short, school, marks in rows
    )
