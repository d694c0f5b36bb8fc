"""A package for a school that its region has connected (docs/adr/0025), so that it becomes that school and no second one."""

from __future__ import annotations

from classbook.imports.oneroster.write import Writer, school_orgs
from classbook.imports.oneroster.years import YearPlan
from classbook.imports.problems import Faults, Problem
from classbook.schools.models import AcademicYear, CalendarDay, School, Term, TermScheme


def adopt_school(work: Writer, school_id: int, found: Faults) -> None:
    """Note the package's ids on the school and its year, so that what follows finds them. A second run changes nothing."""
    orgs, school = list(school_orgs(work)), School.objects.filter(pk=school_id).first()
    known = School.objects.filter(origin=work.origin, origin_id__in=orgs).first()
    trouble = _trouble(work, school_id, school, known, orgs)
    if trouble is not None or school is None:
        found.append(Problem("orgs.csv", 0, "", "", *(trouble or ("", ""))))
    elif known is None:
        School.objects.filter(pk=school.pk).update(origin=work.origin, origin_id=orgs[0])
        for plan in work.plans:
            _adopt_year(work, school, plan)


def _trouble(
    work: Writer, school_id: int, school: School | None, known: School | None, orgs: list[str]
) -> tuple[str, str] | None:
    """What speaks against it, and what to do."""
    if school is None:
        return f"There is no school with the number {school_id}.", "classbook region list names them."
    if len(orgs) != 1:
        return f"The package has {len(orgs)} schools.", "Export one school, or leave --school out."
    if known is not None and known != school:
        return f"This school of the package is here already, as number {known.pk}.", "Leave --school out."
    if known is None and school.origin_id:
        return f"School {school_id} has come from another source.", "Leave --school out."
    if school.profile != work.options.profile.code:
        return f"School {school_id} has the customs {school.profile}.", f"Add --profile {school.profile}."
    return None


def _adopt_year(work: Writer, school: School, plan: YearPlan) -> None:
    rows = AcademicYear.objects.filter(school=school, origin_id="", starts_on__lte=plan.ends, ends_on__gte=plan.starts)
    year = rows.order_by("starts_on").first()
    if year is None:
        return
    AcademicYear.objects.filter(pk=year.pk).update(origin=work.origin, origin_id=plan.id)
    if plan.terms:
        # The school's own terms come; those of the profile, in which nobody is taught yet, go with their breaks.
        unused = TermScheme.objects.filter(year=year, groups=None)
        Term.objects.filter(scheme__in=unused).delete()
        unused.delete()
        CalendarDay.objects.filter(school=school, date__range=(year.starts_on, year.ends_on)).delete()
