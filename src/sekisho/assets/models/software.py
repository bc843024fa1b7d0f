"""Software in use, with its version, licence, approval and history. Personal data: who approved and who verified."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose


class SoftwareKind(models.TextChoices):
    """What a piece of software is for."""

    APPLICATION = "application", _("Application")
    OS = "os", _("Operating system")
    MIDDLEWARE = "middleware", _("Database or middleware")
    SECURITY = "security", _("Security software")
    FIRMWARE = "firmware", _("Firmware")
    MEDICAL_DEVICE = "medical_device", _("Medical device program")
    CLOUD = "cloud", _("Cloud service")
    OTHER = "other", _("Other software")


class LicenceKind(models.TextChoices):
    """By what right it is used."""

    UNKNOWN = "", _("Not known")
    COUNTED = "counted", _("Counted (per device or person)")
    WHOLE = "whole", _("For the whole facility")
    WITH_DEVICE = "with_device", _("With the device or system")
    FREE = "free", _("Free of charge")


class Support(models.TextChoices):
    """How long the maker mends weaknesses: "supported, end not announced" is another thing than "not known"."""

    UNKNOWN = "", _("Not known")
    DATED = "dated", _("Supported until the date given")
    UNANNOUNCED = "unannounced", _("Supported, end not announced")
    ENDED = "ended", _("Ended")


class Sbom(models.TextChoices):
    """Whether the vendor said what it is made of."""

    UNKNOWN = "", _("Not asked yet")
    RECEIVED = "received", _("SBOM received")
    CHECKED = "checked", _("Vendor checked it for us")
    REFUSED = "refused", _("Asked; the vendor has none")


class Software(BookEntry):
    """One product in one version, on one device or on many alike."""

    name = models.CharField(max_length=200)
    product_version = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=20, choices=SoftwareKind)
    maker = models.CharField(max_length=100, blank=True)
    vendor = models.ForeignKey("estate.Vendor", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    system = models.ForeignKey("estate.System", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    installed_on = models.CharField(max_length=300, blank=True)
    purpose = models.CharField(max_length=200, blank=True)
    licence = models.CharField(max_length=20, choices=LicenceKind, blank=True)
    licence_number = models.CharField(max_length=200, blank=True)
    licences_owned = models.PositiveIntegerField(null=True, blank=True)
    licences_used = models.PositiveIntegerField(null=True, blank=True)
    licence_until = models.DateField(null=True, blank=True)
    use_approved_on = models.DateField(null=True, blank=True)
    use_approved_by = models.CharField(max_length=100, blank=True)
    support = models.CharField(max_length=20, choices=Support, blank=True)
    end_of_support_on = models.DateField(null=True, blank=True)
    support_checked_on = models.DateField(null=True, blank=True)
    update_policy = models.CharField(max_length=200, blank=True)
    updated_on = models.DateField(null=True, blank=True)
    verified_on = models.DateField(null=True, blank=True)
    verified_by = models.CharField(max_length=100, blank=True)
    versions = prose()
    sbom = models.CharField(max_length=20, choices=Sbom, blank=True)
    weaknesses_checked_on = models.DateField(null=True, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.name} {self.product_version}".strip()
