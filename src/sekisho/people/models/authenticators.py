"""What the FIDO Alliance's metadata list says of models of authenticators. No personal data."""

from django.db import models


class MetadataList(models.Model):
    """One list that was read: its number, when the next one is due, and the digest of its file.

    ``fault`` is the code of what stopped the last reading, empty when the list counts; then there is no model row.
    """

    digest = models.CharField(max_length=64)
    number = models.PositiveBigIntegerField(null=True)
    next_update = models.DateField(null=True)
    read_at = models.DateTimeField()
    size = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=64, blank=True)


class AuthenticatorModel(models.Model):
    """One model: ``entry`` is its entry of the list without pictures; ``refused`` names the report against it."""

    aaguid = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=200)
    entry = models.JSONField()
    refused = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return self.name
