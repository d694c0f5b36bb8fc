"""Who belongs where, and for how long. What the school has set by hand stays (docs/adr/0015)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, prefetch_related_objects

from classbook.common import clock
from classbook.imports.oneroster.records import Place
from classbook.imports.oneroster.write import Writer, school_of_org
from classbook.imports.oneroster.years import year_of_class
from classbook.imports.sync import Tally, joined_id, sync
from classbook.schools.models import ClassPlacement, Enrollment, PlaceTakenOut, Position, SchoolClass, TeachingAssignment

Wanted = dict[str, dict[str, Any]]
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Kind:
    """A table of places: what it is called, the class or group (`of`), the person, and how its removed rows are kept."""

    title: str
    model: Any
    of: str
    person: str
    taken_out: str

    def pair(self, row: Any) -> Pair:
        return getattr(row, f"{self.of}_id"), getattr(row, f"{self.person}_id")

    def wanted_pair(self, values: Mapping[str, Any]) -> Pair:
        return values[f"{self.of}_id"], values[f"{self.person}_id"]


IN_CLASSES = Kind("places in classes", ClassPlacement, "school_class", "student", PlaceTakenOut.Kind.CLASS)
IN_GROUPS = Kind("places in groups", Enrollment, "group", "student", PlaceTakenOut.Kind.GROUP)
TEACHERS = Kind("teachers of groups", TeachingAssignment, "group", "teacher", PlaceTakenOut.Kind.TEACHER)


def write_places(work: Writer) -> None:
    """Pupils in classes and groups, teachers of groups, class teachers, teachers' positions."""
    places = [place for place in work.roster.places.values() if not place.gone and place.user in work.persons]
    pupils = [place for place in places if place.role == "student"]
    teachers = [place for place in places if place.role == "teacher"]
    homes, groups = work.classes, work.groups
    in_classes = {
        place.id: {
            "school_id": homes[place.class_id].school_id, "school_class_id": homes[place.class_id].pk, **_when(work, place),
        }
        for place in pupils if place.class_id in homes
    }  # fmt: skip
    in_groups = {
        place.id: {"school_id": groups[place.class_id].school_id, "group_id": groups[place.class_id].pk, **_when(work, place)}
        for place in pupils if place.class_id in groups
    }  # fmt: skip
    taught = {
        place.id: {"group_id": groups[place.class_id].pk, **_when(work, place, "teacher_id")}
        for place in teachers if place.class_id in groups
    }  # fmt: skip
    for kind, wanted in ((IN_CLASSES, in_classes), (IN_GROUPS, in_groups), (TEACHERS, taught)):
        _bring(work, kind, wanted)
    _write_class_teachers(work, [place for place in teachers if place.class_id in homes])
    _write_positions(work, {place.user for place in teachers})


def _when(work: Writer, place: Place, person: str = "student_id") -> dict[str, Any]:
    """Whose place it is and for how long; an empty beginDate is the year's first day."""
    one = work.roster.classes.get(place.class_id)
    plan = year_of_class(one, work.plans, work.roster) if one else work.plans[-1]
    starts = place.starts + plan.moved if place.starts else plan.starts
    return {person: work.persons[place.user].pk, "starts_on": starts, "ends_on": place.ends and place.ends + plan.moved}


def _bring(work: Writer, kind: Kind, wanted: Wanted) -> None:
    of_class = {f"{kind.of}__origin": work.origin}
    rows = list(kind.model.objects.filter(Q(origin=work.origin) | Q(origin_id="", **of_class)))
    match = _Match(work, kind, rows, wanted)
    match.adopt()
    held = match.held() | _not_wanted(work, kind, wanted, match)
    ended = _end_absent(work, kind, wanted, rows)
    done = sync(kind.model.objects.all(), work.origin, {key: values for key, values in wanted.items() if key not in held})
    for key in done.left:
        _say_left(work, kind, key, wanted[key], done.rows[key])
    done.tally.left += len(held)
    done.tally.ended += ended
    work.count(kind.title, done.tally)


@dataclass(slots=True)
class _Match:
    """Which stored row is which row of the package, where the ids alone do not say it."""

    work: Writer
    kind: Kind
    rows: list[Any]
    wanted: Wanted
    by_id: dict[str, Any] = field(default_factory=dict)

    def adopt(self) -> None:
        """A place that the school has made, or that had another id, becomes the one that the package names."""
        self.by_id = {row.origin_id: row for row in self.rows if row.origin_id}
        free: dict[Pair, list[Any]] = defaultdict(list)
        for row in sorted(self.rows, key=lambda row: (row.ends_on is not None, -row.starts_on.toordinal())):
            if row.origin_id not in self.wanted:
                free[self.kind.pair(row)].append(row)
        released, adopted = [], []
        for key, values in self.wanted.items():
            row, others = self.by_id.get(key), free[self.kind.wanted_pair(values)]
            other = next((one for one in others if _takes_over(one, row, values)), None)
            if other is None or (row is not None and self._fits(row, values)):
                continue
            others.remove(other)
            if row is not None:
                released.append(_released(row))
            # Without an id of its own it was made by a person, marked or not.
            other.by_hand = other.by_hand or not other.origin_id
            other.origin, other.origin_id = self.work.origin, key
            self.by_id[key] = other
            adopted.append(other)
        # In this order: an id belongs to one row at a time.
        self.kind.model.objects.bulk_update(released, ["origin", "origin_id", "by_hand", "ends_on"], batch_size=200)
        self.kind.model.objects.bulk_update(adopted, ["origin", "origin_id", "by_hand"], batch_size=200)

    def _fits(self, row: Any, values: Mapping[str, Any]) -> bool:
        open_again = row.ends_on is not None and values["ends_on"] is None
        return self.kind.pair(row) == self.kind.wanted_pair(values) and not open_again

    def held(self) -> set[str]:
        """Places that the package opens while another of the same person is open by hand: two would be one too many."""
        kept = {self.kind.pair(row): row for row in self.rows if row.ends_on is None and (row.by_hand or not row.origin_id)}
        found = set()
        for key, values in self.wanted.items():
            row, open_row = self.by_id.get(key), kept.get(self.kind.wanted_pair(values))
            if values["ends_on"] is None and open_row is not None and open_row is not row and not (row and row.by_hand):
                _say_left(self.work, self.kind, key, values, open_row)
                found.add(key)
        return found


def _takes_over(one: Any, row: Any, values: Mapping[str, Any]) -> bool:
    """May the stored place `one` be the package's? `row` is the one that has the id so far."""
    overlaps = one.starts_on <= (values["ends_on"] or date.max) and (one.ends_on is None or one.ends_on >= values["starts_on"])
    ended_by_hand = one.ends_on is not None and row is None and (one.by_hand or not one.origin_id)
    return overlaps and (one.ends_on is None or ended_by_hand)


def _released(row: Any) -> Any:
    """The package has moved on from this place: it stays in the history, and ends if nobody has ended it."""
    if row.ends_on is None and not row.by_hand:
        row.ends_on = max(row.starts_on, _yesterday())
    row.origin, row.origin_id, row.by_hand = "", "", True
    return row


def taken_out(work: Writer, kind: str) -> set[Pair]:
    """Places that the school has removed: (class or group, person)."""
    schools = [school.pk for school in work.schools.values()]
    return set(PlaceTakenOut.objects.filter(kind=kind, school_id__in=schools).values_list("place", "person_id"))


def _not_wanted(work: Writer, kind: Kind, wanted: Wanted, match: _Match) -> set[str]:
    removed = taken_out(work, kind.taken_out)
    found = {key for key, values in wanted.items() if key not in match.by_id and kind.wanted_pair(values) in removed}
    for key in sorted(found):
        _say_left(work, kind, key, wanted[key], None)
    return found


def _end_absent(work: Writer, kind: Kind, wanted: Wanted, rows: Iterable[Any]) -> int:
    """Places that the package no longer names, or calls gone, end yesterday. Nothing recorded in them is lost."""
    named_gone = {place.id for place in work.roster.places.values() if place.gone}
    absent = [
        row for row in rows
        if row.origin_id and row.ends_on is None and row.origin_id not in wanted
        and ("enrollments" in work.roster.package.full or row.origin_id in named_gone)
    ]  # fmt: skip
    ended, left = [row for row in absent if not row.by_hand], [row for row in absent if row.by_hand]
    for row in ended:
        row.ends_on = max(row.starts_on, _yesterday())
    kind.model.objects.bulk_update(ended, ["ends_on"], batch_size=200)
    prefetch_related_objects(left, kind.of, kind.person)
    for row in left:
        where, who = getattr(row, kind.of).name, _name(getattr(row, kind.person))
        work.left.append(f"enrollments.csv: {who} in {where} does not stand there any more; by hand: {_days(row)}.")
    work.count(kind.title, Tally(left=len(left)))
    return len(ended)


def _say_left(work: Writer, kind: Kind, key: str, values: Mapping[str, Any], row: Any) -> None:
    place = work.roster.places[key]
    one = work.roster.classes.get(place.class_id)
    who, where = _name(work.persons[place.user]), one.title if one else place.class_id
    said = _stretch(values["starts_on"], values["ends_on"])
    here = _days(row) if row is not None else "removed"
    if row is not None and kind.pair(row) != kind.wanted_pair(values):
        here = f"in {getattr(row, kind.of).name} {here}"
    work.left.append(f"enrollments.csv, row {place.row.number}: {who} in {where} {said}; by hand: {here}.")


def _name(person: Any) -> str:
    return ", ".join(filter(None, (person.family_name, person.given_name)))


def _days(row: Any) -> str:
    return _stretch(row.starts_on, row.ends_on)


def _stretch(first: date, last: date | None) -> str:
    return f"from {first} to {last}" if last else f"from {first}"


def _yesterday() -> date:
    return clock.today("UTC") - timedelta(days=1)


def _write_class_teachers(work: Writer, places: list[Place]) -> None:
    chosen: dict[str, Place] = {}
    for place in places:
        if place.class_id not in chosen or (place.primary and not chosen[place.class_id].primary):
            chosen[place.class_id] = place
    changed = []
    for class_id, place in chosen.items():
        row = work.classes[class_id]
        if row.class_teacher_id != work.persons[place.user].pk:
            row.class_teacher_id = work.persons[place.user].pk
            changed.append(row)
    SchoolClass.objects.bulk_update(changed, ["class_teacher"], batch_size=200)
    work.count("class teachers", Tally(len(changed), 0, 0, len(chosen) - len(changed)))


def _write_positions(work: Writer, by_places: set[str]) -> None:
    """Who teaches is a teacher of the school. Wider rights are never given by an import (quality.md 7.14)."""
    wanted: Wanted = {}
    rows: dict[str, int] = {}
    for user in work.roster.users.values():
        if user.gone or not ("teacher" in user.roles or user.id in by_places):
            continue
        for key in {school_of_org(work, org) for org in user.orgs} or {school_of_org(work, "")}:
            if key:
                starts = min(plan.starts for plan in work.plans)
                key_of_row = joined_id(user.id, ":teacher@", key)
                rows[key_of_row] = user.row.number
                wanted[key_of_row] = {
                    "person_id": work.persons[user.id].pk, "school_id": work.schools[key].pk, "role": "teacher",
                    "starts_on": starts, "ends_on": None,
                }  # fmt: skip
    found = sync(Position.objects.all(), work.origin, wanted, only_new=("starts_on",))
    for key in found.left:
        row = found.rows[key]
        work.left.append(f"users.csv, row {rows[key]}: {_name(row.person)} is a teacher; by hand: {_days(row)}.")
    work.count("teachers", found.tally)
    if "users" in work.roster.package.full:
        gone = Position.objects.filter(origin=work.origin, ends_on=None, by_hand=False).exclude(origin_id__in=list(wanted))
        ended = gone.filter(~Q(starts_on__gt=_yesterday())).update(ends_on=_yesterday())
        work.count("teachers", Tally(ended=ended))
