"""Name, birth date and SNILS of a pupil or a guardian: they decide whom the portal can be linked with."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classbook.accounts.actions.letters import close_corrections
from classbook.common import clock
from classbook.common.snils import digits_of, is_snils, masked
from classbook.events.reading import note_read
from classbook.office.rehearsal import try_out
from classbook.people.models import Person
from classbook.people.queries import name_of
from classbook.schools.access import open_person_to_correct
from classbook.schools.actions.identity import correct_person, same_number
from classbook.schools.models import School
from classbook.web import dates
from classbook.web.linking import visit
from classbook.web.office.views import opened_school
from classbook.web.request import actor_of, signed_in
from classbook.web.steps import Outlook, PlainForm, Step, day_field, two_steps, with_form


class IdentityForm(PlainForm):
    """Who somebody is, as in the document."""

    family = forms.CharField(label=gettext_lazy("Family name"), max_length=120)
    given = forms.CharField(label=gettext_lazy("Given name"), max_length=120)
    middle = forms.CharField(label=gettext_lazy("Patronymic or further names"), max_length=120, required=False)
    born = day_field(gettext_lazy("Birth date"), required=False)
    snils = forms.CharField(
        label=gettext_lazy("New SNILS"), max_length=20, required=False, help_text=gettext_lazy("Empty: it stays as it is."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    without = forms.BooleanField(label=gettext_lazy("The person has no SNILS: remove the number"), required=False)

    def clean_snils(self) -> str:
        typed = digits_of(self.cleaned_data["snils"])
        if typed and not is_snils(typed):
            raise forms.ValidationError(
                _("This is no SNILS: its last two figures do not belong to the first nine. Compare it with the paper.")
            )
        return typed

    @property
    def number(self) -> str | None:
        """What the SNILS becomes; None: it stays."""
        return "" if self.cleaned_data["without"] else self.cleaned_data["snils"] or None


@with_form
@signed_in
def correct(request: HttpRequest, school: UUID, person: UUID) -> HttpResponse:
    """Correct what is wrong; the audit says what was changed, the number itself is shown in part."""
    opened, actor = opened_school(request, school), actor_of(request)
    found = open_person_to_correct(actor, opened, person)
    note_read(actor.person_id, "identity", school_id=opened.pk, subject=("person", found.pk))
    form = IdentityForm(request.POST or None, initial=_initial(found))

    def act() -> int:
        data = form.cleaned_data
        correct_person(
            actor, opened, found, family=data["family"], given=data["given"], middle=data["middle"], born=data["born"],
            snils=form.number,
        )  # fmt: skip
        return 0

    def outlook() -> Outlook:
        try_out(act)
        return _outlook(opened, found, form)

    def write() -> str:
        act()
        close_corrections(actor, opened, found, _("The school has corrected its data."))
        return _("The data of %(name)s are corrected.") % {"name": name_of(open_person_to_correct(actor, opened, person))}

    noted = _("SNILS: %(number)s.") % {"number": masked(found.snils)} if found.snils else _("No SNILS is noted.")
    lead = noted + " " + _("Name, birth date and SNILS have to be as in the document; the portal compares them.")
    step = Step(name_of(found), lead, _("Correct the data"), _back(request, opened))
    return two_steps(request, form, step, outlook=outlook, write=write)


def _initial(person: Person) -> dict[str, object]:
    return {
        "family": person.family_name, "given": person.given_name, "middle": person.middle_name, "born": person.birth_date,
    }  # fmt: skip


def _back(request: HttpRequest, school: School) -> str:
    """Where the office came from: what families say is wrong, a class, a pupil."""
    return visit.local(request.GET.get("back", "")) or reverse("letters", args=[school.uid])


def _outlook(school: School, person: Person, form: IdentityForm) -> Outlook:
    """What was, what will be."""
    data = form.cleaned_data
    pairs = (
        (_("Family name"), person.family_name, data["family"].strip()),
        (_("Given name"), person.given_name, data["given"].strip()),
        (_("Patronymic or further names"), person.middle_name, data["middle"].strip()),
        (_("Birth date"), _day(person.birth_date), _day(data["born"])),
        (_("SNILS"), masked(person.snils), masked(person.snils if form.number is None else form.number)),
    )  # fmt: skip
    says = [f"{label}: {before or '–'} → {after or '–'}" for label, before, after in pairs if before != after]
    if form.number and form.number != person.snils and masked(form.number) == masked(person.snils):
        says.append(_("SNILS") + ": " + _("another number with the same last figures"))
    other = same_number(school, person, form.number or "", clock.today(school.time_zone))
    warnings = (_("%(name)s has the same SNILS in this school.") % {"name": name_of(other)},) if other else ()
    return Outlook(tuple(says), warnings)


def _day(day: object) -> str:
    return dates.with_year(day) if day else ""  # type: ignore[arg-type]
