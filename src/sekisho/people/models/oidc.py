"""Applications that take our sign-in (OpenID Connect): who may sign in there, their secrets, each sign-in, our keys.

Personal data: who entered, released and closed one, who is responsible for it, and who signed in there when.
"""

from django.db import models
from django.db.models import Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.ids import new_id
from sekisho.people.models.accounts import User
from sekisho.people.models.staff import Staff


class PartyKind(models.TextChoices):
    """Whether an application can keep a secret."""

    CONFIDENTIAL = "confidential", _("It runs on a server and keeps a secret")
    PUBLIC = "public", _("It runs on people's computers and can keep no secret")


class SigningAlgorithm(models.TextChoices):
    """How what an application is told is signed (RFC 7518)."""

    ES256 = "ES256", "ES256 (ECDSA P-256)"
    RS256 = "RS256", "RS256 (RSA 3072)"


class RelyingParty(models.Model):
    """An application that takes our sign-in. What was entered is never changed: another address is another entry.

    Its id is its ``client_id``. The three kinds of addresses stand one a line, ``roles`` and ``scopes`` are separated
    by spaces. ``by_ledger``: of those who hold a role, only people with an account of the system in the ID ledger.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100)
    purpose = models.TextField()
    responsible = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    system = models.ForeignKey("estate.System", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=PartyKind)
    redirects = models.TextField()
    logout_redirects = models.TextField(blank=True)
    logout_notice = models.TextField(blank=True)
    roles = models.TextField()
    by_ledger = models.BooleanField()
    assurance = models.PositiveSmallIntegerField()
    algorithm = models.CharField(max_length=8, choices=SigningAlgorithm)
    scopes = models.TextField()
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=64)
    entered_by_name = models.CharField(max_length=100)
    released_at = models.DateTimeField(null=True)
    released_by_name = models.CharField(max_length=100, blank=True)
    release_reason = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by_name = models.CharField(max_length=100, blank=True)
    close_reason = models.TextField(blank=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [UniqueConstraint(fields=["name"], condition=Q(closed_at=None), name="relying_party_name_once")]

    def __str__(self) -> str:
        return self.name


class RelyingSecret(models.Model):
    """A secret of an application, as SHA-256 of 256 random bits. ``ends_at`` is set when another takes its place."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey(RelyingParty, on_delete=models.PROTECT, related_name="secrets")
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=100)
    ends_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)


class RelyingSignIn(models.Model):
    """One sign-in to an application: its code, then its token, both as SHA-256; its id is the ``sid`` that is told.

    It counts while the session ``session`` lives, the account has ``revision``, and nobody revoked it. ``notify_at``
    is when the application is next told that the session is over, None when there is nothing left to tell.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey(RelyingParty, on_delete=models.CASCADE, related_name="sign_ins")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    revision = models.IntegerField()
    session = models.UUIDField(db_index=True)
    network = models.CharField(max_length=64, blank=True)
    assurance = models.PositiveSmallIntegerField()
    methods = models.CharField(max_length=100)
    proved_at = models.DateTimeField()
    nonce = models.CharField(max_length=500, blank=True)
    scopes = models.CharField(max_length=200)
    redirect = models.TextField()
    challenge = models.CharField(max_length=128)
    begun_at = models.DateTimeField(db_index=True)
    code_hash = models.CharField(max_length=64, unique=True)
    code_used_at = models.DateTimeField(null=True)
    token_hash = models.CharField(max_length=64, unique=True, null=True)
    token_ends_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    notify_at = models.DateTimeField(null=True, db_index=True)
    notices = models.PositiveSmallIntegerField(default=0)


class SigningKey(models.Model):
    """A key that signs what applications are told; the private half lies sealed. Its id is its ``kid``."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    algorithm = models.CharField(max_length=8, choices=SigningAlgorithm)
    sealed_key = models.BinaryField()
    made_at = models.DateTimeField()
