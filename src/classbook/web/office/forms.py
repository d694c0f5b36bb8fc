"""The office's forms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


def _day(label: Any, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


class PupilForm(forms.Form):
    """A new pupil."""

    family = forms.CharField(label=_("Family name"), max_length=120)
    given = forms.CharField(label=_("Given name"), max_length=120)
    middle = forms.CharField(label=_("Patronymic or further names"), max_length=120, required=False)
    born = _day(_("Birth date"), required=False)
    target = forms.ChoiceField(label=_("Class"))
    starts_on = _day(_("First day"))
    another = forms.BooleanField(label=_("Another person with the same name and birth date"), required=False)

    def __init__(self, *args: Any, classes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = classes  # type: ignore[attr-defined]


class MoveForm(forms.Form):
    """A pupil changes class."""

    target = forms.ChoiceField(label=_("To class"))
    starts_on = _day(_("First day in the new class"))

    def __init__(self, *args: Any, classes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = classes  # type: ignore[attr-defined]


class LeaveForm(forms.Form):
    """A pupil leaves the school."""

    last_day = _day(_("Last day at the school"))
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)


class TeacherForm(forms.Form):
    """A group gets another teacher."""

    teacher = forms.ChoiceField(label=_("New teacher"))
    starts_on = _day(_("First day"))

    def __init__(self, *args: Any, teachers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["teacher"].choices = teachers  # type: ignore[attr-defined]
