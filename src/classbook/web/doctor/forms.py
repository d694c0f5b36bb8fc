"""Forms of a school that applies to be connected."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from classbook.web.account.forms import CODE, EMAIL, PHONE
from classbook.web.steps import PlainForm, day_field

FIGURES = {"inputmode": "numeric", "autocomplete": "off"}
YOUNGEST = 18


class ApplyForm(PlainForm):
    """The school, who speaks for it, and who will look after its people here."""

    op = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    region = forms.ChoiceField(label=_("Region"))
    name = forms.CharField(label=_("Name of the school"), max_length=200)
    town = forms.CharField(label=_("Town"), max_length=120)
    address = forms.CharField(
        label=_("Postal address"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "street-address"})
    )
    pupils = forms.IntegerField(
        label=_("Number of pupils"), min_value=1, max_value=20000, widget=forms.TextInput(attrs=FIGURES),
        help_text=_("About is enough."),
    )  # fmt: skip
    head = forms.CharField(label=_("Head of the school"), max_length=200)
    email = forms.CharField(
        label=_("The school's official e-mail address"), max_length=254, widget=forms.TextInput(attrs=EMAIL),
        help_text=_("A code comes to it. The region compares the address with the one that it knows."),
    )  # fmt: skip
    phone = forms.CharField(
        label=_("The school's telephone number"), max_length=40, widget=forms.TextInput(attrs=PHONE),
        help_text=_("The region may call back to ask whether the application is yours."),
    )  # fmt: skip
    family = forms.CharField(label=_("Family name"), max_length=120)
    given = forms.CharField(label=_("Given name"), max_length=120)
    middle = forms.CharField(label=_("Patronymic or further names"), max_length=120, required=False)
    born = day_field(
        _("Birth date"),
        help_text=_("Asked together with the code of the first letter, so that a lost letter helps nobody."),
    )
    note = forms.CharField(
        label=_("What else should the region know?"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": "4"})
    )

    def __init__(self, *args: Any, regions: list[tuple[str, str]], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["region"].choices = regions if len(regions) == 1 else [("", "–"), *regions]  # type: ignore[attr-defined]
        pupils = self.fields["pupils"].error_messages
        pupils["invalid"] = pupils["min_value"] = pupils["max_value"] = _now("Write a number, such as 640.")

    def clean_born(self) -> date:
        """Somebody of full age, and of this world."""
        born: date = self.cleaned_data["born"]
        if not self.today.year - 100 <= born.year <= self.today.year - YOUNGEST:
            raise forms.ValidationError(_now("Please check this birth date."))
        return born


class FindForm(PlainForm):
    """Number and code out of the mail."""

    number = forms.CharField(label=_("Number of the application"), max_length=20, widget=forms.TextInput(attrs=FIGURES))
    code = forms.CharField(label=_("Code"), max_length=20, widget=forms.TextInput(attrs=CODE))


class ReplyForm(PlainForm):
    """An answer to what the region asked."""

    text = forms.CharField(label=_("Your answer"), max_length=500, widget=forms.Textarea(attrs={"rows": "4"}))
