"""The office's forms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from classbook.web.steps import PlainForm, day_field

Choices = list[tuple[str, str]]


def one_of(label: Any, **kwargs: Any) -> forms.ChoiceField:
    """A choice whose answers are set when the form is made; nothing is chosen beforehand."""
    return forms.ChoiceField(label=label, **kwargs)


class PupilForm(PlainForm):
    """A new pupil."""

    family = forms.CharField(label=_("Family name"), max_length=120)
    given = forms.CharField(label=_("Given name"), max_length=120)
    middle = forms.CharField(label=_("Patronymic or further names"), max_length=120, required=False)
    born = day_field(_("Birth date"), required=False)
    target = one_of(_("Class"))
    starts_on = day_field(_("First day"), help_text=_("The diary and the journals show the pupil from this day on."))
    another = forms.BooleanField(label=_("Another person with the same name and birth date"), required=False)

    def __init__(self, *args: Any, classes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = [("", "–"), *classes]  # type: ignore[attr-defined]


class MoveForm(PlainForm):
    """A pupil changes class, or comes back into one."""

    target = one_of(_("To class"))
    starts_on = day_field(_("First day in the new class"))

    def __init__(self, *args: Any, classes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = [("", "–"), *classes]  # type: ignore[attr-defined]


class LeaveForm(PlainForm):
    """A pupil leaves the school."""

    last_day = day_field(_("Last day at the school"))
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False, help_text=_("Stays in the school's records."))


class DayForm(PlainForm):
    """The right day of the last change."""

    day = day_field(_("The right day"))


class LinkEndForm(PlainForm):
    """The end of a guardian's link."""

    last_day = day_field(_("Last day on which the diary can be read"), help_text=_("With yesterday's date it ends at once."))


class NoFields(PlainForm):
    """For a change that asks nothing."""


class TeacherForm(PlainForm):
    """A group gets another teacher."""

    teacher = one_of(_("New teacher"))
    starts_on = day_field(_("First day"))

    def __init__(self, *args: Any, teachers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["teacher"].choices = [("", "–"), *teachers]  # type: ignore[attr-defined]
