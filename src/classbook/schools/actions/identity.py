"""The office corrects who somebody is: name, birth date, SNILS. These decide whom the portal can be linked with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from classbook.common.errors import Refusal
from classbook.common.snils import is_snils
from classbook.events.actions import raise_versions, record_audit
from classbook.people.models import Guardianship, Person
from classbook.people.rules import sort_key
from classbook.schools.access import Actor, in_force
from classbook.schools.actions.pupils import lock, require_manager
from classbook.schools.models import ClassPlacement, Enrollment, Position, School


@transaction.atomic
def correct_person(
    actor: Actor, school: School, person: Person, *, family: str, given: str, middle: str, born: date | None, snils: str | None
) -> tuple[str, ...]:
    """Set what differs; answers its names ("family_name", ..., "snils"). `snils` is None for "as it is", empty for none.

    The caller has opened the person. The audit says which data were changed and never what they are.
    """
    require_manager(actor, school.pk)
    lock(person)
    if Position.objects.filter(in_force(actor.today), person=person).exists():
        raise Refusal(_("This person works at a school. The operator of the site corrects such data."))
    if snils and not is_snils(snils):
        sentence = _("This is no SNILS: its last two figures do not belong to the first nine. Compare it with the paper.")
        raise Refusal(sentence, field="snils")
    wanted = {
        "family_name": family.strip(), "given_name": given.strip(), "middle_name": middle.strip(), "birth_date": born,
        **({} if snils is None else {"snils": snils}),
    }  # fmt: skip
    changed = {name: value for name, value in wanted.items() if getattr(person, name) != value}
    if not changed:
        raise Refusal(_("Nothing is different. Change what is wrong, or go back."))
    _write(person, changed)
    subject = ("person", person.pk)
    record_audit("person.corrected", actor_id=actor.person_id, school_id=school.pk, subject=subject, fields=list(changed))
    return tuple(changed)


def _write(person: Person, changed: Mapping[str, object]) -> None:
    values = dict(changed)
    names = {name: values.get(name, getattr(person, name)) for name in ("family_name", "given_name", "middle_name")}
    if set(changed) & set(names):
        readings = {} if {"family_name", "given_name"} & set(changed) else _readings(person)
        values["sort_key"] = sort_key(*(str(value) for value in names.values()), **readings)
    if set(changed) - {"snils"}:
        values["data_by_hand"] = True
    Person.objects.filter(pk=person.pk).update(**values)
    pupils = {person.pk, *Guardianship.objects.filter(guardian=person).values_list("student_id", flat=True)}
    classes = ClassPlacement.objects.filter(student=person).values_list("school_class_id", flat=True)
    groups = Enrollment.objects.filter(student=person).values_list("group_id", flat=True)
    raise_versions(
        [*(("pupil", pk) for pk in pupils), *(("class", pk) for pk in set(classes)), *(("group", pk) for pk in set(groups))]
    )


def _readings(person: Person) -> dict[str, str]:
    return {"family_reading": person.family_reading, "given_reading": person.given_reading}


def same_number(school: School, person: Person, snils: str, today: date) -> Person | None:
    """Another person of the school, pupil or guardian, who has this SNILS."""
    if not snils:
        return None
    here = ClassPlacement.objects.filter(in_force(today), school=school).values("student_id")
    links = Guardianship.objects.filter(in_force(today), student_id__in=here).values("guardian_id")
    others = Person.objects.filter(snils=snils).exclude(pk=person.pk)
    return (others.filter(pk__in=here) | others.filter(pk__in=links)).first()
