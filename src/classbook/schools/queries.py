"""Reads about schools that pages need."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from classbook.common import clock
from classbook.profiles import names
from classbook.profiles import profile as profile_of
from classbook.schools.access import Actor, children_of, in_force
from classbook.schools.models import ClassPlacement, School, SchoolClass


def locale_of_school_of(actor: Actor) -> str:
    """Language of the actor's school: of the position, else of the own class, else of the first child's; else empty."""
    return _of_school_of(actor, "locale")


def country_of_school_of(actor: Actor) -> str:
    """Code of the country of the actor's school, such as RU; empty where it is not known."""
    return country_of_profile(_of_school_of(actor, "profile"))


def countries() -> list[str]:
    """The countries of all schools here."""
    profiles = School.objects.order_by("profile").values_list("profile", flat=True).distinct()
    return sorted({country for profile in profiles if (country := country_of_profile(profile))})


def country_of_profile(code: str) -> str:
    """The country whose customs a profile describes; empty for one of no country."""
    return profile_of(code).holidays if code in names() else ""


def _of_school_of(actor: Actor, field: str) -> str:
    held = [p.school_id for p in actor.positions if p.school_id is not None]
    if held:
        return str(School.objects.values_list(field, flat=True).get(pk=held[0]))
    pupils = Q(student_id=actor.person_id) | Q(student_id__in=children_of(actor).values("pk"))
    found = ClassPlacement.objects.filter(pupils).order_by("-starts_on", "pk").values_list(f"school__{field}", flat=True)
    return found.first() or ""


def classes_led_by(actor: Actor) -> list[SchoolClass]:
    """Classes of the current year whose class teacher the actor is."""
    return list(
        SchoolClass.objects.filter(
            in_force(actor.today, starts="year__starts_on", ends="year__ends_on"), class_teacher_id=actor.person_id
        ).order_by("name")
    )


def class_of_year(school: School, name: str) -> SchoolClass | None:
    """The class of that name in the school's current year."""
    today = clock.today(school.time_zone)
    rows = SchoolClass.objects.filter(in_force(today, starts="year__starts_on", ends="year__ends_on"), school=school, name=name)
    return rows.select_related("school", "year").first()


def class_on(student_id: int, school: School, day: date) -> SchoolClass | None:
    """The pupil's class of this school on a date."""
    rows = ClassPlacement.objects.filter(in_force(day), student_id=student_id, school=school).select_related("school_class")
    found = rows.order_by("-starts_on", "-pk").first()
    return found.school_class if found else None


def placement_on(student_id: int, day: date) -> ClassPlacement | None:
    """The pupil's place in a class on a date, else the newest one."""
    rows = ClassPlacement.objects.filter(student_id=student_id).select_related("school", "school_class__year")
    current = rows.filter(in_force(day)).order_by("-starts_on", "-pk").first()
    return current or rows.order_by("-starts_on", "-pk").first()
