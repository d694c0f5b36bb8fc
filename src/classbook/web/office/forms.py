"""The office's forms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from classbook.web.steps import PlainForm, day_field
from classbook.web.words import BASES, RELATIONS

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


class RightsForm(PlainForm):
    """What a guardian may do, and the document that was shown."""

    relation = forms.ChoiceField(label=_("Relation to the pupil"), choices=(("", "–"), *RELATIONS))
    can_view = forms.BooleanField(label=_("May read the diary"), required=False)
    can_excuse = forms.BooleanField(label=_("May excuse absences"), required=False)
    can_sign = forms.BooleanField(label=_("May sign the week"), required=False)
    basis = forms.ChoiceField(label=_("Why this person may act for the pupil"), choices=(("", _("no document seen")), *BASES),
                              required=False)  # fmt: skip
    document = forms.CharField(
        label=_("Document"), max_length=120, required=False, help_text=_("Such as: birth certificate, order of the authority.")
    )
    number = forms.CharField(label=_("Number of the document"), max_length=60, required=False)
    issued_on = day_field(_("Date of the document"), required=False)
    ends_on = day_field(_("Last day on which it holds"), required=False, help_text=_("The link ends with it. Empty: no end."))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("basis") and not data.get("document"):
            self.add_error("document", _("Write which document you have seen."))
        if not data.get("basis") and any(data.get(name) for name in ("document", "number", "issued_on", "ends_on")):
            self.add_error("basis", _("Choose what the document says."))
        if data.get("issued_on") and data.get("ends_on") and data["ends_on"] < data["issued_on"]:
            self.add_error("ends_on", _("The last day lies before the date of the document."))
        if (data.get("can_excuse") or data.get("can_sign")) and not data.get("can_view"):
            self.add_error("can_view", _("Excusing and signing need the diary. Tick this too, or neither of them."))
        return data


class NewGuardianForm(RightsForm):
    """Somebody whom the school does not know yet."""

    family = forms.CharField(label=_("Family name"), max_length=120)
    given = forms.CharField(label=_("Given name"), max_length=120)
    middle = forms.CharField(label=_("Patronymic or further names"), max_length=120, required=False)
    born = day_field(_("Birth date"), required=False)
    email = forms.CharField(
        label=_("E-mail address"), max_length=254, required=False,
        help_text=_("As given to the school. Nobody gets in by it until the person has confirmed it."),
    )  # fmt: skip
    phone = forms.CharField(label=_("Telephone number"), max_length=40, required=False)
    another = forms.BooleanField(label=_("Another person with the same name and birth date"), required=False)
    field_order = ("family", "given", "middle", "born", "another", "email", "phone")


class ApproveForm(RightsForm):
    """A request is approved: only with a document."""

    basis = forms.ChoiceField(label=_("Why this person may act for the pupil"), choices=(("", "–"), *BASES))
    document = forms.CharField(
        label=_("Document"), max_length=120, help_text=_("Approve only what you have compared with the paper itself.")
    )


class PartForm(PlainForm):
    """Another part of a divided subject."""

    target = one_of(_("Group"))
    starts_on = day_field(_("First day in that group"))

    def __init__(self, *args: Any, groups: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = [("", "–"), *groups]  # type: ignore[attr-defined]


class NoFields(PlainForm):
    """For a change that asks nothing."""


class TeacherForm(PlainForm):
    """A group gets another teacher."""

    teacher = one_of(_("New teacher"))
    starts_on = day_field(_("First day"))

    def __init__(self, *args: Any, teachers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["teacher"].choices = [("", "–"), *teachers]  # type: ignore[attr-defined]
