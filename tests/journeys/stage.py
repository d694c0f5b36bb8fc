"""Lessons for the browser's tests, made beside the running server, and what was stored: one process a site answers line by line."""

from __future__ import annotations

import json
import sys
import traceback
from datetime import time, timedelta
from typing import Any

from tests.reliability.tool import DAY


def lessons(profile: str, pupils: str = "25", count: str = "1") -> list[dict[str, Any]]:
    """Groups of the teacher in a school with a profile's customs, each with a lesson of today that has begun."""
    return _groups(profile, int(pupils), int(count), 1)


def journal(profile: str, pupils: str = "3", count: str = "4") -> dict[str, Any]:
    """One such group with lessons of today and of the days before; `lessons` has them, newest first."""
    (found,) = _groups(profile, int(pupils), 1, int(count))
    return found


def _groups(profile: str, pupils: int, count: int, days: int) -> list[dict[str, Any]]:
    from classbook.demo import names
    from classbook.demo.people import Cast
    from classbook.imports.apply_profile import apply_customs
    from classbook.profiles import profile as profile_of
    from classbook.schools.models import AcademicYear, Position, School, Subject
    from tests.world import World

    world = World()
    customs, teacher = profile_of(profile), world.person("teacher")
    school, made = School.objects.get_or_create(
        region=world.region,
        name=f"Stage {profile}",
        defaults={"time_zone": "Asia/Vladivostok", "locale": "en", "profile": profile},
    )
    scale = apply_customs(school, customs)
    first, last = DAY.replace(month=9, day=1), DAY.replace(year=DAY.year + 1, month=5, day=31)
    year, _ = AcademicYear.objects.get_or_create(school=school, name="stage", defaults={"starts_on": first, "ends_on": last})
    subject, _ = Subject.objects.get_or_create(school=school, code="stage", defaults={"name": "Stage"})
    if made:
        Position.objects.create(person=teacher, role="teacher", school=school, starts_on=first)
    from random import Random

    from classbook.common import clock

    cast = Cast(Random(f"{profile}-{School.objects.count()}-{year.groups.count()}"), clock.now())
    found = []
    for _number in range(count):
        people = [cast.add(names.russian(cast.random)) for _ in range(pupils)]
        cast.write()
        found.append(_group(school, year, subject, scale, teacher, people, days))
    return found


def _group(school: Any, year: Any, subject: Any, scale: Any, teacher: Any, people: list[Any], days: int) -> dict[str, Any]:
    from classbook.grading.models import GroupScale
    from classbook.lessons.models import Lesson
    from classbook.schools.models import Enrollment, TeachingAssignment, TeachingGroup

    name = f"Group {year.groups.count() + 1}"
    group = TeachingGroup.objects.create(school=school, year=year, subject=subject, name=name)
    GroupScale.objects.create(group=group, scale=scale)
    TeachingAssignment.objects.create(group=group, teacher=teacher, starts_on=year.starts_on)
    for person in people:
        Enrollment.objects.create(school=school, group=group, student=person, starts_on=year.starts_on)
    made = [
        Lesson.objects.create(
            school=school, group=group, teacher=teacher, date=DAY - timedelta(days=before), period=1, starts_at=time(8, 30),
            ends_at=time(9, 15),
        )
        for before in range(days)
    ]  # fmt: skip
    uids = [str(lesson.uid) for lesson in made]
    return {"lesson": uids[0], "lessons": uids, "group": str(group.uid), "name": name}


def guardian(login: str, email: str) -> dict[str, str]:
    """A guardian of Anna's with an account of the password "demo-" and login, and a confirmed address."""
    from classbook.common import clock
    from classbook.people.models import Account, Contact, Guardianship, Person
    from tests.world import World

    person = Person.objects.create(family_name="Белова", given_name=login.title(), sort_key=f"белова {login}")
    account = Account(person=person, login=login)
    account.set_password(f"demo-{login}")
    account.save()
    Guardianship.objects.create(guardian=person, student=World().anna, confirmed_at=clock.now())
    Contact.objects.create(person=person, kind="email", value=email, confirmed_at=clock.now())
    return {"login": login}


def stored(lesson: str) -> dict[str, Any]:
    """What the database holds of a lesson: the state by pupil in the order of the register, and the whole history."""
    from classbook.attendance.models import AttendanceChange, AttendanceRecord
    from classbook.grading.models import Mark, MarkChange
    from classbook.homework.models import Homework
    from classbook.lessons.models import Lesson, LessonChange
    from classbook.people.models import Account
    from classbook.schools.models import Enrollment

    row = Lesson.objects.get(uid=lesson)
    order = list(
        Enrollment.objects.filter(group=row.group)
        .order_by("student__sort_key", "student_id")
        .values_list("student_id", flat=True)
    )
    marks = dict(Mark.objects.filter(assessment__lesson=row).values_list("student_id", "code"))
    away = dict(AttendanceRecord.objects.filter(lesson=row).exclude(code=None).values_list("student_id", "code__code"))
    task = Homework.objects.filter(lesson=row).first()
    by = set(MarkChange.objects.filter(mark__assessment__lesson=row).values_list("by_id", flat=True))
    return {
        "topic": row.topic,
        "homework": task.text if task else "",
        "no_homework": row.no_homework,
        "marks": [marks.get(pk, "") for pk in order],
        "attendance": [away.get(pk, "") for pk in order],
        "changes": {
            "marks": MarkChange.objects.filter(mark__assessment__lesson=row).count(),
            "attendance": AttendanceChange.objects.filter(record__lesson=row).count(),
            "lesson": LessonChange.objects.filter(lesson=row).count(),
        },
        "writers": sorted(Account.objects.filter(person_id__in=by).values_list("login", flat=True)),
    }


def cancel(lesson: str) -> bool:
    """The lesson does not take place."""
    from classbook.lessons.models import Lesson

    return bool(Lesson.objects.filter(uid=lesson).update(status="cancelled"))


def letter() -> dict[str, str]:
    """A family that has never signed in, with a printed letter; its pupil was born on 14 May 2013."""
    from classbook.accounts.actions.letters import issue, print_letters
    from tests.accounts.test_letters import family, key
    from tests.world import World

    world = World()
    pupil, mother = family(world)
    made = issue(world.actor("classteacher"), world.school, world.school_class, keys=[key(mother, pupil)])
    (printed,) = print_letters(world.actor("office"), world.school, made, lambda texts: texts)
    return {"code": printed.code, "mother": str(mother.uid)}


def came_in(mother: str) -> dict[str, int]:
    """How often the letter of a person was used, and how many accounts and live sessions the person has."""
    from classbook.accounts.models import Invitation
    from classbook.events.models import AuditEvent
    from classbook.people.models import Account, Person, Session

    person = Person.objects.get(uid=mother)
    return {
        "used": Invitation.objects.filter(person=person, used_at__isnull=False).count(),
        "told": AuditEvent.objects.filter(kind="letter.used", subject_id=person.pk).count(),
        "accounts": Account.objects.filter(person=person).count(),
        "sessions": Session.objects.filter(person=person, epoch=person.epoch).count(),
    }


def codes(login: str) -> list[str]:
    """A new list of single codes of an account."""
    from classbook.accounts.actions.factors import make_codes
    from tests.world import World

    return make_codes(World().actor(login))


def invitation() -> str:
    """The code of an invitation by which Anna's mother lets somebody look in."""
    from datetime import date

    from classbook.accounts.actions.trusting import Choice, invite
    from classbook.schools.access import open_student_to_share
    from tests.world import World

    world = World()
    actor, choice = world.actor("parent"), Choice(marks=False, attendance=False, ends_on=date(2027, 5, 31))
    student = open_student_to_share(actor, world.anna.uid)
    return invite(actor, student, family="Раскина", given="Нина", choice=choice, email="")


def let_in() -> dict[str, int]:
    """How many persons, accounts and live rights the invitation has made."""
    from classbook.people.models import Account, Person, TrustedPerson

    people = Person.objects.filter(family_name="Раскина")
    return {
        "people": people.count(),
        "accounts": Account.objects.filter(person__in=people).count(),
        "rights": TrustedPerson.objects.filter(person__in=people, can_view=True).count(),
    }


_ALL = (lessons, journal, stored, guardian, cancel, letter, came_in, codes, invitation, let_in)
COMMANDS = {command.__name__: command for command in _ALL}


def answer(line: str) -> dict[str, Any]:
    """One command, a JSON list of its name and arguments."""
    from django.db import connection

    what, *arguments = json.loads(line)
    try:
        return {"answer": COMMANDS[what](*arguments)}  # type: ignore[operator]
    except Exception:
        return {"error": traceback.format_exc()}
    finally:
        # The server may be away and its database with it when the next one comes.
        connection.close()


if __name__ == "__main__":
    from classbook.cli import start_django

    # With it the clock of the site.
    start_django()
    for asked in sys.stdin:
        print(json.dumps(answer(asked)), flush=True)
