"""Line items and results of a roster: columns without a lesson, and their marks with history."""

from __future__ import annotations

from classbook.common import clock
from classbook.grading.actions.record_many import MarkWrite, marks_in, record_marks
from classbook.grading.models import Assessment
from classbook.grading.queries import scale_from
from classbook.grading.rules import Level, Scale, level_for
from classbook.imports.oneroster.places import taken_out
from classbook.imports.oneroster.records import Result
from classbook.imports.oneroster.write import Writer
from classbook.imports.oneroster.years import year_of_class
from classbook.imports.problems import Problem
from classbook.imports.sync import Tally, sync
from classbook.schools.models import Enrollment, PlaceTakenOut


def write_marks(work: Writer, found: list[Problem]) -> None:
    """Marks that differ from the stored ones are written, each with a history row.

    Whose place in the group the school has removed gets none there.
    """
    columns = _write_columns(work, found)
    if not columns:
        return
    scales = {key: scale_from(scale) for key, scale in work.scales.items()}
    members = set(Enrollment.objects.filter(group__origin=work.origin).values_list("group_id", "student_id"))
    removed = taken_out(work, PlaceTakenOut.Kind.GROUP)
    writes: dict[int, list[MarkWrite]] = {}
    same = left = 0
    stored = marks_in((c.pk for c in columns.values()), (p.pk for p in work.persons.values()))
    for result in work.roster.results.values():
        column = columns.get(result.line_item)
        if column is None or result.gone or (not result.value and not result.exempt):
            continue
        person = work.persons[result.student]
        if (column.group_id, person.pk) not in members:
            if (column.group_id, person.pk) in removed:
                left += 1
                continue
            _fault(found, result, "studentSourcedId", result.student, "The pupil is not in this class.", "Remove the row.")
            continue
        level = _level(work, scales, result, found)
        if level is None:
            continue
        old = stored.get((column.pk, person.pk))
        if old and (old.code, old.comment) == (level.code, result.comment):
            same += 1
            continue
        seen, reason = (old.version, "import") if old else (0, "")
        write = MarkWrite(column.pk, person.pk, level.code, level.score, level.band, True, result.comment, seen, reason)
        writes.setdefault(column.school_id, []).append(write)
    if not found:
        for school_id, rows in writes.items():
            record_marks(rows, school_id=school_id, by_id=None, at=clock.now())
    new = [write.seen == 0 for rows in writes.values() for write in rows]
    work.count("marks", Tally(sum(new), len(new) - sum(new), 0, same, left))


def _write_columns(work: Writer, found: list[Problem]) -> dict[str, Assessment]:
    wanted = {}
    for item in work.roster.line_items.values():
        one, group = work.roster.classes.get(item.class_id), work.groups.get(item.class_id)
        if item.gone or one is None:
            continue
        if group is None:
            todo = "Marks belong to scheduled classes."
            found.append(Problem("lineItems.csv", item.row.number, "classSourcedId", item.class_id, "A homeroom.", todo))
            continue
        plan = year_of_class(one, work.plans, work.roster)
        wanted[item.id] = {
            "school_id": group.school_id, "group_id": group.pk, "title": item.title,
            "date": item.on + plan.moved if item.on else plan.starts, "scale_id": work.scales[one.school].pk,
        }  # fmt: skip
    columns = sync(Assessment.objects.all(), work.origin, wanted)
    if wanted:
        work.count("columns", columns.tally)
    return columns.rows


def _level(work: Writer, scales: dict[str, Scale], result: Result, found: list[Problem]) -> Level | None:
    one = work.roster.classes[work.roster.line_items[result.line_item].class_id]
    scale = scales[one.school]
    level = level_for(scale, result.value)
    if level is None:
        todo = f"The school marks by {work.options.profile.scale['name']}; choose another --profile or correct the value."
        _fault(found, result, "score", result.value, "This is no mark of the school's scale.", todo)
    return level


def _fault(found: list[Problem], result: Result, column: str, value: str, wrong: str, todo: str) -> None:
    found.append(Problem("results.csv", result.row.number, column, value, wrong, todo))
