"""Accounts of this platform: password, second factor, failed attempts, one-time links.

``User`` stands here from the first migration because it cannot be swapped later.
"""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.ids import new_id
from sekisho.people.models.staff import Staff


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
