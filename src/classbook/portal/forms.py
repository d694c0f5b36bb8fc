"""Forms of the portal. Each says beside the field what is missing or wrong, and keeps what was typed."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa import app_settings as mfa
from allauth.mfa.adapter import get_adapter as mfa_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from classbook.common.clock import today
from classbook.common.errors import Refusal
from classbook.common.snils import is_snils
from classbook.portal.models import Citizen
from classbook.portal.rules import OWN_ACCOUNT_AGE, age_on, passport_digits, phone_number, snils_digits

MISSING = _("Fill in this field.")


def text(label: Any, *, required: bool = True, most: int = 100, **attrs: str) -> forms.CharField:
    """A line of text."""
    return forms.CharField(
        label=label, required=required, max_length=most, widget=forms.TextInput(attrs=attrs), error_messages={"required": MISSING}
    )


def password(label: Any) -> forms.CharField:
    """The browser offers to make one; pasting works. It comes back after a fault elsewhere: nothing typed is lost."""
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True)
    return forms.CharField(label=label, strip=False, max_length=256, widget=widget, error_messages={"required": MISSING})


class Day(forms.DateField):
    """A day by the browser's calendar; typed by hand it may be 19.11.1986 too."""

    def __init__(self, label: Any, *, required: bool = True, **attrs: str) -> None:
        wrong = _("This is not a date. Write it as 31.12.1990.")
        super().__init__(
            label=label, required=required, input_formats=["%Y-%m-%d", "%d.%m.%Y"],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", **attrs}),
            error_messages={"required": MISSING, "invalid": wrong},
        )  # fmt: skip


class Form(forms.Form):
    """Ties errors to fields for screen readers, and takes a Refusal as an error beside its field."""

    def refuse(self, refusal: Refusal) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.sentence)


class SignInForm(LoginForm):
    """allauth's form in the portal's words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            label=_("Telephone, e-mail or SNILS"), max_length=254, error_messages={"required": MISSING}
        )
        self.fields["password"].label = _("Password")
        self.fields["password"].error_messages["required"] = MISSING
        self.order_fields(["login", "password"])


def clean_name(value: str) -> str:
    """A name as people write it: letters of any alphabet, hyphen, apostrophe, space, full stop."""
    name = " ".join(unicodedata.normalize("NFC", value).split())
    if name and not re.fullmatch(r"[^\W\d_](?:[^\W\d_]|[ '’.\-‐‑ー\u0300-\u036f])*", name):
        raise ValidationError(_("A name has letters only, with a hyphen, an apostrophe or a space where it needs one."))
    return name


def clean_birth(born: date) -> date:
    if born > today(settings.TIME_ZONE):
        raise ValidationError(_("This day is still to come. Check the year."))
    if age_on(born, today(settings.TIME_ZONE)) > 120:
        raise ValidationError(_("That would be more than 120 years ago. Check the year."))
    return born


def clean_snils(typed: str) -> str:
    digits = snils_digits(typed)
    if not digits:
        return ""
    if not re.fullmatch(r"[0-9]{11}", digits):
        raise ValidationError(
            _("A SNILS has 11 digits, such as 112-233-445 95. You typed %(count)s.") % {"count": sum(c.isdigit() for c in digits)}
        )
    if not is_snils(digits):
        raise ValidationError(_("This number has a slip: its last two digits do not fit the others. Compare it with the card."))
    return digits


def clean_passport(typed: str) -> str:
    digits = passport_digits(typed)
    if digits and not re.fullmatch(r"[0-9]{10}", digits):
        raise ValidationError(_("A passport has 4 digits of the series and 6 of the number, such as 0512 345678."))
    return digits


def clean_phone(typed: str) -> str:
    if not typed.strip():
        return ""
    number = phone_number(typed)
    if not number:
        raise ValidationError(_("This is not a telephone number. Write it with the country, such as +7 900 555-01-42."))
    return number


def clean_email(typed: str) -> str:
    address = typed.strip().lower()
    if address:
        try:
            validate_email(address)
        except ValidationError:
            raise ValidationError(_("This is not an e-mail address. It looks like name@example.org.")) from None
    return address


class NameFields(Form):
    family_name = text(_("Surname"), autocomplete="family-name")
    given_name = text(_("First name"), autocomplete="given-name")
    middle_name = text(_("Patronymic"), required=False, autocomplete="additional-name")

    def clean_family_name(self) -> str:
        return clean_name(self.cleaned_data["family_name"])

    def clean_given_name(self) -> str:
        return clean_name(self.cleaned_data["given_name"])

    def clean_middle_name(self) -> str:
        return clean_name(self.cleaned_data["middle_name"])


class DocumentFields(Form):
    snils = text(_("SNILS"), required=False, most=30, inputmode="numeric", autocomplete="off")
    passport = text(_("Passport, series and number"), required=False, most=30, inputmode="numeric", autocomplete="off")
    other_document = text(_("Document of another country"), required=False, most=60, autocomplete="off")

    def clean_snils(self) -> str:
        return clean_snils(self.cleaned_data["snils"])

    def clean_passport(self) -> str:
        return clean_passport(self.cleaned_data["passport"])


class IdentityForm(NameFields, DocumentFields):
    """Name and documents of the own account."""


class ChildForm(NameFields):
    birth_date = Day(_("Date of birth"))
    snils = text(_("SNILS"), required=False, most=30, inputmode="numeric", autocomplete="off")

    def clean_birth_date(self) -> date:
        return clean_birth(self.cleaned_data["birth_date"])

    def clean_snils(self) -> str:
        return clean_snils(self.cleaned_data["snils"])


class RegistrationForm(NameFields, DocumentFields):
    """Everything in one form; the child's fields are checked when any of them is filled in."""

    birth_date = Day(_("Date of birth"), autocomplete="bday")
    phone = text(_("Mobile telephone"), required=False, most=30, inputmode="tel", autocomplete="tel")
    email = text(_("E-mail"), required=False, most=254, inputmode="email", autocomplete="email")
    by = forms.ChoiceField(
        label=_("Send the code"), choices=[("sms", _("by SMS")), ("email", _("by e-mail"))],
        error_messages={"required": MISSING, "invalid_choice": MISSING},
    )  # fmt: skip
    password = password(_("Password"))
    child_family_name = text(_("Child's surname"), required=False)
    child_given_name = text(_("Child's first name"), required=False)
    child_middle_name = text(_("Child's patronymic"), required=False)
    child_birth_date = Day(_("Child's date of birth"), required=False)
    child_snils = text(_("Child's SNILS"), required=False, most=30, inputmode="numeric")
    agreed = forms.BooleanField(
        label=_("I agree that my data are kept for this account"),
        error_messages={"required": _("Without your consent no account can be opened.")},
    )

    CHILD = ("family_name", "given_name", "middle_name", "birth_date", "snils")

    def clean_birth_date(self) -> date:
        return clean_birth(self.cleaned_data["birth_date"])

    def clean_phone(self) -> str:
        return clean_phone(self.cleaned_data["phone"])

    def clean_email(self) -> str:
        return clean_email(self.cleaned_data["email"])

    def clean_child_snils(self) -> str:
        return clean_snils(self.cleaned_data["child_snils"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        self._check_contacts(data)
        self._check_password(data)
        self._check_child(data)
        return data

    def _check_contacts(self, data: dict[str, Any]) -> None:
        wanted = {"sms": "phone", "email": "email"}.get(data.get("by", ""))
        if wanted == "phone" and data.get("phone") == "":
            self.add_error("phone", _("The code goes to your telephone: enter its number, or choose e-mail below."))
        elif wanted == "email" and data.get("email") == "":
            self.add_error("email", _("The code goes to your e-mail: enter it, or choose SMS below."))

    def _check_password(self, data: dict[str, Any]) -> None:
        if "password" not in data:
            return
        person = Citizen(
            email=data.get("email", ""), family_name=data.get("family_name", ""), given_name=data.get("given_name", "")
        )
        check_password(self, "password", data["password"], person)

    def _check_child(self, data: dict[str, Any]) -> None:
        if not any(data.get(f"child_{name}") for name in self.CHILD):
            return
        for name in ("family_name", "given_name", "birth_date"):
            if not data.get(f"child_{name}") and f"child_{name}" not in self.errors:
                self.add_error(f"child_{name}", _("Fill in this field too, or empty all fields of the child."))
        for name in ("child_family_name", "child_given_name", "child_middle_name"):
            try:
                data[name] = clean_name(data.get(name) or "")
            except ValidationError as error:
                self.add_error(name, error)
        born, own = data.get("child_birth_date"), data.get("birth_date")
        if born:
            try:
                clean_birth(born)
            except ValidationError as error:
                self.add_error("child_birth_date", error)
        if born and own and age_on(own, born) < OWN_ACCOUNT_AGE:
            self.add_error("child_birth_date", _("The child would be born before you were 14. Check both dates."))


def check_password(form: Form, name: str, value: str, person: Citizen) -> None:
    """Length, common passwords, the own name in it."""
    try:
        validate_password(value, person)
    except ValidationError as error:
        form.add_error(name, error)


class CodeForm(Form):
    code = text(_("Code from the message"), most=20, inputmode="numeric", autocomplete="one-time-code")


class AddressForm(Form):
    """A telephone or an e-mail in one field."""

    address = text(_("Your telephone or e-mail"), most=254, autocomplete="username")

    def clean_address(self) -> str:
        typed = self.cleaned_data["address"]
        return clean_email(typed) if "@" in typed else clean_phone(typed)


class NewPasswordForm(Form):
    password = password(_("New password"))

    def __init__(self, *args: Any, citizen: Citizen | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.citizen = citizen or Citizen()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "password" in data:
            check_password(self, "password", data["password"], self.citizen)
        return data


class RecoveryForm(CodeForm, NewPasswordForm):
    """The code and the new password together."""


class PasswordForm(NewPasswordForm):
    """The old one too: whoever finds an open window cannot take the account over."""

    old = forms.CharField(
        label=_("Your password now"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": MISSING},
    )  # fmt: skip
    field_order = ["old", "password"]

    def clean_old(self) -> str:
        if not self.citizen.check_password(self.cleaned_data["old"]):
            raise ValidationError(_("This password is not right. Try again."))
        return str(self.cleaned_data["old"])


class ChildAccountForm(NewPasswordForm):
    login = text(_("Login for the child"), most=40, autocapitalize="none", autocomplete="off")
    field_order = ["login", "password"]

    def clean_login(self) -> str:
        login: str = self.cleaned_data["login"].strip().lower()
        if not re.fullmatch(r"[a-z][a-z0-9._-]{2,39}", login):
            raise ValidationError(_("Three or more Latin letters and digits, beginning with a letter, such as dasha2014."))
        return login


class FindForm(Form):
    """A whole SNILS, or surname and birth date together."""

    snils = text(_("SNILS"), required=False, most=30, inputmode="numeric", autocomplete="off")
    family_name = text(_("Surname"), required=False, autocomplete="off")
    birth_date = Day(_("Date of birth"), required=False)

    def clean_snils(self) -> str:
        return clean_snils(self.cleaned_data["snils"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not data.get("snils") and not (data.get("family_name") and data.get("birth_date")):
            raise ValidationError(_("Enter the SNILS, or the surname together with the date of birth."))
        return data


class _UsedOnce:
    """A code works once for as long as it fits: three steps with its neighbours, of which allauth remembers one."""

    user: Any

    def clean_code(self) -> str:
        """The code. Raises ValidationError when it does not fit or was used."""
        code: str = super().clean_code()  # type: ignore[misc]
        seconds = mfa.TOTP_PERIOD * (2 * mfa.TOTP_TOLERANCE + 1)
        if not cache.add(f"portal.app-code.{self.user.pk}.{code.strip()}", "used", timeout=seconds):
            raise mfa_adapter().validation_error("incorrect_code")
        return code


class AppCodeForm(_UsedOnce, AuthenticateForm):  # type: ignore[misc]
    """The second factor at the sign-in."""


class AppCodeAgainForm(_UsedOnce, ReauthenticateForm):  # type: ignore[misc]
    """The second factor, asked for anew."""
