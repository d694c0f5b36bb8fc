"""The school of the suite, told once: who is who, and how to act as somebody."""

from __future__ import annotations

import json
import uuid
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpResponse
from django.test import Client

from classbook.accounts.adapter import note_proof
from classbook.common import clock
from classbook.grading.models import Assessment
from classbook.lessons.models import Lesson
from classbook.people.models import Account, Person, Session
from classbook.schools.access import Actor, actor_for
from classbook.schools.models import Region, School, SchoolClass, TeachingGroup
from classbook.web.demo import LOGINS

PERSONAS = (*LOGINS, "nobody")


class World:
    """Personas by their demo login; "nobody" is not signed in."""

    logins = LOGINS

    def person(self, login: str) -> Person:
        return Account.objects.select_related("person").get(login=login).person

    def actor(self, login: str) -> Actor:
        return actor_for(self.person(login).pk, clock.today(settings.TIME_ZONE))

    def client(self, login: str) -> Client:
        """A browser signed in as the persona, without the cost of a password."""
        client = Client()
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        if login != "nobody":
            account = Account.objects.get(login=login)
            client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
            # As after a sign-in: the proof is fresh.
            session = client.session
            note_proof(session)
            session.save()
            assert client.session[SESSION_KEY] == str(account.pk)
        return client

    def end_session(self, login: str, how: str) -> None:
        """What ends the persona's sessions: "expired", "epoch" (signed out everywhere), "inactive" or "gone"."""
        person = self.person(login)
        sessions = Session.objects.filter(person=person)
        match how:
            case "expired":
                sessions.update(expires_at=clock.now())
            case "epoch":
                Person.objects.filter(pk=person.pk).update(epoch=person.epoch + 1)
            case "inactive":
                Account.objects.filter(person=person).update(is_active=False)
            case _:
                sessions.delete()

    @cached_property
    def school(self) -> School:
        return School.objects.get(profile="russia")

    @cached_property
    def other_school(self) -> School:
        return School.objects.get(profile="japan")

    @cached_property
    def region(self) -> Region:
        return Region.objects.get()

    @cached_property
    def school_class(self) -> SchoolClass:
        return SchoolClass.objects.get(school=self.school, name="7Б")

    @cached_property
    def another_class(self) -> SchoolClass:
        return SchoolClass.objects.get(school=self.school, name="5В")

    @property
    def term_key(self) -> str:
        """How the head's pages name the first term of the group."""
        return f"1/{self.group.term_scheme.name}"

    @property
    def anna(self) -> Person:
        return self.person("pupil")

    @cached_property
    def classmate(self) -> Person:
        return Person.objects.filter(placements__school_class=self.school_class).exclude(pk=self.anna.pk).order_by("pk")[0]

    @cached_property
    def group(self) -> TeachingGroup:
        """A marked whole-class group of the teacher with a lesson today or before."""
        groups = TeachingGroup.objects.filter(
            assignments__teacher=self.person("teacher"), school_class=self.school_class, mark_scale__isnull=False
        )
        return groups.order_by("pk")[0]

    @cached_property
    def lesson(self) -> Lesson:
        """The group's latest lesson that has begun; nothing is filled in yet."""
        rows = Lesson.objects.filter(group=self.group, date__lte=clock.today(self.school.time_zone))
        return rows.exclude(status="cancelled").order_by("-date", "-period")[0]

    @cached_property
    def cover_lesson(self) -> Lesson:
        return Lesson.objects.get(teacher=self.person("substitute"), substitution__isnull=False)

    def pupils(self) -> list[Person]:
        """The group's pupils of today, in the order of the register."""
        today = clock.today(self.school.time_zone)
        rows = self.group.enrollments.select_related("student").order_by("student__sort_key")
        return [row.student for row in rows if row.starts_on <= today and (row.ends_on is None or row.ends_on >= today)]

    def body(self, login: str = "teacher", **parts: Any) -> dict[str, Any]:
        """A save operation of the persona."""
        return {"op": str(uuid.uuid4()), "person": str(self.person(login).uid), **parts}

    def new_column(self, lesson: Lesson | None = None) -> dict[str, Any]:
        found = lesson or self.lesson
        return {"uid": str(uuid.uuid4()), "lesson": str(found.uid), "seen": 0, "work_kind": "answer"}

    def save(self, client: Client, body: dict[str, Any], *, url: str = "") -> HttpResponse:
        """Send an operation as the browser does."""
        address = url or f"/journal/{self.group.uid}/save/"
        return client.post(address, json.dumps(body), content_type="application/json")  # type: ignore[return-value]

    def column(self, uid: str) -> Assessment:
        return Assessment.objects.get(uid=uid)
