"""Somebody who speaks for a school applies to be connected; the region's clerk asks back, approves or refuses (docs/adr/0025).

No account is needed: whoever reads the mail at the school's address is the applicant. What makes the school is
`imports.connecting`, which stands above the packages that it needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from classbook.accounts.actions.limits import Limit, give_back, take
from classbook.accounts.actions.notices import tell
from classbook.accounts.models import SchoolApplication
from classbook.common import clock, figures
from classbook.common.errors import NotFound, Refusal
from classbook.events.actions import record_audit
from classbook.notifications.actions import EMAIL, Address, can_send, send_message
from classbook.people.contacts import normalised
from classbook.schools.access import Actor, may_in_region
from classbook.schools.models import Region, School
from classbook.schools.queries import clerks_of, is_connected, regions_within
from classbook.schools.roles import Permission

State = SchoolApplication.State
WAITING = (State.OPEN, State.ASKED)
FIGURES = 8
# A mail that nobody answers, and what was decided long ago.
CONFIRM_WITHIN, KEPT = timedelta(days=1), timedelta(days=365)
OF_ADDRESS = Limit("application.address", 3, timedelta(days=1))
OF_SOURCE = Limit("application.source", 20, timedelta(hours=1))
# All tries of a year at one number hit its code once in a thousand.
CODES_OF_NUMBER = Limit("application.code", 10, timedelta(hours=1))
CODES_OF_SOURCE = Limit("application.codes", 100, timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Applied:
    """What the applicant says. `school`: the one of the directory, if it stands there already."""

    region: UUID
    school: UUID | None
    name: str
    town: str
    address: str
    head: str
    email: str
    phone: str
    pupils: int
    note: str
    family: str
    given: str
    middle: str
    born: date


def apply(uid: UUID, said: Applied, locale: str, source: str) -> str:
    """Note an application and send its code; answers its number. The same form sent twice is one application.

    Raises Refusal (fields "region", "email") and NotFound for a school that is no longer to be connected.
    """
    there = SchoolApplication.objects.filter(uid=uid).values_list("number", flat=True).first()
    if there is not None:
        return there
    email, region = normalised(EMAIL, said.email), Region.objects.filter(uid=said.region).first()
    if region is None:
        raise Refusal(_("Please choose one."), field="region")
    school = _listed(said.school)
    if not can_send(EMAIL):
        raise Refusal(_("This site sends no mail, so nobody can apply here. Please call your education authority."))
    if not email:
        raise Refusal(_("This is no e-mail address. Write it as name@example.org."), field="email")
    # Not in the transaction: what was tried counts.
    if not all([take(OF_SOURCE, source), take(OF_ADDRESS, email)]):
        raise Refusal(_("Several applications came with this address already. Please try again tomorrow."), field="email")
    try:
        return _write(uid, said, email, school.region or region if school else region, school, locale)
    except IntegrityError:
        # The twin came first.
        return SchoolApplication.objects.values_list("number", flat=True).get(uid=uid)


def _listed(uid: UUID | None) -> School | None:
    school = School.objects.select_related("region").filter(uid=uid).first() if uid else None
    if uid and (school is None or is_connected(school)):
        raise Refusal(_("This school is connected already, or is listed here no longer."))
    return school


@transaction.atomic
def _write(uid: UUID, said: Applied, email: str, region: Region, school: School | None, locale: str) -> str:
    number, code = _free_number(), figures.by_lot(FIGURES)
    row = SchoolApplication.objects.create(
        uid=uid, number=number, code_hmac=_hmac_of(number, code), region=region, school=school,
        school_name=said.name.strip(), town=said.town.strip(), address=said.address.strip(), head_name=said.head.strip(),
        email=email, phone=said.phone.strip(), pupils=said.pupils, note=said.note.strip(), family_name=said.family.strip(),
        given_name=said.given.strip(), middle_name=said.middle.strip(), born=said.born, locale=locale, created_at=clock.now(),
    )  # fmt: skip
    _audit("application.made", row, None)
    # Nothing that the form was filled with goes to an address that nobody has confirmed: it would carry strangers' words.
    _mail(row, "application-code", urgent=True, number=spaced(number), code=spaced(code))
    return number


def _free_number() -> str:
    number = figures.by_lot(FIGURES)
    return _free_number() if SchoolApplication.objects.filter(number=number).exists() else number


def spaced(eight: str) -> str:
    """1234 5678, as people read it."""
    return f"{eight[:4]} {eight[4:]}"


def _hmac_of(number: str, code: str) -> str:
    return salted_hmac("classbook.application-code", f"{number}:{code}", algorithm="sha256").hexdigest()


def token_of(number: str) -> str:
    """What the link in the mail carries: it opens this application and nothing else."""
    return Signer(sep="~", salt="classbook.application").sign(number)


def find(number: str, code: str, source: str) -> str:
    """The link's token for number and code of the mail. Raises Refusal (field "code"), alike for every wrong pair."""
    meant = figures.as_meant(number, FIGURES)
    limits = [(CODES_OF_SOURCE, source), *([(CODES_OF_NUMBER, meant)] if meant else [])]
    # Counted before it is looked at, so that a hundred tries at once are a hundred.
    if not all(take(limit, of) for limit, of in limits):
        raise Refusal(_("Too many tries. Wait an hour, or use the link in the mail."), field="code")
    stored = SchoolApplication.objects.filter(number=meant).values_list("code_hmac", flat=True).first() or ""
    if not constant_time_compare(stored, _hmac_of(meant, figures.as_meant(code, FIGURES))):
        raise Refusal(_("Number and code do not belong together. Look at the mail again."), field="code")
    for limit, of in limits:
        give_back(limit, of)
    return token_of(meant)


def opened(token: str) -> SchoolApplication:
    """The application of a link. Raises NotFound."""
    row = _of(token).select_related("region").first()
    if row is None:
        raise NotFound
    return row


def _of(token: str) -> QuerySet[SchoolApplication]:
    try:
        return SchoolApplication.objects.filter(number=Signer(sep="~", salt="classbook.application").unsign(token))
    except BadSignature:
        raise NotFound from None


def _locked(token: str) -> SchoolApplication:
    row = _of(token).select_for_update().first()
    if row is None:
        raise NotFound
    return row


@transaction.atomic
def confirm(token: str) -> None:
    """The applicant has read the mail: the application waits for the region. A second time changes nothing."""
    row = _locked(token)
    if row.state != State.NEW:
        return
    SchoolApplication.objects.filter(pk=row.pk).update(state=State.OPEN, confirmed_at=clock.now())
    _audit("application.confirmed", row, None)
    for clerk in clerks_of(row.region_id, clock.today(settings.TIME_ZONE)):
        tell(clerk, "application-new", {"school": row.school_name}, by_sms=False)


@transaction.atomic
def reply(token: str, text: str) -> None:
    """Answer what the region asked; the application waits for it again. The same answer twice is one."""
    row, said = _locked(token), text.strip()[:500]
    if row.state == State.OPEN and said == row.reply:
        return
    if row.state != State.ASKED:
        raise Refusal(_over())
    if not said:
        raise Refusal(_("Write your answer."), field="text")
    SchoolApplication.objects.filter(pk=row.pk).update(state=State.OPEN, reply=said)
    _audit("application.replied", row, None)


@transaction.atomic
def withdraw(token: str) -> None:
    """The school thinks better of it. A second time changes nothing."""
    row = _locked(token)
    if row.state == State.WITHDRAWN:
        return
    if row.state not in WAITING:
        raise Refusal(_over())
    SchoolApplication.objects.filter(pk=row.pk).update(state=State.WITHDRAWN, closed_at=clock.now())
    _audit("application.withdrawn", row, None)


def _over() -> str:
    return _("This application was answered or withdrawn in the meantime. Nothing was changed.")


def open_application(actor: Actor, region: Region, uid: UUID) -> SchoolApplication:
    """An application to the region or a part of it, for its clerk; those that nobody has confirmed do not exist."""
    if not may_in_region(actor, Permission.CONNECT_SCHOOLS, region.pk):
        raise NotFound
    rows = SchoolApplication.objects.filter(uid=uid, region_id__in=regions_within(region)).exclude(state=State.NEW)
    found = rows.select_related("region", "school", "administrator", "closed_by").first()
    if found is None:
        raise NotFound
    return found


def taken(actor: Actor, region: Region, uid: UUID) -> SchoolApplication:
    """One at a time: of two clerks who answer at once the second is told. Called in the transaction of the answer."""
    open_application(actor, region, uid)
    list(SchoolApplication.objects.select_for_update().filter(uid=uid).values_list("pk"))
    row = open_application(actor, region, uid)
    if row.state not in WAITING:
        raise Refusal(_over())
    return row


@transaction.atomic
def ask_back(actor: Actor, region: Region, uid: UUID, question: str) -> None:
    """The region needs to know something first."""
    row = taken(actor, region, uid)
    if not question.strip():
        raise Refusal(_("Write what you need to know."), field="text")
    text = question.strip()[:500]
    SchoolApplication.objects.filter(pk=row.pk).update(state=State.ASKED, question=text, reply="")
    _audit("application.asked_back", row, actor)
    _mail(row, "application-question", question=text)


@transaction.atomic
def refuse(actor: Actor, region: Region, uid: UUID, reason: str) -> None:
    """The school is not connected; the applicant reads why."""
    row = taken(actor, region, uid)
    if not reason.strip():
        raise Refusal(_("Write the reason. The person reads it."), field="text")
    text = reason.strip()[:500]
    _close(row, actor, State.REFUSED, reason=text)
    _audit("application.refused", row, actor)
    _mail(row, "application-refused", reason=text)


def grant(actor: Actor, row: SchoolApplication, school: School, administrator_id: int) -> None:
    """Note the school and its administrator that the approval made. `row` is one that was `taken`."""
    _close(row, actor, State.GRANTED, school=school, administrator_id=administrator_id)
    _audit("application.granted", row, actor, school=school.pk)
    _mail(row, "application-granted")


def _close(row: SchoolApplication, actor: Actor, state: str, **values: object) -> None:
    rows = SchoolApplication.objects.filter(pk=row.pk)
    rows.update(state=state, closed_at=clock.now(), closed_by_id=actor.person_id, **values)


def _mail(row: SchoolApplication, template: str, *, urgent: bool = False, **values: str) -> None:
    link = f"{settings.ADDRESS}/schools/apply/{token_of(row.number)}/"
    told = {"school": row.school_name, "link": link, **values}
    send_message(to=Address(EMAIL, row.email), template=template, locale=row.locale, values=told, urgent=urgent)


def _audit(kind: str, row: SchoolApplication, actor: Actor | None, *, school: int | None = None) -> None:
    # The applicant has no account: nobody is named.
    record_audit(
        kind, actor_id=actor.person_id if actor else None, school_id=school, subject=("application", row.pk), region=row.region_id
    )


def forget_old_applications() -> int:
    """Remove what was never confirmed, and a year after the answer the rest; answers how many."""
    at = clock.now()
    unconfirmed = SchoolApplication.objects.filter(state=State.NEW, created_at__lt=at - CONFIRM_WITHIN)
    return unconfirmed.delete()[0] + SchoolApplication.objects.filter(closed_at__lt=at - KEPT).delete()[0]
