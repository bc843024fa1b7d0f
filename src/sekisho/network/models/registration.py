"""What is registered for an endpoint so that it is looked at rightly. Every version of it stands in the register.

Personal data: who allowed an exception. The private key of a client certificate lies here sealed with the
installation's key.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.network.rules.registration import LONGEST_WORDS

LONGEST_NAME = 253


class Restriction(models.TextChoices):
    """How an endpoint lets in known devices only (MHLW 13⑥)."""

    CERTIFICATE = "certificate", _("By client certificates")
    OTHER = "other", _("In another way that is at least as safe")


class StartTlsProtocol(models.TextChoices):
    """Protocols that begin in the clear and turn to TLS on request; the values of ``rules.observation.StartTls``."""

    SMTP = "smtp", "SMTP"
    IMAP = "imap", "IMAP"
    POP3 = "pop3", "POP3"
    FTP = "ftp", "FTP"
    LDAP = "ldap", "LDAP"
    POSTGRES = "postgres", "PostgreSQL"


class Registration(models.Model):
    """What is registered for one endpoint of the estate. No row: nothing is, and the usual is expected.

    ``tls12_reason`` counts to the end of the day ``tls12_until``; it and ``restricted_by`` count only with the manager
    ``allowed_by`` whom they stand. ``sealed_client_key`` is the key of the first of
    ``client_certificate_pem``, as PEM, sealed for this endpoint alone.
    """

    endpoint = models.OneToOneField("estate.Endpoint", primary_key=True, on_delete=models.PROTECT, related_name="+")
    version = models.IntegerField(default=0)
    changed_at = models.DateTimeField()
    ca_pem = models.TextField(blank=True)
    server_name = models.CharField(max_length=LONGEST_NAME, blank=True)
    starttls = models.CharField(max_length=16, choices=StartTlsProtocol, blank=True)
    tls12_reason = models.CharField(max_length=LONGEST_WORDS, blank=True)
    tls12_until = models.DateField(null=True, blank=True)
    restriction = models.CharField(max_length=16, choices=Restriction, default=Restriction.CERTIFICATE)
    restricted_by = models.CharField(max_length=LONGEST_WORDS, blank=True)
    allowed_by = models.CharField(max_length=100, blank=True)
    allowed_by_id = models.CharField(max_length=64, blank=True)
    allowed_at = models.DateTimeField(null=True)
    client_certificate_pem = models.TextField(blank=True)
    sealed_client_key = models.BinaryField(null=True)
