"""What a change of the office will do and has done, in sentences with numbers."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classbook.office.rehearsal import Divided, Effect
from classbook.office.rules import LastChange
from classbook.schools.actions.guardians import Confirmed
from classbook.web import dates
from classbook.web.steps import Choice, Outlook, said


def pupils(number: int) -> str:
    """3 pupils."""
    return ngettext("%(num)s pupil", "%(num)s pupils", number) % {"num": number}


def groups(number: int) -> str:
    """14 groups."""
    return ngettext("%(num)s group", "%(num)s groups", number) % {"num": number}


def outlook_of(effect: Effect, divided: tuple[Divided, ...] = ()) -> Outlook:
    """A pupil comes, changes class or leaves."""
    says = [_first_sentence(effect)]
    for one in effect.classes:
        if one.before != one.after:
            counts = {"class": one.name, "before": one.before, "after": pupils(one.after)}
            says.append(_("Class %(class)s: %(before)s before, then %(after)s.") % counts)
    if effect.joins:
        says.append(_("Joins %(groups)s: %(names)s.") % _named(effect.joins))
    if effect.leaves:
        says.append(_("Leaves %(groups)s: %(names)s.") % _named(effect.leaves))
    says.append(_("Marks and absences stay in the journals where they were given. You can take this back afterwards."))
    return Outlook(tuple(says), _warnings(effect), tuple(_choice(subject) for subject in divided))


def new_part(effect: Effect, class_name: str) -> Outlook:
    """A pupil goes to another part of a divided subject."""
    words = {"name": effect.name, "class": class_name, "day": said(effect.day)}
    says = [_("%(name)s stays in class %(class)s. First day of the change: %(day)s.") % words]
    if effect.joins:
        says.append(_("Joins %(groups)s: %(names)s.") % _named(effect.joins))
    if effect.leaves:
        says.append(_("Leaves %(groups)s: %(names)s.") % _named(effect.leaves))
    says.append(_("Marks and absences stay in the journals where they were given. You can take this back afterwards."))
    return Outlook(tuple(says), _warnings(effect))


def _named(names: tuple[str, ...]) -> dict[str, str]:
    return {"groups": groups(len(names)), "names": ", ".join(names)}


def _first_sentence(effect: Effect) -> str:
    if not effect.joins and effect.leaves:
        return _("From %(day)s on %(name)s is in no class of the school.") % {"name": effect.name, "day": said(effect.day)}
    return _("%(name)s: first day %(day)s.") % {"name": effect.name, "day": said(effect.day)}


def _warnings(effect: Effect) -> tuple[str, ...]:
    found = []
    if effect.missed:
        found.append(
            ngettext(
                "%(num)s lesson since that day is recorded already, without this pupil.",
                "%(num)s lessons since that day are recorded already, without this pupil.",
                effect.missed,
            )
            % {"num": effect.missed}
        )
    if effect.left_behind:
        found.append(
            ngettext(
                "%(num)s mark or absence from that day on stands in the groups that the pupil leaves. It stays in their "
                "history, but no longer in the diary.",
                "%(num)s marks and absences from that day on stand in the groups that the pupil leaves. They stay in their "
                "history, but no longer in the diary.",
                effect.left_behind,
            )
            % {"num": effect.left_behind}
        )
    return tuple(found)


def _choice(subject: Divided) -> Choice:
    options = [(str(part.group.uid), f"{part.group.name} ({pupils(part.size)})") for part in subject.parts]
    return Choice(_("Group for %(subject)s") % {"subject": subject.subject}, (*options, ("", _("none yet"))))


def change_in_words(change: LastChange) -> str:
    """The last change of a pupil's place."""
    words = {"class": change.place.class_name, "day": dates.with_year(change.day)}
    if change.kind == "moved" and change.before is not None:
        words["before"] = change.before.class_name
        return _("Moved from class %(before)s to %(class)s, first day %(day)s") % words
    if change.kind == "left":
        return _("Leaves class %(class)s, last day %(day)s") % words
    return _("Joined class %(class)s, first day %(day)s") % words


def correction(change: LastChange, name: str, day: date) -> Outlook:
    """Another day for the last change."""
    sentence = _("%(change)s becomes: %(day)s.") % {"change": change_in_words(change), "day": dates.with_year(day)}
    return Outlook((f"{name}. {sentence}", _("The places in the class and in all groups follow that day.")))


def confirmation(found: Confirmed) -> Outlook:
    """Links that begin to hold."""
    says = (
        ngettext("%(num)s link is confirmed.", "%(num)s links are confirmed.", found.links) % {"num": found.links},
        _("%(guardians)s may then read the diary of %(children)s with a sign-in of their own.")
        % {
            "guardians": ngettext("%(num)s guardian", "%(num)s guardians", found.guardians) % {"num": found.guardians},
            "children": ngettext("%(num)s child", "%(num)s children", found.children) % {"num": found.children},
        },
    )
    warnings = []
    if found.banned:
        sentence = ngettext(
            "%(num)s of the links is limited by the head. The limit goes on.",
            "%(num)s of the links are limited by the head. The limits go on.",
            found.banned,
        )
        warnings.append(sentence % {"num": found.banned})
    return Outlook(says, tuple(warnings), seen=str(found.links))


def afterwards(change: LastChange, name: str) -> str:
    """Where the pupil is once the change is taken back."""
    if change.kind == "joined" and change.before is None:
        return _("%(name)s is a pupil of the school no more, as if never entered.") % {"name": name}
    if change.kind == "joined" and change.before is not None:
        words = {"name": name, "class": change.before.class_name, "day": dates.with_year(change.before.ends_on or change.day)}
        return _("%(name)s has left again: class %(class)s, last day %(day)s.") % words
    place = change.before if change.kind == "moved" and change.before is not None else change.place
    return _("%(name)s stays in class %(class)s and in its groups.") % {"name": name, "class": place.class_name}


def new_teacher(words: dict[str, str], before: str) -> Outlook:
    """A group gets another teacher; `words`: day, name, group, lessons."""
    says = [
        _("From %(day)s on %(name)s teaches %(group)s.") % words,
        _("%(lessons)s that nobody has recorded yet get the new teacher; lessons that a colleague covers stay with him.") % words,
    ]
    if before:
        sentence = _(
            "%(before)s keeps the name on everything recorded before, and opens this journal no longer from that day on."
        )
        says.append(sentence % {"before": before})
    says.append(_("A mistake is put right in the same way: choose the earlier teacher with the same first day."))
    return Outlook(tuple(says))
