"""Making persons of the demo world in bulk."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from random import Random

from classbook.demo.names import Name
from classbook.people.models import Person
from classbook.people.rules import sort_key


class Cast:
    """Collects persons and writes them at once; ids are known afterwards. Public ids follow the seed."""

    def __init__(self, random: Random, now: datetime) -> None:
        self.random, self.now = random, now
        self.persons: list[Person] = []

    def add(self, name: Name, *, born: date | None = None, locale: str = "") -> Person:
        """A person that `write` will store."""
        person = Person(
            uid=uid(self.random),
            family_name=name.family,
            given_name=name.given,
            middle_name=name.middle,
            family_reading=name.family_reading,
            given_reading=name.given_reading,
            sort_key=sort_key(
                name.family, name.given, name.middle, family_reading=name.family_reading, given_reading=name.given_reading
            ),
            birth_date=born,
            sex=Person.Sex.FEMALE if name.female else Person.Sex.MALE,
            locale=locale,
            created_at=self.now,
        )
        self.persons.append(person)
        return person

    def write(self) -> None:
        """Store everybody who was added since the last time."""
        Person.objects.bulk_create([person for person in self.persons if person.pk is None], batch_size=500)


def uid(random: Random) -> uuid.UUID:
    """A public id that depends on the seed alone."""
    return uuid.UUID(int=random.getrandbits(128), version=4)
