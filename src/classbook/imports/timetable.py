"""A timetable as plain CSV, with or without a list of which date is which day of its cycle."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path

from django.db import transaction

from classbook.common import clock
from classbook.imports.problems import Faults, ImportRefused, Problem
from classbook.imports.sync import BATCH
from classbook.imports.tables import Columns, Limits, Row, Table, read_table
from classbook.lessons.actions.publishing import Published, days_of, publish_timetable
from classbook.lessons.models import Room, Timetable, TimetableEntry, TimetableEntryTeacher
from classbook.people.models import Person
from classbook.schools.access import in_force
from classbook.schools.models import AcademicYear, CalendarDay, School, TeachingAssignment, TeachingGroup

_NAMES = ("dayName", "periodName", "startTime", "endTime", "classSourcedId", "room", "teacherSourcedIds")
TIMETABLE = Columns(_NAMES, frozenset(_NAMES[:5]))
DATES = Columns(("date", "dayName"), frozenset({"date", "dayName"}))
NAME = "imported"


@dataclass(frozen=True, slots=True)
class TimetableImported:
    """`entries` places in the cycle became lessons on `days` dates."""

    entries: int
    days: int
    first: date
    last: date
    published: Published
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Slot:
    day: str
    period: int
    starts: time
    ends: time
    group: TeachingGroup
    room: str
    teachers: tuple[int, ...]


def import_timetable(
    path: Path, school_id: int, cycle_dates: Path | None = None, *, dry_run: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> TimetableImported:  # fmt: skip
    """Replace the year's timetable by the file's and publish it. Raises ImportRefused with every fault; then nothing changed.

    Rows of classes that the school does not have are left out and named in the notes: timetables often cover more than a
    roster does. Dates of the cycle that lie in another year are moved to the school's by whole weeks.
    """
    found = Faults()
    notes: list[str] = []
    year = _year(school_id, path.name)
    table = _read(path, TIMETABLE, found)
    tell(f"Checking {len(table.rows)} rows")
    cycle = list(dict.fromkeys(row["dayName"] for row in table.rows if row["dayName"]))
    slots = _Reader(year, table, found, notes).slots()
    dates = _dates(cycle_dates, year, cycle, found, notes) if cycle_dates else {}
    if not table.rows and not found:
        found.append(Problem(table.file, 0, "", "", "There are no rows.", "Export the timetable again."))
    if found:
        raise ImportRefused(found, found.more)
    with transaction.atomic():
        if dates:
            _write_days(year, dates, notes)
        timetable = _write(year, cycle, slots)
        tell("Making the lessons of the year")
        days = days_of(timetable, year.starts_on)
        if not days:
            todo = "Check the cycle dates, and the school's days off."
            raise ImportRefused([Problem(table.file, 0, "", "", f"The school year {year.name} has no school day.", todo)])
        done = publish_timetable(timetable, by_id=None)
        if dry_run:
            transaction.set_rollback(True)
    return TimetableImported(len(slots), len(days), min(days), max(days), done, tuple(notes))


def _year(school_id: int, file: str) -> AcademicYear:
    """The school's year of today, else its newest."""
    school = School.objects.filter(pk=school_id).first()
    if school is None:
        todo = "Use the number that the import printed."
        raise ImportRefused([Problem(file, 0, "--school", str(school_id), "There is no such school.", todo)])
    years = AcademicYear.objects.filter(school=school).select_related("school")
    year = years.filter(in_force(clock.today(school.time_zone))).first() or years.order_by("-starts_on").first()
    if year is None:
        raise ImportRefused([Problem(file, 0, "", "", "The school has no school year.", "Import the school first.")])
    return year


def _read(path: Path, columns: Columns, found: list[Problem]) -> Table:
    try:
        with path.open("rb") as stream:
            return read_table(path.name, stream, columns, found, Limits())
    except OSError as error:
        found.append(Problem(path.name, 0, "", "", f"It cannot be read ({error.strerror}).", "Give one CSV file."))
        return Table(path.name)


class _Reader:
    """Rows as slots; what is wrong goes to `found`, what is left out to `notes`."""

    def __init__(self, year: AcademicYear, table: Table, found: list[Problem], notes: list[str]) -> None:
        self.table, self.found, self.notes = table, found, notes
        groups = TeachingGroup.objects.filter(year=year).exclude(origin_id="")
        self.groups = {group.origin_id: group for group in groups}
        teachers = Person.objects.filter(positions__school_id=year.school_id, positions__role="teacher").exclude(origin_id="")
        self.teachers = dict(teachers.values_list("origin_id", "pk"))
        rows = TeachingAssignment.objects.filter(group__year=year, ends_on=None).order_by("pk")
        self.usual: dict[int, int] = {}
        for group_id, teacher_id in rows.values_list("group_id", "teacher_id"):
            self.usual.setdefault(group_id, teacher_id)
        self.numbers = _period_numbers(table.rows)

    def slots(self) -> list[_Slot]:
        found: list[_Slot] = []
        taken: dict[tuple[str, int, int], int] = {}
        for row in self.table.rows:
            slot = self._slot(row)
            if slot is None:
                continue
            key = (slot.day, slot.period, slot.group.pk)
            if key in taken:
                self._fault(row, "classSourcedId", f"Row {taken[key]} has the class at the same time.", "Keep one of them.")
                continue
            taken[key] = row.number
            found.append(slot)
        return found

    def _slot(self, row: Row) -> _Slot | None:
        starts, ends = self._time(row, "startTime"), self._time(row, "endTime")
        if starts and ends and ends <= starts:
            self._fault(row, "endTime", f"It is not after the start ({starts:%H:%M}).", "Correct one of the two.")
        for column in ("dayName", "periodName"):
            if not row[column] or len(row[column]) > 40:
                self._fault(row, column, "It is empty or longer than 40 signs.", "Give it a short name.")
        if len(row["room"]) > 60:
            self._fault(row, "room", "It is longer than 60 signs.", "Shorten it.")
        group = self.groups.get(row["classSourcedId"])
        if group is None:
            self.notes.append(
                f'{self.table.file}, row {row.number}, classSourcedId "{row["classSourcedId"]}": '
                "the school has no such class; the row is left out."
            )
            return None
        named = [part.strip() for part in row["teacherSourcedIds"].split(",") if part.strip()]
        for name in named:
            if name not in self.teachers:
                self._fault(row, "teacherSourcedIds", f"{name} is no teacher of the school.", "Import the teacher first.")
        teachers = tuple(dict.fromkeys(self.teachers[name] for name in named if name in self.teachers))
        if not teachers and group.pk in self.usual:
            teachers = (self.usual[group.pk],)
        if starts is None or ends is None:
            return None
        number = self.numbers.get((row["dayName"], row["periodName"]), 0)
        return _Slot(row["dayName"], number, starts, ends, group, row["room"], teachers)

    def _time(self, row: Row, column: str) -> time | None:
        try:
            found = time.fromisoformat(row[column])
        except ValueError:
            found = None
        if found is None or found.tzinfo is not None:
            self._fault(row, column, "This is not a time.", "Write it as 08:30, on the school's own clock.")
            return None
        return found

    def _fault(self, row: Row, column: str, wrong: str, todo: str) -> None:
        self.found.append(Problem(self.table.file, row.number, column, row[column], wrong, todo))


def _period_numbers(rows: list[Row]) -> dict[tuple[str, str], int]:
    """The number in a period's name ("Period 3"); names without one take the first free numbers of their day.

    Before the first numbered period of the day that is 0, as in schools with a lesson zero.
    """
    times: dict[str, dict[str, str]] = {}
    for row in rows:
        of_day = times.setdefault(row["dayName"], {})
        of_day[row["periodName"]] = min(of_day.get(row["periodName"], "99"), row["startTime"].zfill(5))
    found: dict[tuple[str, str], int] = {}
    for day, names in times.items():
        given = {name: int(match[0]) for name in names if (match := re.search(r"\d{1,2}", name))}
        if len(set(given.values())) != len(given):
            given = {}
        last = -1 if given else 0
        for name in sorted(names, key=lambda name: (names[name], name)):
            number = given.get(name)
            if number is None:
                number = next(n for n in range(last + 1, 200) if n not in given.values())
            found[day, name] = last = number
    return found


def _dates(path: Path, year: AcademicYear, cycle: list[str], found: list[Problem], notes: list[str]) -> dict[date, str]:
    """Which day of the cycle each date is, moved into the school's year when the list is of another one."""
    table = _read(path, DATES, found)
    days: dict[date, str] = {}
    for row in table.rows:
        try:
            day = date.fromisoformat(row["date"])
        except ValueError:
            found.append(Problem(table.file, row.number, "date", row["date"], "This is not a date.", "Write it as 2026-09-01."))
            continue
        if day in days:
            found.append(Problem(table.file, row.number, "date", row["date"], "The date stands there twice.", "Keep one row."))
        if row["dayName"] not in cycle:
            todo = "Correct the name, or add the day to the timetable."
            wrong = "The timetable has no such day."
            found.append(Problem(table.file, row.number, "dayName", row["dayName"], wrong, todo))
        days[day] = row["dayName"]
    if not days:
        return days
    weeks = round((year.starts_on - min(days)).days / 7)
    if weeks and not any(year.starts_on <= day <= year.ends_on for day in sorted(days)[: len(days) // 2]):
        notes.append(f"The dates of the cycle are moved by {weeks} weeks to the school year {year.name}.")
        days = {day + timedelta(weeks=weeks): name for day, name in days.items()}
    outside = sorted(day for day in days if not year.starts_on <= day <= year.ends_on)
    if outside:
        notes.append(f"{len(outside)} dates lie outside the school year and are left out: {', '.join(map(str, outside[:8]))}.")
    return {day: name for day, name in days.items() if day not in outside}


def _write_days(year: AcademicYear, dates: dict[date, str], notes: list[str]) -> None:
    """Listed dates follow the list, unless they are days off; weekdays that the list leaves out are days off."""
    span = (year.ends_on - year.starts_on).days + 1
    every = [year.starts_on + timedelta(days=n) for n in range(span)]
    there = {row.date: row for row in CalendarDay.objects.filter(school_id=year.school_id, date__in=every)}
    off = [day for day in dates if day in there and there[day].kind == CalendarDay.Kind.OFF and there[day].name]
    if off:
        notes.append(
            f"{len(off)} dates of the cycle are days off of the school and stay free: {', '.join(map(str, sorted(off)[:8]))}."
        )
    wanted = {day: (CalendarDay.Kind.SCHOOL, name) for day, name in dates.items() if day not in off}
    for day in every:
        if day not in wanted and day.weekday() < year.school.week_days and not (day in there and there[day].name):
            wanted[day] = (CalendarDay.Kind.OFF, "")
    made, changed = [], []
    for day, (kind, name) in wanted.items():
        row = there.get(day)
        if row is None:
            made.append(CalendarDay(school_id=year.school_id, date=day, kind=kind, as_cycle_day=name))
        elif (row.kind, row.as_cycle_day) != (kind, name):
            row.kind, row.as_cycle_day = kind, name
            changed.append(row)
    CalendarDay.objects.bulk_create(made, batch_size=BATCH)
    CalendarDay.objects.bulk_update(changed, ["kind", "as_cycle_day"], batch_size=200)


def _write(year: AcademicYear, cycle: list[str], slots: list[_Slot]) -> Timetable:
    timetable, _ = Timetable.objects.get_or_create(
        school_id=year.school_id, year=year, name=NAME, defaults={"starts_on": year.starts_on, "ends_on": year.ends_on}
    )
    timetable.cycle, timetable.starts_on, timetable.ends_on = cycle, year.starts_on, year.ends_on
    timetable.save(update_fields=["cycle", "starts_on", "ends_on"])
    timetable.school = year.school
    TimetableEntryTeacher.objects.filter(entry__timetable=timetable).delete()
    TimetableEntry.objects.filter(timetable=timetable).delete()
    rooms = _rooms(year.school_id, {slot.room for slot in slots if slot.room})
    entries = TimetableEntry.objects.bulk_create(
        (
            TimetableEntry(
                timetable=timetable, cycle_day=slot.day, period=slot.period, starts_at=slot.starts, ends_at=slot.ends,
                group=slot.group, teacher_id=slot.teachers[0] if slot.teachers else None, room_id=rooms.get(slot.room),
            )
            for slot in slots
        ),
        batch_size=BATCH,
    )  # fmt: skip
    TimetableEntryTeacher.objects.bulk_create(
        TimetableEntryTeacher(entry=entry, teacher_id=teacher)
        for entry, slot in zip(entries, slots, strict=True)
        for teacher in slot.teachers[1:]
    )
    return timetable


def _rooms(school_id: int, names: set[str]) -> dict[str, int]:
    known = set(Room.objects.filter(school_id=school_id).values_list("name", flat=True))
    Room.objects.bulk_create(Room(school_id=school_id, name=name) for name in sorted(names - known))
    return dict(Room.objects.filter(school_id=school_id).values_list("name", "pk"))
