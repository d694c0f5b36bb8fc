"""The statements behind the journal, by hand: what a group's journal is made of, and what was entered in a stretch of time.

tests/journal/test_grid.py compares their answers with the plain tables, and the permission with schools.access.open_group.
"""

from __future__ import annotations

from classbook.schools.reader import ACTOR, HELD, ME, statement

# Is "me" one of the group's teachers today? (schools.access.teaches)
TEACHES = """EXISTS (SELECT 1 FROM schools_teachingassignment x
    WHERE x.group_id = grp.id AND x.teacher_id = (SELECT id FROM me) AND in_force(x))"""
_ME = "me AS MATERIALIZED (SELECT p.id FROM people_person p WHERE p.id = :me)"
KINDS = """
  (SELECT @list(@json(line)) FROM (
    SELECT @array(k.id, k.code, k.name, k.short_name, k.weight, k.counts) AS line
    FROM grp CROSS JOIN grading_workkind k WHERE k.school_id = grp.school_id ORDER BY k."order", k.id) lines)"""
CODES = """
  (SELECT @list(@json(line)) FROM (
    SELECT @array(c.id, c.code, c.kind, c.label, c.excused, c.confidential) AS line
    FROM grp CROSS JOIN attendance_attendancecode c WHERE c.school_id = grp.school_id ORDER BY c."order", c.id) lines)"""
SCALE = """
  (SELECT @array(s.id, s.code, s.kind, s.best, s.worst, s.passing, s.step)
    FROM grp CROSS JOIN grading_groupscale x JOIN grading_markscale s ON s.id = x.scale_id WHERE x.group_id = grp.id)"""


def _ordered(line: str, rows: str, order: str) -> str:
    return f"(SELECT @list(@json(line)) FROM (SELECT @array({line}) AS line {rows} ORDER BY {order}) lines)"


_LEVELS = (
    "v.code, v.score, v.passes, v.band, v.label",
    "FROM grp CROSS JOIN grading_groupscale x CROSS JOIN grading_scalelevel v "
    "WHERE x.group_id = grp.id AND v.scale_id = x.scale_id",
)
_TERMS = (
    "t.id, t.number, t.kind, t.name, t.starts_on, t.ends_on, t.closes_at, "
    "(SELECT MAX(o.open_until) FROM grading_termreopening o WHERE o.group_id = grp.id AND o.term_id = t.id)",
    "FROM grp CROSS JOIN schools_term t WHERE t.scheme_id = grp.term_scheme_id",
)
LEVELS = _ordered(*_LEVELS, 'v."order", v.id')
TERMS = _ordered(*_TERMS, "t.number")
# For a save, which looks a level up by its code and a term by a day.
ANY_LEVELS, ANY_TERMS = (f"(SELECT @list(@array({line})) {rows})" for line, rows in (_LEVELS, _TERMS))

# Columns: group, terms, kinds of work, codes of absence, scale, its levels, the reader's journals.
JOURNAL = statement(
    f"""
WITH {_ME}, grp AS MATERIALIZED (
  SELECT g.id, g.uid, g.name, g.school_id, g.term_scheme_id, s.time_zone, s.correction_days, y.starts_on, y.ends_on
  FROM schools_teachinggroup g JOIN schools_school s ON s.id = g.school_id JOIN schools_academicyear y ON y.id = g.year_id
  WHERE g.uid = :group
)
SELECT
  (SELECT @array(grp.id, grp.name, grp.school_id, grp.time_zone, grp.correction_days, grp.starts_on, grp.ends_on, {TEACHES})
    FROM grp),
  {TERMS}, {KINDS}, {CODES}, {SCALE}, {LEVELS},
  (SELECT @list(@json(line)) FROM (
    SELECT @array(g.uid, g.name, g.school_id) AS line
    FROM schools_teachinggroup g LEFT JOIN schools_schoolclass k ON k.id = g.school_class_id
    WHERE g.id IN (SELECT x.group_id FROM schools_teachingassignment x WHERE x.teacher_id = :me AND in_force(x))
    ORDER BY k.grade_level, g.name, g.id) lines)
FROM grp
""",
    {"group": "uuid", "me": "bigint", "today": "date"},
)

# Columns: lessons, their columns of marks, marks, absences, pupils with their stretches of time.
ENTRIES = statement(
    """
WITH lesson AS MATERIALIZED (
  SELECT l.id, l.uid, l.date, l.period, l.status, l.topic, l.no_homework, l.version FROM lessons_lesson l
  WHERE l.group_id = :group AND l.date BETWEEN :first AND :last
)
SELECT
  (SELECT @list(@json(line)) FROM (
    SELECT @array(lesson.id, lesson.uid, lesson.date, lesson.period, lesson.status, lesson.topic, lesson.no_homework, h.text,
      lesson.version) AS line
    FROM lesson LEFT JOIN homework_homework h ON h.lesson_id = lesson.id ORDER BY lesson.date, lesson.period) lines),
  (SELECT @list(@json(line)) FROM (
    SELECT @array(a.lesson_id, a.id, a.uid, a.version, k.code, k.name, a.title, a.weight, a.counts, a.comment) AS line
    FROM grading_assessment a LEFT JOIN grading_workkind k ON k.id = a.work_kind_id
    WHERE a.group_id = :group AND a.date BETWEEN :first AND :last AND a.kind = 'work' AND a.lesson_id IS NOT NULL
    ORDER BY a.position, a.id) lines),
  (SELECT @list(@array(m.student_id, m.assessment_id, m.code, m.version, m.band, m.comment, m.counts, m.score,
      CASE WHEN a.counts THEN a.weight ELSE 0 END, a.date))
    FROM grading_assessment a CROSS JOIN grading_mark m
    WHERE a.group_id = :group AND a.date BETWEEN :first AND :last AND a.kind = 'work' AND m.assessment_id = a.id),
  (SELECT @list(@array(r.student_id, r.lesson_id, c.code, r.version, r.minutes))
    FROM lesson CROSS JOIN attendance_attendancerecord r LEFT JOIN attendance_attendancecode c ON c.id = r.code_id
    WHERE r.lesson_id = lesson.id),
  (SELECT @list(@json(line)) FROM (
    SELECT @array(p.id, p.uid, p.family_name, p.given_name, e.starts_on, e.ends_on) AS line
    FROM schools_enrollment e JOIN people_person p ON p.id = e.student_id
    WHERE e.group_id = :group AND e.starts_on <= :last AND (e.ends_on IS NULL OR e.ends_on >= :first)
    ORDER BY p.sort_key, p.id) lines)
""",
    {"group": "bigint", "first": "date", "last": "date"},
)

# What a save is checked against, as far as it touches it, and what the operation answered before.
# Kinds are read only for new columns, codes and absences only for the register (:makes, :registers).
# A lesson asked for twice, or a pupil who came back, brings some lines twice: the book keeps them by their keys.
# +group_id: found by the few uids, never by walking through all columns or lessons of the group.
# Cells of both: group and permission, operation, terms, kinds, codes, scale, levels, lessons, columns, pupils, marks, absences.
_BOOK = """
door AS MATERIALIZED (
  SELECT l.id, l.group_id, l.teacher_id = (SELECT id FROM me)
    OR EXISTS (SELECT 1 FROM lessons_lessonteacher x WHERE x.lesson_id = l.id AND x.teacher_id = (SELECT id FROM me)) AS holds
  FROM lessons_lesson l WHERE l.uid = :lesson
), grp AS MATERIALIZED (
  SELECT g.id, g.school_id, g.school_class_id, g.term_scheme_id, s.time_zone, s.correction_days
  FROM schools_teachinggroup g JOIN schools_school s ON s.id = g.school_id
  WHERE g.id = COALESCE((SELECT group_id FROM door), (SELECT x.id FROM schools_teachinggroup x WHERE x.uid = :group))
), col AS MATERIALIZED (
  SELECT a.id, a.uid, a.lesson_id, a.date, a.version
  FROM grp CROSS JOIN grading_assessment a WHERE a.uid @among(:columns) AND +a.group_id = grp.id
), lesson AS MATERIALIZED (
  SELECT l.id, l.uid, l.date, l.status, l.version FROM grp CROSS JOIN lessons_lesson l
  WHERE l.uid @among(:lessons) AND +l.group_id = grp.id
  UNION ALL SELECT l.id, l.uid, l.date, l.status, l.version FROM col CROSS JOIN lessons_lesson l WHERE l.id = col.lesson_id
), pupil AS MATERIALIZED (
  SELECT p.id, p.uid, e.starts_on, e.ends_on FROM grp
  CROSS JOIN @each(:students) CROSS JOIN people_person p CROSS JOIN schools_enrollment e
  WHERE p.uid = given.value AND e.student_id = p.id AND e.group_id = grp.id
)
"""
_BOOK_CELLS = f"""
  (SELECT @array(grp.id, grp.school_id, grp.school_class_id, grp.time_zone, grp.correction_days,
    {TEACHES}, (SELECT holds FROM door)) FROM grp),
  (SELECT @array(o.actor_id, o.digest, @json(o.answer)) FROM events_operation o WHERE o.uid = :op),
  {ANY_TERMS}, CASE WHEN :makes THEN {KINDS} END, CASE WHEN :registers THEN {CODES} END, {SCALE}, {ANY_LEVELS},
  (SELECT @list(@array(lesson.id, lesson.uid, lesson.date, lesson.status, lesson.version)) FROM lesson),
  (SELECT @list(@array(col.id, col.uid, lesson.uid, col.date, col.version))
    FROM col LEFT JOIN lesson ON lesson.id = col.lesson_id),
  (SELECT @list(@array(pupil.id, pupil.uid, pupil.starts_on, pupil.ends_on)) FROM pupil),
  (SELECT @list(@array(m.assessment_id, m.student_id, m.id, m.code, m.counts, m.comment, m.version))
    FROM pupil own CROSS JOIN col CROSS JOIN grading_mark m
    WHERE m.assessment_id = col.id AND m.student_id = own.id),
  (SELECT @list(@array(r.lesson_id, r.student_id, r.id, c.code, r.minutes, r.version))
    FROM pupil own CROSS JOIN lesson CROSS JOIN attendance_attendancerecord r
    LEFT JOIN attendance_attendancecode c ON c.id = r.code_id
    WHERE :registers AND r.lesson_id = lesson.id AND r.student_id = own.id)
FROM grp
"""
_BOOK_ASKED = {
    "lesson": "uuid", "group": "uuid", "op": "uuid", "lessons": "uuid[]", "columns": "uuid[]", "students": "uuid[]",
    "makes": "boolean", "registers": "boolean",
}  # fmt: skip
BOOK = statement(f"WITH {_ME}, {_BOOK} SELECT {_BOOK_CELLS}", {"me": "bigint", "today": "date", **_BOOK_ASKED})
# With the person behind a session's cookie; the two cells of schools.reader.ACTOR come first.
BOOK_OF_SESSION = statement(
    f"WITH {ME}, {HELD}, {_BOOK} SELECT {ACTOR}, {_BOOK_CELLS}",
    {"key": "text", "now": "timestamptz", "today": "date", **_BOOK_ASKED},
)
