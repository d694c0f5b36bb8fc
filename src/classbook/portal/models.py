"""Citizens, what is known and checked about them, what they allowed, and what happened."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

from classbook.common.clock import now


class CitizenManager(BaseUserManager["Citizen"]):
    """Finds by login; accounts are made by actions only."""

    def get_by_natural_key(self, username: str | None) -> Citizen:
        return self.get(login=username)


class Citizen(AbstractBaseUser):
    """A person with an account. What is only said and what is checked are told apart by the `_at` columns."""

    class Level(models.TextChoices):
        SIMPLIFIED = "simplified"
        STANDARD = "standard"
        CONFIRMED = "confirmed"

    class Duty(models.TextChoices):
        NONE = ""
        CLERK = "clerk"
        SUPPORT = "support"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # A name to sign in with; only staff and children without a telephone and e-mail have one.
    login = models.CharField(max_length=60, unique=True, null=True)
    duty = models.CharField(max_length=10, choices=Duty.choices, blank=True, default=Duty.NONE)
    family_name = models.CharField(max_length=100)
    given_name = models.CharField(max_length=100)
    middle_name = models.CharField(max_length=100, blank=True)
    birth_date = models.DateField()
    snils = models.CharField(max_length=11, blank=True)
    snils_checked_at = models.DateTimeField(null=True)
    passport = models.CharField(max_length=10, blank=True)
    passport_checked_at = models.DateTimeField(null=True)
    # A document of another country, as the person writes it; the service centre looks at it.
    other_document = models.CharField(max_length=60, blank=True)
    email = models.CharField(max_length=254, blank=True)
    email_confirmed_at = models.DateTimeField(null=True)
    phone = models.CharField(max_length=16, blank=True)
    phone_confirmed_at = models.DateTimeField(null=True)
    level = models.CharField(max_length=10, choices=Level.choices, default=Level.SIMPLIFIED)
    level_since = models.DateTimeField(default=now)
    # The parent who made the account of a small child.
    made_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children_accounts")
    locale = models.CharField(max_length=5, blank=True)
    is_active = models.BooleanField(default=True)
    # Raised to end every session at once.
    epoch = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=now)

    USERNAME_FIELD = "login"
    objects: ClassVar[CitizenManager] = CitizenManager()

    class Meta:
        constraints = [
            # Only what is checked is somebody's own: nobody can keep another's number busy by claiming it first.
            models.UniqueConstraint(
                fields=["snils"], name="citizen_checked_snils_unique", condition=Q(snils_checked_at__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["email"], name="citizen_confirmed_email_unique", condition=Q(email_confirmed_at__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["phone"], name="citizen_confirmed_phone_unique", condition=Q(phone_confirmed_at__isnull=False)
            ),
            models.CheckConstraint(
                name="citizen_level_needs_snils", condition=Q(level="simplified") | Q(snils_checked_at__isnull=False)
            ),
            models.CheckConstraint(name="citizen_checked_is_there", condition=Q(snils_checked_at=None) | ~Q(snils="")),
            models.CheckConstraint(name="citizen_level_known", condition=Q(level__in=["simplified", "standard", "confirmed"])),
        ]
        indexes = [
            # The service centre finds a person by birth date and surname.
            models.Index(fields=["birth_date"], name="citizen_birth"),
            # Sign-in and the check for doubles by SNILS.
            models.Index(fields=["snils"], name="citizen_snils"),
        ]

    def get_session_auth_hash(self) -> str:
        """Ends with a new password and with a raised epoch."""
        return salted_hmac("portal.session", f"{self.password}|{self.epoch}", algorithm="sha256").hexdigest()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        return salted_hmac("portal.session", f"{self.password}|{self.epoch}", secret=secret, algorithm="sha256").hexdigest()


class Child(models.Model):
    """What a parent told about a child: the school's linking asks for it. No proof of kinship."""

    parent = models.ForeignKey(Citizen, on_delete=models.CASCADE, related_name="children")
    family_name = models.CharField(max_length=100)
    given_name = models.CharField(max_length=100)
    middle_name = models.CharField(max_length=100, blank=True)
    birth_date = models.DateField()
    snils = models.CharField(max_length=11, blank=True)
    # The child's own account, when the parent made one.
    account = models.OneToOneField(Citizen, on_delete=models.SET_NULL, null=True, related_name="child_of")


class Pending(models.Model):
    """Something that waits for a code out of an SMS or e-mail: a registration, a recovery, a new address."""

    class Kind(models.TextChoices):
        REGISTER = "register"
        RECOVER = "recover"
        CONTACT = "contact"

    key_hash = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    citizen = models.ForeignKey(Citizen, on_delete=models.CASCADE, null=True)
    # What was typed, without the password: that is kept as its hash.
    data: Any = models.JSONField(default=dict)
    channel = models.CharField(max_length=5)
    address = models.CharField(max_length=254)
    # Empty: no code leads on, and nobody is told so.
    code_hash = models.CharField(max_length=64, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.CheckConstraint(name="pending_channel_known", condition=Q(channel__in=["sms", "email"]))]
        indexes = [
            # Tidying removes what has expired.
            models.Index(fields=["expires_at"], name="pending_expires"),
        ]


class Proof(models.Model):
    """A code that a citizen shows at a service centre: 15 minutes, once."""

    citizen = models.ForeignKey(Citizen, on_delete=models.CASCADE)
    code_hash = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(Citizen, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["citizen"], name="proof_one_open", condition=Q(used_at=None)),
            models.CheckConstraint(name="proof_used_by_whom", condition=Q(used_at=None, used_by=None) | Q(used_at__isnull=False)),
        ]


class Consent(models.Model):
    """A citizen lets a client read some of his data. Revoked, never deleted."""

    citizen = models.ForeignKey(Citizen, on_delete=models.CASCADE, related_name="consents")
    client = models.ForeignKey("allauth_idp_oidc.Client", on_delete=models.CASCADE, related_name="+")
    scopes: Any = models.JSONField(default=list)
    given_at = models.DateTimeField(default=now)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["citizen", "client"], name="consent_one_open", condition=Q(revoked_at=None))
        ]


class Subject(models.Model):
    """The name under which one sector of clients knows a citizen: another sector gets another, so that they cannot compare."""

    citizen = models.ForeignKey(Citizen, on_delete=models.CASCADE, db_index=False)
    sector = models.CharField(max_length=200)
    sub = models.CharField(max_length=43, unique=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["citizen", "sector"], name="subject_one_a_sector")]


class Deed(models.Model):
    """What happened to an account, by whom. Append-only."""

    at = models.DateTimeField(default=now)
    kind = models.CharField(max_length=40)
    # No foreign keys: history neither blocks nor follows what it speaks of.
    citizen_id = models.BigIntegerField()
    actor_id = models.BigIntegerField(null=True)
    data: Any = models.JSONField(default=dict)

    class Meta:
        indexes = [
            # The citizen's own page of sign-ins and changes, newest first.
            models.Index(fields=["citizen_id", "-at"], name="deed_of_citizen"),
        ]


class Message(models.Model):
    """An SMS or e-mail on its way. Its text is emptied when it has left, except in the demo."""

    channel = models.CharField(max_length=5)
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    created_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            # The sender looks for what has not left.
            models.Index(fields=["created_at"], name="message_waiting", condition=Q(sent_at=None)),
        ]
