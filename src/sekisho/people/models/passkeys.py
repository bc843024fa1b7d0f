"""Passkeys and security keys, recovery codes, and what a role asks of them.

Personal data: the names people give to their keys, and when they used them.
"""

from django.db import models

from sekisho.kernel.ids import new_id
from sekisho.people.models.accounts import User


class Passkey(models.Model):
    """A credential of WebAuthn. ``held_at`` is set when its counter went back: there may be a copy of it.

    ``credential_id`` is base64url text, ``public_key`` the COSE key in CBOR; ``host`` is the host name (RP id) that it
    belongs to; ``aaguid`` names the model of the device, which ``is_attested`` when its maker's certificate said so.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=100)
    host = models.CharField(max_length=253)
    credential_id = models.CharField(max_length=1400, unique=True)
    public_key = models.BinaryField()
    aaguid = models.UUIDField()
    attestation_format = models.CharField(max_length=32)
    is_attested = models.BooleanField(default=False)
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
    """What the operator asks of the keys of a role. Without a row nothing beyond two factors is asked.

    ``hardware_only`` asks for keys whose model its maker attests; ``allowed_models``, unless empty, are the AAGUIDs
    that are taken.
    """

    role = models.CharField(primary_key=True, max_length=32)
    device_bound_only = models.BooleanField(default=False)
    hardware_only = models.BooleanField(default=False)
    allowed_models = models.JSONField(default=list)
