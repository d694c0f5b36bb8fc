"""Reads about schools that pages need."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from classbook.common import clock
from classbook.people.models import Guardianship
from classbook.people.rules import is_east_asian
from classbook.profiles import names
from classbook.profiles import profile as profile_of
from classbook.schools.access import Actor, children_of, in_force
from classbook.schools.models import AcademicYear, ClassPlacement, Notice, NoticeRead, Position, Region, School, SchoolClass
from classbook.schools.roles import ROLES, Permission
from classbook.schools.rules import REQUIRED, PortalPolicy, RegionRow, policy_of


def portal_policies() -> dict[int | None, PortalPolicy]:
    """How each region lets families in; None: a school of no region. One query."""
    values = Region.objects.values_list("pk", "parent_id", "portal", "portal_required_on", "portal_grace_days")
    rows = {pk: RegionRow(parent, kind, day, grace) for pk, parent, kind, day, grace in values}
    return {None: PortalPolicy(), **{pk: policy_of(pk, rows) for pk in rows}}


def portal_is_offered() -> bool:
    """Has any region here a portal? A site without regions has, when it is set up."""
    found = portal_policies()
    return len(found) == 1 or any(policy.is_offered for pk, policy in found.items() if pk is not None)


def regions_that_require() -> list[tuple[str, PortalPolicy]]:
    """Regions that have named a day, with their policy, for the notice on the sign-in page."""
    policies = portal_policies()
    required = [pk for pk, policy in policies.items() if pk is not None and policy.kind == REQUIRED]
    if not required:
        return []
    names = Region.objects.filter(pk__in=required, portal=REQUIRED).order_by("name", "pk").values_list("pk", "name")
    return [(name, policies[pk]) for pk, name in names]


def policies_of_person(person_id: int, today: date) -> list[PortalPolicy]:
    """The policies of the schools in which the person, or a child of whom he is a guardian, has a place today."""
    wards = Guardianship.objects.filter(in_force(today), guardian_id=person_id, confirmed_at__isnull=False)
    pupils = Q(student_id=person_id) | Q(student_id__in=wards.values("student_id"))
    placed = ClassPlacement.objects.filter(in_force(today), pupils)
    regions = set(placed.values_list("school__region_id", flat=True))
    policies = portal_policies() if regions else {}
    return [policies[region] for region in regions]


def regions_within(region: Region) -> list[int]:
    """Ids of the region and of all that lie in it. One query."""
    above = dict(Region.objects.values_list("pk", "parent_id"))
    found = [region.pk]
    for pk in found:
        found += [part for part, parent in above.items() if parent == pk and part not in found]
    return found


def schools_governed(region: Region) -> int:
    """How many schools do in this matter as the region says: its own, and those of parts that say nothing themselves."""
    rows = {pk: (parent, kind) for pk, parent, kind in Region.objects.values_list("pk", "parent_id", "portal")}
    found = [region.pk]
    for pk in found:
        found += [part for part, (parent, kind) in rows.items() if parent == pk and not kind and part not in found]
    return School.objects.filter(region_id__in=found).count()


def clerks_of(region_id: int, today: date) -> list[int]:
    """Who answers schools that apply in this region: persons with the right there or in a region above it."""
    above = dict(Region.objects.values_list("pk", "parent_id"))
    found: list[int] = []
    at: int | None = region_id
    while at is not None and at not in found:
        found.append(at)
        at = above.get(at)
    roles = [code for code, role in ROLES.items() if Permission.CONNECT_SCHOOLS in role.permissions]
    rows = Position.objects.filter(in_force(today), region_id__in=found, role__in=roles)
    return sorted(set(rows.values_list("person_id", flat=True)))


def regions_to_choose() -> list[tuple[str, str]]:
    """All regions by name."""
    return [(str(uid), name) for uid, name in Region.objects.order_by("name", "pk").values_list("uid", "name")]


def is_connected(school: School) -> bool:
    """Is its journal kept here this school year or the next?"""
    return AcademicYear.objects.filter(school=school, ends_on__gte=clock.today(school.time_zone)).exists()


def school_to_connect(uid: str) -> School | None:
    """A school of the directory that is not connected, by its uid as typed; None for anything else."""
    try:
        found = School.objects.select_related("region").filter(uid=UUID(uid)).first()
    except ValueError:
        return None
    return found if found is not None and not is_connected(found) else None


def same_named(name: str, region_id: int) -> list[str]:
    """Schools of the region with this name, whatever its case, with their towns."""
    wanted = _words(name)
    rows = School.objects.filter(region_id=region_id).order_by("pk").values_list("name", "town")
    return [", ".join(filter(None, (found, town))) for found, town in rows if _words(found) == wanted]


def guessed_customs(region_id: int) -> tuple[str, str]:
    """Profile and time zone of most schools of the region; else the default one and the site's clock."""
    rows = School.objects.filter(region_id=region_id).exclude(profile="").values_list("profile", "time_zone")
    # Of as many the one that came first.
    most = rows.annotate(n=Count("pk"), first=Min("pk")).order_by("-n", "first").first()
    return (most[0], most[1]) if most else ("default", settings.TIME_ZONE)


def schools_to_connect(region: Region) -> list[School]:
    """Schools of the region that stand in the directory and keep no journal here."""
    kept = AcademicYear.objects.filter(ends_on__gte=clock.today(settings.TIME_ZONE)).values("school_id")
    rows = School.objects.filter(region_id__in=regions_within(region)).exclude(pk__in=kept)
    return list(rows.order_by("town", "name", "pk"))


@dataclass(frozen=True, slots=True)
class ListedSchool:
    """A school of the public directory. `connected`: its journal is kept here this school year or the next."""

    uid: UUID
    name: str
    town: str
    region: str
    connected: bool
    policy: PortalPolicy


@dataclass(frozen=True, slots=True)
class Listed:
    """The schools that fit, by region; `more`: how many do not fit on the page."""

    regions: tuple[tuple[str, tuple[ListedSchool, ...]], ...]
    more: int


MOST_LISTED = 50


def schools_listed(text: str, today: date) -> Listed:
    """Every word is the beginning of a word of the school's name or town. Three queries."""
    kept = AcademicYear.objects.filter(ends_on__gte=today).values_list("school_id", flat=True)
    connected, policies = set(kept), portal_policies()
    fields = ("pk", "uid", "name", "short_name", "town", "region_id", "region__name")
    rows = School.objects.order_by("region__name", "town", "name", "pk").values_list(*fields)
    # Here and not in the database: SQLite folds no Cyrillic letters.
    wanted = _words(text)
    fits = [row for row in rows if _fits(wanted, " ".join(filter(None, row[2:5])))]
    found: dict[str, list[ListedSchool]] = {}
    for pk, uid, name, _short, town, region, region_name in fits[:MOST_LISTED]:
        row = ListedSchool(uid, name, town, region_name or "", pk in connected, policies[region])
        found.setdefault(row.region, []).append(row)
    return Listed(tuple((name, tuple(some)) for name, some in found.items()), max(0, len(fits) - MOST_LISTED))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold().replace("ё", "е"))


def _fits(wanted: list[str], text: str) -> bool:
    """Scripts that part no words are searched within."""
    whole, words = unicodedata.normalize("NFKC", text).casefold(), _words(text)
    return all(any(word.startswith(one) for word in words) or (is_east_asian(one) and one in whole) for one in wanted)


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


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that the reader has not read yet, for the top of the first page."""

    uid: UUID
    title: str
    text: str
    school: str


def told_from(rows: list[list[Any]] | None) -> tuple[Told, ...]:
    """Notices as the statements bring them (schools.reader)."""
    return tuple(Told(UUID(uid), title, text, short or name) for uid, title, text, short, name in rows or ())


def schools_as_family(actor: Actor) -> QuerySet[ClassPlacement, int]:
    """Ids of the schools to which the actor belongs as a pupil, or as a guardian who may look in."""
    links = Guardianship.objects.filter(
        in_force(actor.today), guardian_id=actor.person_id, can_view=True, confirmed_at__isnull=False
    )
    wards = children_of(actor).filter(pk__in=links.values("student_id"))
    family = Q(student_id=actor.person_id) | Q(student_id__in=wards.values("pk"))
    return ClassPlacement.objects.filter(in_force(actor.today), family).values_list("school_id", flat=True)


def notices_to(actor: Actor) -> QuerySet[Notice]:
    """Notices that are shown to the actor today, read or not."""
    held = [position.school_id for position in actor.positions if position.school_id is not None]
    led = [one.school_id for one in classes_led_by(actor)]
    addressed = (
        Q(audience=Notice.Audience.STAFF, school_id__in=held)
        | Q(audience=Notice.Audience.CLASS_TEACHERS, school_id__in=led)
        | Q(audience=Notice.Audience.FAMILIES, school_id__in=schools_as_family(actor))
    )
    return Notice.objects.filter(addressed, withdrawn_at=None, ends_on__gte=actor.today)


def notices_for(actor: Actor) -> tuple[Told, ...]:
    """What the actor's schools tell and he has not read yet."""
    read = NoticeRead.objects.filter(notice_id=OuterRef("pk"), person_id=actor.person_id, version=OuterRef("version"))
    rows = notices_to(actor).filter(~Exists(read)).select_related("school").order_by("created_at", "pk")
    return tuple(Told(row.uid, row.title, row.text, row.school.short_name or row.school.name) for row in rows)


def schools_to_ask(actor: Actor) -> list[tuple[str, str]]:
    """The actor's schools, and whom one asks there about Classbook; empty where the school has not said it."""
    held = [position.school_id for position in actor.positions if position.school_id is not None]
    schools = School.objects.filter(Q(pk__in=held) | Q(pk__in=schools_as_family(actor))).order_by("name", "pk")
    return list(schools.values_list("name", "help_contact"))


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
