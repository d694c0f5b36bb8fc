"""Give a school its profile: scale, attendance codes, kinds of work, terms, days off. Safe to run again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import holidays

from classbook.attendance.models import AttendanceCode
from classbook.grading.models import MarkScale, ScaleLevel, WorkKind
from classbook.profiles import Profile, in_school_year
from classbook.schools.models import AcademicYear, CalendarDay, School, Term, TermScheme


def apply_customs(school: School, profile: Profile) -> MarkScale:
    """Scale, attendance codes and kinds of work that the school does not have yet; answers the scale."""
    scale = _scale(profile)
    for order, (code, kind, label, excused, missed, confidential) in enumerate(profile.attendance):
        AttendanceCode.objects.get_or_create(
            school=school,
            code=code,
            defaults={
                "kind": kind,
                "label": label,
                "excused": excused,
                "counts_as_missed": missed,
                "confidential": confidential,
                "order": order,
            },
        )
    for order, (code, name, short_name, weight, counts) in enumerate(profile.work_kinds):
        WorkKind.objects.get_or_create(
            school=school,
            code=code,
            defaults={
                "name": name,
                "short_name": short_name,
                "weight": Decimal(weight),
                "counts": counts,
                "order": order,
            },
        )
    return scale


def _scale(profile: Profile) -> MarkScale:
    given = profile.scale
    scale, made = MarkScale.objects.get_or_create(
        owner=None,
        code=given["code"],
        defaults={
            "name": given["name"],
            "kind": given["kind"],
            "best": given["best"],
            "worst": given["worst"],
            "passing": given["passing"],
            "step": given.get("step"),
        },
    )
    if made:
        ScaleLevel.objects.bulk_create(
            ScaleLevel(
                scale=scale,
                code=code,
                label=label,
                score=None if score == "" else Decimal(score),
                passes=None if passes == "" else passes,
                band=band,
                order=order,
            )
            for order, (code, label, score, passes, band) in enumerate(given["levels"])
        )
    return scale


def apply_terms(year: AcademicYear, profile: Profile) -> dict[int | None, TermScheme]:
    """Terms of the year by the profile; answers the scheme of each grade, None for all other grades."""
    schemes: dict[int | None, TermScheme] = {}
    for terms in profile.terms:
        scheme, _ = TermScheme.objects.get_or_create(year=year, name=terms.scheme)
        for number, (first, last) in enumerate(terms.parts, 1):
            Term.objects.get_or_create(
                scheme=scheme,
                number=number,
                defaults={
                    "kind": terms.kind,
                    "starts_on": in_school_year(first, year.starts_on),
                    "ends_on": in_school_year(last, year.starts_on),
                },
            )
        for grade in terms.grades or (None,):
            schemes[grade] = scheme
    return schemes


def apply_days_off(year: AcademicYear, profile: Profile, *, breaks: bool = True) -> None:
    """Public holidays and breaks of the profile as days off of the school; days the school has named itself stay.

    The breaks belong to the profile's terms: a school with terms of its own takes the public holidays alone.
    """
    days: dict[date, str] = {}
    if profile.holidays:
        years = range(year.starts_on.year, year.ends_on.year + 1)
        public = holidays.country_holidays(profile.holidays, years=years, language=profile.locale)
        days |= {day: name for day, name in public.items() if year.starts_on <= day <= year.ends_on}
    for pause in profile.breaks if breaks else ():
        day, last = in_school_year(pause.first, year.starts_on), in_school_year(pause.last, year.starts_on)
        while day <= last:
            days[day] = pause.name
            day += timedelta(days=1)
    CalendarDay.objects.bulk_create(
        (CalendarDay(school_id=year.school_id, date=day, kind="off", name=name[:120]) for day, name in days.items()),
        ignore_conflicts=True,
    )
