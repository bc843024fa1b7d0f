"""Tables of people. ``User`` and ``Staff`` stand here from the first migration because neither can be swapped later.

Personal data: names, readings, staff numbers, departments and professions of staff; addresses of their sign-ins.
"""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.ids import new_id


class Profession(models.TextChoices):
    """The professions of a Japanese medical facility."""

    DOCTOR = "doctor", _("Doctor")
    DENTIST = "dentist", _("Dentist")
    NURSE = "nurse", _("Nurse")
    MIDWIFE = "midwife", _("Midwife")
    PHARMACIST = "pharmacist", _("Pharmacist")
    RADIOGRAPHER = "radiographer", _("Radiological technologist")
    LABORATORY = "laboratory", _("Clinical laboratory technician")
    CLINICAL_ENGINEER = "clinical_engineer", _("Clinical engineer")
    THERAPIST = "therapist", _("Therapist (physical, occupational, speech)")
    DIETITIAN = "dietitian", _("Dietitian")
    DENTAL_HYGIENIST = "dental_hygienist", _("Dental hygienist")
    SOCIAL_WORKER = "social_worker", _("Social worker")
    DOCTOR_CLERK = "doctor_clerk", _("Doctor's clerk")
    CLERK = "clerk", _("Office clerk")
    IT = "it", _("Information systems staff")
    VENDOR = "vendor", _("Vendor's staff")
    OTHER = "other", _("Other")


class Staff(models.Model):
    """One person who works here or for the facility, with or without an account."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    staff_number = models.CharField(max_length=32, null=True, blank=True, unique=True)
    name = models.CharField(max_length=100)
    kana = models.CharField(max_length=100, blank=True)
    department = models.ForeignKey(
        "estate.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="staff"
    )
    profession = models.CharField(max_length=32, choices=Profession, default=Profession.OTHER)
    employed_from = models.DateField(null=True, blank=True)
    employed_until = models.DateField(null=True, blank=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    search_key = models.TextField()

    def __str__(self) -> str:
        return self.name


class AccountKind(models.TextChoices):
    """Kinds of account, as the ID ledger tells them apart."""

    STAFF = "staff", _("Staff")
    CONTRACTOR = "contractor", _("Contractor")
    MAINTENANCE = "maintenance", _("Maintenance")
    DEVICE = "device", _("Device")
    SERVICE = "service", _("Service")
    EMERGENCY = "emergency", _("Emergency")


class User(AbstractBaseUser):
    """An account of this platform. ``revision`` grows when sessions must end (disabled, new password, recovered)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="accounts")
    login = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=16, choices=AccountKind, default=AccountKind.STAFF)
    is_active = models.BooleanField(default=True)
    revision = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    password_changed_at = models.DateTimeField(null=True)

    objects = BaseUserManager["User"]()
    USERNAME_FIELD = "login"

    def __str__(self) -> str:
        return self.login


class RoleGrant(models.Model):
    """A role held by a person from a day on, until revoked or ended. Rows stay for the history."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=32)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=100)
    reason = models.TextField(blank=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [UniqueConstraint(fields=["staff", "role"], condition=Q(revoked_at=None), name="role_held_once")]


class TotpSecret(models.Model):
    """The seed of a person's authenticator app, sealed; ``last_step`` stops a code from being used twice."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="totp")
    sealed_seed = models.BinaryField()
    last_step = models.BigIntegerField(default=-1)
    confirmed_at = models.DateTimeField()


class Softlock(models.Model):
    """Failed attempts in a row against one key (an account, a code, an address), kept through restarts.

    ``reported`` tells that the present wait stands in the register: one event a wait, however many attempts.
    """

    key = models.CharField(primary_key=True, max_length=160)
    failures = models.IntegerField(default=0)
    last_failure = models.DateTimeField()
    reported = models.BooleanField(default=False)


class LinkPurpose(models.TextChoices):
    """What a one-time link is for."""

    FIRST = "first", _("First administrator")
    INVITATION = "invitation", _("Invitation")
    RECOVERY = "recovery", _("Recovery")


class OneTimeLink(models.Model):
    """A link that sets up an account once. Only the hash of its token is stored."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    purpose = models.CharField(max_length=16, choices=LinkPurpose)
    token_hash = models.CharField(max_length=64, unique=True)
    staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="links")
    account = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="links")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=100)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class Session(AbstractBaseSession):
    """A server-side session. The key is stored hashed, so a copy of the database signs nobody in."""

    public_id = models.UUIDField(default=new_id, unique=True, editable=False)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    created_at = models.DateTimeField(null=True)
    assurance = models.PositiveSmallIntegerField(default=0)
    network = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["expire_date"], name="session_expiry")]
