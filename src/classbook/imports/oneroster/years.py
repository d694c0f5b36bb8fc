"""School years and terms of a package: read from its sessions, moved to another year, or taken from the profile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from classbook.imports.oneroster.records import Class, Roster, Session
from classbook.imports.problems import Problem
from classbook.profiles import Profile, in_school_year, year_start

TERM_KINDS = {"term": "term", "semester": "half_year", "gradingPeriod": "term"}
WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class TermPlan:
    id: str
    kind: str
    title: str
    starts: date
    ends: date


@dataclass(frozen=True, slots=True)
class YearPlan:
    """`moved` is how far the package's dates are moved; without `terms` the profile's are taken."""

    id: str
    title: str
    starts: date
    ends: date
    terms: tuple[TermPlan, ...]
    sessions: frozenset[str]
    moved: timedelta = timedelta(0)


def plan_years(roster: Roster, profile: Profile, begins_in: int | None, found: list[Problem], notes: list[str]) -> list[YearPlan]:
    """The years, oldest first. `begins_in` moves the only one there is to that calendar year by whole weeks."""
    sessions = [session for session in roster.sessions.values() if not session.gone]
    plans = sorted(_plans(roster, sessions, notes), key=lambda plan: plan.starts)
    if not plans:
        return _from_profile(profile, begins_in, found, notes)
    if begins_in is None:
        return plans
    if len(plans) > 1:
        todo = "Export one year only, or leave --year out."
        found.append(Problem("academicSessions.csv", 0, "", "", f"There are {len(plans)} school years to move.", todo))
        return plans
    return [_moved(plans[0], begins_in, notes)]


def year_of_class(one: Class, plans: list[YearPlan], roster: Roster) -> YearPlan:
    """The year of the class's terms, else of its course, else the newest."""
    course = roster.courses.get(one.course)
    for session in (*one.sessions, *((course.year,) if course else ())):
        for plan in plans:
            if session in plan.sessions:
                return plan
    return plans[-1]


def _plans(roster: Roster, sessions: list[Session], notes: list[str]) -> Iterable[YearPlan]:
    groups: dict[str, list[Session]] = {}
    for session in sessions:
        groups.setdefault(_year_id(session, roster, sessions), []).append(session)
    for key, members in groups.items():
        year = next((session for session in members if session.type == "schoolYear"), None)
        parts = [session for session in members if session.type != "schoolYear"] or members
        starts, ends = min(s.starts for s in members), max(s.ends for s in members)
        if year and (starts, ends) != (year.starts, year.ends):
            notes.append(f"The school year {year.title} is widened to {starts} to {ends}, so that its terms lie within.")
        kind = next((kind for kind in TERM_KINDS if any(part.type == kind for part in parts)), "")
        terms = sorted((part for part in parts if part.type == kind), key=lambda part: (part.starts, part.ends, part.id))
        for one, two in pairwise(terms):
            if two.starts <= one.ends:
                notes.append(
                    f"{one.title} and {two.title} overlap from {two.starts} to {one.ends}; these days count as {one.title}."
                )
        yield YearPlan(
            id=year.id if year else f"year-{key}",
            title=year.title if year else f"{starts.year}-{ends.year}",
            starts=starts,
            ends=ends,
            terms=tuple(TermPlan(t.id, TERM_KINDS[kind], t.title, t.starts, t.ends) for t in terms),
            sessions=frozenset(session.id for session in members),
        )


def _year_id(session: Session, roster: Roster, sessions: list[Session]) -> str:
    """The school year above the session; else the one of the same schoolYear; else the only one."""
    seen: set[str] = set()
    at: Session | None = session
    while at is not None and at.id not in seen:
        if at.type == "schoolYear":
            return at.id
        seen.add(at.id)
        at = roster.sessions.get(at.parent)
    years = [other for other in sessions if other.type == "schoolYear"]
    same = [other for other in years if other.school_year == session.school_year] or (years if len(years) == 1 else [])
    return same[0].id if same else session.school_year


def _from_profile(profile: Profile, begins_in: int | None, found: list[Problem], notes: list[str]) -> list[YearPlan]:
    if begins_in is None:
        todo = "Add --year YYYY, the calendar year in which the school year begins."
        found.append(Problem("academicSessions.csv", 0, "", "", "The package names no school year.", todo))
        return []
    starts = year_start(profile, begins_in)
    ends = in_school_year(profile.year[1], starts)
    notes.append(f"The package names no school year; {starts} to {ends} and its terms are taken from the profile {profile.code}.")
    return [YearPlan(f"year-{begins_in}", f"{starts.year}-{ends.year}", starts, ends, (), frozenset())]


def _moved(plan: YearPlan, begins_in: int, notes: list[str]) -> YearPlan:
    """Moved by whole weeks, so that a Monday stays a Monday and timetables still fit."""
    years = begins_in - plan.starts.year
    weeks = round(years * 365.2425 / 7)
    by = weeks * WEEK
    if not by:
        return plan
    notes.append(f"All dates are moved by {weeks} weeks: the school year is {plan.starts + by} to {plan.ends + by}.")
    return replace(
        plan,
        title=f"{(plan.starts + by).year}-{(plan.ends + by).year}",
        starts=plan.starts + by,
        ends=plan.ends + by,
        terms=tuple(replace(term, starts=term.starts + by, ends=term.ends + by) for term in plan.terms),
        moved=by,
    )
