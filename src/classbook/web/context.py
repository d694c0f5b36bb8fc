"""The frame around every page: who is signed in, where he can go, what holds for the whole service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from classbook.accounts.carrying import asks_on
from classbook.common import clock
from classbook.people.rules import full_name, initials
from classbook.schools.access import Actor
from classbook.schools.queries import Told
from classbook.schools.reader import Reader
from classbook.web.help.tours import tour, tour_of_page
from classbook.web.request import reader_of


@dataclass(frozen=True, slots=True)
class Door:
    """An entry of the main navigation."""

    label: str
    address: str
    icon: str
    here: bool = False


def visitor_shell(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html without a name and doors. It asks no database."""
    return {
        "me": None,
        "doors": (),
        "asks": False,
        "told": (),
        "tour": None,
        "languages": settings.LANGUAGES,
        "path": request.get_full_path(),
        "read_only": settings.READ_ONLY,
        "demo_day": clock.today(settings.TIME_ZONE) if settings.DEMO else None,
    }


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html for whoever asks."""
    context = visitor_shell(request)
    reader = reader_of(request)
    if reader is not None:
        context |= frame_of(reader, request.path)
        context |= greeting(request, context["doors"], reader)
    return context


class Greeted(Protocol):
    """What the first page knows of its reader: schools.reader.Reader, or diary.own.FamilyReader."""

    @property
    def told(self) -> tuple[Told, ...]: ...
    @property
    def tours_over(self) -> str: ...
    @property
    def first_with_marks(self) -> UUID | None: ...


def greeting(request: HttpRequest, doors: Sequence[Door], reader: Greeted, me: UUID | None = None) -> dict[str, Any]:
    """What stands above a first page: the school's notices, then the question for an address, or else the offer of a tour."""
    asks = asks_here(request, doors)
    told = reader.told if is_first_page(request.path, doors) else ()
    me = me or (reader.actor.uid if isinstance(reader, Reader) else None)
    code = tour_of_page(request.path, me, sees_marks=reader.first_with_marks is not None) if me and doors else ""
    offered = code and not asks and not settings.READ_ONLY and code not in reader.tours_over.split()
    return {"asks": asks, "told": told, "tour": tour(code) if offered else None}


def is_first_page(path: str, doors: Sequence[Door]) -> bool:
    """Is it the page that this person sees first, or a week of the diary?"""
    return bool(doors) and (path == doors[0].address or (doors[0].icon == "book" and doors[0].here))


def asks_here(request: HttpRequest, doors: Sequence[Door]) -> bool:
    """Does the first page of this person ask for an address? The cookie says it, so that no page costs a query more."""
    if settings.READ_ONLY or not is_first_page(request.path, doors):
        return False
    return asks_on(request, clock.today(settings.TIME_ZONE))


def frame_of(reader: Reader, path: str) -> dict[str, Any]:
    """What the frame shows of a signed-in person."""
    actor = reader.actor
    name = full_name(actor.family_name, actor.given_name)
    return {
        "me": {
            "uid": str(actor.uid),
            "name": name,
            "initials": initials(actor.family_name, actor.given_name),
            "title": " · ".join([name, *role_names(actor)]),
            "keeps_journal": "teacher" in actor.roles,
            # On a shared computer the browser keeps no entries; the page tells the queue.
            "shared": reader.shared,
        },
        "doors": tuple(doors_of(reader, path)),
    }


ROLE_DOORS = {
    "nurse": ("nurse", "heart"),
    "psychologist": ("psychologist", "comment"),
    "it": ("it", "tool"),
}


def role_labels() -> dict[str, str]:
    """Roles in the reader's language."""
    return {
        "teacher": _("Teacher"),
        "head": _("Head of school"),
        "deputy": _("Deputy head"),
        "office": _("School office"),
        "it": _("School IT"),
        "nurse": _("School nurse"),
        "psychologist": _("School psychologist"),
        "authority": _("Education authority"),
    }


def role_names(actor: Actor) -> list[str]:
    """Roles of the person in words."""
    labels = role_labels()
    return [labels[role] for role in dict.fromkeys(held.role for held in actor.positions) if role in labels]


def doors_of(reader: Reader, path: str) -> list[Door]:
    """The places this person goes to, by role; families first get the diary."""
    doors = list(_staff_doors(reader, path))
    if reader.first_pupil:
        doors += family_doors(reader.first_pupil, reader.first_with_marks, path)
    return doors


def family_doors(first: UUID, with_marks: UUID | None, path: str) -> tuple[Door, ...]:
    """Diary and marks of the pupil, or of the first child; no marks for whom nobody lets see any."""
    on_marks = path.endswith("/marks/") or "/subject/" in path
    diary = Door(_("Diary"), reverse("diary", args=[first]), "book", path.startswith("/diary/") and not on_marks)
    return (diary, Door(_("Marks"), reverse("marks", args=[with_marks]), "marks", on_marks)) if with_marks else (diary,)


def _staff_doors(reader: Reader, path: str) -> list[Door]:
    actor, doors = reader.actor, []
    if "teacher" in actor.roles:
        doors.append(Door(_("Today"), reverse("today"), "clock", path.startswith(("/today", "/lesson"))))
        doors.append(Door(_("Journals"), reverse("journals"), "grid", path.startswith("/journal")))
        if reader.leads_class:
            doors.append(Door(_("My class"), reverse("my-class"), "users", path.startswith("/class")))
    for held in actor.positions:
        if held.role in {"head", "deputy"} and held.school_uid:
            address = reverse("school", args=[held.school_uid])
            doors.append(Door(_("School today"), address, "chart", path.startswith(address)))
        elif held.role == "office" and held.school_uid:
            today, people = reverse("school", args=[held.school_uid]), reverse("office", args=[held.school_uid])
            doors.append(Door(_("People"), people, "users", path.startswith(people)))
            doors.append(Door(_("School today"), today, "chart", path.startswith(today)))
        elif held.role == "issuer" and held.school_uid:
            address = reverse("letters", args=[held.school_uid])
            doors.append(Door(_("Letters"), address, "mail", path.startswith(address)))
        elif held.role in ROLE_DOORS and held.school_uid:
            name, sign = ROLE_DOORS[held.role]
            address = reverse(name, args=[held.school_uid])
            doors.append(Door(role_labels()[held.role], address, sign, path.startswith(address)))
        elif held.role == "authority" and held.region_uid:
            address = reverse("authority", args=[held.region_uid])
            doors.append(Door(_("Schools"), address, "building", path.startswith(address)))
    return doors
