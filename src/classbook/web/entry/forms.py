"""The forms of the first sign-in."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from classbook.web.steps import PlainForm

OLDEST = 1900
PARTS = ("day", "month", "year")


def _name(autocomplete: str) -> forms.TextInput:
    return forms.TextInput(attrs={"autocomplete": autocomplete, "spellcheck": "false"})


class CodeForm(PlainForm):
    """The code of the letter."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=80)
    # Asked when many wrong codes came from the same address.
    name = forms.CharField(label=gettext_lazy("Family name on the letter"), max_length=240, required=False, widget=_name("off"))


class BirthForm(PlainForm):
    """A birth date in three small fields, in the order of the reader's language."""

    day = forms.CharField(label=gettext_lazy("Day"), max_length=4, required=False)
    month = forms.CharField(label=gettext_lazy("Month"), max_length=4, required=False)
    year = forms.CharField(label=gettext_lazy("Year"), max_length=6, required=False)

    def __init__(self, *args: Any, asked: bool, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.asked = today, asked
        order = ["year", "month", "day"] if get_language() == "ja" else ["day", "month", "year"]
        self.order_fields(order)
        if not asked:
            for name in PARTS:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.asked:
            data["born"] = self._date()
        return data

    def _date(self) -> date | None:
        parts = [str(self.cleaned_data.get(name) or "").strip() for name in ("year", "month", "day")]
        if not all(part.isdecimal() for part in parts):
            self.add_error(None, _("Fill in day, month and year with figures, such as 14, 5 and 2013."))
            return None
        year, month, day = (int(part) for part in parts)
        if not OLDEST <= year <= self.today.year:
            self.add_error(None, _("Write the year with four figures, such as 2013."))
            return None
        try:
            return date(year, month, day)
        except ValueError:
            self.add_error(None, _("There is no such day. Please check day and month."))
            return None


class OwnForm(BirthForm):
    """Registering oneself: the full name, the birth date where the school knows it, the own address and password."""

    family = forms.CharField(label=gettext_lazy("Family name"), max_length=120, widget=_name("family-name"))
    given = forms.CharField(label=gettext_lazy("Given name"), max_length=120, widget=_name("given-name"))
    middle = forms.CharField(
        label=gettext_lazy("Patronymic, if you have one"), max_length=120, required=False, widget=_name("additional-name")
    )
    email = forms.CharField(
        label=gettext_lazy("Your e-mail address"), max_length=254,
        widget=forms.TextInput(attrs={
            "autocomplete": "email", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false",
        }),
    )  # fmt: skip
    password = forms.CharField(
        label=gettext_lazy("Your password"), max_length=1000, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip


class WrongForm(PlainForm):
    """What is wrong in a letter."""

    what = forms.ChoiceField(
        label=gettext_lazy("What is it?"), widget=forms.RadioSelect,
        choices=[("data", gettext_lazy("A name, the class or the birth date is wrong")),
                 ("other", gettext_lazy("This letter is for somebody else"))],
    )  # fmt: skip
    text = forms.CharField(
        label=gettext_lazy("What should it be?"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The school office reads it. Write no password."),
    )  # fmt: skip


class PasswordForm(PlainForm):
    """The own password, once: it can be looked at."""

    password = forms.CharField(label=gettext_lazy("Your password"), max_length=1000, strip=False, widget=forms.PasswordInput)


class InvitedForm(PlainForm):
    """Whom a family has invited: the own name and password, unless signed in; and the text to agree to."""

    family = forms.CharField(label=gettext_lazy("Your family name"), max_length=120)
    given = forms.CharField(label=gettext_lazy("Your given name"), max_length=120)
    password = forms.CharField(
        label=gettext_lazy("Your own password"), max_length=1000, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy(
            "Ten signs or more. Three or four words that only you would put together are easy to remember and hard to guess."
        ),
    )  # fmt: skip
    agree = forms.BooleanField(label=gettext_lazy("I have read this and agree"))

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agree"].error_messages["required"] = _("Without this the diary is not opened for you.")
        if not is_new:
            for name in ("family", "given", "password"):
                del self.fields[name]
