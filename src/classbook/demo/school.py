"""One school of the demo: its year, classes, people, groups and timetable; lessons come out of publishing it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from random import Random

from classbook.demo.curriculum import Course
from classbook.demo.names import Name
from classbook.demo.people import Cast, uid
from classbook.demo.scheduler import Demand, schedule
from classbook.grading.models import GroupScale, MarkScale
from classbook.imports.apply_profile import apply_customs, apply_days_off, apply_terms
from classbook.lessons.actions.publishing import publish_timetable
from classbook.lessons.models import BellPeriod, BellSchedule, Room, Timetable, TimetableEntry
from classbook.people.models import Guardianship, Person
from classbook.profiles import in_school_year, profile, year_start
from classbook.schools.models import (
    AcademicYear,
    ClassPlacement,
    Enrollment,
    Position,
    Region,
    School,
    SchoolClass,
    Subject,
    TeachingAssignment,
    TeachingGroup,
    TermScheme,
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What kind of school it is. `classes` are (grade, letter); `unmarked` grades get no scale."""

    name: str
    short_name: str
    profile: str
    time_zone: str
    classes: tuple[tuple[int, str], ...]
    pupils: int
    courses: tuple[Course, ...]
    bells: tuple[tuple[str, str], ...]
    most_periods: int
    load: int
    room: str
    unmarked: frozenset[int] = frozenset()
    age_at_grade_1: int = 6


@dataclass(slots=True)
class Built:
    """The rows of a school while the world is made."""

    shape: Shape
    school: School
    year: AcademicYear
    scale: MarkScale
    classes: list[SchoolClass] = field(default_factory=list)
    pupils: dict[int, list[Person]] = field(default_factory=dict)
    teachers: dict[str, tuple[Person, ...]] = field(default_factory=dict)
    groups: list[TeachingGroup] = field(default_factory=list)
    course_of: dict[int, Course] = field(default_factory=dict)
    members: dict[int, list[int]] = field(default_factory=dict)
    teacher_of: dict[int, Person] = field(default_factory=dict)
    # First and last day of pupils who were not there all the year, by id.
    stays: dict[int, tuple[date, date]] = field(default_factory=dict)

    def members_on(self, group_id: int, day: date) -> list[int]:
        """Ids of the group's pupils on a day."""
        always = (date.min, date.max)
        return [pk for pk in self.members[group_id] if self.stays.get(pk, always)[0] <= day <= self.stays.get(pk, always)[1]]


class SchoolBuilder:
    """Makes one school step by step; `name` makes a name, female or not."""

    def __init__(self, region: Region, shape: Shape, day: date, random: Random, cast: Cast) -> None:
        self.shape, self.random, self.cast = shape, random, cast
        customs = profile(shape.profile)
        school = School.objects.create(
            uid=uid(random),
            region=region,
            name=shape.name,
            short_name=shape.short_name,
            time_zone=shape.time_zone,
            locale=customs.locale,
            profile=customs.code,
            correction_days=customs.correction_days,
            week_days=customs.week_days,
        )
        starts = year_start(customs, day.year)
        starts = starts if starts <= day else year_start(customs, day.year - 1)
        ends = in_school_year(customs.year[1], starts)
        year = AcademicYear.objects.create(
            school=school, name=f"{starts.year}/{ends.year % 100:02}", starts_on=starts, ends_on=ends
        )
        self.schemes = apply_terms(year, customs)
        apply_days_off(year, customs)
        self.built = Built(shape, school, year, apply_customs(school, customs))

    def people(self, make_name: object) -> None:
        """Classes with their pupils and teaching units with their teachers; nothing is stored yet."""
        built, shape = self.built, self.shape
        for index, (grade, letter) in enumerate(shape.classes):
            built.classes.append(
                SchoolClass(
                    uid=uid(self.random), school=built.school, year=built.year, grade_level=grade, name=f"{grade}{letter}"
                )
            )
            share = shape.pupils // len(shape.classes) + (1 if index < shape.pupils % len(shape.classes) else 0)
            built.pupils[index] = [self._pupil(make_name, grade) for _ in range(share)]
        for unit, size in self._units().items():
            built.teachers[unit] = tuple(self.cast.add(self._teacher(make_name)) for _ in range(size))

    def _pupil(self, make_name: object, grade: int) -> Person:
        name: Name = make_name(self.random)  # type: ignore[operator]
        year = self.built.year.starts_on.year - self.shape.age_at_grade_1 - grade
        return self.cast.add(name, born=date(year, 1 + self.random.randrange(12), 1 + self.random.randrange(28)))

    def _teacher(self, make_name: object) -> Name:
        found: Name = make_name(self.random, female=self.random.random() < 0.8)  # type: ignore[operator]
        return found

    def _units(self) -> dict[str, int]:
        units: dict[str, int] = {}
        for demand in self.demands():
            course = self._course(demand.course)
            units[demand.unit] = 2 if course.halves else 1
        return units

    def _course(self, code: str) -> Course:
        return next(course for course in self.shape.courses if course.code == code)

    def demands(self) -> list[Demand]:
        """Who teaches what in which class, so that nobody has more than the load of the school."""
        load: dict[str, int] = {}
        units: dict[str, list[str]] = {}
        found = []
        for course in self.shape.courses:
            for index, (grade, _letter) in enumerate(self.shape.classes):
                hours = course.hours.get(grade, 0)
                if not hours:
                    continue
                if course.by_class_teacher and grade <= self._own_teacher_until():
                    unit = f"class-{index}"
                else:
                    known = units.setdefault(course.code, [f"{course.code}-0"])
                    unit = min(known, key=lambda u: load.get(u, 0))
                    if load.get(unit, 0) + hours > self.shape.load:
                        unit = f"{course.code}-{len(known)}"
                        known.append(unit)
                load[unit] = load.get(unit, 0) + hours
                found.append(Demand(index, unit, course.code, hours))
        return found

    def _own_teacher_until(self) -> int:
        return 4 if self.shape.profile == "russia" else 6

    def write(self) -> None:
        """Store classes, placements, groups, enrolments, assignments and the published timetable."""
        built = self.built
        leaders = self._class_teachers()
        for index, row in enumerate(built.classes):
            row.class_teacher = leaders[index]
        SchoolClass.objects.bulk_create(built.classes)
        starts = built.year.starts_on
        ClassPlacement.objects.bulk_create(
            ClassPlacement(
                school=built.school, school_class=built.classes[index], student=pupil, register_number=number, starts_on=starts
            )
            for index, pupils in built.pupils.items()
            for number, pupil in enumerate(sorted(pupils, key=lambda p: p.sort_key), 1)
        )
        staff = {person.pk: person for unit in built.teachers.values() for person in unit}
        Position.objects.bulk_create(
            Position(person=person, role="teacher", school=built.school, starts_on=starts) for person in staff.values()
        )
        self._groups()
        self._timetable()

    def _class_teachers(self) -> list[Person]:
        """Each class its own: the primary teacher, else one of those who teach the class."""
        built = self.built
        taken: set[int] = set()
        leaders = []
        for index in range(len(built.classes)):
            candidates = [t for d in self.demands() if d.school_class == index for t in built.teachers[d.unit]]
            own = built.teachers.get(f"class-{index}", ())
            leader = next((t for t in (*own, *candidates) if t.pk not in taken), candidates[0])
            taken.add(leader.pk)
            leaders.append(leader)
        return leaders

    def _groups(self) -> None:
        built, shape = self.built, self.shape
        subjects = {
            course.code: Subject.objects.create(school=built.school, code=course.code, name=course.name, short_name=course.short)
            for course in shape.courses
        }
        self.group_of: dict[tuple[int, str], list[TeachingGroup]] = {}
        for demand in self.demands():
            course, row = self._course(demand.course), built.classes[demand.school_class]
            for half, teacher in enumerate(built.teachers[demand.unit], 1):
                name = f"{row.name} {course.name}" + (f" {half}" if course.halves else "")
                group = TeachingGroup(
                    uid=uid(self.random),
                    school=built.school,
                    year=built.year,
                    subject=subjects[course.code],
                    term_scheme=self._scheme(row.grade_level or 0),
                    school_class=row,
                    name=name,
                )
                built.groups.append(group)
                self.group_of.setdefault((demand.school_class, course.code), []).append(group)
                group.demo_teacher = teacher  # type: ignore[attr-defined]
        TeachingGroup.objects.bulk_create(built.groups)
        self._members()

    def _scheme(self, grade: int) -> TermScheme:
        return self.schemes.get(grade) or self.schemes.get(None) or next(iter(self.schemes.values()))

    def _members(self) -> None:
        built, starts = self.built, self.built.year.starts_on
        enrollments = []
        for (index, code), groups in self.group_of.items():
            pupils = sorted(built.pupils[index], key=lambda p: p.sort_key)
            middle = -(-len(pupils) // len(groups))
            for place, group in enumerate(groups):
                part = pupils[place * middle : (place + 1) * middle]
                built.members[group.pk] = [pupil.pk for pupil in part]
                built.course_of[group.pk] = self._course(code)
                built.teacher_of[group.pk] = group.demo_teacher  # type: ignore[attr-defined]
                enrollments += [Enrollment(school=built.school, group=group, student=pupil, starts_on=starts) for pupil in part]
        Enrollment.objects.bulk_create(enrollments, batch_size=2000)
        TeachingAssignment.objects.bulk_create(
            TeachingAssignment(group_id=pk, teacher=teacher, starts_on=starts) for pk, teacher in built.teacher_of.items()
        )
        unmarked = {row.pk for row in built.classes if row.grade_level in self.shape.unmarked}
        GroupScale.objects.bulk_create(
            GroupScale(group=group, scale=built.scale) for group in built.groups if group.school_class_id not in unmarked
        )

    def _timetable(self) -> None:
        built, shape = self.built, self.shape
        bells = BellSchedule.objects.create(school=built.school, name=built.school.short_name, is_default=True)
        BellPeriod.objects.bulk_create(
            BellPeriod(schedule=bells, number=n, starts_at=time.fromisoformat(a.zfill(5)), ends_at=time.fromisoformat(b.zfill(5)))
            for n, (a, b) in enumerate(shape.bells, 1)
        )
        days = [str(n) for n in range(1, built.school.week_days + 1)]
        timetable = Timetable.objects.create(
            school=built.school, year=built.year, cycle=days, starts_on=built.year.starts_on, ends_on=built.year.ends_on
        )
        placed = schedule(self.demands(), days=len(days), most_periods=shape.most_periods, random=self.random)
        rooms = _Rooms(built.school, shape.room)
        entries = []
        for slot in placed:
            for half, group in enumerate(self.group_of[slot.school_class, slot.course]):
                entries.append(
                    TimetableEntry(
                        timetable=timetable,
                        cycle_day=days[slot.day],
                        period=slot.period,
                        group=group,
                        teacher=built.teacher_of[group.pk],
                        room_id=rooms.of(built.teachers[slot.unit][half].pk),
                    )
                )
        TimetableEntry.objects.bulk_create(entries)
        publish_timetable(timetable, by_id=None, make_uid=lambda: uid(self.random))


class _Rooms:
    """Each teacher has a room of the own, so no two lessons meet in one."""

    def __init__(self, school: School, form: str) -> None:
        self.school, self.form = school, form
        self.known: dict[int, int] = {}

    def of(self, teacher_id: int) -> int:
        if teacher_id not in self.known:
            number = 101 + len(self.known) % 20 + 100 * (len(self.known) // 20)
            self.known[teacher_id] = Room.objects.create(school=self.school, name=self.form.format(number)).pk
        return self.known[teacher_id]


def parents_of(builder: SchoolBuilder, make_parent: object) -> list[tuple[Person, Person, str]]:
    """Two guardians for most pupils, one for the others: (guardian, pupil, relation). Not stored yet."""
    links = []
    for pupils in builder.built.pupils.values():
        for pupil in pupils:
            relations = ["mother", "father"] if builder.random.random() < 0.8 else ["mother"]
            for relation in relations:
                name = make_parent(builder.random, pupil, relation == "mother")  # type: ignore[operator]
                links.append((builder.cast.add(name), pupil, relation))
    return links


def write_guardianships(links: list[tuple[Person, Person, str]], confirmed: datetime) -> None:
    """Store the links; `confirmed` is the instant of the school's confirmation."""
    Guardianship.objects.bulk_create(
        (
            Guardianship(
                guardian=guardian,
                student=student,
                relation=relation,
                confirmed_at=confirmed,
                priority=1 if relation == "mother" else 2,
            )
            for guardian, student, relation in links
        ),
        batch_size=2000,
    )
