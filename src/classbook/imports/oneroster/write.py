"""A checked roster becomes rows: schools and years, subjects and classes, persons and their places."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from classbook.grading.models import GroupScale, MarkScale
from classbook.imports.apply_profile import apply_customs, apply_days_off, apply_terms
from classbook.imports.oneroster.records import Class, Org, Roster
from classbook.imports.oneroster.years import YearPlan, year_of_class
from classbook.imports.sync import Synced, Tally, joined_id, sync
from classbook.profiles import Profile
from classbook.schools.models import (
    AcademicYear,
    School,
    SchoolClass,
    Subject,
    TeachingGroup,
    Term,
    TermScheme,
)


@dataclass(frozen=True, slots=True)
class Options:
    """What the operator says beside the package."""

    profile: Profile
    year: int | None
    time_zone: str
    source: str
    region_id: int | None = None
    # A school that is here without a package, and becomes the package's only one.
    school_id: int | None = None


@dataclass(slots=True)
class Writer:
    """The state of one import. `tell` reports progress in words."""

    roster: Roster
    plans: list[YearPlan]
    options: Options
    origin: str
    tell: Callable[[str], None]
    tallies: dict[str, Tally] = field(default_factory=dict)
    schools: dict[str, School] = field(default_factory=dict)
    years: dict[tuple[str, str], AcademicYear] = field(default_factory=dict)
    schemes: dict[tuple[str, str], dict[int | None, TermScheme]] = field(default_factory=dict)
    scales: dict[str, MarkScale] = field(default_factory=dict)
    classes: dict[str, SchoolClass] = field(default_factory=dict)
    groups: dict[str, TeachingGroup] = field(default_factory=dict)
    persons: dict[str, Any] = field(default_factory=dict)
    # Sentences about rows that stay as the school set them, although the package says something else.
    left: list[str] = field(default_factory=list)

    def count(self, kind: str, tally: Tally) -> None:
        self.tallies.setdefault(kind, Tally())
        self.tallies[kind] += tally

    def live(self, classes: Iterable[Class], *, homeroom: bool) -> list[Class]:
        return [one for one in classes if one.homeroom == homeroom and not one.gone]


def school_orgs(work: Writer) -> dict[str, Org]:
    """An org is a school when it says so, or when classes name it as theirs."""
    named = {one.school for one in work.roster.classes.values()}
    return {org.id: org for org in work.roster.orgs.values() if not org.gone and (org.type == "school" or org.id in named)}


def write_schools(work: Writer) -> None:
    """The schools with their customs, years and terms."""
    named = {one.school for one in work.roster.classes.values()}
    orgs, given = school_orgs(work), work.options
    found = sync(
        School.objects.all(), work.origin,
        {
            org.id: {
                "name": org.name, "profile": given.profile.code, "locale": given.profile.locale, "time_zone": given.time_zone,
                "week_days": given.profile.week_days, "correction_days": given.profile.correction_days,
                "region_id": given.region_id,
            }
            for org in orgs.values()
        },
        only_new=("profile", "locale", "time_zone", "week_days", "correction_days", "region_id"),
    )  # fmt: skip
    work.count("schools", found.tally)
    work.schools = {**{s.origin_id: s for s in School.objects.filter(origin=work.origin)}, **found.rows}
    for key, school in work.schools.items():
        if key in orgs or key in named:
            work.scales[key] = apply_customs(school, given.profile)
            for plan in work.plans:
                _write_year(work, key, school, plan)


def _write_year(work: Writer, key: str, school: School, plan: YearPlan) -> None:
    found = sync(
        AcademicYear.objects.filter(school=school), work.origin,
        {plan.id: {"school_id": school.pk, "name": plan.title, "starts_on": plan.starts, "ends_on": plan.ends}},
    )  # fmt: skip
    work.count("school years", found.tally)
    year = work.years[key, plan.id] = found.rows[plan.id]
    if not plan.terms:
        apply_days_off(year, work.options.profile)
        work.schemes[key, plan.id] = apply_terms(year, work.options.profile)
        return
    apply_days_off(year, work.options.profile, breaks=False)
    scheme, _ = TermScheme.objects.get_or_create(year=year, name="Terms")
    work.schemes[key, plan.id] = {None: scheme}
    terms = sync(
        Term.objects.filter(scheme=scheme), work.origin,
        {
            term.id: {
                "scheme_id": scheme.pk, "kind": term.kind, "number": number, "name": term.title,
                "starts_on": term.starts, "ends_on": term.ends,
            }
            for number, term in enumerate(plan.terms, 1)
        },
    )  # fmt: skip
    work.count("terms", terms.tally)


def write_classes(work: Writer) -> None:
    """Subjects of the courses; homeroom classes; teaching groups with their scale."""
    subjects = _write_subjects(work)
    grades = _grades(work.roster)
    found = sync(
        SchoolClass.objects.all(), work.origin,
        {
            one.id: {
                "school_id": work.schools[one.school].pk, "year_id": _year(work, one).pk,
                "grade_level": grades.get(one.id) or _number(one.grades), "name": one.title,
            }
            for one in work.live(work.roster.classes.values(), homeroom=True)
        },
    )  # fmt: skip
    work.count("classes", found.tally)
    work.classes = _with_known(SchoolClass, work.origin, found)
    homes = _home_of_groups(work)
    found = sync(
        TeachingGroup.objects.all(),
        work.origin,
        {one.id: _group(work, one, subjects, homes, grades) for one in work.live(work.roster.classes.values(), homeroom=False)},
    )
    work.count("teaching groups", found.tally)
    work.groups = _with_known(TeachingGroup, work.origin, found)
    scaled = set(GroupScale.objects.filter(group__origin=work.origin).values_list("group_id", flat=True))
    GroupScale.objects.bulk_create(
        GroupScale(group=group, scale=work.scales[work.roster.classes[key].school])
        for key, group in found.rows.items()
        if group.pk not in scaled
    )


def _group(
    work: Writer, one: Class, subjects: dict[str, Subject], homes: dict[str, int], grades: dict[str, int]
) -> dict[str, Any]:
    plan = year_of_class(one, work.plans, work.roster)
    schemes = work.schemes[one.school, plan.id]
    scheme = schemes.get(grades.get(one.id) or _number(one.grades)) or schemes.get(None) or next(iter(schemes.values()), None)
    return {
        "school_id": work.schools[one.school].pk,
        "year_id": _year(work, one).pk,
        "subject_id": subjects[subject_key(work, one)].pk,
        "term_scheme_id": scheme.pk if scheme else None,
        "school_class_id": homes.get(one.id),
        "name": one.title,
    }


def subject_key(work: Writer, one: Class) -> str:
    """The course; at another school of the package the course of that school; without a course the class itself."""
    course = work.roster.courses.get(one.course)
    if course is None:
        return joined_id("class:", one.id)
    return course.id if school_of_org(work, course.org) in (one.school, "") else joined_id(course.id, "@", one.school)


def school_of_org(work: Writer, org: str) -> str:
    """The school at or above an org; "" when there is none. The only school is everybody's."""
    if len(work.schools) == 1:
        return next(iter(work.schools))
    seen: set[str] = set()
    while org in work.roster.orgs and org not in seen:
        if org in work.schools:
            return org
        seen.add(org)
        org = work.roster.orgs[org].parent
    return ""


def _write_subjects(work: Writer) -> dict[str, Subject]:
    wanted: dict[str, dict[str, Any]] = {}
    for course in work.roster.courses.values():
        school = work.schools.get(school_of_org(work, course.org))
        if school and not course.gone:
            wanted[course.id] = {"school_id": school.pk, "code": course.code or course.id[:60], "name": course.title}
    for one in work.live(work.roster.classes.values(), homeroom=False):
        key, known = subject_key(work, one), work.roster.courses.get(one.course)
        if key not in wanted:
            title, code = (known.title, known.code or known.id) if known else (one.title, one.code or one.id)
            wanted[key] = {"school_id": work.schools[one.school].pk, "code": code[:60], "name": title}
    codes = Counter((values["school_id"], values["code"]) for values in wanted.values())
    for key, values in wanted.items():
        if codes[values["school_id"], values["code"]] > 1:
            values["code"] = key[:60]
    found = sync(Subject.objects.all(), work.origin, wanted)
    work.count("subjects", found.tally)
    return _with_known(Subject, work.origin, found)


def _with_known(model: Any, origin: str, found: Synced) -> dict[str, Any]:
    known = {row.origin_id: row for row in model.objects.filter(origin=origin)}
    return {**known, **found.rows}


def _year(work: Writer, one: Class) -> AcademicYear:
    return work.years[one.school, year_of_class(one, work.plans, work.roster).id]


def _number(grades: Iterable[str]) -> int | None:
    return next((int(grade) for grade in grades if grade.isdecimal() and len(grade) < 3), None)


def _members(roster: Roster) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for place in roster.places.values():
        if place.role == "student" and not place.gone:
            found[place.class_id].append(place.user)
    return found


def _grades(roster: Roster) -> dict[str, int]:
    """The grade most of a class's pupils are in: a form may hold a guest of another year."""
    found = {}
    for class_id, users in _members(roster).items():
        counted = Counter(filter(None, (_number(roster.users[user].grades) for user in users if user in roster.users)))
        if counted:
            found[class_id] = min(counted, key=lambda grade: (-counted[grade], grade))
    return found


def _home_of_groups(work: Writer) -> dict[str, int]:
    """The one class from which all pupils of a group come; groups of several classes have none."""
    home_of = {
        place.user: place.class_id
        for place in work.roster.places.values()
        if place.role == "student" and not place.gone and place.class_id in work.classes
    }
    found = {}
    for class_id, users in _members(work.roster).items():
        homes = {home_of.get(user) for user in users}
        home = homes.pop() if len(homes) == 1 else None
        if home:
            found[class_id] = work.classes[home].pk
    return found
