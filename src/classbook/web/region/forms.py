"""The head's forms."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from classbook.people.models import AccessBan
from classbook.profiles import names, profile
from classbook.web.steps import PlainForm, day_field

Choices = list[tuple[str, str]]
Scope = AccessBan.Scope

SCOPES = (
    (Scope.ALL, _("everything: the person sees nothing of this child and learns nothing")),
    (Scope.CONTACTS, _("contacts: not the addresses and telephone numbers of the other guardians")),
    (Scope.REASONS, _("reasons: not why the child was absent, where the reason is confidential")),
)
# As a label in lists.
SCOPE_WORDS = {Scope.ALL: _("everything"), Scope.CONTACTS: _("contacts"), Scope.REASONS: _("reasons of absences")}


class BanForm(PlainForm):
    """An access ban."""

    person = forms.ChoiceField(label=_("Who is limited"), widget=forms.RadioSelect)
    scope = forms.ChoiceField(label=_("What is taken"), choices=SCOPES, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("For example the court and the date of its decision. Only the head reads it."),
    )
    starts_on = day_field(_("First day"))
    ends_on = day_field(_("Last day"), required=False, help_text=_("Empty: until you end it."))

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = people  # type: ignore[attr-defined]


class ClosingForm(PlainForm):
    """Until when a term is written in."""

    term = forms.ChoiceField(label=_("Term"))
    last_day = day_field(
        _("Last day for entries"), required=False, help_text=_("On the next day the term is closed. Empty: it stays open.")
    )

    def __init__(self, *args: Any, terms: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["term"].choices = [("", "–"), *terms]  # type: ignore[attr-defined]


class ReopenForm(PlainForm):
    """A closed term, open again for one group."""

    group = forms.ChoiceField(label=_("Group"))
    term = forms.ChoiceField(label=_("Closed term"))
    last_day = day_field(_("Open until"), help_text=_("That day included, a month at most."))
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, groups: Choices, terms: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].choices = [("", "–"), *groups]  # type: ignore[attr-defined]
        self.fields["term"].choices = [("", "–"), *terms]  # type: ignore[attr-defined]


class PortalForm(PlainForm):
    """How families of a region sign in."""

    kind = forms.ChoiceField(label=_("The Public Services portal in this region"), widget=forms.RadioSelect)
    required_on = day_field(_("First day"), required=False, help_text=_("Only where the portal is the way for families."))
    grace_days = forms.IntegerField(
        label=_("Days more on which a password lets in"), min_value=0, max_value=365, initial=30, required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, above: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds: list[tuple[str, Any]] = [
            ("offered", _("offered: its button stands beside letters and passwords")),
            ("required", _("the way for families, from a day on")),
            ("none", _("not used: there is no button")),
        ]
        if above:
            kinds.append(("", _now("as in the region above: %(region)s") % {"region": above}))
        kind = self.fields["kind"]
        kind.choices, kind.required = kinds, not above  # type: ignore[attr-defined]
        days = self.fields["grace_days"].error_messages
        days["invalid"] = days["min_value"] = days["max_value"] = _("Write a number of days from 0 to 365.")


@cache
def _zones() -> Choices:
    """The zones that are places, such as Asia/Tokyo."""
    return [(zone, zone) for zone in sorted(available_timezones()) if "/" in zone and not zone.startswith("Etc/")] + [
        ("UTC", "UTC")
    ]


class ConnectForm(PlainForm):
    """A school is connected, with its customs and its first person."""

    school = forms.ChoiceField(label=_("Which school"), required=False)
    name = forms.CharField(label=_("Name of the school"), max_length=200)
    town = forms.CharField(label=_("Town"), max_length=120)
    profile = forms.ChoiceField(label=_("Customs"), help_text=_("Scale of marks, codes of absence, terms and days off."))
    time_zone = forms.ChoiceField(label=_("The school's clock"))
    family = forms.CharField(label=_("Administrator: family name"), max_length=120)
    given = forms.CharField(label=_("Given name"), max_length=120)
    middle = forms.CharField(label=_("Patronymic or further names"), max_length=120, required=False)
    born = day_field(_("Birth date"), help_text=_("It is asked together with the code of the letter."))

    def __init__(self, *args: Any, listed: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = {
            "school": [("", _("a new one")), *listed],
            "profile": [(code, profile(code).name) for code in names()],
            "time_zone": _zones(),
        }
        for field, values in choices.items():
            self.fields[field].choices = values  # type: ignore[attr-defined]
