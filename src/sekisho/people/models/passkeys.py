"""Passkeys and security keys, recovery codes, and what a role asks of them.

Personal data: the names people give to their keys, and when they used them.
"""

from django.db import models

from sekisho.kernel.ids import new_id
from sekisho.people.models.accounts import User


class Passkey(models.Model):
    """A credential of WebAuthn. ``held_at`` is set when its counter went back: there may be a copy of it.

    ``credential_id`` is base64url text, ``public_key`` the COSE key in CBOR; ``aaguid`` names the model of the device.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=100)
    credential_id = models.CharField(max_length=1400, unique=True)
    public_key = models.BinaryField()
    aaguid = models.UUIDField()
    attestation_format = models.CharField(max_length=32)
    transports = models.JSONField(default=list)
    sign_count = models.BigIntegerField()
    backup_eligible = models.BooleanField()
    backup_state = models.BooleanField()
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class UsedChallenge(models.Model):
    """The hash of a challenge that was answered: the same answer counts once, however many are sent at a time."""

    hash = models.CharField(primary_key=True, max_length=64)
    used_at = models.DateTimeField()


class RecoveryCode(models.Model):
    """One of the codes a person printed for the day their telephone or key is lost. Only its hash is stored."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class RolePolicy(models.Model):
    """What the operator asks of a role's sign-in. Without a row nothing beyond two factors is asked."""

    role = models.CharField(primary_key=True, max_length=32)
    device_bound_only = models.BooleanField(default=False)
