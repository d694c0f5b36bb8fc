"""Forms of one's own account and of getting in again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from classbook.web.steps import PlainForm, day_field
from classbook.web.words import BASES, RELATIONS

CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "autocapitalize": "none", "spellcheck": "false"}
EMAIL = {"autocomplete": "email", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}
PHONE = {"autocomplete": "tel", "inputmode": "tel"}


class ContactForm(PlainForm):
    """An address of one's own. The action says what is no address, with the country's numbers in mind."""

    value = forms.CharField(max_length=254)
    password = forms.CharField(
        label=_("Your password"), max_length=500, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, kind: str, asks_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        value = self.fields["value"]
        value.label = _("E-mail address") if kind == "email" else _("Telephone number")
        value.widget.attrs |= EMAIL if kind == "email" else PHONE
        if not asks_password:
            del self.fields["password"]


class SureForm(PlainForm):
    """The password again, before something goes."""

    password = forms.CharField(
        label=_("Your password"), max_length=500, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, asks_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_password:
            del self.fields["password"]


class CodeForm(PlainForm):
    """The figures out of a message."""

    code = forms.CharField(label=_("Code"), max_length=20, widget=forms.TextInput(attrs=CODE))


class NameForm(PlainForm):
    """What one calls a passkey, to know it again."""

    name = forms.CharField(label=_("Name"), max_length=60)


class AddressForm(PlainForm):
    """An e-mail address or a telephone number, whichever one has given."""

    address = forms.CharField(max_length=254)

    def __init__(self, *args: Any, kinds: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        address = self.fields["address"]
        labels = {"email": _("E-mail address"), "phone": _("Telephone number")}
        address.label = labels[kinds[0]] if len(kinds) == 1 else _("E-mail or telephone")
        address.widget.attrs |= {"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}


class NewPasswordForm(PlainForm):
    """A new password, once: it can be shown to check it."""

    password = forms.CharField(
        label=_("New password"),
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class AskForm(PlainForm):
    """A child with whom one wants to be linked."""

    school = forms.ChoiceField(label=_("School"))
    family = forms.CharField(label=_("The child's family name"), max_length=120)
    given = forms.CharField(label=_("The child's given name"), max_length=120)
    born = day_field(_("The child's birth date"))
    class_name = forms.CharField(label=_("Class"), max_length=40, help_text=_("Such as 7B."))
    relation = forms.ChoiceField(label=_("You are the child's"), choices=(("", "–"), *RELATIONS))
    basis = forms.ChoiceField(label=_("You act for the child as"), choices=(("", "–"), *BASES))
    document = forms.CharField(
        label=_("Document that you can show"), max_length=200,
        help_text=_("Kind, number and date. The office looks at the paper before it approves."),
    )  # fmt: skip

    def __init__(self, *args: Any, schools: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        only = schools if len(schools) == 1 else [("", "–"), *schools]
        self.fields["school"].choices = only  # type: ignore[attr-defined]
