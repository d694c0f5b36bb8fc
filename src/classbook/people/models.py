"""Humans: persons, their accounts and devices, and who may act for whom. No school is known here."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class Origin(models.Model):
    """Where an importable row came from: (origin, origin_id) finds it again at the next import."""

    origin = models.CharField(max_length=60, blank=True)
    origin_id = models.CharField(max_length=120, blank=True)

    class Meta:
        abstract = True


class ByHand(Origin):
    """An importable row that the school may also set itself: made, ended or moved by a person, it is the school's word.

    No import changes a row that is marked so, until the package says the same (docs/adr/0015).
    """

    by_hand = models.BooleanField(default=False)

    class Meta:
        abstract = True


def unique_origin(name: str, within: str = "") -> models.UniqueConstraint:
    """Two rows may not claim the same source row; `within` names the owner whose rows are counted, such as the school."""
    fields = [within, "origin", "origin_id"] if within else ["origin", "origin_id"]
    return models.UniqueConstraint(fields=fields, condition=~Q(origin_id=""), name=name)


class Person(Origin):
    """One human, one row: pupil, guardian and teacher alike. Roles live elsewhere."""

    class Sex(models.TextChoices):
        FEMALE = "female"
        MALE = "male"
        OTHER = "other"
        UNSPECIFIED = ""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    family_name = models.CharField(max_length=120, blank=True)
    given_name = models.CharField(max_length=120, blank=True)
    # The patronymic or further given names; may be absent.
    middle_name = models.CharField(max_length=120, blank=True)
    # Readings in kana, for sorting and for teachers (Japan).
    family_reading = models.CharField(max_length=120, blank=True)
    given_reading = models.CharField(max_length=120, blank=True)
    # Made by people.rules.sort_key: sorts alike on SQLite and PostgreSQL. Index: the office's list of persons.
    sort_key = models.CharField(max_length=400, db_index=True)
    birth_date = models.DateField(null=True, blank=True)
    # The state's number of the person, 11 digits that common.snils.is_snils accepts; empty where there is none (Russia).
    snils = models.CharField(max_length=11, blank=True, default="")
    sex = models.CharField(max_length=8, choices=Sex, blank=True)
    # The office has corrected name or birth date: no package changes them until it says the same (docs/adr/0015).
    data_by_hand = models.BooleanField(default=False)
    # Language of the pages; empty means the school's.
    locale = models.CharField(max_length=8, blank=True)
    # Raised by "sign out everywhere": older sessions die at the next request.
    epoch = models.IntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [unique_origin("person_origin_once")]


class Contact(models.Model):
    """An address or number by which a person can be reached. Confirmed: he has proved that it is his, in one spelling.

    Unconfirmed ones are what the school wrote down; nobody gets in by them.
    """

    class Kind(models.TextChoices):
        EMAIL = "email"
        PHONE = "phone"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="contacts", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind)
    value = models.CharField(max_length=254)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # Class teacher's list of guardians.
            models.UniqueConstraint(fields=["person", "kind", "value"], name="contact_once"),
            models.UniqueConstraint(
                fields=["person", "kind"], condition=Q(confirmed_at__isnull=False), name="one_confirmed_contact_of_a_kind"
            ),
        ]
        indexes = [
            # Whose address is it: getting in again.
            models.Index(fields=["value", "kind"], condition=Q(confirmed_at__isnull=False), name="contact_by_value"),
        ]


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(login__iexact=username)


class Account(AbstractBaseUser):
    """The sign-in of a person. A small child may have none; guardians never share one."""

    # A sign-in must work while the database is read-only, so it is not noted here.
    last_login = None  # type: ignore[assignment]

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="account")
    # In small letters when it is the own e-mail address.
    login = models.CharField(max_length=254, unique=True)
    # The login is an address that its owner chose: never merged with an account of the portal (accounts.actions.linking).
    self_registered = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    # A password that somebody else has seen is replaced at the first sign-in.
    must_change_password = models.BooleanField(default=False)
    # The first sign-in of all; empty while nobody has come in with it. Noted once, and not while nothing can be written.
    first_used_at = models.DateTimeField(null=True, blank=True)
    # From which day the person is asked once more for an address; empty: not asked. And how often that was put off.
    ask_contact_on = models.DateField(null=True, blank=True)
    contact_put_off = models.PositiveSmallIntegerField(default=0)
    # Codes of the tours (people.rules.TOURS) that the person has gone through or does not want, with spaces between.
    tours_over = models.CharField(max_length=80, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[AccountManager] = AccountManager()  # type: ignore[misc]

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    # Asked by parts of Django and allauth that know administrators; Classbook's rights are roles.
    is_staff = False
    is_superuser = False

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


class Session(models.Model):
    """One device that is signed in. Only the hash of the cookie is kept."""

    key_hash = models.CharField(max_length=64, primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="sessions")
    epoch = models.IntegerField(default=0)
    device = models.CharField(max_length=200, blank=True)
    shared_computer = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    # Index: the worker ends old sessions.
    expires_at = models.DateTimeField(db_index=True)
    data = models.TextField(blank=True)


class Guardianship(ByHand):
    """What one guardian may do for one pupil. Rights are per pair: separated parents, half-siblings."""

    class Relation(models.TextChoices):
        MOTHER = "mother"
        FATHER = "father"
        PARENT = "parent"
        GUARDIAN = "guardian"
        GRANDPARENT = "grandparent"
        OTHER = "other"

    guardian = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="wards", db_index=False)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="guardians")
    relation = models.CharField(max_length=12, choices=Relation, default=Relation.GUARDIAN)
    priority = models.SmallIntegerField(default=1)
    can_view = models.BooleanField(default=True)
    can_excuse = models.BooleanField(default=True)
    can_sign = models.BooleanField(default=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    # Imported links sleep until the school confirms them (quality.md 7.14).
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # Opening the diary as a guardian; the child switcher.
            models.UniqueConstraint(fields=["guardian", "student"], name="guardianship_once"),
            models.CheckConstraint(condition=~Q(guardian=F("student")), name="guardian_is_not_the_pupil"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(starts_on__lte=F("ends_on")),
                name="guardianship_starts_before_it_ends",
            ),
            unique_origin("guardianship_origin_once"),
        ]


class LegalPaper(models.Model):
    """What the school was shown when it linked a guardian by hand: why he may act for the pupil, and until when."""

    class Basis(models.TextChoices):
        PARENT = "parent"
        # Appointed by the guardianship authority.
        AUTHORITY = "authority"
        FOSTER = "foster"

    link = models.ForeignKey(Guardianship, on_delete=models.PROTECT, related_name="papers")
    basis = models.CharField(max_length=10, choices=Basis)
    document = models.CharField(max_length=120)
    number = models.CharField(max_length=60, blank=True)
    issued_on = models.DateField(null=True, blank=True)
    # The last day on which the document holds; the link ends with it.
    ends_on = models.DateField(null=True, blank=True)
    seen_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(issued_on=None) | Q(issued_on__lte=F("ends_on")),
                name="paper_is_issued_before_it_ends",
            ),
        ]


class AccessBan(models.Model):
    """A court's or the head's limit: effective rights are guardianship AND NOT ban. No importer writes it."""

    class Scope(models.TextChoices):
        ALL = "all"
        CONTACTS = "contacts"
        REASONS = "reasons"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="bans", db_index=False)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.ALL)
    reason = models.CharField(max_length=300)
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            # Asked at each opening of a pupil.
            models.UniqueConstraint(fields=["person", "student", "scope"], name="ban_once"),
            models.CheckConstraint(condition=~Q(person=F("student")), name="banned_is_not_the_pupil"),
            models.CheckConstraint(condition=Q(ends_on=None) | Q(starts_on__lte=F("ends_on")), name="ban_starts_before_it_ends"),
        ]


class TrustedPerson(models.Model):
    """A grandparent or tutor whom a guardian lets look in, for a time; of an adult pupil, whomever he lets himself.

    Timetable and homework always, marks and attendance only where they were chosen. It stands on its inviter: when a
    guardian's own link no longer holds, neither does this (schools.access.trusts_in_force).
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="trusted_persons")
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    can_view = models.BooleanField(default=True)
    # With them the teachers' remarks.
    can_see_marks = models.BooleanField(default=False)
    can_see_attendance = models.BooleanField(default=False)
    starts_on = models.DateField()
    ends_on = models.DateField()
    # Ended before its time; it may begin anew.
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "student"], name="trusted_once"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False, can_view=False),
                name="ended_trust_shows_nothing",
            ),
            models.CheckConstraint(condition=~Q(person=F("student")), name="trusted_is_not_the_pupil"),
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="trust_starts_before_it_ends"),
        ]
