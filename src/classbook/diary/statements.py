"""The statements behind the family's hot pages, by hand: who asks, may he, where does the pupil sit, what is his own.

The permission is the second spelling of people.sessions and of schools.access.open_student for families; a person with a
position gets the ordinary page, where the reading is audited. tests/diary proves that the two spellings agree.
"""

from __future__ import annotations

from classbook.schools.reader import CHILD, CHILDREN, FAMILY_LOCALE, IS_PUPIL, ME, MINOR, TOLD_TO_FAMILY, TRUST, statement

# The signed-in person, unless he holds a position, and how he stands to the pupil.
_READER = f"""
{ME}, pupil AS MATERIALIZED (
  SELECT me.id AS me, p.id, p.uid, p.family_name, p.given_name, g.id AS ward, g.can_excuse, g.can_sign,
    t.id AS trust, t.can_see_marks, t.can_see_attendance,
    (SELECT @join(b.scope, ' ') FROM people_accessban b
      WHERE b.person_id = me.id AND b.student_id = p.id AND in_force(b)) AS bans
  FROM me JOIN people_person p ON p.uid = :pupil
  LEFT JOIN people_guardianship g ON g.guardian_id = me.id AND g.student_id = p.id AND g.can_view
    AND g.confirmed_at IS NOT NULL AND in_force(g) AND {MINOR}
  LEFT JOIN people_trustedperson t ON t.person_id = me.id AND t.student_id = p.id AND {TRUST}
    AND (t.invited_by_id = p.id OR {MINOR})
  WHERE NOT EXISTS (SELECT 1 FROM schools_position h WHERE h.person_id = me.id AND in_force(h))
), {CHILD},
"""
_READER_COLUMNS = f"""
  (SELECT @array(me.id, me.uid, me.family_name, me.given_name, me.locale, {IS_PUPIL}, {FAMILY_LOCALE},
    pupil.ward, pupil.can_excuse, pupil.can_sign, pupil.trust, pupil.can_see_marks, pupil.can_see_attendance, pupil.bans,
    me.tours_over, {TOLD_TO_FAMILY}, me.seen_at, me.expires_at) FROM me),
  {CHILDREN},
"""

# For staff, whom the ordinary way has let in and noted: the pupil alone.
_PUPIL = "pupil AS MATERIALIZED (SELECT p.id, p.uid, p.family_name, p.given_name FROM people_person p WHERE p.uid = :pupil),"

# CROSS JOIN where the order matters: SQLite keeps it, PostgreSQL finds it. IN rather than a join with "lesson": SQLite would
# build an index of its own for each request.
# Where the pupil sits on the day asked for, else where he sat last (schools.queries.placement_on), and his lessons.
_SEAT = """
seat AS MATERIALIZED (
  SELECT k.id AS class, k.year_id, s.id AS school, s.name AS school_name, s.short_name, k.name,
    CASE s.week_days WHEN 5 THEN :friday WHEN 6 THEN :saturday ELSE :sunday END AS last
  FROM pupil JOIN schools_classplacement c ON c.student_id = pupil.id
  JOIN schools_schoolclass k ON k.id = c.school_class_id JOIN schools_school s ON s.id = c.school_id
  ORDER BY (c.starts_on <= :day AND (c.ends_on IS NULL OR c.ends_on >= :day)) DESC, c.starts_on DESC, c.id DESC LIMIT 1
), span AS MATERIALIZED (
  SELECT e.group_id, e.starts_on, e.ends_on FROM pupil JOIN schools_enrollment e ON e.student_id = pupil.id
), lesson AS MATERIALIZED (
  SELECT DISTINCT l.id FROM seat CROSS JOIN span CROSS JOIN lessons_lesson l
  WHERE l.group_id = span.group_id AND l.date BETWEEN :monday AND seat.last
    AND l.date >= span.starts_on AND (span.ends_on IS NULL OR l.date <= span.ends_on)
), term AS MATERIALIZED (
  SELECT t.starts_on, t.ends_on FROM seat JOIN schools_termscheme h ON h.year_id = seat.year_id
  JOIN schools_term t ON t.scheme_id = h.id AND t.starts_on <= seat.last AND t.ends_on >= :monday
  WHERE h.id IN (SELECT g.term_scheme_id FROM span CROSS JOIN schools_teachinggroup g WHERE g.id = span.group_id)
  ORDER BY t.scheme_id, t.number LIMIT 1
)
"""
_SEAT_COLUMNS = """
  (SELECT @array(pupil.id, pupil.uid, pupil.family_name, pupil.given_name, seat.class, seat.name, seat.short_name,
    seat.school_name, (SELECT number FROM events_version WHERE kind = 'class' AND subject_id = seat.class),
    (SELECT number FROM events_version WHERE kind = 'school' AND subject_id = seat.school)) FROM seat),
  (SELECT @list(@json(line)) FROM (SELECT @array(group_id, starts_on, ends_on) AS line FROM span
    ORDER BY group_id, starts_on) lines),
"""
_VISIBLE = "(a.visible_from IS NULL OR a.visible_from <= :now)"
_OWN_COLUMNS = f"""
  (SELECT @list(@json(line)) FROM (
    SELECT @array(a.lesson_id, m.code, m.band, a.weight, k.short_name, k.name, m.counts AND a.counts, m.comment, a.title,
      a.date, w.family_name, w.given_name, w.middle_name) AS line
    FROM grading_assessment a CROSS JOIN grading_mark m LEFT JOIN grading_workkind k ON k.id = a.work_kind_id
    LEFT JOIN grading_markchange c ON c.mark_id = m.id AND c.version = m.version LEFT JOIN people_person w ON w.id = c.by_id
    WHERE a.lesson_id IN (SELECT id FROM lesson) AND m.assessment_id = a.id AND m.student_id = pupil.id
      AND m.status <> 'withdrawn' AND {_VISIBLE}
    ORDER BY a.lesson_id, a.position, m.id) lines),
  (SELECT @list(@array(r.lesson_id, c.kind, c.label, c.confidential, r.minutes, r.excused))
    FROM attendance_attendancerecord r JOIN attendance_attendancecode c ON c.id = r.code_id
    WHERE r.student_id = pupil.id AND r.date BETWEEN :monday AND :sunday),
  (SELECT @list(h.id) FROM homework_homework h CROSS JOIN homework_homeworkdone d
    WHERE h.due_lesson_id IN (SELECT id FROM lesson) AND d.homework_id = h.id AND d.student_id = pupil.id),
  (SELECT @list(@json(line)) FROM (
    SELECT @array(r.date, r.kind, r.text, p.family_name, p.given_name, p.middle_name) AS line
    FROM lessons_remark r JOIN people_person p ON p.id = r.author_id
    WHERE r.student_id = pupil.id AND r.date BETWEEN :monday AND :sunday AND r.withdrawn_at IS NULL ORDER BY r.id) lines),
  (SELECT @list(@json(line)) FROM (
    SELECT @array(s.name, SUM(m.score * a.weight), SUM(a.weight), COUNT(*)) AS line
    FROM (SELECT DISTINCT group_id FROM span) own CROSS JOIN grading_assessment a
    JOIN grading_mark m ON m.assessment_id = a.id AND m.student_id = pupil.id
    JOIN schools_teachinggroup g ON g.id = own.group_id JOIN schools_subject s ON s.id = g.subject_id
    WHERE a.group_id = own.group_id
      AND a.date BETWEEN (SELECT starts_on FROM term) AND (SELECT ends_on FROM term)
      AND EXISTS (SELECT 1 FROM span WHERE span.group_id = a.group_id
        AND a.date >= span.starts_on AND (span.ends_on IS NULL OR a.date <= span.ends_on))
      AND a.kind = 'work' AND a.counts AND a.weight > 0 AND m.counts AND m.status = 'recorded' AND m.score IS NOT NULL
      AND {_VISIBLE}
    GROUP BY s.name ORDER BY s.name) lines)
FROM pupil JOIN seat ON 1 = 1
"""
_DAYS = ("day", "monday", "friday", "saturday", "sunday")
_WEEK = {"pupil": "uuid", "now": "timestamptz"} | dict.fromkeys(_DAYS, "date")


# Columns: reader, children, then as WEEK_FOR_STAFF.
WEEK_FOR_FAMILY = statement(
    f"WITH {_READER} {_SEAT} SELECT {_READER_COLUMNS} {_SEAT_COLUMNS} {_OWN_COLUMNS}",
    {"key": "text", "today": "date", "of_age": "date", **_WEEK},
)
# Columns: seat, spans, marks, absences, homework done, remarks, averages of the term.
WEEK_FOR_STAFF = statement(f"WITH {_PUPIL} {_SEAT} SELECT {_SEAT_COLUMNS} {_OWN_COLUMNS}", _WEEK)

# Where the pupil sits today, else sat last, and the groups he was in during that year.
_YEAR = """
seat AS MATERIALIZED (
  SELECT k.id AS class, k.name, k.year_id, s.id AS school, s.name AS school_name, s.short_name, s.time_zone
  FROM pupil JOIN schools_classplacement c ON c.student_id = pupil.id
  JOIN schools_schoolclass k ON k.id = c.school_class_id JOIN schools_school s ON s.id = c.school_id
  ORDER BY in_force(c) DESC, c.starts_on DESC, c.id DESC LIMIT 1
), own AS MATERIALIZED (
  SELECT DISTINCT g.id, g.uid, g.term_scheme_id, g.subject_id FROM pupil JOIN seat ON 1 = 1
  JOIN schools_enrollment e ON e.student_id = pupil.id
  JOIN schools_teachinggroup g ON g.id = e.group_id AND g.year_id = seat.year_id
)
"""
_YEAR_COLUMNS = f"""
  (SELECT @array(pupil.id, pupil.uid, pupil.family_name, pupil.given_name, seat.class, seat.name, seat.short_name,
    seat.school_name, seat.time_zone, y.starts_on, y.ends_on,
    EXISTS (SELECT 1 FROM grading_groupscale x WHERE x.group_id IN (SELECT id FROM own)))
    FROM seat JOIN schools_academicyear y ON y.id = seat.year_id),
  (SELECT @list(@json(line)) FROM (
    SELECT @array(t.number, t.kind, t.name, t.starts_on, t.ends_on) AS line FROM schools_term t
    WHERE t.scheme_id IN (SELECT term_scheme_id FROM own) ORDER BY t.number, t.scheme_id) lines),
  (SELECT @list(@json(line)) FROM (
    SELECT @array(own.id, s.name, own.uid) AS line FROM own JOIN schools_subject s ON s.id = own.subject_id
    ORDER BY s.name, own.id) lines),
  (SELECT @list(@array(e.group_id, e.starts_on, e.ends_on)) FROM pupil JOIN schools_enrollment e ON e.student_id = pupil.id
    WHERE e.group_id IN (SELECT id FROM own)),
  (SELECT @list(@array(k.id, k.short_name, k.name)) FROM seat JOIN grading_workkind k ON k.school_id = seat.school),
  (SELECT @list(@json(line)) FROM (
    SELECT @array(a.group_id, a.date, m.code, m.band, a.weight, a.work_kind_id, m.counts AND a.counts, m.comment, a.title,
      m.score, p.family_name, p.given_name, p.middle_name) AS line
    FROM own CROSS JOIN grading_assessment a CROSS JOIN grading_mark m
    LEFT JOIN lessons_lesson l ON l.id = a.lesson_id LEFT JOIN people_person p ON p.id = l.teacher_id
    WHERE a.group_id = own.id AND a.kind = 'work' AND m.assessment_id = a.id AND m.student_id = pupil.id
      AND m.status <> 'withdrawn' AND {_VISIBLE}
    ORDER BY a.date, a.position, m.id) lines)
FROM pupil JOIN seat ON 1 = 1
"""
_MARKS = {"today": "date", "pupil": "uuid", "now": "timestamptz"}
_FAMILY = {"key": "text", "of_age": "date", **_MARKS}

# Columns: reader, children, then as MARKS_FOR_STAFF.
MARKS_FOR_FAMILY = statement(f"WITH {_READER} {_YEAR} SELECT {_READER_COLUMNS} {_YEAR_COLUMNS}", _FAMILY)
# Columns: seat and year, terms, groups with their subjects, days in them, kinds of work, marks of the year.
MARKS_FOR_STAFF = statement(f"WITH {_PUPIL} {_YEAR} SELECT {_YEAR_COLUMNS}", _MARKS)
