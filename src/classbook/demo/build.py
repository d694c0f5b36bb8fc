"""The demo world: one region, a full school and a small one, filled up to a day. The same seed and day, the same world."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from django.core.cache import cache
from django.db import transaction

from classbook.common import clock
from classbook.common.clock import zone
from classbook.demo import names
from classbook.demo.curriculum import JAPANESE, RUSSIAN
from classbook.demo.filling import Filling
from classbook.demo.people import Cast, uid
from classbook.demo.personas import Personas
from classbook.demo.school import Built, SchoolBuilder, Shape, parents_of, write_guardianships
from classbook.people.models import Person
from classbook.schools.models import Region

# The hour at which the demo's clock stands, on the first school's clock: in the middle of the school day.
HOUR = time(12, 40)
SMALL = "small"


def full_school(*, small: bool) -> Shape:
    """Grades 1 to 11 and about 900 pupils; `small` leaves a class or two for tests."""
    classes = tuple((g, letter) for g in range(1, 12) for letter in ("АБВ" if g < 10 else "АБ"))
    if small:
        classes = ((1, "А"), (5, "В"), (7, "Б"), (11, "А"))
    return Shape(
        name="Средняя школа № 12", short_name="Школа № 12", profile="russia", time_zone="Asia/Vladivostok",
        classes=classes, pupils=898 if not small else 40, courses=RUSSIAN, most_periods=8, load=22, room="каб. {}",
        unmarked=frozenset({1}),
        bells=(("8:30", "9:15"), ("9:25", "10:10"), ("10:30", "11:15"), ("11:35", "12:20"), ("12:30", "13:15"),
               ("13:25", "14:10"), ("14:20", "15:05"), ("15:15", "16:00")),
    )  # fmt: skip


def small_school(*, small: bool) -> Shape:
    """A small school with another scale, a six-day week and a clock of its own."""
    classes = tuple((g, "年") for g in (range(1, 7) if not small else (3, 4)))
    return Shape(
        name="ザリーフ日本人小学校", short_name="日本人小学校", profile="japan", time_zone="Asia/Tokyo", classes=classes,
        pupils=72 if not small else 16, courses=JAPANESE, most_periods=6, load=26, room="{}教室",
        bells=(("8:45", "9:30"), ("9:35", "10:20"), ("10:40", "11:25"), ("11:30", "12:15"), ("13:30", "14:15"),
               ("14:20", "15:05")),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class World:
    """What the builder made, for the personas and for tests."""

    region: Region
    first: Built
    second: Built
    now: datetime


def school_day(asked: date) -> date:
    """The day itself when the full school teaches on it, else the last one on which it does."""
    from classbook.profiles import in_school_year, profile  # noqa: PLC0415 - only here

    customs = profile("russia")
    starts = date(asked.year if (asked.month, asked.day) >= (9, 1) else asked.year - 1, 9, 1)
    breaks = [(in_school_year(b.first, starts), in_school_year(b.last, starts)) for b in customs.breaks]
    last = in_school_year(customs.year[1], starts)
    day = min(asked, last)
    import holidays  # noqa: PLC0415 - heavy, only here

    public = holidays.country_holidays("RU", years=[day.year - 1, day.year])
    while day.weekday() > 4 or day in public or any(a <= day <= b for a, b in breaks):
        day -= timedelta(days=1)
    return day


def moment(day: date) -> datetime:
    """Where the clock of the demo stands on a day."""
    return datetime.combine(day, HOUR, zone("Asia/Vladivostok"))


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Hundreds of thousands of rows are made and kept to the end: looking for garbage among them costs a quarter of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@transaction.atomic
def build(day: date, *, seed: int = 12, small: bool = False) -> World:
    """Make the world as it is at noon of `day`."""
    with clock.held_at(moment(day)), _no_collecting():
        return _build(day, Random(f"{seed}-{day.isoformat()}"), small=small)


def _build(day: date, random: Random, *, small: bool) -> World:
    now = moment(day)
    cast = Cast(random, now)
    region = Region.objects.create(uid=uid(random), name="Область Восточный Залив")
    first = SchoolBuilder(region, full_school(small=small), day, random, cast)
    second = SchoolBuilder(region, small_school(small=small), day, random, cast)
    first.people(names.mixed)
    second.people(names.japanese)
    personas = Personas(region, first.built, second.built, cast, random, now)
    personas.name_pupils()
    links = parents_of(first, _russian_parent) + parents_of(second, _japanese_parent)
    links = personas.name_guardians(links)
    cast.write()
    for builder in (first, second):
        builder.write()
    write_guardianships(links, now - timedelta(days=60))
    personas.give_positions()
    personas.move_pupils()
    skip = personas.change_lessons()
    Filling(first.built, now, random, frozenset({personas.who["pupil"].pk})).run(skip)
    Filling(second.built, now, random).run(set())
    personas.give_numbers()
    personas.tell_stories()
    personas.trust_grandmother()
    personas.open_accounts()
    personas.apply_for_a_school()
    cache.clear()
    return World(region, first.built, second.built, now)


def _russian_parent(random: Random, pupil: Person, mother: bool) -> names.Name:
    family = pupil.family_name
    if family in names.LATIN_FAMILIES:
        return names.latin(random, female=mother, family=family)
    if pupil.sex == Person.Sex.FEMALE and family.endswith("ая"):
        family = family[:-2] + "ой"
    elif pupil.sex == Person.Sex.FEMALE:
        family = family.removesuffix("а")
    return names.russian(random, female=mother, family=family)


def _japanese_parent(random: Random, pupil: Person, mother: bool) -> names.Name:
    return names.japanese(random, female=mother, family=(pupil.family_name, pupil.family_reading))
