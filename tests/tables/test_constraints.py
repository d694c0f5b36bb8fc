"""Every constraint of every table is broken once, on the database at hand: the database itself has to say no.

A constraint without a case here fails the suite.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Field, Model, UniqueConstraint
from django.db.models.constraints import BaseConstraint

from classbook.accounts.models import (
    AccessRequest,
    Consent,
    ConsentText,
    ContactCode,
    Correction,
    Invitation,
    PortalLink,
    RecoveryCode,
    RecoveryRequest,
    SchoolApplication,
    TrustInvitation,
)
from classbook.attendance.models import AttendanceChange, AttendanceCode, AttendanceRecord
from classbook.common import clock
from classbook.events.models import OutboxEvent, Version
from classbook.grading.models import Assessment, Mark, MarkChange, MarkScale, ScaleLevel, WorkKind
from classbook.homework.models import Homework, HomeworkDone
from classbook.lessons.models import (
    BellPeriod,
    BellSchedule,
    ClassNotice,
    Lesson,
    LessonChange,
    LessonTeacher,
    Room,
    Timetable,
    TimetableEntry,
    TimetableEntryTeacher,
)
from classbook.notifications.models import Delivery
from classbook.people.models import AccessBan, Contact, Guardianship, LegalPaper, Person, TrustedPerson
from classbook.schools.models import (
    AcademicYear,
    CalendarDay,
    ClassPlacement,
    Enrollment,
    Notice,
    NoticeRead,
    PlaceTakenOut,
    Position,
    Region,
    School,
    SchoolClass,
    Subject,
    TeachingAssignment,
    TeachingGroup,
    Term,
    TermScheme,
)

pytestmark = pytest.mark.django_db

Break = Callable[[], object]
SOURCE = {"origin": "somewhere", "origin_id": "1"}
ENDED = {"ends_on": date(2026, 12, 1)}
BACKWARDS = {"starts_on": date(2026, 9, 2), "ends_on": date(2026, 9, 1)}


def changed(model: type[Model], **values: Any) -> Break:
    """A row of the world gets the values."""
    return lambda: model._default_manager.filter(pk=_some(model).pk).update(**values)


def doubled(model: type[Model], first: dict[str, Any] | None = None, second: dict[str, Any] | None = None) -> Break:
    """A row of the world, changed by `first`, and another one like it that differs in `second`."""

    def go() -> None:
        row = _some(model)
        if first:
            model._default_manager.filter(pk=row.pk).update(**first)
            row.refresh_from_db()
        values = {field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields if not field.primary_key}
        if "uid" in values:
            values["uid"] = uuid.uuid4()
        model._default_manager.create(**{**values, **(second or {})})

    return go


def _some(model: type[Model]) -> Any:
    found = model._default_manager.order_by("pk").first()
    return found or MAKERS[model]()


def _two_persons() -> tuple[Person, Person]:
    one, two = Person.objects.order_by("pk")[:2]
    return one, two


def _trusted() -> TrustedPerson:
    one, two = _two_persons()
    day = date(2026, 9, 1)
    return TrustedPerson.objects.create(person=one, student=two, invited_by=two, starts_on=day, ends_on=day)


def _request() -> AccessRequest:
    return AccessRequest.objects.create(
        school=_some(School), asked_by=_some(Person), family_name="f", given_name="g", born=date(2013, 1, 1), class_name="7",
        relation="mother", basis="parent", document="d", created_at=AT,
    )  # fmt: skip


def _text() -> ConsentText:
    return ConsentText.objects.create(kind="trusted", language="en", version=1, valid_from=date(2026, 9, 1), text="t")


def _code() -> ContactCode:
    at = clock.now()
    return ContactCode.objects.create(person=_some(Person), kind="email", value="a@b.example", created_at=at, expires_at=at)


def _recovery() -> RecoveryCode:
    at = clock.now()
    asked = RecoveryRequest.objects.create(kind="email", values=["a@b.example"], locale="en", created_at=at)
    return RecoveryCode.objects.create(request=asked, person=_some(Person), token_hmac="t", created_at=at)


def _delivery() -> Delivery:
    at = clock.now()
    event = OutboxEvent.objects.create(kind="message", created_at=at, dispatched_at=at)
    return Delivery.objects.create(
        event=event, channel="email", recipient="r", address="a@b.example", kind="k", locale="en", text="123456",
        created_at=at, deliver_after=at,
    )  # fmt: skip


def _link() -> PortalLink:
    at = clock.now()
    return PortalLink.objects.create(iss="i", sub="s", person=_some(Person), level="standard", linked_at=at, used_at=at)


# Rows of tables that the world leaves empty.
MAKERS: dict[type[Model], Callable[[], Any]] = {
    Correction: lambda: Correction.objects.create(school=_some(School), invitation=_some(Invitation), created_at=AT),
    TrustedPerson: _trusted,
    AccessRequest: _request,
    ConsentText: _text,
    Consent: lambda: Consent.objects.create(person=_some(Person), about=_some(Person), text=_some(ConsentText), given_at=AT),
    TrustInvitation: lambda: TrustInvitation.objects.create(
        student=_some(Person),
        invited_by=_some(Person),
        family_name="f",
        given_name="g",
        ends_on=date(2027, 1, 1),
        code_hmac="c",
        created_at=AT,
        expires_at=AT,
    ),
    LegalPaper: lambda: LegalPaper.objects.create(link=_some(Guardianship), basis="parent", document="d", seen_at=AT),
    Delivery: _delivery,
    ContactCode: _code,
    RecoveryCode: _recovery,
    PortalLink: _link,
    LessonTeacher: lambda: LessonTeacher.objects.create(lesson=_some(Lesson), teacher=_some(Person)),
    TimetableEntryTeacher: lambda: TimetableEntryTeacher.objects.create(entry=_some(TimetableEntry), teacher=_some(Person)),
}


def _other(model: type[Model], field: str) -> Any:
    """Another value of the field: that of the newest row."""
    return model._default_manager.order_by("-pk").values_list(field, flat=True)[0]


def _taken_out_twice() -> None:
    for _ in range(2):
        PlaceTakenOut.objects.create(school=_some(School), kind=PlaceTakenOut.Kind.CLASS, place=1, person=_some(Person))


def _read_twice() -> None:
    at = clock.now()
    values = {"title": "Сбор", "text": "В зале", "ends_on": date(2026, 12, 1), "created_at": at, "changed_at": at}
    told = Notice.objects.create(school=_some(School), audience="staff", written_by=_some(Person), **values)
    for version in (1, 2):
        NoticeRead.objects.create(notice=told, person=_some(Person), version=version, at=at)


def _no_school() -> None:
    Position.objects.filter(pk=_some(Position).pk).update(school=None, region=None)


def _closing(kind: str, **values: Any) -> Break:
    """Two closing columns of the same kind in one group."""
    return doubled(Assessment, {"kind": kind, "lesson": None, **values}, {})


AT = datetime(2026, 11, 19, tzinfo=UTC)


def _used_and_ended() -> None:
    changed(Invitation, used_at=AT, used_by=_some(Person), ended_at=AT, ended_why="withdrawn")()


def _in_a_term() -> None:
    _closing("term", term=Term.objects.order_by("pk")[0])()


CASES: dict[str, Break] = {
    "one_version_per_subject": doubled(Version),
    "person_origin_once": doubled(Person, SOURCE),
    "contact_once": doubled(Contact, {"confirmed_at": None}),
    "one_confirmed_contact_of_a_kind": lambda: doubled(Contact, {"confirmed_at": clock.now()}, {"value": "another"})(),
    "one_contact_code_of_a_kind": doubled(ContactCode),
    "portal_link_once": lambda: doubled(PortalLink, None, {"person_id": _other(Person, "pk")})(),
    "one_portal_link_a_person": doubled(PortalLink, None, {"sub": "another"}),
    "recovery_code_once": doubled(RecoveryCode, None, {"token_hmac": "another"}),
    "guardianship_once": doubled(Guardianship),
    "guardian_is_not_the_pupil": changed(Guardianship, guardian=F("student")),
    "guardianship_starts_before_it_ends": changed(Guardianship, **BACKWARDS),
    "guardianship_origin_once": lambda: doubled(Guardianship, SOURCE, {"student_id": _other(Person, "pk")})(),
    "ended_trust_shows_nothing": lambda: changed(TrustedPerson, ended_at=AT, ended_by=_some(Person))(),
    "consent_text_once": doubled(ConsentText),
    "consent_is_given_before_withdrawn": changed(Consent, withdrawn_at=AT - timedelta(days=99)),
    "used_trust_invitation_says_by_whom": changed(TrustInvitation, used_at=AT),
    "paper_is_issued_before_it_ends": changed(LegalPaper, issued_on=date(2026, 9, 2), ends_on=date(2026, 9, 1)),
    "ban_once": doubled(AccessBan),
    "banned_is_not_the_pupil": changed(AccessBan, person=F("student")),
    "ban_starts_before_it_ends": changed(AccessBan, **BACKWARDS),
    "trusted_once": doubled(TrustedPerson),
    "trusted_is_not_the_pupil": changed(TrustedPerson, person=F("student")),
    "trust_starts_before_it_ends": changed(TrustedPerson, **BACKWARDS),
    "delivery_once": doubled(Delivery),
    "delivery_is_sent_or_given_up": lambda: changed(Delivery, sent_at=clock.now(), given_up_at=clock.now(), text="")(),
    "closed_delivery_keeps_no_words": lambda: changed(Delivery, sent_at=clock.now())(),
    "school_origin_once": doubled(School, SOURCE),
    "year_once": doubled(AcademicYear),
    "year_starts_before_it_ends": changed(AcademicYear, **BACKWARDS),
    "year_origin_once": doubled(AcademicYear, SOURCE, {"starts_on": date(2020, 9, 1)}),
    "calendar_day_once": doubled(CalendarDay),
    "term_scheme_once": doubled(TermScheme),
    "term_once": doubled(Term),
    "term_starts_before_it_ends": changed(Term, **BACKWARDS),
    "term_origin_once": doubled(Term, SOURCE, {"number": 9}),
    "subject_code_once": doubled(Subject),
    "subject_origin_once": doubled(Subject, SOURCE, {"code": "another"}),
    "class_name_once": doubled(SchoolClass),
    "class_origin_once": doubled(SchoolClass, SOURCE, {"name": "another"}),
    "placement_starts_before_it_ends": changed(ClassPlacement, **BACKWARDS),
    "placement_origin_once": doubled(ClassPlacement, SOURCE, ENDED),
    "placement_once_while_open": doubled(ClassPlacement),
    "group_origin_once": doubled(TeachingGroup, SOURCE),
    "enrollment_starts_before_it_ends": changed(Enrollment, **BACKWARDS),
    "enrollment_origin_once": doubled(Enrollment, SOURCE, ENDED),
    "enrollment_once_while_open": doubled(Enrollment),
    "assignment_starts_before_it_ends": changed(TeachingAssignment, **BACKWARDS),
    "assignment_origin_once": doubled(TeachingAssignment, SOURCE, ENDED),
    "assignment_once_while_open": doubled(TeachingAssignment),
    "place_taken_out_once": lambda: _taken_out_twice(),
    "notice_read_once": lambda: _read_twice(),
    "required_portal_has_a_day": changed(Region, portal="required"),
    "position_in_a_school_or_a_region": _no_school,
    "position_starts_before_it_ends": changed(Position, **BACKWARDS),
    "position_origin_once": doubled(Position, SOURCE),
    "bell_schedule_once": doubled(BellSchedule, None, {"is_default": False}),
    "one_default_bell_schedule": doubled(BellSchedule, None, {"name": "another"}),
    "bell_period_once": doubled(BellPeriod),
    "bell_period_ends_after_it_starts": changed(BellPeriod, starts_at=time(9), ends_at=time(8)),
    "room_once": doubled(Room),
    "room_origin_once": doubled(Room, SOURCE, {"name": "another"}),
    "timetable_starts_before_it_ends": changed(Timetable, **BACKWARDS),
    "timetable_slot_once": doubled(TimetableEntry),
    "timetable_slot_ends_after_it_starts": changed(TimetableEntry, starts_at=time(9), ends_at=time(8)),
    "entry_teacher_once": doubled(TimetableEntryTeacher),
    "lesson_slot_once": doubled(Lesson),
    "lesson_ends_after_it_starts": changed(Lesson, starts_at=time(9), ends_at=time(8)),
    "lesson_teacher_once": doubled(LessonTeacher),
    "lesson_change_once": doubled(LessonChange),
    "class_notice_starts_before_it_ends": changed(ClassNotice, **BACKWARDS),
    "homework_once_per_lesson": doubled(Homework),
    "homework_done_once": doubled(HomeworkDone),
    "scale_once": lambda: doubled(MarkScale, {"owner": School.objects.order_by("pk")[0]})(),
    "shipped_scale_once": doubled(MarkScale),
    "scale_level_once": doubled(ScaleLevel),
    "work_kind_once": doubled(WorkKind),
    "one_term_column_per_group": _in_a_term,
    "one_year_column_per_group": _closing("year"),
    "term_column_names_its_term": changed(Assessment, kind="term", term=None, lesson=None),
    "only_work_belongs_to_a_lesson": changed(Assessment, kind="exam"),
    "weight_is_not_negative": changed(Assessment, weight=-1),
    "assessment_origin_once": doubled(Assessment, SOURCE),
    "mark_once": doubled(Mark),
    "recorded_mark_has_a_code": changed(Mark, code=""),
    "mark_change_once": doubled(MarkChange),
    "attendance_code_once": doubled(AttendanceCode),
    "attendance_once": doubled(AttendanceRecord),
    "attendance_change_once": doubled(AttendanceChange),
    "one_open_letter_a_role": doubled(Invitation, {"role": "pupil", "student": None}, {"code_hmac": "another"}),
    "one_open_letter_a_child": doubled(Invitation, None, {"code_hmac": "another"}),
    "guardians_letter_names_the_pupil": changed(Invitation, student=None),
    "ended_letter_says_why": changed(Invitation, ended_at=AT),
    "used_letter_has_not_ended": _used_and_ended,
    "used_letter_says_by_whom": changed(Invitation, used_at=AT),
    "printed_letter_keeps_no_seed": changed(Invitation, seed="kept"),
    "closed_request_says_by_whom": changed(AccessRequest, state="refused"),
    "granted_request_names_the_pupil": lambda: changed(AccessRequest, student=_some(Person))(),
    "application_is_seen_when_confirmed": changed(SchoolApplication, state="new"),
    "closed_application_says_when": changed(SchoolApplication, state="withdrawn"),
    "decided_application_says_by_whom": changed(SchoolApplication, state="refused", closed_at=AT),
    "granted_application_names_the_school": lambda: changed(SchoolApplication, administrator=_some(Person))(),
    "correction_says_who_dealt_with_it": changed(Correction, done_at=AT),
}


def ours() -> dict[str, tuple[type[Model], BaseConstraint]]:
    return {
        constraint.name: (model, constraint)
        for model in apps.get_models()
        if model.__module__.startswith("classbook.")
        for constraint in model._meta.constraints
    }


def test_every_constraint_has_a_case() -> None:
    assert sorted(CASES) == sorted(ours())


@pytest.mark.parametrize("name", CASES)
def test_the_database_refuses(name: str, world: object) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        CASES[name]()
    assert _broken(refused.value, *ours()[name]) == name


def _broken(error: IntegrityError, model: type[Model], constraint: BaseConstraint) -> str:
    """The name of the constraint that the database says is broken."""
    if connection.vendor == "postgresql":
        return str(error.__cause__.diag.constraint_name)  # type: ignore[union-attr]
    told = str(error)
    if isinstance(constraint, UniqueConstraint):
        # SQLite names the columns of a broken unique index, not the index.
        fields = [model._meta.get_field(field) for field in constraint.fields]
        columns = ", ".join(f"{model._meta.db_table}.{field.column}" for field in fields if isinstance(field, Field))
        return constraint.name if told == f"UNIQUE constraint failed: {columns}" else told
    return told.removeprefix("CHECK constraint failed: ")


UNIQUE_FIELDS = [
    (model, field.name)
    for model in apps.get_models()
    if model.__module__.startswith("classbook.")
    for field in model._meta.concrete_fields
    if field.unique and not field.primary_key
]


def test_public_ids_and_sign_ins_are_unique() -> None:
    assert sorted(f"{model.__name__}.{field}" for model, field in UNIQUE_FIELDS) == [
        "AccessRequest.uid", "Account.login", "Account.person", "Assessment.uid", "Chain.group_id", "Consent.uid", "Correction.uid", "GroupScale.group", "Homework.uid",
        "Invitation.code_hmac", "Invitation.uid", "Lesson.uid",
        "Notice.uid", "OldPassword.account", "Operation.uid", "Person.uid", "RecoveryCode.token_hmac", "RecoveryRequest.uid", "Region.uid",
        "Registration.token_hmac", "Registration.uid", "Remark.uid", "School.uid",
        "SchoolApplication.number", "SchoolApplication.uid", "SchoolClass.uid", "Substitution.lesson",
        "TeachingGroup.uid", "TrustInvitation.code_hmac", "TrustInvitation.uid",
    ]  # fmt: skip


def test_a_mark_that_is_not_recorded_has_no_value(world: object) -> None:
    """The other half of recorded_mark_has_a_code: a withdrawn mark keeps neither code nor score."""
    for values in ({"status": "withdrawn"}, {"status": "exempt", "code": "", "score": 4}):
        with pytest.raises(IntegrityError), transaction.atomic():
            changed(Mark, **values)()
    assert changed(Mark, status="withdrawn", code="", score=None)() == 1


def test_what_the_constraints_allow(world: object) -> None:
    """The same shapes where they are right: the cases above do not fail for another reason."""
    day = date(2026, 9, 1)
    assert changed(Guardianship, starts_on=day, ends_on=day)() == 1
    assert changed(Term, starts_on=day, ends_on=day + timedelta(days=1))() == 1
    doubled(ClassPlacement, ENDED)()
    doubled(Assessment, {"kind": "exam", "lesson": None})()
    doubled(Subject, {"origin": "", "origin_id": ""}, {"code": "another"})()
